use sea_orm::entity::prelude::*;

use crate::CreditEntryRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub on_date: String,
    pub entry: String,
    pub recorded_at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CreditEntryRow {
    fn from(model: Model) -> Self {
        CreditEntryRow {
            subject: model.subject,
            seq: model.seq,
            on: model.on_date,
            entry: model.entry,
            recorded_at_us: model.recorded_at_us,
        }
    }
}

impl Stored for CreditEntryRow {
    const TABLE: Table = Table {
        name: "credit_entries",
        key: 2,
        columns: &[
            ("subject", Kind::Text),
            ("seq", Kind::Int),
            ("on_date", Kind::Text),
            ("entry", Kind::Text),
            ("recorded_at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.subject),
            Cell::Int(self.seq),
            Cell::Text(&self.on),
            Cell::Text(&self.entry),
            Cell::Int(self.recorded_at_us),
        ]);
    }
}
