//! The outbox: effects that were decided and wait to be carried out. Each is carried out at least once.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};

use crate::entities::outbox;
use crate::paging::{Page, PageRequest, Place};
use crate::{Store, StoreError};

/// An effect: what the application has to do after the commit that wrote it.
#[derive(Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// The effect's id.
    pub id: String,
    /// The case that it follows from.
    pub case_id: String,
    /// What is to be done, as the application names it.
    pub kind: String,
    /// With what, JSON.
    pub payload: String,
    /// Operating time at which it may be tried (again).
    pub due_us: i64,
    /// How many attempts failed.
    pub attempts: i64,
    /// Operating time until which somebody works at it.
    pub claimed_until_us: Option<i64>,
    /// Why it is not tried any more: an incident.
    pub failed_code: Option<String>,
    /// When it was decided.
    pub created_at_us: i64,
}

/// Leaves out the payload: it may name people, and a row that is printed for debugging ends up in a log.
impl std::fmt::Debug for OutboxRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OutboxRow")
            .field("id", &self.id)
            .field("case_id", &self.case_id)
            .field("kind", &self.kind)
            .field("due_us", &self.due_us)
            .field("attempts", &self.attempts)
            .field("claimed_until_us", &self.claimed_until_us)
            .field("failed_code", &self.failed_code)
            .field("created_at_us", &self.created_at_us)
            .finish_non_exhaustive()
    }
}

/// When an effect may be taken, as the index has it.
const FREE_AT: &str = "COALESCE(claimed_until_us, due_us)";
/// The list that page tokens of [`Store::troubled_outbox`] are bound to.
const TROUBLED: [&str; 1] = ["outbox troubled"];

impl Store {
    /// Takes at most `limit` effects that are due at `now_us`, until `until_us`: nobody else gets them before. An
    /// effect whose claim ran out is taken again. The earliest due come first, then by id.
    pub async fn claim_outbox(&self, now_us: i64, until_us: i64, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let first = format!(
            "SELECT id FROM outbox WHERE failed_code IS NULL AND {FREE_AT} <= $1 ORDER BY {FREE_AT}, id LIMIT $3"
        );
        let statement = self.dialect().statement(
            &format!("UPDATE outbox SET claimed_until_us = $2 WHERE id IN ({first}) RETURNING *"),
            // Another server's claims are passed over, not waited for.
            &format!(
                "WITH f AS MATERIALIZED ({first} FOR UPDATE SKIP LOCKED)
                UPDATE outbox SET claimed_until_us = $2 FROM f WHERE outbox.id = f.id RETURNING outbox.*"
            ),
            vec![now_us.into(), until_us.into(), i64::from(limit).into()],
        );
        let rows = outbox::Model::find_by_statement(statement).all(self.writer()).await?;
        let mut rows: Vec<OutboxRow> = rows.into_iter().map(OutboxRow::from).collect();
        rows.sort_unstable_by(|a, b| (a.due_us, &a.id).cmp(&(b.due_us, &b.id)));
        Ok(rows)
    }

    /// Lets an effect be tried again at `due_us`, after `attempts` that failed. `false` when it is done or failed
    /// for good in the meantime.
    pub async fn retry_outbox(&self, id: &str, attempts: u32, due_us: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET attempts = $2, due_us = $3, claimed_until_us = NULL
            WHERE id = $1 AND failed_code IS NULL";
        self.change(sql, vec![id.into(), i64::from(attempts).into(), due_us.into()]).await
    }

    /// Gives an effect up: it is an incident under `code` until somebody revives it. `false` when it is done or
    /// was given up before; the first code stays.
    pub async fn fail_outbox(&self, id: &str, code: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET failed_code = $2, claimed_until_us = NULL WHERE id = $1 AND failed_code IS NULL";
        self.change(sql, vec![id.into(), code.into()]).await
    }

    /// Lets an effect that was given up, or that waits for another attempt, be tried again at `due_us`, as if for the
    /// first time. `false` when there is none such: it is done, or somebody is at it.
    pub async fn revive_outbox(&self, id: &str, due_us: i64) -> Result<bool, StoreError> {
        let sql = "UPDATE outbox SET failed_code = NULL, attempts = 0, due_us = $2
            WHERE id = $1 AND (failed_code IS NOT NULL OR attempts > 0 AND claimed_until_us IS NULL)";
        self.change(sql, vec![id.into(), due_us.into()]).await
    }

    /// A page of the effects that were given up or failed at least `attempts` times, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this list.
    pub async fn troubled_outbox(&self, attempts: i64, page: &PageRequest) -> Result<Page<OutboxRow>, StoreError> {
        let after = page.place(&TROUBLED)?.unwrap_or(Place { key: i64::MIN, id: String::new() });
        // What is done has no row, so the table is as short as what waits.
        let sql = "SELECT * FROM outbox WHERE (failed_code IS NOT NULL OR attempts >= $4)
            AND (created_at_us, id) > ($1, $2) ORDER BY created_at_us, id LIMIT $3";
        let values = vec![after.key.into(), after.id.into(), page.fetched().into(), attempts.into()];
        let rows = outbox::Model::find_by_statement(self.dialect().same(sql, values)).all(self.reader()).await?;
        let rows = rows.into_iter().map(OutboxRow::from).collect();
        Ok(page.cut(rows, &TROUBLED, |row: &OutboxRow| Place { key: row.created_at_us, id: row.id.clone() }))
    }

    /// The effects of a case that are not done, failed ones included, by id.
    pub async fn outbox_of(&self, case_id: &str) -> Result<Vec<OutboxRow>, StoreError> {
        let rows = outbox::Entity::find()
            .filter(outbox::Column::CaseId.eq(case_id))
            .order_by_asc(outbox::Column::Id)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(OutboxRow::from).collect())
    }

    /// When the next effect may be taken: the earliest due, or the end of a claim.
    pub async fn next_outbox_due(&self) -> Result<Option<i64>, StoreError> {
        let sql =
            format!("SELECT {FREE_AT} AS at_us FROM outbox WHERE failed_code IS NULL ORDER BY {FREE_AT}, id LIMIT 1");
        self.first(&sql, vec![], "at_us").await
    }
}
