//! The journal: each case's entries, which are only ever added.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::entry;
use crate::{Store, StoreError};

/// One entry of a case's hash-chained journal (办件日志).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// The case's id.
    pub case_id: String,
    /// The entry's number in its case, from 1, without gaps.
    pub seq: i64,
    /// When it happened.
    pub at_us: i64,
    /// The entry exactly as it was hashed.
    pub bytes: String,
    /// The hash of `bytes` and of the entry before.
    pub hash: String,
}

impl Store {
    /// A case's entries after number `after_seq` (0 for all), in order, at most `limit`.
    pub async fn entries(&self, case_id: &str, after_seq: i64, limit: u64) -> Result<Vec<EntryRow>, StoreError> {
        let rows = entry::Entity::find()
            .filter(entry::Column::CaseId.eq(case_id))
            .filter(entry::Column::Seq.gt(after_seq))
            .order_by_asc(entry::Column::Seq)
            .limit(limit)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(EntryRow::from).collect())
    }
}
