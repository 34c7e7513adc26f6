//! Incidents.

use kaiban_api::{timestamp, v1};
use kaiban_app::{IncidentKind, IncidentView, Refusal};

use super::fields::Fields;
use super::finding;
use crate::limits::Limits;

/// Which incidents, how many, and where to go on.
type Wanted = ((String, Option<IncidentKind>), u32, String);

pub(crate) fn list(request: v1::ListIncidentsRequest, limits: &Limits) -> Result<Wanted, Refusal> {
    let kind = match request.kind() {
        v1::IncidentKind::Unspecified => None,
        v1::IncidentKind::Step => Some(IncidentKind::Step),
        v1::IncidentKind::Promise => Some(IncidentKind::Promise),
        v1::IncidentKind::Effect => Some(IncidentKind::Effect),
        v1::IncidentKind::Deadline => Some(IncidentKind::Deadline),
        v1::IncidentKind::Overdue => Some(IncidentKind::Overdue),
        v1::IncidentKind::DeadlineNear => Some(IncidentKind::DeadlineNear),
        v1::IncidentKind::PromiseBroken => Some(IncidentKind::PromiseBroken),
    };
    let mut fields = Fields::new(limits);
    let case = if request.case_id.is_empty() { request.case_id } else { fields.id("/case_id", request.case_id) };
    let page_size = fields.number("/page_size", request.page_size, 50, 1..=limits.page_max);
    let page_token = fields.page_token(request.page_token);
    fields.finish(((case, kind), page_size, page_token))
}

/// What an officer says of an incident.
pub(crate) struct Resolved {
    pub request_id: String,
    pub incident: String,
    pub officer: String,
    pub by_hand: bool,
}

pub(crate) fn resolve(request: v1::ResolveIncidentRequest, limits: &Limits) -> Result<Resolved, Refusal> {
    let mut fields = Fields::new(limits);
    let request_id = fields.request_id(request.request_id);
    let incident = fields.id("/incident", request.incident);
    let officer = fields.line("/officer", request.officer, limits.word_max);
    fields.finish(Resolved { request_id, incident, officer, by_hand: request.by_hand })
}

pub(crate) fn present(incident: IncidentView) -> v1::Incident {
    let kind = match incident.kind {
        IncidentKind::Step => v1::IncidentKind::Step,
        IncidentKind::Promise => v1::IncidentKind::Promise,
        IncidentKind::Effect => v1::IncidentKind::Effect,
        IncidentKind::Deadline => v1::IncidentKind::Deadline,
        IncidentKind::Overdue => v1::IncidentKind::Overdue,
        IncidentKind::DeadlineNear => v1::IncidentKind::DeadlineNear,
        IncidentKind::PromiseBroken => v1::IncidentKind::PromiseBroken,
    };
    v1::Incident {
        id: incident.id,
        kind: kind.into(),
        case_id: incident.case,
        step: incident.step,
        code: incident.code,
        message: Some(finding::text(incident.message)),
        since: Some(timestamp(incident.since_us)),
    }
}
