//! Databases that come and go on a PostgreSQL server, for tests and measurements.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

use crate::StoreError;

/// Creates an empty database beside the one that `maintenance` names, whose user must be allowed to; gives its URL.
///
/// # Errors
/// The server cannot be reached, the name is taken or is not of `a-z 0-9 _`.
pub async fn create_database(maintenance: &str, name: &str) -> Result<String, StoreError> {
    administer(maintenance, name, "CREATE DATABASE", "TEMPLATE template0").await?;
    let (path, query) = maintenance.split_once('?').map_or((maintenance, None), |(path, query)| (path, Some(query)));
    let server = path.rsplit_once('/').map_or(path, |(server, _)| server);
    Ok(match query {
        Some(query) => format!("{server}/{name}?{query}"),
        None => format!("{server}/{name}"),
    })
}

/// Drops a database that [`create_database`] made, whoever is still connected to it.
///
/// # Errors
/// As [`create_database`].
pub async fn drop_database(maintenance: &str, name: &str) -> Result<(), StoreError> {
    administer(maintenance, name, "DROP DATABASE", "WITH (FORCE)").await
}

async fn administer(maintenance: &str, name: &str, verb: &str, options: &str) -> Result<(), StoreError> {
    // INVARIANT: a name that passes needs no quoting.
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if name.is_empty() || !plain {
        return Err(StoreError::Unstorable("the name of a database".into()));
    }
    let mut connect = ConnectOptions::new(maintenance);
    connect.max_connections(1).sqlx_logging(false);
    let connection: DatabaseConnection = Database::connect(connect).await?;
    connection.execute_unprepared(&format!("{verb} {name} {options}")).await?;
    connection.close().await?;
    Ok(())
}
