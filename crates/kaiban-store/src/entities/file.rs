use sea_orm::entity::prelude::*;

use crate::FileRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    pub size: i64,
    pub media_type: String,
    pub created_at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for FileRow {
    fn from(model: Model) -> Self {
        FileRow {
            digest: model.digest,
            size: model.size,
            media_type: model.media_type,
            created_at_us: model.created_at_us,
        }
    }
}

impl Stored for FileRow {
    const TABLE: Table = Table {
        name: "files",
        key: 1,
        columns: &[
            ("digest", Kind::Text),
            ("size", Kind::Int),
            ("media_type", Kind::Text),
            ("created_at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.digest),
            Cell::Int(self.size),
            Cell::Text(&self.media_type),
            Cell::Int(self.created_at_us),
        ]);
    }
}
