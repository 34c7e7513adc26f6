//! Special procedures (行政许可法 §45): now and then a registration is held up while something is looked into.

use crate::crowd::{Crowd, MINUTE_US};

/// A registration that is held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecialProcedure {
    /// When it begins, µs; it may be too early or too late by then, and is then left out.
    pub at_us: i64,
    /// When it ends, µs; the applicant is told in writing.
    pub until_us: i64,
}

impl Crowd {
    /// The step that special procedures hold up.
    pub const HELD_UP: &'static str = "registration";

    /// Whether, and when, the registration of a case is held up. An officer does it, another approves.
    pub fn special_procedure(&self, case: u64) -> Option<SpecialProcedure> {
        let habits = self.habits();
        let mut lot = self.lot("special procedure", case, "", 0);
        if !lot.chance(habits.pause_rate) {
            return None;
        }
        let at_us =
            self.next_open_us(self.arrival_us(case) + lot.around(i64::from(habits.pause_delay_min) * MINUTE_US));
        let until_us = self.next_open_us(at_us + lot.around(i64::from(habits.pause_min) * MINUTE_US));
        Some(SpecialProcedure { at_us, until_us })
    }
}
