use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

use crate::bulk::{Cell, Kind, Stored, Table};
use crate::{Clock, StoreError, StuckTimer, TimerRow};

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

/// A row that was tried in vain.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Stuck {
    pub case_id: String,
    pub step: String,
    pub kind: String,
    pub due_us: i64,
    pub clock: String,
    pub stuck_code: String,
    pub stuck_passing: i64,
    pub stuck_attempts: i64,
    pub stuck_since_us: i64,
    pub stuck_again_us: i64,
}

impl TryFrom<Stuck> for StuckTimer {
    type Error = StoreError;

    fn try_from(stuck: Stuck) -> Result<Self, StoreError> {
        let Stuck { case_id, step, kind, due_us, clock, .. } = stuck;
        Ok(StuckTimer {
            row: TimerRow { case_id, step, kind, due_us, clock: Clock::read(&clock)? },
            code: stuck.stuck_code,
            passing: stuck.stuck_passing != 0,
            attempts: u32::try_from(stuck.stuck_attempts).unwrap_or(u32::MAX),
            since_us: stuck.stuck_since_us,
            again_us: stuck.stuck_again_us,
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
