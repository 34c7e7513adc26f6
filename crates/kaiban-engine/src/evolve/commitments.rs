//! Commitments: signed, declined.

use crate::case::{Case, CommitmentRun, Signed, StepState};

impl Case {
    pub(super) fn said(&mut self, step: &str, person: &str, signed: Option<Signed>, at_us: i64) {
        let (step, person) = (step.to_owned(), person.to_owned());
        self.commitments.push(CommitmentRun { step, person, at_us, signed, withdrawn_at_us: None });
    }

    /// The system had asked for the certificate: with the promise there is nothing to be handed in.
    pub(super) fn answered_by_promise(&mut self, step: &str, at_us: i64) {
        if self.open_correction(step).is_some() {
            self.answer_nothing(step, at_us);
            self.run(step).state = StepState::Pending;
            self.turn_step(step, at_us);
        }
    }
}
