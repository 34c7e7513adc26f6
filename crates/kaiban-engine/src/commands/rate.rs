//! The applicant rates the service (好差评), once, when the case has ended.

use crate::case::Phase;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, grade: u8, comment: Option<&String>) -> Result<(), Rejection> {
    if outlook.phase != Phase::Closed {
        return Err(Rejection::NotClosed);
    }
    if outlook.case.grade.is_some() {
        return Err(Rejection::AlreadyRated);
    }
    if !(1..=5).contains(&grade) {
        return Err(Rejection::GradeOutOfRange);
    }
    outlook.events.push(Event::Rated { grade, comment: comment.cloned() });
    Ok(())
}
