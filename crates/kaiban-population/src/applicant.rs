//! What applicants do after they have handed their form in: answer corrections, and now and then give up.

use std::sync::Arc;

use serde_json::Value;

use crate::crowd::{Crowd, MINUTE_US};
use crate::slips;

/// An answer to a correction.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// When it is handed in, µs; a whole minute within the outlet's hours.
    pub at_us: i64,
    /// The whole new form: it differs from the old one in the opened places, and nowhere else.
    pub form: Value,
}

/// The applicants of a crowd.
#[derive(Clone, Debug)]
pub struct Applicants {
    crowd: Arc<Crowd>,
}

impl Applicants {
    /// The applicants of this crowd.
    pub fn new(crowd: Arc<Crowd>) -> Self {
        Self { crowd }
    }

    /// When the applicant of a case hands in the answer to a correction of which it was told at `told_at_us`;
    /// `correction` is its id (`<step>.<n>`).
    pub fn answer_us(&self, case: u64, correction: &str, told_at_us: i64) -> i64 {
        let mut lot = self.crowd.lot("answer delay", case, correction, 0);
        let delay_us = lot.around(i64::from(self.crowd.habits().answer_delay_min) * MINUTE_US);
        self.crowd.next_open_us(told_at_us + delay_us)
    }

    /// What the applicant hands in then: `pointers` are the places that the correction opened, `form` is the form as it
    /// stands *when the answer is handed in*. Another branch's correction may have changed it since the applicant was
    /// told, and what differs from it anywhere else is refused.
    pub fn answer(&self, case: u64, correction: &str, pointers: &[String], form: &Value, told_at_us: i64) -> Answer {
        let mut form = form.clone();
        slips::mend(&mut form, pointers, &mut self.crowd.lot("answer", case, correction, 0));
        Answer { at_us: self.answer_us(case, correction, told_at_us), form }
    }

    /// When the applicant of a case takes the application back; most never do. It may be too late by then.
    pub fn withdrawal_us(&self, case: u64) -> Option<i64> {
        let habits = self.crowd.habits();
        let mut lot = self.crowd.lot("withdrawal", case, "", 0);
        if !lot.chance(habits.withdrawal_rate) {
            return None;
        }
        let delay_us = lot.around(i64::from(habits.withdrawal_delay_min) * MINUTE_US);
        Some(self.crowd.next_open_us(self.crowd.arrival_us(case) + delay_us))
    }
}
