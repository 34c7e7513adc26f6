use sea_orm::entity::prelude::*;

use crate::PackageRow;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub workflow: String,
    pub version: String,
    pub effective_from: String,
    pub files: String,
    pub stored_at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for PackageRow {
    fn from(model: Model) -> Self {
        PackageRow {
            digest: model.digest,
            workflow: model.workflow,
            version: model.version,
            effective_from: model.effective_from,
            files: model.files,
            stored_at_us: model.stored_at_us,
        }
    }
}
