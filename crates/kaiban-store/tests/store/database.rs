//! A fresh database for each test.
//!
//! PostgreSQL is found through `KAIBAN_TEST_POSTGRES_URL`, the URL of a database from which others may be
//! created; `cargo xtask test` sets it up.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use kaiban_store::{Backend, Changes, Options, Store, create_database, drop_database};

/// A test's database. The store is opened and migrated.
pub struct Database {
    pub url: String,
    pub store: Store,
}

impl Database {
    /// One transaction with these changes.
    pub async fn save(&self, changes: Changes) {
        self.store.begin().await.expect("begin").save(&changes).await.expect("save");
    }
}

/// Runs a test against a fresh database, which is gone afterwards. Says so when PostgreSQL is left out.
pub fn run(backend: Backend, test: impl AsyncFnOnce(&Database)) {
    run_after(backend, async |_: &str| {}, test);
}

/// The same, after something was done to the database of that URL that no store has been opened on.
pub fn run_after(backend: Backend, before: impl AsyncFnOnce(&str), test: impl AsyncFnOnce(&Database)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("tokio");
    match backend {
        Backend::Sqlite => {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let url = format!("sqlite://{}", folder.path().join("kaiban.db").display());
            runtime.block_on(within(url, before, test));
        }
        Backend::Postgres => {
            let Some(maintenance) = postgres() else { return };
            let name = fresh_name();
            let url = runtime.block_on(create_database(&maintenance, &name)).expect("create a database");
            let result = catch_unwind(AssertUnwindSafe(|| runtime.block_on(within(url, before, test))));
            runtime.block_on(drop_database(&maintenance, &name)).expect("drop the database");
            if let Err(panic) = result {
                resume_unwind(panic);
            }
        }
    }
}

async fn within(url: String, before: impl AsyncFnOnce(&str), test: impl AsyncFnOnce(&Database)) {
    before(&url).await;
    let store = Store::open(&url, Options::default()).await.expect("open");
    let database = Database { url, store };
    test(&database).await;
    database.store.close().await.expect("close");
}

/// The database to create others from, or `None` when PostgreSQL is left out on purpose.
pub fn postgres() -> Option<String> {
    if let Ok(url) = std::env::var("KAIBAN_TEST_POSTGRES_URL") {
        return Some(url);
    }
    if std::env::var("KAIBAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1") {
        eprintln!("left out: PostgreSQL, by KAIBAN_TEST_WITHOUT_POSTGRES=1");
        return None;
    }
    panic!("no PostgreSQL to test with: run cargo xtask test");
}

fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("kaiban_store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Makes two tests of each function, one for each database.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { crate::database::run(kaiban_store::Backend::Sqlite, super::$name) })*
        }
        on_postgres!($($name),*);
    };
}

/// For what SQLite, with its one writer, cannot show.
macro_rules! on_postgres {
    ($($name:ident),* $(,)?) => {
        mod postgres {
            $(#[test] fn $name() { crate::database::run(kaiban_store::Backend::Postgres, super::$name) })*
        }
    };
}
