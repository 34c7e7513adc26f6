//! The applicant takes the application back, as long as it has not been decided.

use kaiban_definition::Effect;

use crate::case::{Phase, StepState};
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, reason: Option<&String>) -> Result<(), Rejection> {
    if outlook.phase == Phase::Closed {
        return Err(Rejection::CaseClosed);
    }
    outlook.undecided()?;
    outlook.events.push(Event::Withdrawn { reason: reason.cloned() });
    outlook.close("withdrawn", None)
}

impl Outlook<'_> {
    /// A step that could have closed the case and was completed instead has granted what was applied for. What was granted
    /// and taken back ends as revoked, and not as if nobody wanted it any more.
    pub fn undecided(&self) -> Result<(), Rejection> {
        let decides = |step: &&String| {
            let outcomes = self.def.steps.get(*step).map(|def| def.outcomes.values());
            outcomes.is_some_and(|mut all| all.any(|outcome| matches!(outcome.effect, Effect::Closes(_))))
        };
        let granted = |step: &String| self.case.step_state(step) == StepState::Completed;
        let revoked = self.case.revocation.is_some();
        if revoked || self.def.order.iter().filter(decides).any(granted) {
            return Err(Rejection::AlreadyDecided);
        }
        Ok(())
    }
}
