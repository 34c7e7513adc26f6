//! Secrets that all servers of one database share, such as the key of the persons' digests.

use crate::{Store, StoreError};

impl Store {
    /// The secret of this name: `candidate`, unless somebody was first. All servers get the same.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] when the candidate cannot be kept as a text.
    pub async fn secret(&self, name: &str, candidate: &str) -> Result<String, StoreError> {
        if name.contains('\0') || candidate.contains('\0') {
            return Err(StoreError::Unstorable("secrets".into()));
        }
        let sql = "INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        self.execute(sql, vec![name.into(), candidate.into()]).await?;
        let value = self.first("SELECT value FROM secrets WHERE name = $1", vec![name.into()], "value").await?;
        value.ok_or_else(|| StoreError::Corrupt("secrets".into()))
    }
}
