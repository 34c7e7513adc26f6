//! What servers on one PostgreSQL database tell each other: that something was committed, so that whoever waits for it
//! looks. It goes through LISTEN and NOTIFY, on connections of its own: a NOTIFY inside the transaction that writes would
//! hold a lock of the whole database server while the commit is on its way to the disk, and the writers would queue for it.
//!
//! Nothing depends on its arrival. A word that is lost is found by whoever looks now and then.

use sea_orm::sqlx::postgres::PgListener;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::error::from_driver;
use crate::{Backend, Store, StoreError, dialect};

/// PostgreSQL takes no payload of 8000 bytes or more.
pub const NOTICE_BYTES_MAX: usize = 7_900;

/// Where the servers of one database hear each other.
const CHANNEL: &str = "kaiban";

/// Tells the other servers.
pub struct Herald {
    connection: DatabaseConnection,
}

/// Hears the other servers, and this one.
pub struct Listener {
    listener: PgListener,
}

impl std::fmt::Debug for Herald {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Herald").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the way to the other servers of the database, and back; none on SQLite, which has no other servers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn news(&self) -> Result<Option<(Herald, Listener)>, StoreError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        let connection = Database::connect(dialect::news_options(self.url())).await?;
        let mut listener = PgListener::connect_with(connection.get_postgres_connection_pool()).await.map_err(driver)?;
        listener.listen(CHANNEL).await.map_err(driver)?;
        Ok(Some((Herald { connection }, Listener { listener })))
    }

    /// The database's clock, UTC µs; none on SQLite, which goes by the machine's.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn now_us(&self) -> Result<Option<i64>, StoreError> {
        if self.backend() == Backend::Sqlite {
            return Ok(None);
        }
        self.first("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us", vec![], "now_us").await
    }
}

impl Store {
    /// Ends the transactions of servers that were stopped while PostgreSQL had rows to send them: what they hold, nobody else
    /// gets, and PostgreSQL ends by itself only those that it waits to hear from. How many there were.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_stopped(&self) -> Result<u64, StoreError> {
        const SQL: &str = "SELECT count(pg_terminate_backend(pid)) AS ended FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND application_name = $1
                AND backend_xid IS NOT NULL AND wait_event = 'ClientWrite'
                AND state = 'active' AND query_start < clock_timestamp() - interval '10 seconds'";
        if self.backend() == Backend::Sqlite {
            return Ok(0);
        }
        let ended: Option<i64> = self.first(SQL, vec![dialect::APPLICATION.into()], "ended").await?;
        Ok(ended.unwrap_or_default().unsigned_abs())
    }
}

impl Herald {
    /// Tells these texts, each at most [`NOTICE_BYTES_MAX`] bytes long, in order; gives the database's clock, UTC µs.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tell(&self, texts: &[String]) -> Result<i64, StoreError> {
        const SQL: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us,
            count(pg_notify($1, u.text)) AS told FROM unnest($2::text[]) AS u (text)";
        let dialect = dialect::Dialect(Backend::Postgres);
        let values = vec![CHANNEL.into(), dialect.list(texts.iter().map(String::as_str))];
        let row = self.connection.query_one_raw(dialect.same(SQL, values)).await?;
        match row {
            Some(row) => Ok(row.try_get("", "now_us")?),
            None => Err(StoreError::Unavailable("no answer".into())),
        }
    }
}

impl Listener {
    /// The next text; none where the connection was lost and is there again: what was told meanwhile was not heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; the listener can be asked again.
    pub async fn hear(&mut self) -> Result<Option<String>, StoreError> {
        let heard = self.listener.try_recv().await.map_err(driver)?;
        Ok(heard.map(|heard| heard.payload().to_owned()))
    }
}

fn driver(error: sea_orm::sqlx::Error) -> StoreError {
    from_driver(&error)
}
