//! An officer ends a case that cannot go on, and says why.

use crate::case::Phase;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, officer: &str, reason: Option<&String>) -> Result<(), Rejection> {
    if outlook.phase == Phase::Closed {
        return Err(Rejection::CaseClosed);
    }
    outlook.officer("officer", officer)?;
    let reason = reason.ok_or(Rejection::ReasonRequired)?;
    outlook.events.push(Event::Cancelled { officer: officer.to_owned(), reason: Some(reason.clone()) });
    outlook.close("cancelled", None)
}
