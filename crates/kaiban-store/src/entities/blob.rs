use sea_orm::entity::prelude::*;

use crate::BlobRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub case_id: String,
    pub kind: String,
    pub salt: String,
    pub bytes: String,
    pub created_at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for BlobRow {
    fn from(model: Model) -> Self {
        BlobRow {
            digest: model.digest,
            case_id: model.case_id,
            kind: model.kind,
            salt: model.salt,
            bytes: model.bytes,
            created_at_us: model.created_at_us,
        }
    }
}

impl Stored for BlobRow {
    const TABLE: Table = Table {
        name: "blobs",
        key: 1,
        columns: &[
            ("digest", Kind::Text),
            ("case_id", Kind::Text),
            ("kind", Kind::Text),
            ("salt", Kind::Text),
            ("bytes", Kind::Text),
            ("created_at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.digest),
            Cell::Text(&self.case_id),
            Cell::Text(&self.kind),
            Cell::Text(&self.salt),
            Cell::Text(&self.bytes),
            Cell::Int(self.created_at_us),
        ]);
    }
}
