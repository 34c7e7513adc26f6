use std::sync::Arc;

use sea_orm::{Database, DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::dialect::{self, Dialect};
use crate::{Batch, StoreError, schema};

/// Which database a store is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Backend {
    /// One file, one writing process.
    Sqlite,
    /// PostgreSQL 15 or newer; any number of servers.
    Postgres,
}

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Bring the schema up to date; otherwise an older one is [`StoreError::Schema`].
    pub migrate: bool,
    /// Connections for batches, 1 or more. SQLite always has one. With two, one batch works while the other
    /// one's commit is on its way to the disk.
    pub writers: u32,
    /// Connections for everything else, 1 or more.
    pub readers: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { migrate: true, writers: 2, readers: 4 }
    }
}

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    dialect: Dialect,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.backend()).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens `sqlite:///absolute/path/file.db`, creating the file if need be, or `postgres://…`.
    ///
    /// # Errors
    /// [`StoreError::BadUrl`], [`StoreError::Unavailable`], [`StoreError::Schema`].
    pub async fn open(url: &str, options: Options) -> Result<Store, StoreError> {
        let backend = dialect::backend(url)?;
        schema::prepare(dialect::migrator_options(url, backend), backend, options.migrate).await?;
        let writer = Database::connect(dialect::writer_options(url, backend, &options)).await?;
        let reader = Database::connect(dialect::reader_options(url, backend, &options)).await?;
        Ok(Store { inner: Arc::new(Inner { dialect: Dialect(backend), writer, reader }) })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.inner.dialect.0
    }

    /// Starts a transaction, as soon as a connection for batches is free. On SQLite it holds the write lock
    /// from the start.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection comes free in ten seconds.
    pub async fn begin(&self) -> Result<Batch, StoreError> {
        let options = match self.backend() {
            // A deferred transaction that reads first fails when it comes to write after somebody else did.
            Backend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            Backend::Postgres => TransactionOptions::default(),
        };
        let transaction = self.inner.writer.begin_with_options(options).await?;
        Ok(Batch::new(transaction, self.inner.dialect))
    }

    /// Waits for running statements, then closes all connections. SQLite leaves a single file behind.
    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.reader.close_by_ref().await?;
        self.inner.writer.close_by_ref().await?;
        Ok(())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.reader
    }

    /// For the few rows that are not written in batches.
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.writer
    }
}
