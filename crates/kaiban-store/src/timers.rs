//! Timers: every deadline that the application wants to be told of, in one shape.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::timer;
use crate::{Store, StoreError};

/// Which time a timer is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
    /// The time of the cases, which may be simulated.
    Business,
    /// The time of the machines: leases, back-off. Never accelerated.
    Operating,
}

impl Clock {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Clock::Business => "business",
            Clock::Operating => "operating",
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, StoreError> {
        match text {
            "business" => Ok(Clock::Business),
            "operating" => Ok(Clock::Operating),
            _ => Err(StoreError::Corrupt("timers.clock".into())),
        }
    }
}

/// A deadline of a case. (case, step, kind) is its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerRow {
    /// The case.
    pub case_id: String,
    /// The step, or an empty text for the case itself.
    pub step: String,
    /// What falls due, as the application names it.
    pub kind: String,
    /// When, on `clock`.
    pub due_us: i64,
    /// Which time `due_us` is measured in.
    pub clock: Clock,
}

impl Store {
    /// Timers that fall due on this clock at `now_us` or earlier, the earliest first, at most `limit`.
    pub async fn timers_due(&self, clock: Clock, now_us: i64, limit: u64) -> Result<Vec<TimerRow>, StoreError> {
        let rows = timer::Entity::find()
            .filter(timer::Column::Clock.eq(clock.as_str()))
            .filter(timer::Column::DueUs.lte(now_us))
            .order_by_asc(timer::Column::DueUs)
            .order_by_asc(timer::Column::CaseId)
            .order_by_asc(timer::Column::Step)
            .order_by_asc(timer::Column::Kind)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(TimerRow::try_from).collect()
    }

    /// When the next timer of this clock falls due.
    pub async fn next_timer(&self, clock: Clock) -> Result<Option<i64>, StoreError> {
        let due_us = timer::Entity::find()
            .select_only()
            .column(timer::Column::DueUs)
            .filter(timer::Column::Clock.eq(clock.as_str()))
            .order_by_asc(timer::Column::DueUs)
            .limit(1)
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(due_us)
    }

    /// The timers of a case, by step and kind.
    pub async fn timers_of(&self, case_id: &str) -> Result<Vec<TimerRow>, StoreError> {
        let rows = timer::Entity::find()
            .filter(timer::Column::CaseId.eq(case_id))
            .order_by_asc(timer::Column::Step)
            .order_by_asc(timer::Column::Kind)
            .all(self.reader())
            .await?;
        rows.into_iter().map(TimerRow::try_from).collect()
    }
}
