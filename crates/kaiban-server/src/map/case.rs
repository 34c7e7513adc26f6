//! Cases, their steps and corrections.

use kaiban_api::{duration, timestamp, v1};
use kaiban_app::{
    CaseFilter, CaseState, CaseView, CorrectionView, DelayView, Detail, EndCase, ErasedView, FormCheck, LetterText,
    LetterView, ListCases, Order, OverdueView, Refusal, Resubmit, StepView, Submit, Submitted, Watch,
};
use kaiban_definition::{Asked, Preview};
use kaiban_engine::{CodeAt, PauseReason, PauseRun, Phase, Round, StateCode, StepState};
use serde_json::Value;

use super::fields::Fields;
use super::{certificate, clock, finding, object};
use crate::limits::Limits;

pub(crate) fn check(request: v1::CheckFormRequest, limits: &Limits) -> Result<(String, Value), Refusal> {
    let mut fields = Fields::new(limits);
    let workflow = fields.name("/workflow", request.workflow);
    let form = fields.form("/form", request.form);
    fields.finish((workflow, form))
}

pub(crate) fn submit(request: v1::SubmitCaseRequest, limits: &Limits) -> Result<Submit, Refusal> {
    let mut fields = Fields::new(limits);
    let submit = Submit {
        request_id: fields.request_id(request.request_id),
        workflow: fields.name("/workflow", request.workflow),
        form: fields.form("/form", request.form),
    };
    fields.finish(submit)
}

pub(crate) fn resubmit(request: v1::ResubmitCaseRequest, limits: &Limits) -> Result<Resubmit, Refusal> {
    let mut fields = Fields::new(limits);
    let resubmit = Resubmit {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        correction: fields.id("/correction_id", request.correction_id),
        form: fields.form("/form", request.form),
    };
    fields.finish(resubmit)
}

pub(crate) fn withdraw(request: v1::WithdrawCaseRequest, limits: &Limits) -> Result<EndCase, Refusal> {
    let mut fields = Fields::new(limits);
    let end = EndCase {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        officer: String::new(),
        reason: fields.text("/reason", request.reason, limits.case_reason_max),
    };
    fields.finish(end)
}

pub(crate) fn cancel(request: v1::CancelCaseRequest, limits: &Limits) -> Result<EndCase, Refusal> {
    let mut fields = Fields::new(limits);
    let end = EndCase {
        request_id: fields.request_id(request.request_id),
        case: fields.id("/case_id", request.case_id),
        officer: fields.line("/officer", request.officer, limits.officer_max),
        reason: fields.text("/reason", request.reason, limits.case_reason_max),
    };
    fields.finish(end)
}

pub(crate) fn get(request: v1::GetCaseRequest, limits: &Limits) -> Result<(String, Detail), Refusal> {
    let mut fields = Fields::new(limits);
    let id = fields.id("/id", request.id);
    let detail = detail(&mut fields, request.view, Detail::Full);
    fields.finish((id, detail))
}

pub(crate) fn list(request: v1::ListCasesRequest, limits: &Limits) -> Result<ListCases, Refusal> {
    let mut fields = Fields::new(limits);
    let order = match fields.choice("/order", request.order) {
        None | Some(v1::CaseOrder::Unspecified | v1::CaseOrder::ReceivedDesc) => Order::ReceivedDesc,
        Some(v1::CaseOrder::ReceivedAsc) => Order::ReceivedAsc,
        Some(v1::CaseOrder::PromiseDue) => Order::PromiseDue,
    };
    let list = ListCases {
        filter: filter(&mut fields, request.filter.unwrap_or_default()),
        order,
        page_size: fields.number("/page_size", request.page_size, 50, 1..=limits.page_max),
        page_token: fields.page_token(request.page_token),
        detail: detail(&mut fields, request.view, Detail::Basic),
    };
    fields.finish(list)
}

pub(crate) fn watch(request: v1::WatchCasesRequest, limits: &Limits) -> Result<Watch, Refusal> {
    let mut fields = Fields::new(limits);
    let watch = Watch {
        case: if request.id.is_empty() { request.id } else { fields.id("/id", request.id) },
        filter: filter(&mut fields, request.filter.unwrap_or_default()),
        changes_only: request.changes_only,
        detail: detail(&mut fields, request.view, Detail::Basic),
    };
    fields.finish(watch)
}

fn filter(fields: &mut Fields<'_>, filter: v1::CaseFilter) -> CaseFilter {
    let state = match fields.choice("/filter/state", filter.state) {
        None | Some(v1::CaseState::Unspecified) => None,
        Some(v1::CaseState::Intake) => Some(CaseState::Intake),
        Some(v1::CaseState::Open) => Some(CaseState::Open),
        Some(v1::CaseState::Closed) => Some(CaseState::Closed),
    };
    CaseFilter {
        workflow: fields.name_option("/filter/workflow", filter.workflow),
        division: fields.name_option("/filter/division", filter.division),
        outlet: fields.name_option("/filter/outlet", filter.outlet),
        state,
        outcome: fields.name_option("/filter/outcome", filter.outcome),
        received_from_us: fields.instant("/filter/received_from", filter.received_from),
        received_before_us: fields.instant("/filter/received_before", filter.received_before),
        waiting: filter.waiting_for_applicant,
    }
}

