//! The applicant was told of a letter. If it tells of a correction, the pause of its step begins now, not earlier.

use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide(outlook: &mut Outlook<'_>, number: &str, correction: Option<&String>) -> Result<(), Rejection> {
    let letter = outlook.case.letters.iter().find(|letter| letter.number == number);
    let letter = letter.ok_or_else(|| Rejection::NoSuchLetter { number: number.to_owned() })?;
    if letter.told_at_us.is_some() {
        return Err(Rejection::AlreadyTold { number: number.to_owned() });
    }
    let waits = outlook.case.corrections.iter().find(|asked| Some(&asked.id) == correction);
    // An applicant who answered before the letter came is not told any more.
    let correction = waits.filter(|asked| asked.is_open() && asked.told_at_us.is_none()).map(|asked| asked.id.clone());
    let remind_at_us = if correction.is_some() { outlook.first_reminder_us()? } else { None };
    outlook.events.push(Event::ApplicantTold { number: number.to_owned(), correction, remind_at_us });
    Ok(())
}
