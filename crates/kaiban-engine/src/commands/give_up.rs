//! An officer gives up a case whose applicant was told of a correction long ago and has not answered. No timer does.

use crate::case::Phase;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::progress::statutory_us;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, officer: &str, reason: &str) -> Result<(), Rejection> {
    match outlook.phase {
        Phase::Closed => return Err(Rejection::CaseClosed),
        // The intake may have asked for a correction too.
        Phase::New | Phase::Intake | Phase::Open => outlook.undecided()?,
    }
    outlook.officer("officer", officer)?;
    let after = outlook.def.corrections.lapse_after.ok_or(Rejection::NotLapsed)?;
    let calendar = outlook.calendar()?;
    let told = outlook.case.corrections.iter().filter(|correction| correction.is_open());
    let mut lapsed = None;
    for (correction, told_at_us) in told.filter_map(|correction| Some((correction, correction.told_at_us?))) {
        if statutory_us(after, calendar, told_at_us)? <= outlook.cx.now_us {
            lapsed = Some(correction.id.clone());
            break;
        }
    }
    let correction = lapsed.ok_or(Rejection::NotLapsed)?;
    let (officer, reason) = (officer.to_owned(), reason.to_owned());
    outlook.events.push(Event::GivenUp { correction, officer, reason });
    outlook.close("withdrawn", None)
}
