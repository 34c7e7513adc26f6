//! Every release's schema, and that what came after it only added to it: the statements of a release run on the schema of
//! the next, so that servers are changed over one after the other.
//!
//! `KAIBAN_UPDATE_GOLDEN=1` writes the golden schema of a release that has none; it never rewrites one.

use std::collections::BTreeMap;
use std::path::Path;

use kaiban_migrations::{Migrator, MigratorTrait, RELEASES};
use kaiban_store::Backend;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::database::Database;
use crate::opening::tables;
use crate::schema;

on_both!(a_release_is_what_it_was_and_later_ones_only_add_to_it);

/// What was taken away since, and why nobody misses it: the release that had it, what `differences` says, the reason. At
/// the earliest two releases after the last one that reads it.
const TAKEN_AWAY: &[(&str, &str, &str)] = &[];

/// What a statement sees of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// Columns by `table.column`.
    columns: BTreeMap<String, Column>,
    /// Indexes by name: table, whether it is unique, definition.
    indexes: BTreeMap<String, (String, bool, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    kind: String,
    required: bool,
    has_default: bool,
}

/// What a statement written for `old` may miss, or trip over, in `new`.
fn differences(old: &Seen, new: &Seen) -> Vec<String> {
    let mut found = Vec::new();
    let table = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    for (name, before) in &old.columns {
        match new.columns.get(name) {
            None => found.push(format!("{name} is gone")),
            Some(after) if after.kind != before.kind => {
                found.push(format!("{name} was {} and is {}", before.kind, after.kind));
            }
            Some(after) if after.required != before.required => {
                let now = if after.required { "must be given" } else { "may be empty" };
                found.push(format!("{name} {now} now"));
            }
            Some(after) if before.has_default && !after.has_default => found.push(format!("{name} has no default now")),
            Some(_) => {}
        }
    }
    let is_old = |name: &str| old.columns.keys().any(|column| table(column) == table(name));
    for (name, after) in new.columns.iter().filter(|(name, _)| !old.columns.contains_key(*name) && is_old(name)) {
        if after.required && !after.has_default {
            found.push(format!("{name} is new and must be given"));
        }
    }
    for (name, (_, _, before)) in &old.indexes {
        if new.indexes.get(name).is_none_or(|(_, _, after)| after != before) {
            found.push(format!("index {name} is gone or another"));
        }
    }
    for (name, (table, unique, _)) in &new.indexes {
        let of_old = is_old(table) && !old.indexes.contains_key(name);
        if *unique && of_old {
            found.push(format!("index {name} is new and unique"));
        }
    }
    found
}

async fn a_release_is_what_it_was_and_later_ones_only_add_to_it(db: &Database) {
    let connection = db.connect().await;
    let now = seen(&connection, db.store.backend()).await;
    let names: Vec<String> = Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect();
    for (release, last) in RELEASES {
        for table in tables(db, &connection).await {
            connection.execute_unprepared(&format!("DROP TABLE {table}")).await.expect("drop");
        }
        let steps = names.iter().position(|name| name == last).expect("a migration of the release") + 1;
        Migrator::up(&connection, Some(u32::try_from(steps).expect("few"))).await.expect("the release");
        golden(release, db.store.backend(), &connection).await;
        let then = seen(&connection, db.store.backend()).await;
        let allowed = |found: &String| TAKEN_AWAY.iter().any(|(of, what, _)| of == release && found == what);
        let taken: Vec<String> = differences(&then, &now).into_iter().filter(|found| !allowed(found)).collect();
        assert_eq!(taken, Vec::<String>::new(), "statements of {release} do not run on today's schema");
    }
}

/// The schema of a release never changes: a released migration is not edited.
async fn golden(release: &str, backend: Backend, connection: &DatabaseConnection) {
    let (name, schema) = match backend {
        Backend::Sqlite => ("sqlite.txt", schema::sqlite(connection).await),
        Backend::Postgres => ("postgres.txt", schema::postgres(connection).await),
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(release).join(name);
    if std::env::var_os("KAIBAN_UPDATE_GOLDEN").is_some() && !path.exists() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &schema).expect("write the golden file");
    }
    let golden = std::fs::read_to_string(&path).expect("the release's golden schema");
    assert_eq!(schema, golden, "a migration of {release} was edited: {}", path.display());
}

