//! Say why a step took longer than promised (优化营商环境条例 §36). Possible after the case has ended, once.

use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, step: &str, officer: &str, reason: &str) -> Result<(), Rejection> {
    outlook.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    outlook.officer("officer", officer)?;
    let delay = outlook.run(step).and_then(|run| run.delay.as_ref());
    if delay.is_none_or(|delay| delay.reason.is_some()) {
        return Err(Rejection::NoReasonOwed { step: step.to_owned() });
    }
    let (step, officer, reason) = (step.to_owned(), officer.to_owned(), reason.to_owned());
    outlook.events.push(Event::DelayExplained { step, officer, reason });
    Ok(())
}
