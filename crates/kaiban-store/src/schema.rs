//! Bringing the schema up to date, or making sure that it is.

use kaiban_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::{Backend, StoreError};

/// Servers that start together on one PostgreSQL database migrate one after the other: "kaiban" in ASCII.
const MIGRATION_LOCK: i64 = 0x6b61_6962_616e;

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
