//! Cases that were moved to files: their rows stay for lists and figures, their journal, documents and snapshot go.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::{Backend, Store, StoreError};

/// Where an archived case is.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ArchivedRow {
    /// The case.
    pub case_id: String,
    /// Name of the file.
    pub file: String,
    /// Where its part of the file begins, in bytes.
    pub start: i64,
    /// How long it is, in bytes.
    pub length: i64,
    /// SHA-256 of that part, hexadecimal.
    pub digest: String,
    /// When it was moved, operating time.
    pub archived_at_us: i64,
}

/// A case that is moved, and all that goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it is now.
    pub row: ArchivedRow,
    /// Number of its last entry; a case that has gone on since is left where it is.
    pub seq: i64,
    /// Digests of its documents.
    pub documents: Vec<String>,
}

/// A closed case, as far as it has to be known whether it may be moved or erased from.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct EndedCaseRow {
    /// Case number.
    pub id: String,
    /// When it ended.
    pub closed_at_us: i64,
}

const LOCATED: &str = "SELECT case_id, file, start, length, digest, archived_at_us FROM archived";

/// Something of a case waits: it is not over, whatever its state says.
const WAITS: &str = "EXISTS (SELECT 1 FROM outbox AS o WHERE o.case_id = c.id)
    OR EXISTS (SELECT 1 FROM tasks AS t WHERE t.case_id = c.id)
    OR EXISTS (SELECT 1 FROM timers AS t WHERE t.case_id = c.id)
    OR EXISTS (SELECT 1 FROM draw_items AS d WHERE d.case_id = c.id)";

impl Store {
    /// Where a case is, if it was moved to a file.
    pub async fn archived(&self, case_id: &str) -> Result<Option<ArchivedRow>, StoreError> {
        let sql = format!("{LOCATED} WHERE case_id = $1");
        let statement = self.dialect().same(&sql, vec![case_id.into()]);
        Ok(ArchivedRow::find_by_statement(statement).one(self.reader()).await?)
    }

    /// The cases in a file, in its order.
    pub async fn archived_in(&self, file: &str) -> Result<Vec<ArchivedRow>, StoreError> {
        let sql = format!("{LOCATED} WHERE file = $1 ORDER BY start");
        let statement = self.dialect().same(&sql, vec![file.into()]);
        Ok(ArchivedRow::find_by_statement(statement).all(self.reader()).await?)
    }

    /// Names of all files that cases are in.
    pub async fn archive_files(&self) -> Result<Vec<String>, StoreError> {
        let statement = self.dialect().same("SELECT DISTINCT file FROM archived ORDER BY file", vec![]);
        let rows = self.reader().query_all_raw(statement).await?;
        Ok(rows.iter().map(|row| row.try_get("", "file")).collect::<Result<_, _>>()?)
    }

    /// Cases that ended before this instant, of which nothing waits and all is in the database, the earliest first, after
    /// this one, at most `limit`.
    pub async fn archivable(
        &self,
        before_us: i64,
        after: Option<&EndedCaseRow>,
        limit: u64,
    ) -> Result<Vec<EndedCaseRow>, StoreError> {
        let sql = format!(
            "SELECT c.id, c.closed_at_us FROM cases AS c
            WHERE c.closed_at_us IS NOT NULL AND c.closed_at_us < $1 AND (c.closed_at_us, c.id) > ($2, $3)
                AND c.archived = 0 AND c.state = 'closed' AND NOT ({WAITS})
            ORDER BY c.closed_at_us, c.id LIMIT $4"
        );
        let (at_us, id) = after.map_or((i64::MIN, ""), |last| (last.closed_at_us, last.id.as_str()));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![before_us.into(), at_us.into(), id.into(), limit.into()];
        Ok(EndedCaseRow::find_by_statement(self.dialect().same(&sql, values)).all(self.reader()).await?)
    }

    /// Whether nothing of these cases is open or waits any more. One that is not there waits for nothing.
    pub async fn are_over(&self, cases: &[String]) -> Result<bool, StoreError> {
        if cases.is_empty() {
            return Ok(true);
        }
        let list = self.dialect().list(cases.iter().map(String::as_str));
        let sqlite = format!(
            "SELECT count(*) AS waiting FROM json_each($1) AS w CROSS JOIN cases AS c ON c.id = w.value
            WHERE c.state <> 'closed' OR {WAITS}"
        );
        let postgres = format!(
            "SELECT count(*) AS waiting FROM cases AS c WHERE c.id = ANY ($1) AND (c.state <> 'closed' OR {WAITS})"
        );
        let row = self.reader().query_one_raw(self.dialect().statement(&sqlite, &postgres, vec![list])).await?;
        Ok(row.map(|row| row.try_get::<i64>("", "waiting")).transpose()? == Some(0))
    }

