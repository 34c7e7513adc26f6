//! Steps that ended later than promised, and the reasons that offices owe.

use kaiban_api::{duration, timestamp, v1};
use kaiban_app::{DelayEntry, Delays, ExplainDelay, ListDelays, Refusal};

use super::fields::Fields;
use super::task::address;
use crate::limits::Limits;

pub(crate) fn explain(request: v1::ExplainDelayRequest, limits: &Limits) -> Result<ExplainDelay, Refusal> {
    let mut fields = Fields::new(limits);
    let explain = ExplainDelay {
        request_id: fields.request_id(request.request_id),
        task: address(&mut fields, request.task),
        officer: fields.line("/officer", request.officer, limits.word_max),
        reason: fields.text("/reason", request.reason, limits.reason_max),
    };
    fields.finish(explain)
}

pub(crate) fn list(request: v1::ListDelaysRequest, limits: &Limits) -> Result<ListDelays, Refusal> {
    let mut fields = Fields::new(limits);
    let list = ListDelays {
        office: fields.name_option("/office", request.office),
        division: fields.name_option("/division", request.division),
        owed: request.owed_only,
        from_us: fields.instant("/from", request.from),
        before_us: fields.instant("/before", request.before),
        page_size: fields.number("/page_size", request.page_size, 0, 1..=limits.page_max),
        page_token: fields.page_token(request.page_token),
    };
    fields.finish(list)
}

pub(crate) fn present(delays: Delays) -> v1::ListDelaysResponse {
    v1::ListDelaysResponse {
        delays: delays.entries.into_iter().map(late).collect(),
        late: i64::try_from(delays.late).unwrap_or(i64::MAX),
        no_reason_given: i64::try_from(delays.owed).unwrap_or(i64::MAX),
        next_page_token: delays.next,
    }
}

fn late(delay: DelayEntry) -> v1::LateStep {
    v1::LateStep {
        case_id: delay.case,
        step: delay.step,
        office: delay.office,
        division: delay.division,
        since: Some(timestamp(delay.since_us)),
        working: Some(duration(delay.working_us)),
        budget: Some(duration(delay.budget_us)),
        explained_at: delay.explained_at_us.map(timestamp),
    }
}
