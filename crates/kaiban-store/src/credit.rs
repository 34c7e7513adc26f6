//! Credit entries: what is on record about a subject, in the order in which it was recorded. Rows are only ever added.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entities::credit_entry;
use crate::{Store, StoreError};

/// One line of a subject's history. (subject, seq) is its key, so that of two who add the next line one is a conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditEntryRow {
    /// Whose: a keyed digest of a person's number, or a USCC.
    pub subject: String,
    /// From 1, without gaps.
    pub seq: i64,
    /// The day that the entry bears, `2026-04-01`.
    pub on: String,
    /// The entry, JSON.
    pub entry: String,
    /// When it was recorded, business time.
    pub recorded_at_us: i64,
}

impl Store {
    /// A subject's history, the first entry first.
    pub async fn credit_entries(&self, subject: &str) -> Result<Vec<CreditEntryRow>, StoreError> {
        let rows = credit_entry::Entity::find()
            .filter(credit_entry::Column::Subject.eq(subject))
            .order_by_asc(credit_entry::Column::Seq)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(CreditEntryRow::from).collect())
    }
}