    /// Moves cases: remembers where they are and removes what is in the file now, in one transaction. A case that has gone
    /// on since it was read, or that somebody else has moved, is left as it is; gives the ones that were moved.
    pub async fn put_archived(&self, moved: &[Moved]) -> Result<Vec<String>, StoreError> {
        let transaction = self.transaction().await?;
        let mut ids: Vec<&str> = moved.iter().map(|moved| moved.row.case_id.as_str()).collect();
        ids.sort_unstable();
        let list = self.dialect().list(ids.iter().copied());
        let lock = self.dialect().statement(
            "SELECT c.id, c.seq FROM json_each($1) AS w CROSS JOIN cases AS c ON c.id = w.value
                WHERE c.archived = 0 AND c.state = 'closed'",
            // As batches lock them; what another one holds is for the next time.
            "SELECT id, seq FROM cases WHERE id = ANY ($1) AND archived = 0 AND state = 'closed'
                ORDER BY id FOR UPDATE SKIP LOCKED",
            vec![list],
        );
        let mut held = std::collections::HashMap::new();
        for row in transaction.query_all_raw(lock).await? {
            held.insert(row.try_get::<String>("", "id")?, row.try_get::<i64>("", "seq")?);
        }
        let moved: Vec<&Moved> =
            moved.iter().filter(|moved| held.get(&moved.row.case_id) == Some(&moved.seq)).collect();
        let ids: Vec<String> = moved.iter().map(|moved| moved.row.case_id.clone()).collect();
        for moved in &moved {
            self.locate(&transaction, &moved.row).await?;
        }
        // A document that is erased from the file one day must not have stayed here.
        self.dialect().overwrite_deleted(&transaction).await?;
        let of_cases = self.dialect().list(ids.iter().map(String::as_str));
        let documents = moved.iter().flat_map(|moved| &moved.documents).map(String::as_str);
        let documents = self.dialect().list(documents);
        let statements = [
            ("DELETE FROM entries WHERE case_id", of_cases.clone()),
            ("DELETE FROM blobs WHERE digest", documents),
            ("UPDATE cases SET archived = 1, snapshot = '' WHERE id", of_cases),
        ];
        for (sql, list) in statements {
            transaction.execute_raw(self.dialect().among(sql, list)).await?;
        }
        transaction.commit().await?;
        Ok(ids)
    }

    /// Cases are in another file now, in one transaction with the record of what is not in it any more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of them is not where it was; nothing is written then.
    pub async fn put_rewritten(
        &self,
        was: &str,
        rows: &[ArchivedRow],
        erasing: &crate::Erasing,
    ) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        let found = transaction
            .execute_raw(self.dialect().same("DELETE FROM archived WHERE file = $1", vec![was.into()]))
            .await?
            .rows_affected();
        if found != rows.len() as u64 {
            return Err(StoreError::Conflict("the file's cases have moved on".into()));
        }
        for row in rows {
            self.locate(&transaction, row).await?;
        }
        crate::erasures::erase(&transaction, self.dialect(), erasing).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn locate(&self, connection: &impl ConnectionTrait, row: &ArchivedRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO archived (case_id, file, start, length, digest, archived_at_us)
            VALUES ($1, $2, $3, $4, $5, $6)";
        let ArchivedRow { case_id, file, start, length, digest, archived_at_us } = row.clone();
        let values =
            vec![case_id.into(), file.into(), start.into(), length.into(), digest.into(), archived_at_us.into()];
        connection.execute_raw(self.dialect().same(sql, values)).await?;
        Ok(())
    }

    /// Copies the whole database into a new file, as it is at one moment, while others go on writing. The file is on the
    /// disk when this returns; one that is there already is refused.
    ///
    /// # Errors
    /// [`StoreError::Refused`] on PostgreSQL, which has its own ways; [`StoreError::Full`].
    pub async fn copy_to(&self, file: &str) -> Result<(), StoreError> {
        if self.backend() != Backend::Sqlite {
            return Err(StoreError::Refused("a PostgreSQL database is copied with its own tools".into()));
        }
        self.reader().execute_raw(self.dialect().same("VACUUM INTO $1", vec![file.into()])).await?;
        Ok(())
    }
}
