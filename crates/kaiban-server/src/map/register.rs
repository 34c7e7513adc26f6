//! Registers that the bureau keeps.

use kaiban_api::{timestamp, v1};
use kaiban_app::{KeptEntry, ListRegister, PutRegisterEntry, Refusal, RegisterEvent, RemoveRegisterEntry};

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn put(request: v1::PutRegisterEntryRequest, limits: &Limits) -> Result<PutRegisterEntry, Refusal> {
    let mut fields = Fields::new(limits);
    let put = PutRegisterEntry {
        request_id: fields.request_id(request.request_id),
        register: fields.name("/register", request.register),
        key: key(&mut fields, request.key),
        until_us: fields.instant("/until", request.until),
        officer: fields.line("/officer", request.officer, limits.word_max),
        reason: reason(&mut fields, request.reason),
    };
    fields.finish(put)
}

pub(crate) fn remove(request: v1::RemoveRegisterEntryRequest, limits: &Limits) -> Result<RemoveRegisterEntry, Refusal> {
    let mut fields = Fields::new(limits);
    let remove = RemoveRegisterEntry {
        request_id: fields.request_id(request.request_id),
        register: fields.name("/register", request.register),
        key: key(&mut fields, request.key),
        officer: fields.line("/officer", request.officer, limits.word_max),
        reason: reason(&mut fields, request.reason),
    };
    fields.finish(remove)
}

pub(crate) fn list(request: v1::ListRegisterRequest, limits: &Limits) -> Result<ListRegister, Refusal> {
    let mut fields = Fields::new(limits);
    let list = ListRegister {
        register: fields.name("/register", request.register),
        prefix: fields.line("/prefix", request.prefix, limits.register_key_max),
        ended: request.ended,
        page_size: fields.number("/page_size", request.page_size, 0, 1..=limits.page_max),
        page_token: fields.page_token(request.page_token),
    };
    fields.finish(list)
}

fn key(fields: &mut Fields<'_>, key: String) -> String {
    if key.is_empty() {
        fields.missing("/key");
    }
    fields.line("/key", key, fields.limits.register_key_max)
}

fn reason(fields: &mut Fields<'_>, reason: String) -> String {
    if reason.trim().is_empty() {
        fields.missing("/reason");
    }
    let max = fields.limits.case_reason_max;
    fields.text("/reason", reason, max)
}

pub(crate) fn present(entry: KeptEntry) -> v1::RegisterEntry {
    let event = |event: RegisterEvent| v1::RegisterEvent {
        at: Some(timestamp(event.at_us)),
        put: event.put,
        by: event.by,
        reason: event.reason,
        until: event.until_us.map(timestamp),
    };
    v1::RegisterEntry {
        register: entry.register,
        key: entry.key,
        since: Some(timestamp(entry.since_us)),
        until: entry.until_us.map(timestamp),
        history: entry.history.into_iter().map(event).collect(),
    }
}
