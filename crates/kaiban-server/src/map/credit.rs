//! Credit records.

use jiff::civil::Date;
use kaiban_api::v1;
use kaiban_app::{CreditChange, CreditOf, CreditView, RecordCredit, Refusal};
use kaiban_credit::{Bar, Class, Entry, Ground, Reason, Refusal as RepairRefusal, Unended, What};
use kaiban_findings::Text;

use super::fields::Fields;
use super::finding;
use crate::limits::Limits;

pub(crate) fn record(request: v1::RecordCreditRequest, limits: &Limits) -> Result<RecordCredit, Refusal> {
    let mut fields = Fields::new(limits);
    let class = match fields.choice("/class", request.class) {
        Some(v1::CreditClass::Minor) => Class::Minor,
        Some(v1::CreditClass::Serious) => Class::Serious,
        Some(v1::CreditClass::General) => Class::General,
        Some(v1::CreditClass::Unspecified) | None => {
            required(&mut fields, "/class", request.class);
            Class::General
        }
    };
    let reason = match fields.choice("/reason", request.reason) {
        Some(v1::CreditReason::FalseCommitment) => Reason::FalseCommitment,
        Some(v1::CreditReason::SeriousDishonestyList) => Reason::SeriousDishonestyList,
        Some(v1::CreditReason::AdministrativePenalty) => Reason::AdministrativePenalty,
        Some(v1::CreditReason::AbnormalOperations) => Reason::AbnormalOperations,
        Some(v1::CreditReason::Other) => Reason::Other,
        Some(v1::CreditReason::Unspecified) | None => {
            required(&mut fields, "/reason", request.reason);
            Reason::Other
        }
    };
    let text = request.text.unwrap_or_default();
    let change = CreditChange::Recorded {
        class,
        reason,
        text: Text {
            zh: fields.line("/text/zh", text.zh, limits.sentence_max),
            en: fields.line("/text/en", text.en, limits.sentence_max),
        },
        source: fields.line("/source", request.source, limits.label_max),
        law: fields.line("/law", request.law, limits.sentence_max),
        decided_on: fields.date("/decided_on", &request.decided_on),
        must_be_published: request.must_be_published,
        beyond_repair: Some(fields.line("/beyond_repair", request.beyond_repair, limits.sentence_max))
            .filter(|law| !law.is_empty()),
    };
    finish(fields, request.request_id, request.subject, request.record_id, request.officer, change)
}

pub(crate) fn correction(request: v1::RecordCorrectionRequest, limits: &Limits) -> Result<RecordCredit, Refusal> {
    let mut fields = Fields::new(limits);
    let change = CreditChange::Corrected { done_on: fields.date("/done_on", &request.done_on) };
    finish(fields, request.request_id, request.subject, request.record_id, request.officer, change)
}

pub(crate) fn apply(request: v1::ApplyForRepairRequest, limits: &Limits) -> Result<RecordCredit, Refusal> {
    let change = CreditChange::RepairApplied { public_promise: request.public_promise };
    let fields = Fields::new(limits);
    finish(fields, request.request_id, request.subject, request.record_id, request.officer, change)
}

pub(crate) fn decide(request: v1::DecideRepairRequest, limits: &Limits) -> Result<RecordCredit, Refusal> {
    let mut fields = Fields::new(limits);
    let refusal = match fields.choice("/refusal", request.refusal) {
        Some(v1::RepairRefusal::DutyNotFulfilled) => Some(RepairRefusal::DutyNotFulfilled),
        Some(v1::RepairRefusal::MaterialInsufficient) => Some(RepairRefusal::MaterialInsufficient),
        Some(v1::RepairRefusal::MaterialFalse) => Some(RepairRefusal::MaterialFalse),
        Some(v1::RepairRefusal::NotRepairable) => Some(RepairRefusal::NotRepairable),
        Some(v1::RepairRefusal::Unspecified) | None => None,
    };
    let change = match (request.granted, refusal) {
        (true, None) => CreditChange::RepairGranted,
        (false, Some(reason)) => CreditChange::RepairRefused { reason },
        (granted, _) => {
            let (zh, en) =
                ("准予修复时不填写，不予修复时须写明原因。", "Say why where repair is refused, and only there.");
            if granted || request.refusal == 0 {
                fields.error("/refusal", "REQUIRED", zh, en);
            }
            CreditChange::RepairGranted
        }
    };
    finish(fields, request.request_id, request.subject, request.record_id, request.officer, change)
}

pub(crate) fn withdraw(request: v1::WithdrawRecordRequest, limits: &Limits) -> Result<RecordCredit, Refusal> {
    let mut fields = Fields::new(limits);
    let change = CreditChange::Withdrawn { decision: fields.line("/decision", request.decision, limits.label_max) };
    finish(fields, request.request_id, request.subject, request.record_id, request.officer, change)
}

