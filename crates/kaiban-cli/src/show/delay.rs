//! Steps that ended later than promised.

use kaiban_api::v1;

use crate::lengths::{hours, instant};

/// What is said of a delay.
pub fn delay(delay: &v1::Delay) -> String {
    let given = match &delay.explained_at {
        None if delay.reminders > 0 => {
            format!("no reason given (未说明理由), {} sent", super::count(delay.reminders, "reminder"))
        }
        None => "no reason given (未说明理由)".to_owned(),
        Some(at) if delay.reason.is_empty() => format!("{} gave the reason {}", delay.officer, instant(Some(at))),
        Some(at) => format!("{} gave the reason {}: {}", delay.officer, instant(Some(at)), delay.reason),
    };
    format!("ended late {}: {given}", instant(delay.since.as_ref()))
}

/// A late step in one line.
pub fn late_row(late: &v1::LateStep) -> [String; 7] {
    let length = |length: &Option<prost_types::Duration>| length.as_ref().map(hours).unwrap_or_default();
    let given = late.explained_at.as_ref();
    [
        late.case_id.clone(),
        late.step.clone(),
        late.office.clone(),
        instant(late.since.as_ref()),
        length(&late.working),
        length(&late.budget),
        given.map_or_else(|| "not given".to_owned(), |at| instant(Some(at))),
    ]
}

/// What [`late_row`] has.
pub const LATE_HEADER: [&str; 7] = ["CASE", "STEP", "OFFICE", "SINCE", "TOOK", "PROMISED", "REASON"];
