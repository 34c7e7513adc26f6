//! Workflow packages, as released.

use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, QueryOrder, Set};

use crate::entities::package;
use crate::{Store, StoreError};

/// A released workflow package. It never changes: the digest is its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// Digest of the files.
    pub digest: String,
    /// The package's name.
    pub workflow: String,
    /// The package's version.
    pub version: String,
    /// From which day cases are pinned to it, `YYYY-MM-DD`.
    pub effective_from: String,
    /// The files, serialized by the application.
    pub files: String,
    /// When it was stored.
    pub stored_at_us: i64,
}

impl Store {
    /// Keeps a package. One with this digest is there already: nothing happens.
    pub async fn put_package(&self, row: &PackageRow) -> Result<(), StoreError> {
        let row = row.clone();
        let model = package::ActiveModel {
            digest: Set(row.digest),
            workflow: Set(row.workflow),
            version: Set(row.version),
            effective_from: Set(row.effective_from),
            files: Set(row.files),
            stored_at_us: Set(row.stored_at_us),
        };
        package::Entity::insert(model)
            .on_conflict(OnConflict::column(package::Column::Digest).do_nothing().to_owned())
            .exec_without_returning(self.writer())
            .await?;
        Ok(())
    }

    /// All packages, by name, day from which they count, and digest.
    pub async fn packages(&self) -> Result<Vec<PackageRow>, StoreError> {
        let rows = package::Entity::find()
            .order_by_asc(package::Column::Workflow)
            .order_by_asc(package::Column::EffectiveFrom)
            .order_by_asc(package::Column::Digest)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(PackageRow::from).collect())
    }
}
