//! Bringing the schema up to date, or making sure that this program can work on the one that is there.
//!
//! A release only adds to the schema of the one before it (see `kaiban_migrations`), so that servers of both work on one
//! database while they are changed one after the other, and a release can be gone back from. A program that meets
//! migrations which it does not know therefore leaves the schema alone and works, unless one of them has taken away what
//! it reads: such a migration says in its name what a program has to know.

use kaiban_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::{Backend, StoreError};

/// Servers that start together on one PostgreSQL database migrate one after the other: "kaiban" in ASCII.
const MIGRATION_LOCK: i64 = 0x6b61_6962_616e;

/// Runs on a connection of its own, so that the lock ends with it. Gives the migrations that newer releases have applied.
pub(crate) async fn prepare(
    options: ConnectOptions,
    backend: Backend,
    migrate: bool,
) -> Result<Vec<String>, StoreError> {
    let connection = Database::connect(options).await?;
    let result = prepare_on(&connection, backend, migrate).await;
    connection.close().await?;
    result
}

async fn prepare_on(
    connection: &DatabaseConnection,
    backend: Backend,
    migrate: bool,
) -> Result<Vec<String>, StoreError> {
    if migrate && backend == Backend::Postgres {
        connection.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    }
    let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    let applied = Migrator::get_migration_models(connection).await?;
    let applied: Vec<String> = applied.into_iter().map(|model| model.version).collect();
    let newer: Vec<String> = applied.iter().filter(|name| !known.contains(name)).cloned().collect();
    if !newer.is_empty() {
        return works_on(&known, &applied, &newer).map(|()| newer);
    }
    match known.len().saturating_sub(applied.len()) {
        0 => {}
        _ if migrate => Migrator::up(connection, None).await?,
        n => return Err(StoreError::Schema(format!("{n} migrations are pending"))),
    }
    Ok(Vec::new())
}

/// Whether a program that knows some migrations can work on a schema that newer ones were applied to.
fn works_on(known: &[String], applied: &[String], newer: &[String]) -> Result<(), StoreError> {
    let too_new = |why: String| Err(StoreError::TooNew(why));
    if let Some(missing) = known.iter().find(|name| !applied.contains(name)) {
        return too_new(format!("{} was applied and {missing} was not", newer.join(", ")));
    }
    let lost =
        newer.iter().find(|name| needs(name).is_some_and(|level| !known.iter().any(|name| is_level(name, level))));
    match lost {
        Some(name) => too_new(format!("{name} has taken away what this program reads")),
        None => Ok(()),
    }
}

/// What a program has to know to work on a schema after this migration: `m0012_contract_m0009_…` needs `m0009`. Any other
/// migration only adds.
fn needs(name: &str) -> Option<&str> {
    let mut parts = name.split('_').skip(1);
    (parts.next() == Some("contract")).then(|| parts.next().unwrap_or_default())
}

fn is_level(name: &str, level: &str) -> bool {
    name.split('_').next() == Some(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_only_adds_is_worked_on_and_what_takes_away_is_not() {
        let known = names(&["m0001_first", "m0002_second"]);
        let over = |newer: &[&str]| {
            let newer = names(newer);
            works_on(&known, &[known.clone(), newer.clone()].concat(), &newer)
        };
        assert_eq!(over(&["m0003_third"]), Ok(()));
        assert_eq!(over(&["m0003_third", "m0004_contract_m0002_no_first_column"]), Ok(()));
        assert!(matches!(over(&["m0003_third", "m0004_contract_m0003_no_second"]), Err(StoreError::TooNew(_))));
        assert!(matches!(over(&["m0004_contract"]), Err(StoreError::TooNew(_))));
        let branched = works_on(&known, &names(&["m0001_first", "m0002_other"]), &names(&["m0002_other"]));
        assert!(matches!(branched, Err(StoreError::TooNew(_))));
    }
}
