//! Put a task off until a time. Holder and epoch stay, and so does the promise clock: a deferral is the office's time.

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(
    outlook: &mut Outlook<'_>,
    step: &str,
    epoch: i64,
    until_us: i64,
    code: &str,
) -> Result<(), Rejection> {
    outlook.held(step, epoch)?;
    outlook.word(code)?;
    let max = outlook.cx.limits.deferral_max;
    let ahead_us = until_us.saturating_sub(outlook.cx.now_us);
    if ahead_us <= 0 || u128::from(ahead_us.unsigned_abs()) > max.as_micros() {
        return Err(Rejection::TimeOutOfRange { max });
    }
    let event = Event::TaskDeferred { step: step.to_owned(), until_us, code: code.to_owned() };
    outlook.turn(step, StepState::Deferred, event);
    Ok(())
}
