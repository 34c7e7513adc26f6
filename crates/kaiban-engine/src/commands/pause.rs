//! Hold a step up for a reason of the pause table. Its task ends; what is left of its time is kept.

use kaiban_definition::INTAKE;

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::pause::PauseReason;
use crate::rejection::Rejection;

/// What a pause says of itself.
pub(super) struct Pause<'c> {
    pub reason: PauseReason,
    pub until_us: Option<i64>,
    pub note: Option<&'c String>,
    pub officer: &'c str,
    pub approver: Option<&'c str>,
}

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, pause: &Pause<'_>) -> Result<(), Rejection> {
    let def = outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    // The silence of the intake counts as acceptance, whatever the office says to it (行政许可法 §32).
    if def.name != INTAKE {
        outlook.open()?;
    }
    let state = outlook.state(step);
    if def.name == INTAKE || !state.has_task() {
        return Err(Rejection::NotPausable { step: step.to_owned(), state: state.name() });
    }
    let Pause { reason, until_us, note, officer, approver } = *pause;
    let rule = reason.rule();
    outlook.officer("officer", officer)?;
    outlook.approver(Some(officer), approver, rule.approval)?;
    if rule.until && until_us.is_none() {
        return Err(Rejection::UntilRequired);
    }
    let max = outlook.cx.limits.pause_max;
    let ahead_us = until_us.map(|until_us| until_us.saturating_sub(outlook.cx.now_us));
    if ahead_us.is_some_and(|ahead_us| ahead_us <= 0 || u128::from(ahead_us.unsigned_abs()) > max.as_micros()) {
        return Err(Rejection::TimeOutOfRange { max });
    }
    let event = Event::StepPaused {
        step: step.to_owned(),
        reason,
        until_us,
        note: note.cloned(),
        epoch: outlook.epoch(step),
        officer: officer.to_owned(),
        approver: approver.map(str::to_owned),
    };
    outlook.turn(step, StepState::Paused, event);
    Ok(())
}
