//! What is done with single steps of a case, with a case that nobody answers for, and after its end.

use kaiban_engine::PauseReason;
use serde_json::json;

use crate::access::Verb;
use crate::app::App;
use crate::documents::Brought;
use crate::execute::CaseVerb;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::{EndCase, EndStep, Extension, Pause, Rating, RequestStep};
use crate::view::CaseView;

impl App {
    /// Asks for a step that was left out (分时办理).
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn request_step(&self, who: &Principal, request: RequestStep) -> Result<CaseView, Refusal> {
        who.may(Verb::RequestStep)?;
        let content = json!([request.case, request.step, request.form]);
        let key = self.inner.request(who, "request_step", &request.request_id, &content)?;
        if let Some(form) = &request.form {
            self.inner.check_size(form)?;
            self.inner.check_case_files(who, &request.case, form).await?;
        }
        let form = request.form.map(|form| Box::new(Brought::new("form", form)));
        self.on_case(who, key, request.case, CaseVerb::Request { step: request.step, form }).await
    }

    /// Takes one step back that the applicant may leave out.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn withdraw_step(&self, who: &Principal, request: EndStep) -> Result<CaseView, Refusal> {
        who.may(Verb::WithdrawStep)?;
        let content = json!([request.case, request.step, request.text]);
        let key = self.inner.request(who, "withdraw_step", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.text)?;
        self.on_case(who, key, request.case, CaseVerb::WithdrawStep { step: request.step, reason }).await
    }

    /// Holds a step up for a reason of the pause table.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn pause_step(&self, who: &Principal, request: Pause) -> Result<CaseView, Refusal> {
        who.may(Verb::PauseStep)?;
        let officer = who.officer(request.officer)?;
        let name = request.reason.map_or("", |reason: PauseReason| reason.rule().name);
        let content =
            json!([request.case, request.step, name, request.until_us, request.note, officer, request.approver]);
        let key = self.inner.request(who, "pause_step", &request.request_id, &content)?;
        let reason = request.reason.ok_or_else(|| {
            Refusal::argument("PAUSE_REASON_REQUIRED", "请选择暂停原因。", "Name a reason of the pause table.")
        })?;
        let note = self.inner.reason(&request.note)?;
        let approver = Some(request.approver).filter(|approver| !approver.is_empty());
        let verb = CaseVerb::Pause { step: request.step, reason, until_us: request.until_us, note, officer, approver };
        self.on_case(who, key, request.case, verb).await
    }

    /// Ends a pause.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn resume_step(&self, who: &Principal, request: EndStep) -> Result<CaseView, Refusal> {
        who.may(Verb::ResumeStep)?;
        let officer = who.officer(request.text)?;
        let content = json!([request.case, request.step, officer]);
        let key = self.inner.request(who, "resume_step", &request.request_id, &content)?;
        self.on_case(who, key, request.case, CaseVerb::Resume { step: request.step, officer }).await
    }

    /// Prolongs the period that the law sets for a step, or for the case: once, with the approval of a head.
    ///
    /// # Errors
    /// `APPROVER_NOT_A_HEAD`; see the refusal's reason.
    pub async fn extend(&self, who: &Principal, request: Extension) -> Result<CaseView, Refusal> {
        who.may(if request.step.is_empty() { Verb::ExtendCase } else { Verb::ExtendStep })?;
        let officer = who.officer(request.officer)?;
        let content = json!([request.case, request.step, officer, request.approver, request.reason]);
        let key = self.inner.request(who, "extend", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?.ok_or(kaiban_engine::Rejection::ReasonRequired)?;
        let step = Some(request.step).filter(|step| !step.is_empty());
        let verb = CaseVerb::Extend { step, officer, approver: request.approver, reason };
        self.on_case(who, key, request.case, verb).await
    }

    /// Gives up a case whose applicant has not answered a correction for as long as its package says.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn give_up(&self, who: &Principal, request: EndCase) -> Result<CaseView, Refusal> {
        who.may(Verb::CloseUnanswered)?;
        let officer = who.officer(request.officer)?;
        let content = json!([request.case, officer, request.reason]);
        let key = self.inner.request(who, "give_up", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?.ok_or(kaiban_engine::Rejection::ReasonRequired)?;
        self.on_case(who, key, request.case, CaseVerb::GiveUp { officer, reason }).await
    }

    /// Rates the service (好差评).
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn rate(&self, who: &Principal, request: Rating) -> Result<CaseView, Refusal> {
        who.may(Verb::RateCase)?;
        let content = json!([request.case, request.grade, request.comment]);
        let key = self.inner.request(who, "rate", &request.request_id, &content)?;
        let comment = self.inner.reason(&request.comment)?;
        self.on_case(who, key, request.case, CaseVerb::Rate { grade: request.grade, comment }).await
    }
}
