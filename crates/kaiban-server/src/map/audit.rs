//! Access records and journals.

use kaiban_api::v1::list_access_records_request::Of;
use kaiban_api::{timestamp, v1};
use kaiban_app::{AccessRecord, HeadView, JournalEntry, RecordsOf, Refusal};

use super::fields::Fields;
use crate::limits::Limits;

/// Entries of a journal in one answer.
const ENTRIES_MAX: u32 = 200;

/// Whose records, page size and page token.
pub(crate) fn records(
    request: v1::ListAccessRecordsRequest,
    limits: &Limits,
) -> Result<(RecordsOf, u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let of = match request.of {
        Some(Of::CaseId(case)) => RecordsOf::Case(fields.id("/case_id", case)),
        Some(Of::CitizenNumber(number)) => RecordsOf::Person(fields.line("/citizen_number", number, limits.name_max)),
        None => {
            fields.missing("/of");
            RecordsOf::Case(String::new())
        }
    };
    let size = fields.number("/page_size", request.page_size, 100, 1..=limits.page_max);
    let token = fields.page_token(request.page_token);
    fields.finish((of, size, token))
}

/// Case, page size and page token.
pub(crate) fn journal(request: v1::ListJournalRequest, limits: &Limits) -> Result<(String, u32, String), Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    let size = fields.number("/page_size", request.page_size, 100, 1..=ENTRIES_MAX);
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