fn detail(fields: &mut Fields<'_>, view: i32, default: Detail) -> Detail {
    match fields.choice("/view", view) {
        None | Some(v1::CaseView::Unspecified) => default,
        Some(v1::CaseView::Basic) => Detail::Basic,
        Some(v1::CaseView::Steps) => Detail::Steps,
        Some(v1::CaseView::Full) => Detail::Full,
    }
}

pub(crate) fn submitted(submitted: Submitted) -> Result<v1::SubmitCaseResponse, Refusal> {
    Ok(v1::SubmitCaseResponse {
        case: Some(present(submitted.case)?),
        created: submitted.created,
        receipt: submitted.receipt,
        doubts: finding::present_all(submitted.doubts),
    })
}

pub(crate) fn checked(check: FormCheck) -> Result<v1::CheckFormResponse, Refusal> {
    let acceptable = !check.findings.iter().any(kaiban_findings::Finding::is_error);
    Ok(v1::CheckFormResponse {
        findings: finding::present_all(check.findings),
        acceptable,
        steps: check.steps.into_iter().map(preview).collect(),
        documents: check.documents.into_iter().map(asked).collect(),
        certificates: check.certificates.into_iter().map(certificate::asked).collect(),
        same_subject: check.same_subject.into_iter().map(present).collect::<Result<_, _>>()?,
    })
}

fn preview(preview: Preview) -> v1::StepPreview {
    v1::StepPreview {
        step: preview.step,
        title: Some(finding::text(preview.title)),
        party: preview.party.unwrap_or_default(),
        needed: certificate::needed(preview.needed).into(),
        why: Some(finding::text(preview.why)),
    }
}

fn asked(asked: Asked) -> v1::AskedDocument {
    v1::AskedDocument {
        pointer: asked.pointer,
        title: Some(finding::text(asked.title)),
        why: Some(finding::text(asked.why)),
        law: asked.law.unwrap_or_default(),
        given: asked.given,
    }
}

pub(crate) fn present(case: CaseView) -> Result<v1::Case, Refusal> {
    Ok(v1::Case {
        certificates: case.certificates.into_iter().map(certificate::present).collect(),
        id: case.id,
        workflow: case.workflow,
        version: case.version,
        digest: case.digest,
        state: state(case.phase).into(),
        outcome: case.outcome.unwrap_or_default(),
        division: case.division,
        organisation: case.organisation,
        outlet: case.outlet.unwrap_or_default(),
        subject: case.subject,
        received_at: Some(timestamp(case.received_at_us)),
        accepted_at: case.accepted_at_us.map(timestamp),
        closed_at: case.closed_at_us.map(timestamp),
        promise: Some(clock::present(case.promise)),
        statutory: case.statutory.map(clock::statutory),
        erased: case.erased.into_iter().map(erased).collect(),
        revocation: case.revocation.map(|revocation| v1::Revocation {
            step: revocation.step,
            by: revocation.by,
            case_id: revocation.case,
            at: Some(timestamp(revocation.at_us)),
        }),
        wall: Some(duration(case.wall_us)),
        revision: case.revision,
        head: case.head,
        steps: case.steps.into_iter().map(step).collect::<Result<_, _>>()?,
        corrections: case.corrections.into_iter().map(correction).collect(),
        form: case.form.as_ref().map(object).transpose()?,
        code: case.code.map(code).unwrap_or_default(),
        codes: case.codes.into_iter().map(emitted).collect(),
        letters: case.letters.into_iter().map(letter).collect(),
        parent: case.parent.unwrap_or_default(),
        promise_undecided: case.promise_undecided,
        grade: case.grade.map(i32::from).unwrap_or_default(),
    })
}

fn code(code: StateCode) -> i32 {
    i32::from(u8::from(code))
}

fn emitted(emitted: CodeAt) -> v1::EmittedCode {
    v1::EmittedCode { code: code(emitted.code), at: Some(timestamp(emitted.at_us)) }
}

fn letter(letter: LetterView) -> v1::Letter {
    v1::Letter {
        number: letter.number,
        letter: letter.letter,
        title: Some(finding::text(letter.title)),
        step: letter.step.unwrap_or_default(),
        issued_at: Some(timestamp(letter.issued_at_us)),
        told_at: letter.told_at_us.map(timestamp),
    }
}

pub(crate) fn letter_text(letter: LetterText) -> v1::GetLetterResponse {
    v1::GetLetterResponse { letter: Some(self::letter(letter.letter)), html: letter.html, text: letter.text }
}

