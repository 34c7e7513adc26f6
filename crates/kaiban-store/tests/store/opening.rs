use kaiban_migrations::{Migrator, MigratorTrait};
use kaiban_store::{Backend, CaseQuery, CaseRow, Changes, Options, Store, StoreError};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use crate::database::Database;
use crate::sample::{case, new_cases};

on_both!(
    what_was_saved_is_there_after_reopening,
    opening_without_migrating_needs_a_finished_schema,
    two_openings_at_once_both_succeed,
    a_schema_that_a_newer_release_has_added_to_is_worked_on_and_left_alone,
    a_database_of_the_first_release_is_brought_up_to_date,
);

async fn what_was_saved_is_there_after_reopening(db: &Database) {
    db.save(new_cases([case("c1")])).await;
    let again = Store::open(&db.url, Options::default()).await.expect("open");
    assert_eq!(again.case("c1").await, Ok(Some(case("c1"))));
    again.close().await.expect("close");
}

async fn opening_without_migrating_needs_a_finished_schema(db: &Database) {
    let options = Options { migrate: false, ..Options::default() };
    Store::open(&db.url, options.clone()).await.expect("open").close().await.expect("close");
    let connection = db.connect().await;
    connection.execute_unprepared("DELETE FROM seaql_migrations").await.expect("delete");
    let result = Store::open(&db.url, options).await.map(|_| ());
    assert!(matches!(result, Err(StoreError::Schema(_))), "{result:?}");
}

async fn a_schema_that_a_newer_release_has_added_to_is_worked_on_and_left_alone(db: &Database) {
    let connection = db.connect().await;
    let applied = async |name: &str| {
        let sql = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{name}', 1)");
        connection.execute_unprepared(&sql).await.expect("a migration of a newer release");
    };
    connection.execute_unprepared("ALTER TABLE cases ADD COLUMN of_a_newer_release BIGINT").await.expect("a column");
    applied("m9001_newer").await;
    for migrate in [true, false] {
        let store = Store::open(&db.url, Options { migrate, ..Options::default() }).await.expect("open");
        assert_eq!(store.newer_migrations(), ["m9001_newer"]);
        let id = format!("c-{migrate}");
        store.begin().await.expect("begin").save(&new_cases([case(&id)])).await.expect("save");
        assert_eq!(store.case(&id).await, Ok(Some(case(&id))));
        store.close().await.expect("close");
    }
    applied("m9002_contract_m9001_without_what_this_program_reads").await;
    for migrate in [true, false] {
        let result = Store::open(&db.url, Options { migrate, ..Options::default() }).await.map(|_| ());
        assert!(matches!(result, Err(StoreError::TooNew(_))), "{result:?}");
    }
}

async fn two_openings_at_once_both_succeed(db: &Database) {
    let (one, two) = tokio::join!(Store::open(&db.url, Options::default()), Store::open(&db.url, Options::default()));
    one.expect("open").close().await.expect("close");
    two.expect("open").close().await.expect("close");
}

pub async fn tables(db: &Database, connection: &DatabaseConnection) -> Vec<String> {
    let (backend, sql) = match db.store.backend() {
        Backend::Sqlite => (DbBackend::Sqlite, "SELECT name FROM sqlite_master WHERE type = 'table'"),
        Backend::Postgres => {
            (DbBackend::Postgres, "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'")
        }
    };
    let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.expect("tables");
    rows.iter().map(|row| row.try_get("", "name").expect("name")).collect()
}

async fn a_database_of_the_first_release_is_brought_up_to_date(db: &Database) {
    let connection = db.connect().await;
    for table in tables(db, &connection).await {
        connection.execute_unprepared(&format!("DROP TABLE {table}")).await.expect("drop");
    }
    Migrator::up(&connection, Some(1)).await.expect("the first release");
    let old = "INSERT INTO cases (id, workflow, version, digest, division, organisation, outlet, subject, state,
            seq, head, received_at_us, accepted_at_us, promise_due_us, snapshot)
        VALUES ('c1', 'six-step', '1', 'package-digest', '350102', 'bank-01', 'bank-01-outlet-007', 'subject-c1', 'open',
            1, 'head-c1-1', 1772413200000000, 1772413200000005, 1772431200000000, '{\"steps\":{\"registration\":\"open\"}}')";
    connection.execute_unprepared(old).await.expect("insert");

    let store = Store::open(&db.url, Options::default()).await.expect("open");
    assert_eq!(store.case("c1").await, Ok(Some(case("c1"))));
    let newer = CaseRow { seq: 2, waiting: true, ..case("c1") };
    let changes = Changes { cases_changed: vec![newer.clone()], ..Changes::default() };
    store.begin().await.expect("begin").save(&changes).await.expect("save");
    let query = CaseQuery { waiting: Some(true), page_size: 9, ..CaseQuery::default() };
    assert_eq!(store.cases(&query).await.map(|page| page.rows), Ok(vec![newer]));
    store.close().await.expect("close");
}

#[test]
fn a_url_of_another_kind_is_refused_without_repeating_it() {
    let runtime = tokio::runtime::Runtime::new().expect("tokio");
    for url in ["mysql://root:secret@localhost/kaiban", "kaiban.db", ""] {
        let error = runtime.block_on(Store::open(url, Options::default())).expect_err("refused");
        assert!(matches!(error, StoreError::BadUrl(_)), "{error:?}");
        assert!(!error.to_string().contains("secret"));
    }
}
