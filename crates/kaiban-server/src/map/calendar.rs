//! Calendars: their publication, and what is in force.

use kaiban_api::{timestamp, v1};
use kaiban_app::{CalendarFile, PublicationView, PublishCalendar, Refusal, ServerCalendar};

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn publish(request: v1::PublishCalendarRequest, limits: &Limits) -> Result<PublishCalendar, Refusal> {
    let mut fields = Fields::new(limits);
    let request_id = fields.request_id(request.request_id);
    fields.count("/files", request.files.len(), 1..=limits.list_max);
    let mut files: Vec<CalendarFile> = Vec::with_capacity(request.files.len());
    for (index, file) in request.files.into_iter().enumerate() {
        let name = fields.line(&format!("/files/{index}/name"), file.name, limits.file_name_max);
        if files.iter().any(|known| known.name == name) {
            let field = format!("/files/{index}/name");
            fields.error(&field, "DUPLICATE", "文件名重复。", "Another file has this name.");
        }
        files.push(CalendarFile { name, text: file.text });
    }
    if request.source.trim().is_empty() {
        fields.missing("/source");
    }
    let source = fields.line("/source", request.source, limits.case_reason_max);
    fields.finish(PublishCalendar { request_id, files, source })
}

pub(crate) fn present(view: &PublicationView) -> v1::PublishCalendarResponse {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    v1::PublishCalendarResponse {
        publication: view.number,
        done: count(view.done),
        total: count(view.total),
        changed: count(view.changed),
        published_at: Some(timestamp(view.published_at_us)),
        finished_at: view.finished_at_us.map(timestamp),
    }
}

pub(crate) fn version(calendar: ServerCalendar) -> v1::CalendarVersion {
    v1::CalendarVersion {
        name: calendar.name,
        version: calendar.version,
        published_at: Some(timestamp(calendar.published_at_us)),
        published_until: calendar.published_until,
        days_left: calendar.days_left,
    }
}
