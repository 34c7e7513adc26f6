use sea_orm::entity::prelude::*;

use crate::EntryRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub at_us: i64,
    pub bytes: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for EntryRow {
    fn from(model: Model) -> Self {
        EntryRow { case_id: model.case_id, seq: model.seq, at_us: model.at_us, bytes: model.bytes, hash: model.hash }
    }
}

impl Stored for EntryRow {
    const TABLE: Table = Table {
        name: "entries",
        key: 2,
        columns: &[
            ("case_id", Kind::Text),
            ("seq", Kind::Int),
            ("at_us", Kind::Int),
            ("bytes", Kind::Text),
            ("hash", Kind::Text),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.case_id),
            Cell::Int(self.seq),
            Cell::Int(self.at_us),
            Cell::Text(&self.bytes),
            Cell::Text(&self.hash),
        ]);
    }
}
