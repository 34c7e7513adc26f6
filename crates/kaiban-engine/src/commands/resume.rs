//! End a pause: the step is offered again, and its clock goes on with what is left.

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, officer: &str) -> Result<(), Rejection> {
    outlook.open()?;
    outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    if outlook.state(step) != StepState::Paused {
        return Err(Rejection::NotPaused { step: step.to_owned() });
    }
    outlook.officer("officer", officer)?;
    let event = Event::StepResumed { step: step.to_owned(), officer: officer.to_owned() };
    outlook.turn(step, StepState::Pending, event);
    outlook.progress()
}
