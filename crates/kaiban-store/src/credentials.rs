//! Applicants' one-time credentials, by the hash of the credential.

use sea_orm::EntityTrait;

use crate::bulk::{Scripts, Verb};
use crate::entities::credential;
use crate::{Store, StoreError};

/// What an applicant may act with, once. The credential itself is not stored.
#[derive(Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// The hash that the credential is found by.
    pub hash: String,
    /// The case that it is for.
    pub case_id: String,
    /// Whose it is: a keyed digest of the person's number.
    pub person: String,
    /// Since when it is valid.
    pub issued_at_us: i64,
    /// Operating time at which it ends by itself.
    pub expires_at_us: i64,
    /// When it was used.
    pub used_at_us: Option<i64>,
}

/// Leaves out the hash.
impl std::fmt::Debug for CredentialRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialRow")
            .field("case_id", &self.case_id)
            .field("person", &self.person)
            .field("issued_at_us", &self.issued_at_us)
            .field("expires_at_us", &self.expires_at_us)
            .field("used_at_us", &self.used_at_us)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Adds a credential.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its hash is there already.
    pub async fn put_credential(&self, row: &CredentialRow) -> Result<(), StoreError> {
        let mut scripts = Scripts::default();
        scripts.rows(Verb::Insert, std::slice::from_ref(row))?;
        self.write(scripts).await
    }

    /// The credential with this hash, used and expired ones included.
    pub async fn credential_by_hash(&self, hash: &str) -> Result<Option<CredentialRow>, StoreError> {
        let row = credential::Entity::find_by_id(hash).one(self.reader()).await?;
        Ok(row.map(CredentialRow::from))
    }
}

/// Uses a credential up: once, and only before it expires.
pub(crate) const USED: &str =
    "UPDATE credentials SET used_at_us = $2 WHERE hash = $1 AND used_at_us IS NULL AND expires_at_us > $2";
