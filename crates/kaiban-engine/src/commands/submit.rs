//! Hand in the form of a new case. The form has no errors; its registrar is a division of the directory.

use std::sync::Arc;

use kaiban_calendar::local_date;
use serde_json::Value;

use crate::case::{Parent, Phase};
use crate::command::Filed;
use crate::event::Event;
use crate::outlook::Outlook;
use crate::rejection::Rejection;

pub(super) fn decide<'a>(
    outlook: &mut Outlook<'a>,
    case: &'a str,
    form: &'a Filed,
    doubts: Option<&(String, u32)>,
    organisation: &str,
    outlet: Option<&str>,
    parent: Option<&Parent>,
) -> Result<(), Rejection> {
    let def = outlook.def;
    outlook.check_form(form)?;
    let registrar = form.content.pointer(&def.registrar).and_then(Value::as_str).ok_or(Rejection::UnknownDivision)?;
    let division = outlook.cx.directory.division(registrar).ok_or(Rejection::UnknownDivision)?;
    outlook.events.push(Event::Received {
        case: case.to_owned(),
        workflow: def.workflow.clone(),
        digest: def.digest.clone(),
        division: registrar.to_owned(),
        calendar: division.calendar.clone(),
        organisation: organisation.to_owned(),
        outlet: outlet.map(str::to_owned),
        form: form.digest.clone(),
        doubts: doubts.map(|(digest, _)| digest.clone()),
        doubt_count: doubts.map_or(0, |(_, count)| *count),
        parent: parent.cloned(),
    });
    outlook.id = case;
    outlook.division = registrar;
    outlook.doubts = doubts.map_or(0, |(_, count)| *count);
    outlook.form = Some(Arc::clone(&form.content));
    outlook.receive()?;
    outlook.progress()
}

impl Outlook<'_> {
    /// A form with errors changes nothing. Which rules are law follows from the day on which the case was handed in.
    pub fn check_form(&self, form: &Filed) -> Result<(), Rejection> {
        let received_us = if self.case.phase == Phase::New { self.cx.now_us } else { self.case.received_at_us };
        let findings = self.def.check_form(&form.content, local_date(received_us));
        if findings.iter().any(|finding| finding.is_error()) { Err(Rejection::FormInvalid(findings)) } else { Ok(()) }
    }
}
