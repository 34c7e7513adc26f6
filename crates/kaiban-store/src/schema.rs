//! Bringing the schema up to date, or making sure that it is.

use kaiban_migrations::{Migrator, MigratorTrait, SchemaManager};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::{Backend, StoreError};

/// Servers that start together on one PostgreSQL database migrate one after the other: "kaiban" in ASCII.
const MIGRATION_LOCK: i64 = 0x6b61_6962_616e;

/// Where the migrator keeps what it has run.
const MIGRATIONS: &str = "seaql_migrations";

/// Runs on a connection of its own, so that the lock ends with it.
pub(crate) async fn prepare(options: ConnectOptions, backend: Backend, migrate: bool) -> Result<(), StoreError> {
    let connection = Database::connect(options).await?;
    let result = prepare_on(&connection, backend, migrate).await;
    connection.close().await?;
    result
}

async fn prepare_on(connection: &DatabaseConnection, backend: Backend, migrate: bool) -> Result<(), StoreError> {
    if migrate {
        if backend == Backend::Postgres {
            connection.execute_unprepared(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
        }
        Migrator::up(connection, None).await?;
        return Ok(());
    }
    match Migrator::get_pending_migrations(connection).await?.len() {
        0 => Ok(()),
        n => Err(StoreError::Schema(format!("{n} migrations are pending"))),
    }
}

/// Migrations that a server would run; looks only, unlike the migrator, which makes its table first.
pub(crate) async fn pending(options: ConnectOptions) -> Result<usize, StoreError> {
    let connection = Database::connect(options).await?;
    let result = pending_on(&connection).await;
    connection.close().await?;
    result
}

async fn pending_on(connection: &DatabaseConnection) -> Result<usize, StoreError> {
    let known: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    if !SchemaManager::new(connection).has_table(MIGRATIONS).await? {
        return Ok(known.len());
    }
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            format!("SELECT version FROM {MIGRATIONS}"),
        ))
        .await?;
    let applied: Vec<String> = rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, _>>()?;
    match applied.iter().find(|version| !known.contains(version)) {
        Some(newer) => Err(StoreError::Schema(format!("it was written by a newer version ({newer})"))),
        None => Ok(known.len() - applied.len()),
    }
}