fn step(step: StepView) -> Result<v1::Step, Refusal> {
    Ok(v1::Step {
        step: step.step,
        title: Some(finding::text(step.title)),
        state: step_state(step.state).into(),
        outcome: step.outcome.unwrap_or_default(),
        office: step.office,
        counted: step.counted,
        offered_at: step.offered_at_us.map(timestamp),
        ended_at: step.ended_at_us.map(timestamp),
        promise: Some(clock::present(step.promise)),
        statutory: step.statutory.map(clock::statutory),
        delay: step.delay.map(delay),
        corrections: i32::try_from(step.corrections).unwrap_or(i32::MAX),
        attempts: i32::try_from(step.attempts).unwrap_or(i32::MAX),
        wall: Some(duration(step.wall_us)),
        reason: step.reason.clone().unwrap_or_default(),
        result: step.result.as_ref().map(object).transpose()?,
        task: step.task.unwrap_or_default(),
        key: step.key.unwrap_or_default(),
        codes: step.codes.into_iter().map(emitted).collect(),
        superseded: step.superseded.into_iter().map(superseded).collect(),
        pause: step.pause.map(pause),
        sub_case: step.sub_case.unwrap_or_default(),
        overdue: step.overdue.into_iter().map(overdue).collect(),
    })
}

pub(crate) fn delay(delay: DelayView) -> v1::Delay {
    let (explained_at, officer, reason) = match delay.given {
        None => (None, String::new(), String::new()),
        Some(given) => (Some(timestamp(given.at_us)), given.officer, given.text.unwrap_or_default()),
    };
    let reminders = i32::try_from(delay.reminders).unwrap_or(i32::MAX);
    v1::Delay { since: Some(timestamp(delay.since_us)), reminders, explained_at, officer, reason }
}

/// Of a step or a task.
pub(super) fn overdue(overdue: OverdueView) -> v1::Overdue {
    v1::Overdue { after: overdue.after, party: overdue.party.unwrap_or_default() }
}

fn superseded(round: Round) -> v1::SupersededRound {
    v1::SupersededRound {
        round: i32::try_from(round.round).unwrap_or(i32::MAX),
        outcome: round.outcome,
        ended_at: Some(timestamp(round.ended_at_us)),
    }
}

fn pause(pause: PauseRun) -> v1::Pause {
    v1::Pause {
        reason: reason(pause.reason).into(),
        since: Some(timestamp(pause.since_us)),
        until: pause.until_us.map(timestamp),
    }
}

fn reason(reason: PauseReason) -> v1::PauseReason {
    match reason {
        PauseReason::SpecialProcedure => v1::PauseReason::SpecialProcedure,
        PauseReason::Appointment => v1::PauseReason::Appointment,
        PauseReason::Litigation => v1::PauseReason::Litigation,
    }
}

fn correction(correction: CorrectionView) -> v1::Correction {
    v1::Correction {
        id: correction.id,
        step: correction.step,
        findings: finding::present_all(correction.findings),
        told_at: correction.told_at_us.map(timestamp),
        answered_at: correction.answered_at_us.map(timestamp),
        asked_at: Some(timestamp(correction.asked_at_us)),
        breach: correction.breach,
        reminders: i32::try_from(correction.reminders).unwrap_or(i32::MAX),
    }
}

fn state(phase: Phase) -> v1::CaseState {
    match phase {
        Phase::New => v1::CaseState::Unspecified,
        Phase::Intake => v1::CaseState::Intake,
        Phase::Open => v1::CaseState::Open,
        Phase::Closed => v1::CaseState::Closed,
    }
}

pub(crate) fn step_state(state: StepState) -> v1::StepState {
    match state {
        StepState::Pending => v1::StepState::Pending,
        StepState::Offered => v1::StepState::Offered,
        StepState::Claimed => v1::StepState::Claimed,
        StepState::Deferred => v1::StepState::Deferred,
        StepState::Retrying => v1::StepState::Retrying,
        StepState::Correction => v1::StepState::Correction,
        StepState::Incident => v1::StepState::Incident,
        StepState::Completed => v1::StepState::Completed,
        StepState::Skipped => v1::StepState::Skipped,
        StepState::Ended => v1::StepState::Ended,
        StepState::Withdrawn => v1::StepState::Withdrawn,
        StepState::Paused => v1::StepState::Paused,
        StepState::Waiting => v1::StepState::Waiting,
        StepState::Branched => v1::StepState::Branched,
        StepState::NotRequested => v1::StepState::NotRequested,
    }
}

fn erased(erased: ErasedView) -> v1::ErasedDocument {
    let ErasedView { kind, rule, at_us, digest } = erased;
    v1::ErasedDocument { kind, rule, at: Some(timestamp(at_us)), digest }
}
