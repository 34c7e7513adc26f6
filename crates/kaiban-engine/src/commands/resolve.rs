//! A person has dealt with an incident: the step is tried afresh, guards included. Without a step: the promise that could
//! not be decided was looked at.

use kaiban_definition::INTAKE;

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, officer: &str) -> Result<(), Rejection> {
    outlook.officer("officer", officer)?;
    if step.is_empty() {
        if !outlook.case.promise_undecided {
            return Err(Rejection::NotInIncident { step: String::new() });
        }
        outlook.events.push(Event::PromiseLookedAt { officer: officer.to_owned() });
        return Ok(());
    }
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    if outlook.state(step) != StepState::Incident {
        return Err(Rejection::NotInIncident { step: step.to_owned() });
    }
    outlook.turn(step, StepState::Pending, Event::IncidentResolved { step: step.to_owned() });
    if step == INTAKE {
        let deadline_us = outlook.run(step).and_then(|run| run.deadline_us);
        return outlook.offer_to_office(def, step, deadline_us);
    }
    outlook.progress()
}
