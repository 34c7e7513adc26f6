use sea_orm::entity::prelude::*;

use crate::OutboxRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: String,
    pub kind: String,
    pub payload: String,
    pub due_us: i64,
    pub attempts: i64,
    pub claimed_until_us: Option<i64>,
    pub failed_code: Option<String>,
    pub created_at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for OutboxRow {
    fn from(model: Model) -> Self {
        OutboxRow {
            id: model.id,
            case_id: model.case_id,
            kind: model.kind,
            payload: model.payload,
            due_us: model.due_us,
            attempts: model.attempts,
            claimed_until_us: model.claimed_until_us,
            failed_code: model.failed_code,
            created_at_us: model.created_at_us,
        }
    }
}

impl Stored for OutboxRow {
    const TABLE: Table = Table {
        name: "outbox",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("case_id", Kind::Text),
            ("kind", Kind::Text),
            ("payload", Kind::Text),
            ("due_us", Kind::Int),
            ("attempts", Kind::Int),
            ("claimed_until_us", Kind::IntOrNull),
            ("failed_code", Kind::TextOrNull),
            ("created_at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.case_id),
            Cell::Text(&self.kind),
            Cell::Text(&self.payload),
            Cell::Int(self.due_us),
            Cell::Int(self.attempts),
            Cell::IntOrNull(self.claimed_until_us),
            Cell::TextOrNull(self.failed_code.as_deref()),
            Cell::Int(self.created_at_us),
        ]);
    }
}
