//! What needs a person.

use kaiban_api::v1;

use super::{both, lines, or_dash};
use crate::lengths::instant;

/// An incident with what to do about it.
pub fn incident(incident: &v1::Incident) -> String {
    let mut facts =
        vec![("incident", incident.id.clone()), ("kind", kind(incident)), ("case", incident.case_id.clone())];
    if !incident.step.is_empty() {
        facts.push(("step", incident.step.clone()));
    }
    let message = incident.message.clone().unwrap_or_default();
    facts.extend([
        ("code", incident.code.clone()),
        ("since", instant(incident.since.as_ref())),
        ("meaning", message.zh),
        ("", message.en),
    ]);
    lines(&facts)
}

/// An incident in one line.
pub fn incident_row(incident: &v1::Incident) -> [String; 5] {
    [
        incident.id.clone(),
        kind(incident),
        or_dash(&incident.code),
        instant(incident.since.as_ref()),
        both(incident.message.as_ref()),
    ]
}

/// What [`incident_row`] has.
pub const INCIDENT_HEADER: [&str; 5] = ["INCIDENT", "KIND", "CODE", "SINCE", "MEANING"];

fn kind(incident: &v1::Incident) -> String {
    incident.kind().as_str_name().trim_start_matches("INCIDENT_KIND_").to_lowercase()
}
