//! Databases as text: what a release leaves behind, for the tests of later ones. One statement a line, so that people can
//! read what was recorded and see in a review that nobody has changed it.

use kaiban_migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::{Backend, StoreError, dialect};

/// The table of applied migrations: its rows say which schema the text is of.
const MIGRATIONS: &str = "seaql_migrations";

/// What an SQLite database holds, as `INSERT` statements that both databases take, one a line, by table and key.
///
/// # Errors
/// As opening it; [`StoreError::BadUrl`] for another database.
pub async fn database_as_text(url: &str) -> Result<Vec<String>, StoreError> {
    if dialect::backend(url)? != Backend::Sqlite {
        return Err(StoreError::BadUrl("only an SQLite database is written down".into()));
    }
    let connection = connect(url).await?;
    let texts = async |sql: &str| -> Result<Vec<String>, StoreError> {
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
        rows.iter().map(|row| Ok(row.try_get::<String>("", "text")?)).collect()
    };
    let mut lines = Vec::new();
    for table in texts("SELECT name AS text FROM sqlite_master WHERE type = 'table' ORDER BY name").await? {
        let columns = texts(&format!("SELECT name AS text FROM pragma_table_info('{table}') ORDER BY cid")).await?;
        let key =
            texts(&format!("SELECT name AS text FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk")).await?;
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let (names, values) = (columns.join(", "), quoted.join(" || ', ' || "));
        let sql = format!(
            "SELECT 'INSERT INTO {table} ({names}) VALUES (' || {values} || ');' AS text FROM {table} ORDER BY {}",
            key.join(", ")
        );
        lines.extend(texts(&sql).await?);
    }
    connection.close().await?;
    Ok(lines)
}

/// Fills an empty database with what [`database_as_text`] wrote, on the schema of its time.
///
/// # Errors
/// As opening it; the text is of another program's database.
pub async fn database_from_text(url: &str, lines: &[&str]) -> Result<(), StoreError> {
    let connection = connect(url).await?;
    let of_schema = |line: &&&str| line.starts_with(&format!("INSERT INTO {MIGRATIONS} "));
    let steps = u32::try_from(lines.iter().filter(of_schema).count()).unwrap_or(u32::MAX);
    Migrator::up(&connection, Some(steps)).await?;
    for line in lines.iter().filter(|line| !of_schema(line)) {
        connection.execute_unprepared(line).await?;
    }
    connection.close().await?;
    Ok(())
}

async fn connect(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(match dialect::backend(url)? {
        Backend::Sqlite => format!("{url}?mode=rwc"),
        Backend::Postgres => url.to_owned(),
    });
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}
