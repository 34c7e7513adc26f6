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
    let max_s = outlook.cx.limits.deferral_max_s;
    let ahead_us = until_us.saturating_sub(outlook.cx.now_us);
    if ahead_us <= 0 || ahead_us > max_s.saturating_mul(1_000_000) {
        return Err(Rejection::TimeOutOfRange { max_s });
    }
    let event = Event::TaskDeferred { step: step.to_owned(), until_us, code: code.to_owned() };
    outlook.turn(step, StepState::Deferred, event);
    Ok(())
}
