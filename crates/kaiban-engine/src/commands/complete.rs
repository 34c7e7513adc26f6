//! End a step's task with an outcome that the package declares. An adverse one needs an officer and a reason: no rule
//! and no timer comes this way.

use std::sync::Arc;

use kaiban_definition::{Effect, INTAKE, Outcome, Step};

use super::correct::Decided;
use crate::case::StepState;
use crate::command::{Command, Filed};
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide<'a>(outlook: &mut Outlook<'a>, command: &'a Command) -> Result<(), Rejection> {
    let Command::Complete { step, epoch, outcome, result, findings, officer, reason } = command else {
        return Err(Rejection::WrongPhase);
    };
    let (def, run) = outlook.held(step, *epoch)?;
    let declared = def.outcomes.get(outcome).ok_or_else(|| Rejection::UnknownOutcome {
        step: step.clone(),
        known: def.outcomes.keys().cloned().collect(),
    })?;
    if let Some(officer) = officer {
        outlook.officer(officer)?;
    }
    if declared.adverse {
        officer.as_ref().ok_or(Rejection::OfficerRequired)?;
        reason.as_ref().ok_or(Rejection::ReasonRequired)?;
    }
    check_result(def, declared, result.as_ref())?;
    let (step, epoch, outcome, officer) = (step.clone(), *epoch, outcome.clone(), officer.clone());
    match &declared.effect {
        Effect::Corrects => {
            let by = Decided { epoch, officer, reason: reason.clone() };
            return super::correct::decide(outlook, def, findings.as_ref(), by);
        }
        Effect::Completes => {
            let (used, digest) = (Some(outlook.used(run)?), result.as_ref().map(|result| result.digest.clone()));
            let reason = reason.clone();
            let event = Event::StepCompleted { step, outcome, result: digest, reason, epoch, officer, used };
            outlook.turn(&def.name, StepState::Completed, event);
            outlook.result = result.as_ref().map(|result| (def.name.as_str(), Arc::clone(&result.content)));
            if def.name == INTAKE {
                outlook.accept(outlook.cx.now_us)?;
            }
        }
        Effect::EndsBranch | Effect::Closes(_) => {
            let used = Some(outlook.used(run)?);
            let event = Event::StepEnded { step, outcome, reason: reason.clone(), epoch, officer, used };
            outlook.turn(&def.name, StepState::Ended, event);
        }
    }
    match &declared.effect {
        Effect::Closes(outcome) => outlook.close(outcome),
        _ => outlook.progress(),
    }
}

fn check_result(def: &Step, outcome: &Outcome, result: Option<&Filed>) -> Result<(), Rejection> {
    let expected = if outcome.effect == Effect::Completes { def.result.as_ref() } else { None };
    match (expected, result) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(Rejection::ResultMismatch { required: true }),
        (None, Some(_)) => Err(Rejection::ResultMismatch { required: false }),
        (Some(schema), Some(result)) => {
            let findings = schema.check(&result.content);
            if findings.iter().any(|finding| finding.is_error()) {
                Err(Rejection::ResultInvalid(findings))
            } else {
                Ok(())
            }
        }
    }
}
