use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait, TryGetable, Value,
};

use crate::bulk::Scripts;
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
    /// Bring the schema up to date; otherwise an older one is [`StoreError::Schema`]. One of a newer release is left as it
    /// is, and worked on if that release only added to it.
    pub migrate: bool,
    /// Connections for batches, 1 or more. SQLite always has one. With two, one batch works while the other
    /// one's commit is on its way to the disk.
    pub writers: u32,
    /// Connections for everything else, 1 or more.
    pub readers: u32,
    /// Bytes that the SQLite file may have, its log beside it not counted; beyond them writing is [`StoreError::Full`].
    /// `None`: as many as there is room for. PostgreSQL has quotas of its own.
    pub max_bytes: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Options { migrate: true, writers: 2, readers: 4, max_bytes: None }
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
    /// May hold a password; never shown.
    url: String,
    newer: Vec<String>,
    /// How the SQLite file stood when the last batch began.
    standing: Mutex<Standing>,
}

/// What the writing connection says of a SQLite file and of itself.
#[derive(Debug, Default)]
struct Standing {
    /// Another number whenever another connection has written, <https://sqlite.org/pragma.html#pragma_data_version>.
    version: i64,
    /// Rows that this connection has changed; fewer than before on a connection that was opened anew.
    changes: i64,
    era: u64,
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
    /// [`StoreError::BadUrl`], [`StoreError::Unavailable`], [`StoreError::Schema`], [`StoreError::TooNew`].
    pub async fn open(url: &str, options: Options) -> Result<Store, StoreError> {
        let backend = dialect::backend(url)?;
        let newer = schema::prepare(dialect::migrator_options(url, backend), backend, options.migrate).await?;
        let writer = Database::connect(dialect::writer_options(url, backend, &options)).await?;
        let reader = Database::connect(dialect::reader_options(url, backend, &options)).await?;
        let (url, standing) = (url.to_owned(), Mutex::default());
        let inner = Inner { dialect: Dialect(backend), writer, reader, url, newer, standing };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// Which database this is.
    pub fn backend(&self) -> Backend {
        self.inner.dialect.0
    }

    /// Names of the migrations that a newer release has applied; this program works on the schema all the same.
    pub fn newer_migrations(&self) -> &[String] {
        &self.inner.newer
    }

    /// Starts a transaction, as soon as a connection for batches is free. On SQLite it holds the write lock
    /// from the start.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection comes free in ten seconds.
    pub async fn begin(&self) -> Result<Batch, StoreError> {
        let transaction = self.transaction().await?;
        let era = self.era(&transaction).await?;
        Ok(Batch::new(transaction, self.inner.dialect, era))
    }

    /// See [`Batch::era`].
    async fn era(&self, transaction: &DatabaseTransaction) -> Result<Option<u64>, StoreError> {
        if self.backend() == Backend::Postgres {
            return Ok(None);
        }
        let sql = "SELECT data_version AS version, total_changes() AS changes FROM pragma_data_version";
        let Some(row) = transaction.query_one_raw(self.dialect().same(sql, vec![])).await? else { return Ok(None) };
        let (version, changes) = (row.try_get("", "version")?, row.try_get("", "changes")?);
        let mut standing = self.inner.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if standing.version != version || standing.changes > changes {
            standing.era += 1;
        }
        (standing.version, standing.changes) = (version, changes);
        Ok(Some(standing.era))
    }

    pub(crate) async fn transaction(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = match self.backend() {
            // A deferred transaction that reads first fails when it comes to write after somebody else did.
            Backend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            Backend::Postgres => TransactionOptions::default(),
        };
        Ok(self.inner.writer.begin_with_options(options).await?)
    }

    /// Waits for running statements, then closes all connections. SQLite leaves a single file behind.
    pub async fn close(self) -> Result<(), StoreError> {
        self.inner.reader.close_by_ref().await?;
        self.inner.writer.close_by_ref().await?;
        Ok(())
    }

    /// Runs a script that is a transaction of its own.
    pub(crate) async fn write(&self, scripts: Scripts<'_>) -> Result<(), StoreError> {
        let scripts = scripts.finish();
        if scripts.is_empty() {
            return Ok(());
        }
        let transaction = self.transaction().await?;
        for script in &scripts {
            self.dialect().write(&transaction, script).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Runs one statement that is a transaction of its own; how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        Ok(self.writer().execute_raw(self.dialect().same(sql, values)).await?.rows_affected())
    }

    /// Whether a statement that changes one row found it.
    pub(crate) async fn change(&self, sql: &str, values: Vec<Value>) -> Result<bool, StoreError> {
        Ok(self.execute(sql, values).await? == 1)
    }

    /// A column of the first row, if there is a row.
    pub(crate) async fn first<T: TryGetable>(
        &self,
        sql: &str,
        values: Vec<Value>,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let row = self.reader().query_one_raw(self.dialect().same(sql, values)).await?;
        Ok(row.map(|row| row.try_get("", column)).transpose()?)
    }

    /// Where the database is.
    pub(crate) fn url(&self) -> &str {
        &self.inner.url
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
