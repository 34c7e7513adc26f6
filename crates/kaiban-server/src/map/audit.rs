//! Access records and journals.

use kaiban_api::v1::list_access_records_request::Of;
use kaiban_api::{timestamp, v1};
use kaiban_app::{AccessRecord, HeadView, JournalEntry, RecordsOf, Refusal};

use super::fields::Fields;
use crate::limits::Limits;

/// Whose records, page size and page token.
pub(crate) fn records(
    request: v1::ListAccessRecordsRequest,
    limits: &Limits,
) -> Result<(RecordsOf, u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let of = match request.of {
        Some(Of::CaseId(case)) => RecordsOf::Case(fields.id("/case_id", case)),
        Some(Of::CitizenNumber(number)) => RecordsOf::Person(fields.line("/citizen_number", number, limits.name_max)),
        Some(Of::Token(asked)) => token(&mut fields, asked),
        None => {
            fields.missing("/of");
            RecordsOf::Case(String::new())
        }
    };
    let size = fields.number("/page_size", request.page_size, 100, 1..=limits.page_max);
    let token = fields.page_token(request.page_token);
    fields.finish((of, size, token))
}

/// A token and its window.
fn token(fields: &mut Fields<'_>, asked: v1::TokenUse) -> RecordsOf {
    if asked.id.is_empty() {
        fields.missing("/token/id");
    }
    let id = fields.line("/token/id", asked.id, fields.limits.id_max);
    for (field, instant) in [("/token/from", &asked.from), ("/token/until", &asked.until)] {
        if instant.is_none() {
            fields.missing(field);
        }
    }
    let from_us = fields.instant("/token/from", asked.from);
    let until_us = fields.instant("/token/until", asked.until);
    let (Some(from_us), Some(until_us)) = (from_us, until_us) else {
        return RecordsOf::Token { id, from_us: 0, until_us: 0 };
    };
    let max = fields.limits.access_window_max;
    if until_us <= from_us || u128::from(from_us.abs_diff(until_us)) > max.as_micros() {
        let days = max.as_secs() / 86_400;
        fields.error(
            "/token/until",
            "OUT_OF_RANGE",
            format!("应晚于起始时间，且相距不超过{days}天。"),
            format!("This must be after `from`, and by no more than {days} days."),
        );
    }
    RecordsOf::Token { id, from_us, until_us }
}

/// Case, page size and page token.
pub(crate) fn journal(request: v1::ListJournalRequest, limits: &Limits) -> Result<(String, u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    let size = fields.number("/page_size", request.page_size, 100, 1..=limits.journal_page_max);
    let token = fields.page_token(request.page_token);
    fields.finish((case, size, token))
}

/// Page size and page token.
pub(crate) fn heads(request: v1::ListHeadsRequest, limits: &Limits) -> Result<(u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let size = fields.number("/page_size", request.page_size, 100, 1..=limits.page_max);
    let token = fields.page_token(request.page_token);
    fields.finish((size, token))
}

pub(crate) fn head(head: HeadView) -> v1::JournalHead {
    let HeadView { number, from_us, until_us, entries, lines, head } = head;
    let (from, until) = (Some(timestamp(from_us)), Some(timestamp(until_us)));
    v1::JournalHead { number, from, until, entries, lines, head }
}

pub(crate) fn record(record: AccessRecord) -> v1::AccessRecord {
    v1::AccessRecord {
        id: record.id,
        at: Some(timestamp(record.at_us)),
        token: record.token,
        role: record.role,
        organisation: record.organisation,
        officer: record.officer.unwrap_or_default(),
        case_id: record.case,
        fields: record.fields,
        purpose: record.purpose,
    }
}

pub(crate) fn entry(entry: JournalEntry) -> v1::JournalEntry {
    v1::JournalEntry { seq: entry.seq, at: Some(timestamp(entry.at_us)), bytes: entry.bytes, hash: entry.hash }
}
