use sea_orm::entity::prelude::*;

use crate::FileGrantRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file_grants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub organisation: String,
    pub name: String,
    pub uploaded_at_us: i64,
    pub token: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for FileGrantRow {
    fn from(model: Model) -> Self {
        FileGrantRow {
            digest: model.digest,
            organisation: model.organisation,
            name: model.name,
            uploaded_at_us: model.uploaded_at_us,
            token: model.token,
        }
    }
}

impl Stored for FileGrantRow {
    const TABLE: Table = Table {
        name: "file_grants",
        key: 2,
        columns: &[
            ("digest", Kind::Text),
            ("organisation", Kind::Text),
            ("name", Kind::Text),
            ("uploaded_at_us", Kind::Int),
            ("token", Kind::Text),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.digest),
            Cell::Text(&self.organisation),
            Cell::Text(&self.name),
            Cell::Int(self.uploaded_at_us),
            Cell::Text(&self.token),
        ]);
    }
}
