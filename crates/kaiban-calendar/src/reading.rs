//! The two readings of a period: what was promised, and what the law says.

use crate::arithmetic::{Due, Horizon};
use crate::budget::Budget;
use crate::calendar::Calendar;
use crate::error::CalendarError;

/// How a period is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// As a promise: all of it is working time that is used up, a working day being the nominal day of the season in
    /// which the period begins.
    Promise,
    /// As law: working days end at close of business of the last one, the first not counted (民法典 §201, §203; 行政许可法
    /// §82); no working days at all are the same day (当日), until its close of business; hours begin at once.
    Statutory,
}

impl Calendar {
    /// When a period that begins at `start_us` is over. Time on the wall asks no calendar and is never provisional.
    ///
    /// # Errors
    /// As of the arithmetic; [`CalendarError::NotWorking`] for time on the wall in the statutory reading.
    pub fn due(&self, start_us: i64, budget: Budget, reading: Reading, horizon: Horizon) -> Result<Due, CalendarError> {
        match (budget, reading) {
            (Budget::WorkingDays(0), Reading::Statutory) => self.same_day_due_us(start_us, horizon),
            (Budget::WorkingDays(days), Reading::Statutory) => self.statutory_due_us(start_us, days, horizon),
            (Budget::Wall { .. }, Reading::Statutory) => Err(CalendarError::NotWorking),
            (Budget::Wall { us }, Reading::Promise) => {
                Ok(Due { at_us: start_us.saturating_add(us), provisional: false })
            }
            (Budget::WorkingTime { .. } | Budget::WorkingDays(_), _) => {
                self.add_us(start_us, budget.promise_us(self, start_us), horizon)
            }
        }
    }
}
