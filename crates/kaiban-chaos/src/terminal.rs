//! One case in flight after the other: a terminal hands an application in, brings the applicant's answers, and waits for
//! the case's end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    Case, CaseState, CaseView, GetCaseRequest, RequestStepRequest, ResubmitCaseRequest, SubmitCaseRequest,
    UploadDocumentRequest, UploadHeader, WithdrawCaseRequest,
};
use kaiban_api::{from_struct, micros, to_struct};
use kaiban_population::{Application, Paper};
use serde_json::Value;
use tonic::{Code, Request};

use crate::book::Submitted;
use crate::crowd::{Town, WORKFLOW};
use crate::line::{Line, No};

/// How often a terminal looks at its case.
const LOOK: Duration = Duration::from_millis(700);

/// What all terminals share.
pub(crate) struct Counter {
    pub town: Arc<Town>,
    /// Of this run: no request id is met twice in a database.
    pub run: String,
    /// Index of the next applicant.
    pub next: AtomicU64,
    /// Nobody hands anything in any more.
    pub closed: AtomicBool,
}

impl Counter {
    fn next(&self) -> Application {
        // Applicants who register far away are passed over; two terminals may pass over the same ones.
        loop {
            let from = self.next.load(Ordering::Relaxed);
            let application = self.town.application(from);
            let after = application.index + 1;
            if self.next.compare_exchange(from, after, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return application;
            }
        }
    }
}

/// A terminal with its token.
pub(crate) struct Terminal {
    pub number: usize,
    pub line: Line,
    pub counter: Arc<Counter>,
}

impl Terminal {
    /// Hands applications in until the counter closes, and stays until the last one has ended.
    ///
    /// # Errors
    /// A form that is no form.
    pub async fn work(mut self) -> Result<()> {
        while !self.counter.closed.load(Ordering::Relaxed) {
            let application = self.counter.next();
            if let Some(case) = self.submit(&application).await? {
                self.follow(&application, &case).await?;
            }
        }
        Ok(())
    }

    async fn submit(&mut self, application: &Application) -> Result<Option<String>> {
        self.upload(&application.papers).await;
        let request = SubmitCaseRequest {
            request_id: format!("{}-{}", self.counter.run, application.index),
            workflow: WORKFLOW.to_owned(),
            form: Some(to_struct(&application.form)?),
        };
        let answer = self
            .line
            .call("SubmitCase", Duration::ZERO, request.clone(), async |channel, request| {
                CaseServiceClient::new(channel).submit_case(request).await
            })
            .await;
        match answer {
            Ok(reply) => {
                let submitted = Submitted { terminal: self.number, request, reply };
                let case = submitted.case().to_owned();
                self.line.book.submitted(submitted);
                Ok(Some(case))
            }
            Err(no) => {
                self.line.book.violation(format!("applicant {} was not taken: {no}", application.index));
                Ok(None)
            }
        }
    }

    /// Brings answers until the case is closed.
    async fn follow(&mut self, application: &Application, case: &str) -> Result<()> {
        let town = Arc::clone(&self.counter.town);
        let index = application.index;
        let mut withdraws = town.applicants.withdrawal_us(index).is_some();
        let mut later = town.applicants.later_request(index);
        let mut answered = BTreeSet::new();
        loop {
            tokio::time::sleep(LOOK).await;
            let Some(found) = self.look(case).await else { return Ok(()) };
            if found.state() == CaseState::Closed {
                self.line.book.case_ended();
                return Ok(());
            }
            if std::mem::take(&mut withdraws) {
                self.withdraw(application, case).await;
                continue;
            }
            let open = found.corrections.iter().find(|open| open.answered_at.is_none());
            if let Some(open) = open {
                let pointers: Vec<String> = open.findings.iter().map(|finding| finding.pointer.clone()).collect();
                let asked_us = open.asked_at.as_ref().and_then(micros).unwrap_or_default();
                // The same correction is answered once; where the form moved on meanwhile, again with the new one.
                let turn = (0..).find(|turn| !answered.contains(&(open.id.clone(), *turn))).unwrap_or(0_u32);
                answered.insert((open.id.clone(), turn));
                let answer = town.applicants.answer(index, &open.id, &pointers, &form(&found), asked_us);
                self.upload(&answer.papers).await;
                self.resubmit(application, case, &open.id, turn, &answer.form).await?;
                continue;
            }
            if let Some(later) = later.take() {
                let form = town.applicants.later_form(index, later.step, &form(&found));
                self.request_step(application, case, later.step, &form).await?;
            }
        }
    }