async fn seen(connection: &DatabaseConnection, backend: Backend) -> Seen {
    let (backend, columns, indexes) = match backend {
        Backend::Sqlite => (
            DbBackend::Sqlite,
            "SELECT t.name || '.' || c.name AS name, c.type || ' ' || c.pk AS kind, c.\"notnull\" AS required,
                c.dflt_value IS NOT NULL AS defaulted
            FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'",
            "SELECT i.name AS name, t.name AS \"table\", i.\"unique\" AS is_unique, COALESCE(m.sql, '') AS definition
            FROM sqlite_master AS t, pragma_index_list(t.name) AS i LEFT JOIN sqlite_master AS m ON m.name = i.name
            WHERE t.type = 'table'",
        ),
        Backend::Postgres => (
            DbBackend::Postgres,
            "SELECT table_name || '.' || column_name AS name, data_type || ' ' || COALESCE(collation_name, '') AS kind,
                CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS required,
                CASE WHEN column_default IS NULL THEN 0 ELSE 1 END AS defaulted
            FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT indexname AS name, tablename AS \"table\",
                CASE WHEN indexdef LIKE 'CREATE UNIQUE%' THEN 1 ELSE 0 END AS is_unique, indexdef AS definition
            FROM pg_indexes WHERE schemaname = 'public'",
        ),
    };
    let rows =
        async |sql: &str| connection.query_all_raw(Statement::from_string(backend, sql)).await.expect("a schema");
    let mut seen = Seen::default();
    for row in rows(columns).await {
        let text = |column: &str| row.try_get::<String>("", column).expect("text");
        let flag = |column: &str| row.try_get::<i32>("", column).expect("a flag") != 0;
        let column = Column { kind: text("kind"), required: flag("required"), has_default: flag("defaulted") };
        seen.columns.insert(text("name"), column);
    }
    for row in rows(indexes).await {
        let text = |column: &str| row.try_get::<String>("", column).expect("text");
        let unique = row.try_get::<i32>("", "is_unique").expect("a flag") != 0;
        seen.indexes.insert(text("name"), (text("table"), unique, text("definition")));
    }
    assert!(!seen.columns.is_empty() && !seen.indexes.is_empty());
    seen
}

#[test]
fn whatever_an_old_statement_would_trip_over_is_found() {
    let column = |kind: &str, required: bool| Column { kind: kind.into(), required, has_default: false };
    let index = |definition: &str| ("cases".to_owned(), false, definition.to_owned());
    let old = Seen {
        columns: [("cases.id", column("TEXT 1", true)), ("cases.seq", column("BIGINT 0", false))]
            .map(|(name, column)| (name.to_owned(), column))
            .into(),
        indexes: [("cases_seq".to_owned(), index("(seq)"))].into(),
    };
    assert_eq!(differences(&old, &old), Vec::<String>::new());
    let mut added = old.clone();
    added.columns.insert("cases.note".into(), column("TEXT 0", false));
    added.columns.insert("cases.count".into(), Column { has_default: true, ..column("BIGINT 0", true) });
    added.columns.insert("other.id".into(), column("TEXT 1", true));
    added.indexes.insert("other_id".into(), ("other".into(), true, "(id)".into()));
    added.indexes.insert("cases_note".into(), index("(note)"));
    assert_eq!(differences(&old, &added), Vec::<String>::new(), "that is how it is done");

    let mut worse = Seen::default();
    worse.columns.insert("cases.id".into(), column("BIGINT 1", true));
    worse.columns.insert("cases.other".into(), column("TEXT 0", true));
    worse.indexes.insert("cases_one".into(), ("cases".into(), true, "(id)".into()));
    assert_eq!(
        differences(&old, &worse),
        [
            "cases.id was TEXT 1 and is BIGINT 1",
            "cases.seq is gone",
            "cases.other is new and must be given",
            "index cases_seq is gone or another",
            "index cases_one is new and unique",
        ]
    );
    let mut strict = old.clone();
    strict.columns.insert("cases.seq".into(), column("BIGINT 0", true));
    assert_eq!(differences(&old, &strict), ["cases.seq must be given now"]);
}
