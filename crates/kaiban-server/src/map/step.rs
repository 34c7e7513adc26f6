//! What is done with single steps of a case, and after its end.

use kaiban_api::v1;
use kaiban_app::{EndCase, EndStep, Extension, Pause, Rating, Refusal, RequestStep};
use kaiban_engine::PauseReason;

use super::fields::Fields;
use crate::limits::Limits;

pub(crate) fn request(request: v1::RequestStepRequest, limits: &Limits) -> Result<RequestStep, Refusal> {
    let mut fields = Fields::new(limits);
    let request = RequestStep {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        form: request.form.map(|form| fields.form("/form", Some(form))),
    };
    fields.finish(request)
}

pub(crate) fn withdraw(request: v1::WithdrawStepRequest, limits: &Limits) -> Result<EndStep, Refusal> {
    let mut fields = Fields::new(limits);
    let end = EndStep {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        text: fields.text("/reason", request.reason, limits.reason_max),
    };
    fields.finish(end)
}

pub(crate) fn pause(request: v1::PauseStepRequest, limits: &Limits) -> Result<Pause, Refusal> {
    let mut fields = Fields::new(limits);
    let reason = match fields.choice("/reason", request.reason) {
        Some(v1::PauseReason::SpecialProcedure) => Some(PauseReason::SpecialProcedure),
        Some(v1::PauseReason::Appointment) => Some(PauseReason::Appointment),
        Some(v1::PauseReason::Litigation) => Some(PauseReason::Litigation),
        Some(v1::PauseReason::Unspecified) => {
            fields.missing("/reason");
            None
        }
        None => None,
    };
    let pause = Pause {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        reason,
        until_us: fields.instant("/until", request.until),
        note: fields.text("/note", request.note, limits.reason_max),
        officer: fields.line("/officer", request.officer, limits.word_max),
        approver: fields.line("/approver", request.approver, limits.word_max),
    };
    fields.finish(pause)
}

pub(crate) fn resume(request: v1::ResumeStepRequest, limits: &Limits) -> Result<EndStep, Refusal> {
    let mut fields = Fields::new(limits);
    let end = EndStep {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: fields.id("/step", request.step),
        text: fields.line("/officer", request.officer, limits.word_max),
    };
    fields.finish(end)
}

pub(crate) fn extend(request: v1::ExtendStatutoryRequest, limits: &Limits) -> Result<Extension, Refusal> {
    let mut fields = Fields::new(limits);
    let extension = Extension {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        step: if request.step.is_empty() { request.step } else { fields.id("/step", request.step) },
        officer: fields.line("/officer", request.officer, limits.word_max),
        approver: fields.line("/approver", request.approver, limits.word_max),
        reason: fields.text("/reason", request.reason, limits.reason_max),
    };
    fields.finish(extension)
}

pub(crate) fn give_up(request: v1::GiveUpCaseRequest, limits: &Limits) -> Result<EndCase, Refusal> {
    let mut fields = Fields::new(limits);
    let end = EndCase {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        officer: fields.line("/officer", request.officer, limits.word_max),
        reason: fields.text("/reason", request.reason, limits.reason_max),
    };
    fields.finish(end)
}

pub(crate) fn rate(request: v1::RateCaseRequest, limits: &Limits) -> Result<Rating, Refusal> {
    let mut fields = Fields::new(limits);
    let grade = fields.number("/grade", request.grade, 0, 1..=5);
    let rating = Rating {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        grade: u8::try_from(grade).unwrap_or(u8::MAX),
        comment: fields.text("/comment", request.comment, limits.reason_max),
    };
    fields.finish(rating)
}

pub(crate) fn letter(request: v1::GetLetterRequest, limits: &Limits) -> Result<(String, String), Refusal> {
    let mut fields = Fields::new(limits);
    let case = fields.id("/case_id", request.case_id);
    let number = fields.line("/number", request.number, limits.id_max);
    fields.finish((case, number))
}
