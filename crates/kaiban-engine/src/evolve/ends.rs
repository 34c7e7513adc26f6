//! The end of a case.

use super::codes::end_of;
use crate::case::{Case, Phase, StepState};
use crate::codes::StateCode;
use crate::event::Event;

impl Case {
    /// Whatever is still under way is taken back.
    pub(super) fn ended(&mut self, event: &Event, at_us: i64) {
        let Event::Closed { outcome, by, taken_back, released, .. } = event else { return };
        self.phase = Phase::Closed;
        self.outcome = Some(outcome.clone());
        self.closed_at_us = Some(at_us);
        for correction in self.corrections.iter_mut().filter(|run| run.is_open()) {
            correction.dropped_at_us = Some(at_us);
            correction.remind_at_us = None;
        }
        for run in self.steps.values_mut() {
            end_of(&mut run.codes, at_us);
        }
        let code = match outcome.as_str() {
            "not_accepted" => StateCode::NotAccepted,
            "withdrawn" | "cancelled" => StateCode::TakenBack,
            "revoked" => StateCode::Revoked,
            // Journals of before do not say which step closed the case.
            "refused" => StateCode::NotPassed,
            _ if by.is_some() => StateCode::NotPassed,
            _ => StateCode::Passed,
        };
        self.emit(code, at_us);
        for step in released {
            self.run(step).holds = None;
        }
        for (step, run) in self.steps.iter_mut().filter(|(_, run)| !run.state.is_terminal()) {
            run.state = StepState::Withdrawn;
            run.used = taken_back.get(step).cloned();
            run.at_rest();
            run.ended_at_us = Some(at_us);
            run.ledger.turn(at_us, None);
        }
    }
}
