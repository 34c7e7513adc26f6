//! Timers: every deadline that the application wants to be told of, in one shape.

use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

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

/// A timer that fell due and could not be dealt with, of however many servers tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckTimer {
    /// The timer.
    pub row: TimerRow,
    /// Why, as the application names it.
    pub code: String,
    /// Whether that may pass by itself.
    pub passing: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when, operating time.
    pub since_us: i64,
    /// When it is tried again, operating time.
    pub again_us: i64,
}

impl Store {
    /// Timers that could not be dealt with and stand as they did then, of one case or of all; there are few.
    pub async fn stuck_timers(&self, case_id: Option<&str>) -> Result<Vec<StuckTimer>, StoreError> {
        let sql = "SELECT * FROM timers WHERE stuck_code IS NOT NULL AND stuck_due_us = due_us
            AND case_id = COALESCE($1, case_id) ORDER BY case_id, step, kind";
        let values = vec![case_id.map(str::to_owned).into()];
        let rows = timer::Stuck::find_by_statement(self.dialect().same(sql, values)).all(self.reader()).await?;
        rows.into_iter().map(StuckTimer::try_from).collect()
    }

    /// Notes that a timer could not be dealt with. `false` when it does not stand like this any more.
    pub async fn put_stuck_timer(&self, stuck: &StuckTimer) -> Result<bool, StoreError> {
        let row = &stuck.row;
        let sql = "UPDATE timers SET stuck_code = $5, stuck_passing = $6, stuck_attempts = $7, stuck_since_us = $8,
            stuck_again_us = $9, stuck_due_us = due_us WHERE case_id = $1 AND step = $2 AND kind = $3 AND due_us = $4";
        let key = vec![row.case_id.as_str().into(), row.step.as_str().into(), row.kind.as_str().into()];
        let found = vec![
            row.due_us.into(),
            stuck.code.as_str().into(),
            i64::from(stuck.passing).into(),
            i64::from(stuck.attempts).into(),
            stuck.since_us.into(),
            stuck.again_us.into(),
        ];
        self.change(sql, [key, found].concat()).await
    }

    /// Timers that fall due on this clock at `now_us` or earlier, the earliest first, at most `limit`; with `after`,
    /// only those behind it in this order, so that rows that cannot be dealt with hide none that can.
    pub async fn timers_due(
        &self,
        clock: Clock,
        now_us: i64,
        after: Option<&TimerRow>,
        limit: u32,
    ) -> Result<Vec<TimerRow>, StoreError> {
        const PLACE: &str = "due_us, case_id, step, kind";
        let (due_us, case_id, step, kind) = after.map_or((i64::MIN, "", "", ""), |after| {
            (after.due_us, after.case_id.as_str(), after.step.as_str(), after.kind.as_str())
        });
        let sql = format!(
            "SELECT * FROM timers WHERE clock = $1 AND due_us <= $2 AND ({PLACE}) > ($3, $4, $5, $6)
            ORDER BY {PLACE} LIMIT $7"
        );
        let place = vec![due_us.into(), case_id.into(), step.into(), kind.into()];
        let values = [vec![clock.as_str().into(), now_us.into()], place, vec![i64::from(limit).into()]].concat();
        let rows = timer::Model::find_by_statement(self.dialect().same(&sql, values)).all(self.reader()).await?;
        rows.into_iter().map(TimerRow::try_from).collect()
    }

    /// When the next timer of this clock falls due, of those that are due after `after_us`.
    pub async fn next_timer(&self, clock: Clock, after_us: i64) -> Result<Option<i64>, StoreError> {
        let due_us = timer::Entity::find()
            .select_only()
            .column(timer::Column::DueUs)
            .filter(timer::Column::Clock.eq(clock.as_str()))
            .filter(timer::Column::DueUs.gt(after_us))
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
