//! End a step's task with an outcome that the package declares. A person decides: every outcome names the officer, an
//! adverse one a reason and a second officer who approves. No rule and no timer comes this way.

use kaiban_definition::{Effect, INTAKE, Outcome, Step};
use kaiban_findings::{Finding, Place};

use super::correct::Decided;
use crate::case::StepState;
use crate::command::{Command, Filed};
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide<'a>(outlook: &mut Outlook<'a>, command: &'a Command) -> Result<(), Rejection> {
    let Command::Complete { step, epoch, outcome, result, findings, officer, approver, reason } = command else {
        return Err(Rejection::WrongPhase);
    };
    let (def, run) = outlook.held(step, *epoch)?;
    let declared = def.outcomes.get(outcome).ok_or_else(|| Rejection::UnknownOutcome {
        step: step.clone(),
        known: def.outcomes.keys().cloned().collect(),
    })?;
    let by = officer.as_deref().ok_or(Rejection::OfficerRequired)?;
    outlook.officer("officer", by)?;
    outlook.approver(officer.as_deref(), approver.as_deref(), declared.adverse || def.by_two)?;
    outlook.may_end(def, by)?;
    // Who only approves has not done it.
    if let Some(second) = approver.as_deref().filter(|_| def.by_two) {
        outlook.may_end(def, second)?;
    }
    if declared.adverse {
        reason.as_ref().ok_or(Rejection::ReasonRequired)?;
    }
    if matches!(declared.effect, Effect::Completes | Effect::EndsBranch | Effect::Closes(_)) {
        not_under_correction(outlook, def, step)?;
    }
    check_result(def, declared, result.as_ref())?;
    let corrects = matches!(declared.effect, Effect::Corrects { .. });
    if !corrects && findings.as_ref().is_some_and(|(_, findings)| !findings.is_empty()) {
        return Err(Rejection::FindingsNotExpected);
    }
    let (branch, epoch, outcome, reason) = (step.clone(), *epoch, outcome.clone(), reason.clone());
    let (officer, approver) = (officer.clone(), approver.clone());
    match &declared.effect {
        Effect::Corrects { .. } => {
            let by = Decided { branch, outcome, epoch, officer, approver, reason };
            super::correct::decide(outlook, def, findings.as_ref(), by)
        }
        Effect::Completes => {
            let (used, digest) = (Some(outlook.used(run)?), result.as_ref().map(|result| result.digest.clone()));
            let event = Event::StepCompleted {
                step: branch,
                outcome,
                result: digest,
                reason,
                epoch,
                officer,
                rule: None,
                used,
            };
            outlook.end(step, StepState::Completed, event)?;
            outlook.result = result.as_ref().map(|result| (step.as_str(), result));
            if def.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Closes(_))) && def.name != INTAKE {
                outlook.keep_for_good()?;
            }
            if def.name == INTAKE {
                outlook.accept(outlook.cx.now_us)?;
            }
            outlook.progress()
        }
        Effect::Reopens(reopening) => {
            outlook.may_loop(step, &outcome, reopening)?;
            outlook.events.push(Event::LoopTaken { step: branch, outcome, reason, epoch, officer, approver });
            outlook.take_back(&reopening.steps, step, epoch)?;
            outlook.settled(|next| next.progress())
        }
        effect @ (Effect::EndsBranch | Effect::Closes(_)) => {
            let used = Some(outlook.used(run)?);
            let event = Event::StepEnded { step: branch, outcome, reason, epoch, officer, approver, used };
            outlook.end(step, StepState::Ended, event)?;
            match effect {
                Effect::Closes(outcome) => outlook.close(outcome, Some(step)),
                _ => outlook.progress(),
            }
        }
    }
}

/// The outcome would rest on what the applicant has been asked to change.
fn not_under_correction(outlook: &Outlook<'_>, def: &Step, branch: &str) -> Result<(), Rejection> {
    let places = outlook.under_correction(def, branch);
    if places.is_empty() {
        return Ok(());
    }
    let finding = |(at, correction): (&str, &str)| {
        Finding::error(
            "PLACE_UNDER_CORRECTION",
            Place::Pointer(at.to_owned()),
            format!("该处正在补正（{correction}），申请人尚未答复。"),
            format!("Correction {correction} asks for this place and has not been answered."),
        )
    };
    Err(Rejection::PlaceUnderCorrection(places.into_iter().map(finding).collect()))
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
