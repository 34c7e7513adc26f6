//! The applicant takes back one step that the package lets him leave out, before it is done. The case goes on.

use crate::event::Because;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, reason: Option<&String>) -> Result<(), Rejection> {
    outlook.open()?;
    let def = outlook.def.steps.get(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    if def.requested.is_none() {
        return Err(Rejection::NotOptional { step: step.to_owned() });
    }
    let state = outlook.state(step);
    if state.is_terminal() {
        return Err(Rejection::StepOver { step: step.to_owned(), state: state.name() });
    }
    let epoch = outlook.cx.lease.map_or(0, |lease| lease.epoch);
    outlook.withdraw_step(step, Because::Applicant, reason, epoch)?;
    outlook.progress()
}
