//! Documents that were erased at the end of their period: what is left is their digest and the rule.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::dialect::Dialect;
use crate::{CasePersonRow, EndedCaseRow, Store, StoreError};

/// That a document was erased.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ErasureRow {
    /// The case it belonged to.
    pub case_id: String,
    /// Its digest, which the journal names; of an uploaded file the digest of its content.
    pub digest: String,
    /// What it was: `form`, `result`, …, `file`, as the application names it.
    pub kind: String,
    /// The rule whose period has ended.
    pub rule: String,
    /// When, operating time.
    pub erased_at_us: i64,
}

/// Whose documents are erased, and which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erasing {
    /// The documents; of an archived case they are not in the database.
    pub rows: Vec<ErasureRow>,
    /// Cases whose form is among them: what lists show of it goes with it.
    pub nameless: Vec<String>,
    /// Who is known to be in these cases, and is not any more.
    pub persons: Vec<CasePersonRow>,
}

pub(crate) async fn record(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    rows: &[ErasureRow],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO erasures (case_id, digest, kind, rule, erased_at_us)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    for row in rows {
        let ErasureRow { case_id, digest, kind, rule, erased_at_us } = row.clone();
        let values = vec![case_id.into(), digest.into(), kind.into(), rule.into(), erased_at_us.into()];
        connection.execute_raw(dialect.same(sql, values)).await?;
    }
    Ok(())
}

/// Records what goes and removes it; what is not in the database is passed over.
pub(crate) async fn erase(
    connection: &impl ConnectionTrait,
    dialect: Dialect,
    erasing: &Erasing,
) -> Result<(), StoreError> {
    dialect.overwrite_deleted(connection).await?;
    record(connection, dialect, &erasing.rows).await?;
    let digests = dialect.list(erasing.rows.iter().map(|row| row.digest.as_str()));
    let nameless = dialect.list(erasing.nameless.iter().map(String::as_str));
    let statements =
        [("DELETE FROM blobs WHERE digest", digests), ("UPDATE cases SET subject = '' WHERE id", nameless)];
    for (sql, list) in statements {
        connection.execute_raw(dialect.among(sql, list)).await?;
    }
    for CasePersonRow { person, case_id } in &erasing.persons {
        let sql = "DELETE FROM case_persons WHERE person = $1 AND case_id = $2";
        let values = vec![person.as_str().into(), case_id.as_str().into()];
        connection.execute_raw(dialect.same(sql, values)).await?;
    }
    Ok(())
}

impl Store {
    /// What was erased of a case, by digest.
    pub async fn erasures(&self, case_id: &str) -> Result<Vec<ErasureRow>, StoreError> {
        let sql = "SELECT case_id, digest, kind, rule, erased_at_us FROM erasures WHERE case_id = $1 ORDER BY digest";
        let statement = self.dialect().same(sql, vec![case_id.into()]);
        Ok(ErasureRow::find_by_statement(statement).all(self.reader()).await?)
    }

    /// Cases for which a period has ended since their documents were looked through: they ended before `before_us`, and
    /// were last looked through before the period after their end was over. The earliest first, after this one.
    pub async fn erasable(
        &self,
        before_us: i64,
        period_us: i64,
        after: Option<&EndedCaseRow>,
        limit: u64,
    ) -> Result<Vec<EndedCaseRow>, StoreError> {
        let sql = "SELECT id, closed_at_us FROM cases
            WHERE closed_at_us IS NOT NULL AND closed_at_us <= $1 AND (closed_at_us, id) > ($2, $3)
                AND erased_at_us < closed_at_us + $4
            ORDER BY closed_at_us, id LIMIT $5";
        let (at_us, id) = after.map_or((i64::MIN, ""), |last| (last.closed_at_us, last.id.as_str()));
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![before_us.into(), at_us.into(), id.into(), period_us.into(), limit.into()];
        Ok(EndedCaseRow::find_by_statement(self.dialect().same(sql, values)).all(self.reader()).await?)
    }

    /// Erases documents with their salts, and records it, in one transaction.
    pub async fn erase(&self, erasing: &Erasing) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        erase(&transaction, self.dialect(), erasing).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Remembers until when cases were looked through for documents whose period has ended.
    pub async fn put_looked_through(&self, cases: &[String], until_us: i64) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        let list = self.dialect().list(cases.iter().map(String::as_str));
        let sql = format!("UPDATE cases SET erased_at_us = {until_us} WHERE id");
        transaction.execute_raw(self.dialect().among(&sql, list)).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Cases that refer to these files: digest and case, in no order. Reads all references; for what is done once a month.
    pub async fn cases_of_files(&self, digests: &[String]) -> Result<Vec<(String, String)>, StoreError> {
        let list = self.dialect().list(digests.iter().map(String::as_str));
        let statement = self.dialect().among("SELECT DISTINCT digest, case_id FROM case_files WHERE digest", list);
        let rows = self.reader().query_all_raw(statement).await?;
        rows.iter().map(|row| Ok((row.try_get("", "digest")?, row.try_get("", "case_id")?))).collect()
    }

    /// Forgets files, who uploaded them and what they called them, and records that they were erased. The references stay.
    pub async fn erase_files(&self, rows: &[ErasureRow]) -> Result<(), StoreError> {
        let transaction = self.transaction().await?;
        record(&transaction, self.dialect(), rows).await?;
        for sql in ["DELETE FROM file_grants WHERE digest", "DELETE FROM files WHERE digest"] {
            let digests = self.dialect().list(rows.iter().map(|row| row.digest.as_str()));
            transaction.execute_raw(self.dialect().among(sql, digests)).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Digests of all files that are there, after this one, in order, at most `limit`.
    pub async fn file_digests(&self, after: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = "SELECT digest FROM files WHERE digest > $1 ORDER BY digest LIMIT $2";
        let rows = self.reader().query_all_raw(self.dialect().same(sql, vec![after.into(), limit.into()])).await?;
        Ok(rows.iter().map(|row| row.try_get("", "digest")).collect::<Result<_, _>>()?)
    }
}
