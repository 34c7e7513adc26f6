//! A person has dealt with an incident: the step is tried afresh, guards included.

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str) -> Result<(), Rejection> {
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    if outlook.state(step) != StepState::Incident {
        return Err(Rejection::NotInIncident { step: step.to_owned() });
    }
    outlook.turn(&def.name, StepState::Pending, Event::IncidentResolved { step: step.to_owned() });
    if step == kaiban_definition::INTAKE {
        let deadline_us = outlook.run(step).and_then(|run| run.deadline_us);
        return outlook.offer(def, deadline_us);
    }
    outlook.progress()
}
