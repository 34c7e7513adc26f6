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
    // A step that could have closed the case and was completed instead has granted what was applied for.
    let decides = |step: &&String| {
        let outcomes = outlook.def.steps.get(*step).map(|def| def.outcomes.values());
        outcomes.is_some_and(|mut all| all.any(|outcome| matches!(outcome.effect, Effect::Closes(_))))
    };
    let granted = |step: &String| outlook.case.step_state(step) == StepState::Completed;
    if outlook.def.order.iter().filter(decides).any(granted) {
        return Err(Rejection::AlreadyDecided);
    }
    outlook.events.push(Event::Withdrawn { reason: reason.cloned() });
    outlook.close("withdrawn")
}