/// Whose credit, and on which day.
pub(crate) fn get(request: v1::GetCreditRequest, limits: &Limits) -> Result<(CreditOf, Option<Date>), Refusal> {
    let mut fields = Fields::new(limits);
    let of = subject(&mut fields, request.subject);
    let on = (!request.on.is_empty()).then(|| fields.date("/on", &request.on));
    fields.finish((of, on))
}

fn finish(
    mut fields: Fields<'_>,
    request_id: String,
    of: Option<v1::CreditSubject>,
    record: String,
    officer: String,
    change: CreditChange,
) -> Result<RecordCredit, Refusal> {
    let max = fields.limits.word_max;
    let wanted = RecordCredit {
        request_id: fields.request_id(request_id),
        of: subject(&mut fields, of),
        officer: fields.line("/officer", officer, max),
        record: fields.name("/record_id", record),
        change,
    };
    fields.finish(wanted)
}

fn subject(fields: &mut Fields<'_>, subject: Option<v1::CreditSubject>) -> CreditOf {
    use v1::credit_subject::Of;
    match subject.and_then(|subject| subject.of) {
        None => CreditOf::Own,
        Some(Of::CitizenNumber(number)) => {
            CreditOf::Person(fields.line("/subject/citizen_number", number, fields.limits.name_max))
        }
        Some(Of::Uscc(code)) => CreditOf::Uscc(fields.line("/subject/uscc", code, fields.limits.name_max)),
        Some(Of::CasePerson(person)) => CreditOf::Signatory {
            case: fields.id("/subject/case_person/case_id", person.case_id),
            person: fields.name("/subject/case_person/person_key", person.person_key),
        },
    }
}

/// A value of an enum must be given; one that is not known was told already.
fn required(fields: &mut Fields<'_>, field: &str, value: i32) {
    if value == 0 {
        fields.missing(field);
    }
}

pub(crate) fn present(view: CreditView) -> v1::Credit {
    let CreditView { subject, entries, standing, explanation } = view;
    v1::Credit {
        subject,
        on: standing.on.to_string(),
        entries: entries.iter().map(entry).collect(),
        law: Some(finding::text(standing.law)),
        barred: standing.barred_from_commitments,
        bars: standing.bars.into_iter().map(bar).collect(),
        clear_from: standing.clear_from.map(|day| day.to_string()).unwrap_or_default(),
        risk: format!("{:?}", standing.risk),
        records: standing.records.into_iter().map(unended).collect(),
        over_uncorrected: standing.over_uncorrected,
        explanation: explanation.into_iter().map(finding::text).collect(),
    }
}

fn entry(entry: &Entry) -> v1::CreditEntry {
    let kind = match entry.what {
        What::Recorded(_) => "recorded",
        What::Corrected { .. } => "corrected",
        What::RepairApplied { .. } => "repair_applied",
        What::RepairGranted => "repair_granted",
        What::RepairRefused { .. } => "repair_refused",
        What::Withdrawn { .. } => "withdrawn",
    };
    v1::CreditEntry {
        record_id: entry.record.clone(),
        on: entry.on.to_string(),
        by: entry.by.clone(),
        kind: kind.to_owned(),
        content: serde_json::to_string(&entry.what).unwrap_or_default(),
    }
}

fn bar(bar: Bar) -> v1::CreditBar {
    let ground = match bar.ground {
        Ground::FalseCommitment => "FALSE_COMMITMENT",
        Ground::SeriousRecord => "SERIOUS_RECORD",
    };
    v1::CreditBar {
        record_id: bar.record,
        ground: ground.to_owned(),
        message: Some(finding::text(bar.ground.text())),
        law: Some(finding::text(bar.law)),
        since: bar.since.to_string(),
    }
}

fn unended(record: Unended) -> v1::CreditRecord {
    let class = match record.class {
        Class::Minor => v1::CreditClass::Minor,
        Class::General => v1::CreditClass::General,
        Class::Serious => v1::CreditClass::Serious,
    };
    let reason = match record.reason {
        Reason::FalseCommitment => v1::CreditReason::FalseCommitment,
        Reason::SeriousDishonestyList => v1::CreditReason::SeriousDishonestyList,
        Reason::AdministrativePenalty => v1::CreditReason::AdministrativePenalty,
        Reason::AbnormalOperations => v1::CreditReason::AbnormalOperations,
        Reason::Other => v1::CreditReason::Other,
    };
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    v1::CreditRecord {
        record_id: record.record,
        class: class.into(),
        reason: reason.into(),
        decided_on: record.decided_on.to_string(),
        published: record.published,
        last_day: record.last_day.to_string(),
        repairable_from: day(record.repairable_from),
        corrected_on: day(record.corrected_on),
    }
}
