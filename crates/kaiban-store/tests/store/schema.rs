//! The schema after all migrations, compared with a file that people read in a review.
//! `KAIBAN_UPDATE_GOLDEN=1` writes the file anew.

use std::fmt::Write as _;

use kaiban_store::Backend;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::database::Database;

on_both!(the_schema_is_the_one_that_was_reviewed);

async fn the_schema_is_the_one_that_was_reviewed(db: &Database) {
    let connection = db.connect().await;
    let (name, schema) = match db.store.backend() {
        Backend::Sqlite => ("sqlite.txt", sqlite(&connection).await),
        Backend::Postgres => ("postgres.txt", postgres(&connection).await),
    };
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("KAIBAN_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &schema).expect("write the golden file");
    }
    let golden = std::fs::read_to_string(&path).expect("the golden file");
    assert_eq!(schema, golden, "{} differs; KAIBAN_UPDATE_GOLDEN=1 writes it anew", path.display());
}

async fn texts(connection: &DatabaseConnection, backend: DbBackend, sql: &str) -> Vec<String> {
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.expect(sql);
    rows.iter().map(|row| row.try_get::<String>("", "text").expect("text")).collect()
}

pub async fn sqlite(connection: &DatabaseConnection) -> String {
    let sql = "SELECT sql AS text FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name";
    let mut out = String::new();
    for text in texts(connection, DbBackend::Sqlite, sql).await {
        for (at, line) in text.lines().map(str::trim).enumerate() {
            let indent = if at == 0 || line.starts_with(')') { "" } else { "    " };
            let _ = writeln!(out, "{indent}{line}");
        }
    }
    out
}

pub async fn postgres(connection: &DatabaseConnection) -> String {
    let sql = "SELECT table_name || '.' || column_name || ' ' || data_type
            || COALESCE(' COLLATE ' || collation_name, '') || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
            AS text
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    let indexes = "SELECT indexdef AS text FROM pg_indexes WHERE schemaname = 'public' ORDER BY tablename, indexname";
    let mut out = texts(connection, DbBackend::Postgres, sql).await.join("\n");
    out.push_str("\n\n");
    out.push_str(&texts(connection, DbBackend::Postgres, indexes).await.join("\n"));
    out.push('\n');
    out
}