    /// The case with its form and corrections.
    async fn look(&mut self, case: &str) -> Option<Case> {
        let request = GetCaseRequest { id: case.to_owned(), view: CaseView::Full.into() };
        let call = self.line.call("GetCase", Duration::ZERO, request, async |channel, request| {
            CaseServiceClient::new(channel).get_case(request).await
        });
        match call.await {
            Ok(answer) => answer.case,
            Err(no) => {
                // It was acknowledged: it is there for ever.
                self.line.book.violation(format!("the acknowledged case {case} cannot be read: {no}"));
                None
            }
        }
    }

    async fn upload(&mut self, papers: &[Paper]) {
        for paper in papers {
            let header = UploadHeader {
                name: paper.name.clone(),
                media_type: "application/pdf".into(),
                size: i64::try_from(paper.bytes.len()).unwrap_or(i64::MAX),
                ..UploadHeader::default()
            };
            let parts = [Part::Header(header), Part::Chunk(paper.bytes.clone().into())];
            let parts = parts.map(|part| UploadDocumentRequest { part: Some(part) });
            let call = self.line.call("UploadDocument", Duration::ZERO, parts, async |channel, request| {
                let (metadata, extensions, parts) = request.into_parts();
                let request = Request::from_parts(metadata, extensions, tokio_stream::iter(parts));
                DocumentServiceClient::new(channel).upload_document(request).await
            });
            match call.await {
                Ok(_) => self.line.book.other(),
                Err(no) => self.line.book.violation(format!("the document {} was not taken: {no}", paper.digest())),
            }
        }
    }

    async fn resubmit(
        &mut self,
        application: &Application,
        case: &str,
        correction: &str,
        turn: u32,
        form: &Value,
    ) -> Result<()> {
        let request = ResubmitCaseRequest {
            request_id: format!("{}-{}-{correction}-{turn}", self.counter.run, application.index),
            case_id: case.to_owned(),
            correction_id: correction.to_owned(),
            form: Some(to_struct(form)?),
        };
        let answer = self
            .line
            .call("ResubmitCase", Duration::ZERO, request, async |channel, request| {
                CaseServiceClient::new(channel).resubmit_case(request).await
            })
            .await;
        let turns_left = turn < 5;
        self.judge(&format!("the answer to {correction} of {case}"), answer, turns_left);
        Ok(())
    }

    async fn request_step(&mut self, application: &Application, case: &str, step: &str, form: &Value) -> Result<()> {
        let request = RequestStepRequest {
            request_id: format!("{}-{}-{step}", self.counter.run, application.index),
            case_id: case.to_owned(),
            step: step.to_owned(),
            form: Some(to_struct(form)?),
        };
        let answer = self
            .line
            .call("RequestStep", Duration::ZERO, request, async |channel, request| {
                CaseServiceClient::new(channel).request_step(request).await
            })
            .await;
        self.judge(&format!("asking for {step} of {case}"), answer, true);
        Ok(())
    }

    async fn withdraw(&mut self, application: &Application, case: &str) {
        let request = WithdrawCaseRequest {
            request_id: format!("{}-{}-withdraw", self.counter.run, application.index),
            case_id: case.to_owned(),
            reason: "申请人改变计划".into(),
        };
        let call = self.line.call("WithdrawCase", Duration::ZERO, request, async |channel, request| {
            CaseServiceClient::new(channel).withdraw_case(request).await
        });
        let answer = call.await;
        self.judge(&format!("taking {case} back"), answer, false);
    }

    /// An applicant may come too late, and while somebody else's answer changes the form; that is life.
    fn judge<A>(&self, what: &str, answer: Result<A, No>, form_may_have_moved: bool) {
        match answer {
            Ok(_) => self.line.book.other(),
            Err(no) if no.code == Code::FailedPrecondition => {}
            Err(no) if no.code == Code::InvalidArgument && form_may_have_moved => {}
            Err(no) => self.line.book.violation(format!("{what} was refused: {no}")),
        }
    }
}

/// The form of a case as JSON.
fn form(case: &Case) -> Value {
    case.form.clone().and_then(|form| from_struct(form).ok()).unwrap_or(Value::Null)
}
