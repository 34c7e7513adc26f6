//! Heads over all journals: what a window of time held, chained, so that a case that is missing as a whole is noticed.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::{Backend, Store, StoreError};

/// A head: the entries of all cases with `from_us <= at_us < until_us`, in one digest that goes on from the head before.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct HeadRow {
    /// From 1, without gaps.
    pub number: i64,
    /// Beginning of the window; the end of the one before, 0 for the first.
    pub from_us: i64,
    /// End of the window, not in it.
    pub until_us: i64,
    /// How many entries it holds, 1 or more.
    pub entries: i64,
    /// Digest of their lines, as the application writes them.
    pub lines: String,
    /// Digest of all of this and of the head before.
    pub head: String,
    /// When it was taken, operating time.
    pub taken_at_us: i64,
}

/// What a head covers of an entry.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct EntryMark {
    /// The case.
    pub case_id: String,
    /// Number of the entry in its case.
    pub seq: i64,
    /// When it happened.
    pub at_us: i64,
    /// Its hash.
    pub hash: String,
}

const COLUMNS: &str = "SELECT number, from_us, until_us, entries, lines, head, taken_at_us FROM heads";

impl Store {
    /// The newest head.
    pub async fn last_head(&self) -> Result<Option<HeadRow>, StoreError> {
        let sql = format!("{COLUMNS} ORDER BY number DESC LIMIT 1");
        Ok(HeadRow::find_by_statement(self.dialect().same(&sql, vec![])).one(self.reader()).await?)
    }

    /// Heads after this number (0 for all), in order, at most `limit`.
    pub async fn heads(&self, after: i64, limit: u32) -> Result<Vec<HeadRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE number > $1 ORDER BY number LIMIT $2");
        let statement = self.dialect().same(&sql, vec![after.into(), i64::from(limit).into()]);
        Ok(HeadRow::find_by_statement(statement).all(self.reader()).await?)
    }

    /// Keeps a head.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another server took the head of this number first.
    pub async fn put_head(&self, row: &HeadRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO heads (number, from_us, until_us, entries, lines, head, taken_at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let HeadRow { number, from_us, until_us, entries, lines, head, taken_at_us } = row.clone();
        let window = [number.into(), from_us.into(), until_us.into(), entries.into()];
        self.execute(sql, [window.as_slice(), &[lines.into(), head.into(), taken_at_us.into()]].concat()).await?;
        Ok(())
    }

    /// When the first entry of a window happened.
    pub async fn first_entry_at(&self, from_us: i64, before_us: i64) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT min(at_us) AS at_us FROM entries WHERE at_us >= $1 AND at_us < $2";
        Ok(self.first::<Option<i64>>(sql, vec![from_us.into(), before_us.into()], "at_us").await?.flatten())
    }

    /// Entries of a window, the earliest first, at most `limit`.
    pub async fn entry_marks(&self, from_us: i64, before_us: i64, limit: u64) -> Result<Vec<EntryMark>, StoreError> {
        let sql =
            "SELECT case_id, seq, at_us, hash FROM entries WHERE at_us >= $1 AND at_us < $2 ORDER BY at_us LIMIT $3";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let statement = self.dialect().same(sql, vec![from_us.into(), before_us.into(), limit.into()]);
        Ok(EntryMark::find_by_statement(statement).all(self.reader()).await?)
    }

    /// Whether every batch that began before this instant has ended, so that no entry can appear any more that was stamped
    /// by a clock read before. `before_us` is [`Store::now_us`], or of the past.
    ///
    /// On SQLite this waits for the one batch that may be running. On PostgreSQL a server that was stopped in the middle of
    /// a batch and may go on with it keeps the answer at `false`. The servers must use one role of the database: what other
    /// roles' sessions do is hidden.
    pub async fn is_settled(&self, before_us: i64) -> Result<bool, StoreError> {
        if self.backend() == Backend::Sqlite {
            self.begin().await?.cancel().await?;
            return Ok(true);
        }
        let sql = "SELECT count(*) AS running FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'kaiban' AND pid <> pg_backend_pid()
                AND xact_start IS NOT NULL AND (extract(epoch FROM xact_start) * 1000000)::bigint <= $1";
        let row = self.reader().query_one_raw(self.dialect().same(sql, vec![before_us.into()])).await?;
        Ok(row.map(|row| row.try_get::<i64>("", "running")).transpose()? == Some(0))
    }
}
