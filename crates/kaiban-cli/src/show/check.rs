//! What a form will lead to.

use kaiban_api::v1;

use super::{CASE_HEADER, both, case_row, certificate, findings};
use crate::output::table;

/// What was found in a form, what will be asked for, and which steps will run.
pub fn check(checked: &v1::CheckFormResponse) -> String {
    let mut text = match (checked.acceptable, checked.findings.is_empty()) {
        (true, true) => "acceptable".to_owned(),
        (true, false) => "acceptable; the doubts travel with the case".to_owned(),
        (false, _) => "not acceptable".to_owned(),
    };
    text.push_str(&findings(&checked.findings));
    if !checked.documents.is_empty() {
        text.push_str("\n\ndocuments that are asked for:");
        checked.documents.iter().for_each(|asked| text.push_str(&document(asked)));
    }
    if !checked.certificates.is_empty() {
        text.push_str("\n\ncertificates:");
        checked.certificates.iter().for_each(|asked| text.push_str(&certificate::asked(asked)));
    }
    if !checked.steps.is_empty() {
        text.push_str("\n\nsteps:");
        checked.steps.iter().for_each(|preview| text.push_str(&step(preview)));
    }
    if !checked.same_subject.is_empty() {
        text.push_str("\n\nopen cases for the same name at the same registrar:\n");
        text.push_str(&table(CASE_HEADER, checked.same_subject.iter().map(case_row)));
    }
    text
}

fn document(asked: &v1::AskedDocument) -> String {
    let given = if asked.given { "given  " } else { "missing" };
    let law = if asked.law.is_empty() { String::new() } else { format!("  ({})", asked.law) };
    format!("\n  {given}  {}  {}{law}\n      {}", asked.pointer, both(asked.title.as_ref()), both(asked.why.as_ref()))
}

fn step(preview: &v1::StepPreview) -> String {
    let needed = match preview.needed() {
        v1::Needed::Unspecified => "?    ",
        v1::Needed::Yes => "yes  ",
        v1::Needed::No => "no   ",
        v1::Needed::Later => "later",
    };
    let party = if preview.party.is_empty() { "system" } else { &preview.party };
    let title = both(preview.title.as_ref());
    format!("\n  {needed}  {}  {title}  ({party})\n         {}", preview.step, both(preview.why.as_ref()))
}
