use sea_orm::entity::prelude::*;

use crate::bulk::{Cell, Kind, Stored, Table};
use crate::{Clock, StoreError, TimerRow};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    pub due_us: i64,
    pub clock: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for TimerRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(TimerRow {
            case_id: model.case_id,
            step: model.step,
            kind: model.kind,
            due_us: model.due_us,
            clock: Clock::read(&model.clock)?,
        })
    }
}

impl Stored for TimerRow {
    const TABLE: Table = Table {
        name: "timers",
        key: 3,
        columns: &[
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("kind", Kind::Text),
            ("due_us", Kind::Int),
            ("clock", Kind::Text),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.kind),
            Cell::Int(self.due_us),
            Cell::Text(self.clock.as_str()),
        ]);
    }
}
