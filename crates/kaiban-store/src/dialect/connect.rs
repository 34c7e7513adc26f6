//! How connections are opened.

use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::Connection;

use crate::open::Options;
use crate::{Backend, StoreError};

/// How long a statement of one SQLite process waits for another's, and a caller for a free connection.
const WAIT: Duration = Duration::from_secs(10);
/// What PostgreSQL calls the connections.
pub const APPLICATION: &str = "kaiban";
/// A PostgreSQL connection that was idle for longer is tried before it is used.
const IDLE_BEFORE_PING: Duration = Duration::from_secs(30);
/// How long a batch may do nothing before PostgreSQL rolls it back. A batch never waits for anything but the database.
const IDLE_IN_BATCH_MAX: &str = "10s";
/// How long a batch waits for another one's cases: longer than that one may do nothing.
const LOCK_WAIT_MAX: &str = "12s";
/// SQLite moves the log into the file when it has this many pages (32 MiB): the hot pages, which nearly every
/// batch changes, are then written once for many commits.
const SQLITE_CHECKPOINT_PAGES: u32 = 8_192;
/// Bytes of a page: SQLite's default, which is never changed.
const SQLITE_PAGE_BYTES: u64 = 4_096;
/// KiB of pages that the writer keeps, and that each reader does. What is not kept is in the system's cache anyway; there
/// are several readers, and lists go through many pages once.
const SQLITE_WRITER_KIB: u32 = 16_384;
const SQLITE_READER_KIB: u32 = 4_096;

/// Which database a URL names.
pub fn backend(url: &str) -> Result<Backend, StoreError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Backend::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Backend::Postgres),
        // The URL may hold a password; it is not repeated.
        _ => Err(StoreError::BadUrl("it starts neither with sqlite: nor with postgres:".into())),
    }
}

fn common(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .min_connections(1)
        .max_connections(connections.max(1))
        .acquire_timeout(WAIT)
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

fn sqlite(url: &str, connections: u32, read_only: bool, max_bytes: Option<u64>) -> ConnectOptions {
    let mut options = common(url, connections);
    // INVARIANT: a connection that is handed out is in no transaction. SQLite takes a transaction back by itself when it
    // cannot write (a full disk, at the latest in COMMIT); the driver's own ROLLBACK then fails, and it goes on counting one
    // that is not there. What it would nest in that one would be acknowledged and never committed.
    options.map_sqlx_sqlite_before_acquire(|connection, _| {
        Box::pin(std::future::ready(Ok(!connection.is_in_transaction())))
    });
    let kept_kib = if read_only { SQLITE_READER_KIB } else { SQLITE_WRITER_KIB };
    options.idle_timeout(None).max_lifetime(None).test_before_acquire(false).map_sqlx_sqlite_opts(move |o| {
        let o = o
            .busy_timeout(WAIT)
            .foreign_keys(true)
            .statement_cache_capacity(512)
            .pragma("cache_size", format!("-{kept_kib}"))
            .pragma("temp_store", "MEMORY");
        // Where the file is larger already, SQLite lets it have the pages that it has.
        let o = match max_bytes {
            Some(bytes) => o.pragma("max_page_count", (bytes / SQLITE_PAGE_BYTES).max(1).to_string()),
            None => o,
        };
        match read_only {
            true => o.read_only(true),
            // A commit is on the disk before it is answered.
            false => o
                .create_if_missing(true)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("wal_autocheckpoint", SQLITE_CHECKPOINT_PAGES.to_string()),
        }
    });
    options
}

fn postgres(url: &str, connections: u32, settings: &'static [(&'static str, &'static str)]) -> ConnectOptions {
    let mut options = common(url, connections);
    options
        .set_application_name(APPLICATION)
        .test_before_acquire_if_idle_for(IDLE_BEFORE_PING)
        .map_sqlx_postgres_opts(move |o| o.options(settings.iter().copied()));
    options
}

/// The connections that batches run on: one for SQLite, which has one writer.
pub fn writer_options(url: &str, backend: Backend, options: &Options) -> ConnectOptions {
    match backend {
        Backend::Sqlite => sqlite(url, 1, false, options.max_bytes),
        // A statement of a batch that was planned while its table was small keeps reading the whole table as
        // it grows; only index lookups make sense there. Compiling a plan never pays for them.
        Backend::Postgres => postgres(
            url,
            options.writers,
            &[
                ("enable_seqscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("jit", "off"),
                // A server that was stopped in the middle of a batch would hold its cases from all others.
                ("idle_in_transaction_session_timeout", IDLE_IN_BATCH_MAX),
                ("lock_timeout", LOCK_WAIT_MAX),
            ],
        ),
    }
}

/// The connections that everything else reads on.
pub fn reader_options(url: &str, backend: Backend, options: &Options) -> ConnectOptions {
    match backend {
        Backend::Sqlite => sqlite(url, options.readers, true, None),
        Backend::Postgres => postgres(url, options.readers, &[("default_transaction_read_only", "on"), ("jit", "off")]),
    }
}

/// The two connections on which servers tell each other what they committed. Nothing is written there, so nothing is waited
/// for; which of them is the one that listens is settled once, when it opens.
pub fn news_options(url: &str) -> ConnectOptions {
    postgres(url, 2, &[("synchronous_commit", "off"), ("jit", "off")])
}

/// The connection that the schema is brought up to date on.
pub fn migrator_options(url: &str, backend: Backend) -> ConnectOptions {
    match backend {
        Backend::Sqlite => sqlite(url, 1, false, None),
        Backend::Postgres => postgres(url, 1, &[]),
    }
}
