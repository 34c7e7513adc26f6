//! A letter was rendered: file it. A case may have ended by then; the letter is issued all the same.

use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// A rendered letter.
pub(super) struct Letter<'c> {
    pub name: &'c str,
    pub number: &'c str,
    pub step: Option<&'c String>,
    pub html: &'c str,
    pub text: &'c str,
}

pub(super) fn decide(outlook: &mut Outlook<'_>, letter: &Letter<'_>) -> Result<(), Rejection> {
    let Letter { name, number, step, html, text } = *letter;
    if !outlook.def.letters.contains_key(name) {
        return Err(Rejection::UnknownLetter(name.to_owned()));
    }
    if number.is_empty() || number.chars().count() > outlook.cx.limits.word_max {
        return Err(Rejection::TextInvalid { field: "number" });
    }
    if outlook.case.letters.iter().any(|issued| issued.number == number) {
        return Err(Rejection::AlreadyIssued { number: number.to_owned() });
    }
    outlook.events.push(Event::LetterIssued {
        letter: name.to_owned(),
        number: number.to_owned(),
        step: step.cloned(),
        html: html.to_owned(),
        text: text.to_owned(),
    });
    Ok(())
}
