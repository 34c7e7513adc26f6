//! Blobs: forms, findings, results and letters, named by a salted digest.

use std::fmt;

use sea_orm::FromQueryResult;

use crate::entities::blob;
use crate::{Store, StoreError};

/// What the journal names by its digest and does not contain, because it holds personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// The salted digest.
    pub digest: String,
    /// The case it belongs to.
    pub case_id: String,
    /// What it is: `form`, `result`, …, as the application names it.
    pub kind: String,
    /// The salt that the digest was taken with.
    pub salt: String,
    /// The content exactly as it was hashed.
    pub bytes: String,
    /// When it was stored.
    pub created_at_us: i64,
}

/// Leaves out the content: it is personal data, and a row that is printed for debugging ends up in a log.
impl fmt::Debug for BlobRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobRow")
            .field("digest", &self.digest)
            .field("case_id", &self.case_id)
            .field("kind", &self.kind)
            .field("bytes_len", &self.bytes.len())
            .field("created_at_us", &self.created_at_us)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// The blobs with these digests, in no order; those that are not there are left out.
    pub async fn blobs(&self, digests: &[String]) -> Result<Vec<BlobRow>, StoreError> {
        if digests.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect().list(digests.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT blobs.* FROM json_each($1) AS w CROSS JOIN blobs ON blobs.digest = w.value",
            "SELECT * FROM blobs WHERE digest = ANY ($1)",
            vec![list],
        );
        let rows = blob::Model::find_by_statement(statement).all(self.reader()).await?;
        Ok(rows.into_iter().map(BlobRow::from).collect())
    }
}
