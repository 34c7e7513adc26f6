//! How much is stored.

use sea_orm::ConnectionTrait;

use crate::{Store, StoreError};

/// How many rows there are. Counting walks through an index; it is meant for a check or a summary, not for
/// every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Cases.
    pub cases: u64,
    /// Journal entries.
    pub entries: u64,
    /// Open tasks.
    pub tasks: u64,
}

impl Store {
    /// Counts cases, entries and open tasks.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let sql = "SELECT (SELECT count(*) FROM cases) AS cases, (SELECT count(*) FROM entries) AS entries,
            (SELECT count(*) FROM tasks) AS tasks";
        let Some(row) = self.reader().query_one_raw(self.dialect().same(sql, vec![])).await? else {
            return Ok(Counts::default());
        };
        let count = |name: &str| row.try_get::<i64>("", name).map(i64::unsigned_abs);
        Ok(Counts { cases: count("cases")?, entries: count("entries")?, tasks: count("tasks")? })
    }

    /// Name of the newest migration.
    pub async fn schema_version(&self) -> Result<String, StoreError> {
        let name = self.first("SELECT max(version) AS version FROM seaql_migrations", vec![], "version").await?;
        name.ok_or_else(|| StoreError::Schema("no migration is recorded".into()))
    }

    /// The size of the database in bytes, without its write-ahead log.
    pub async fn size_bytes(&self) -> Result<u64, StoreError> {
        match self.reader().query_one_raw(self.dialect().size()).await? {
            Some(row) => Ok(row.try_get::<i64>("", "bytes")?.unsigned_abs()),
            None => Ok(0),
        }
    }
}
