use std::ops::Deref;

use sea_orm::sqlx::Error as DriverError;
use sea_orm::{DbErr, RuntimeErr};

/// Why the store could not do what it was asked.
///
/// The texts name tables, constraints and error codes, never the values of a row: they may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Somebody else wrote first: a changed case has moved on, a key is taken, or PostgreSQL broke a deadlock
    /// at this batch's expense. Nothing was written. Load again and decide again.
    #[error("the rows were changed by somebody else in the meantime ({0})")]
    Conflict(String),
    /// A page token that this query did not give out.
    #[error("the page token does not belong to this query")]
    BadPageToken,
    /// The disk or the database's quota is full. Nothing was written.
    #[error("the database has no room left")]
    Full,
    /// The database cannot be reached, or did not answer in time. Whether a batch that was being committed is
    /// durable is unknown; its request keys tell.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Another server has held what a batch wants for longer than any batch takes: it may have been stopped. Nothing was
    /// written. [`Store::end_stopped`](crate::Store::end_stopped) helps.
    #[error("another server holds what is wanted for too long")]
    Held,
    /// The database holds a value that no release ever wrote, or its file is damaged.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// The schema is older than this program and migrating was not allowed.
    #[error("the database's schema does not fit this program: {0}")]
    Schema(String),
    /// The schema is of a newer release, which has taken away what this program reads.
    #[error("the database's schema is of a newer release than this program: {0}")]
    TooNew(String),
    /// A database URL that names neither an SQLite file nor a PostgreSQL database.
    #[error("not a database URL: {0}")]
    BadUrl(String),
    /// A value that one of the databases cannot keep, refused on both: a text with the character U+0000, or
    /// the text U+0001 alone or the smallest integer where a value may be missing. Nothing was written.
    #[error("a value for {0} cannot be kept")]
    Unstorable(String),
    /// Anything else that the database refused, by its code.
    #[error("the database refused a statement: {0}")]
    Refused(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(why) => StoreError::Unavailable(why.to_string()),
            DbErr::Conn(RuntimeErr::SqlxError(e))
            | DbErr::Exec(RuntimeErr::SqlxError(e))
            | DbErr::Query(RuntimeErr::SqlxError(e)) => from_driver(e.deref()),
            DbErr::Conn(_) => StoreError::Unavailable("no connection".into()),
            DbErr::Migration(text) => StoreError::Schema(text.clone()),
            DbErr::Custom(text) => StoreError::Schema(text.clone()),
            DbErr::Type(text) => StoreError::Corrupt(text.clone()),
            _ => StoreError::Refused("the statement could not be run".into()),
        }
    }
}

pub(crate) fn from_driver(error: &DriverError) -> StoreError {
    match error {
        DriverError::Database(e) => {
            let code = e.code().unwrap_or_default();
            let place = e.constraint().or(e.table()).unwrap_or("no constraint named");
            match e.try_downcast_ref::<sea_orm::SqlxPostgresError>() {
                Some(_) => from_postgres(&code, place),
                // SQLite's messages name tables and columns only.
                None => from_sqlite(&code, e.message()),
            }
        }
        DriverError::Io(e) => StoreError::Unavailable(e.kind().to_string()),
        DriverError::Tls(_) => StoreError::Unavailable("the TLS handshake failed".into()),
        DriverError::PoolTimedOut => StoreError::Unavailable("no connection came free in time".into()),
        DriverError::PoolClosed | DriverError::WorkerCrashed => {
            StoreError::Unavailable("the connection is closed".into())
        }
        DriverError::Configuration(_) => StoreError::BadUrl("its parameters are not understood".into()),
        DriverError::ColumnDecode { index, .. } => StoreError::Corrupt(format!("column {index}")),
        DriverError::ColumnNotFound(column) => StoreError::Schema(format!("no column {column}")),
        _ => StoreError::Refused("the driver failed".into()),
    }
}

/// SQLSTATE, <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
fn from_postgres(code: &str, place: &str) -> StoreError {
    match code {
        // 25P03: the server held its transaction open for too long, and PostgreSQL rolled it back.
        "23505" | "40001" | "40P01" | "25P03" => StoreError::Conflict(format!("{code} {place}")),
        "53100" => StoreError::Full,
        "55P03" => StoreError::Held,
        "22021" | "22P05" => StoreError::Unstorable("a row".into()),
        "XX001" | "XX002" => StoreError::Corrupt(format!("SQLSTATE {code}")),
        "28000" | "28P01" | "3D000" => StoreError::Unavailable(format!("access denied, SQLSTATE {code}")),
        _ if ["08", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default()) => {
            StoreError::Unavailable(format!("SQLSTATE {code}"))
        }
        _ => StoreError::Refused(format!("SQLSTATE {code} {place}")),
    }
}

/// SQLite's extended result codes, <https://sqlite.org/rescode.html>; the low byte is the primary code.
fn from_sqlite(code: &str, message: &str) -> StoreError {
    let code: u32 = code.parse().unwrap_or_default();
    match (code, code & 0xff) {
        // SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE
        (1555 | 2067, _) => StoreError::Conflict(message.into()),
        // BUSY, LOCKED, READONLY, IOERR, CANTOPEN
        (_, 5 | 6 | 8 | 10 | 14) => StoreError::Unavailable(message.into()),
        (_, 13) => StoreError::Full,
        // CORRUPT, NOTADB
        (_, 11 | 26) => StoreError::Corrupt(message.into()),
        _ => StoreError::Refused(format!("SQLite {code}: {message}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_the_rest() {
        assert_eq!(from_sqlite("13", "database or disk is full"), StoreError::Full);
        assert_eq!(from_postgres("53100", "no constraint named"), StoreError::Full);
    }

    #[test]
    fn a_taken_key_is_a_conflict() {
        for code in ["1555", "2067"] {
            assert!(matches!(from_sqlite(code, "UNIQUE constraint failed"), StoreError::Conflict(_)));
        }
        for code in ["23505", "40P01"] {
            assert!(matches!(from_postgres(code, "requests_pkey"), StoreError::Conflict(_)));
        }
    }

    #[test]
    fn a_lost_connection_is_unavailable() {
        for code in ["08006", "57P01", "53300", "58030"] {
            assert!(matches!(from_postgres(code, ""), StoreError::Unavailable(_)), "{code}");
        }
        // SQLITE_BUSY_SNAPSHOT, SQLITE_IOERR_FSYNC
        for code in ["517", "1034"] {
            assert!(matches!(from_sqlite(code, ""), StoreError::Unavailable(_)), "{code}");
        }
    }

    #[test]
    fn what_is_unknown_is_refused_by_its_code() {
        assert_eq!(from_sqlite("1", "no such table: x"), StoreError::Refused("SQLite 1: no such table: x".into()));
        assert_eq!(from_postgres("42P01", "x"), StoreError::Refused("SQLSTATE 42P01 x".into()));
    }
}
