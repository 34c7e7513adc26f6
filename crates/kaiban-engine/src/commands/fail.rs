//! Report that an attempt failed for technical reasons. Retries back off on operating time; used-up retries become an
//! incident, never an outcome.

use crate::case::StepState;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, branch: &str, epoch: i64, code: &str) -> Result<(), Rejection> {
    let (def, run) = outlook.held(branch, epoch)?;
    outlook.word(code)?;
    let attempts = run.attempts + 1;
    let step = branch.to_owned();
    if attempts > def.retries_max {
        let event = Event::IncidentOpened { step, code: "RETRIES_EXHAUSTED".into(), counted: def.counts, epoch };
        outlook.turn(branch, StepState::Incident, event);
        return Ok(());
    }
    let limits = outlook.cx.limits;
    let doubled = limits.backoff_first.saturating_mul(1_u32 << (attempts - 1).min(30));
    let pause_us = i64::try_from(doubled.min(limits.backoff_max).as_micros()).unwrap_or(i64::MAX);
    let again_at_us = outlook.cx.operating_us.saturating_add(pause_us);
    let event = Event::AttemptFailed { step, code: code.to_owned(), attempts, again_at_us };
    outlook.turn(branch, StepState::Retrying, event);
    Ok(())
}
