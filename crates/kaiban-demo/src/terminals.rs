//! The outlets: hand forms in, look after corrections, bring the applicant's answers.

use std::collections::HashMap;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    Case, CaseView, GetCaseRequest, RequestStepRequest, ResubmitCaseRequest, SubmitCaseRequest, UploadDocumentRequest,
    UploadHeader, WithdrawCaseRequest,
};
use kaiban_api::{Channel, from_struct, to_struct};
use kaiban_population::{Application, Paper};
use serde_json::Value;
use tonic::Code;

use crate::failure::DemoError;

/// A terminal at every outlet.
pub(crate) struct Terminals(HashMap<String, Channel>);

impl Terminals {
    pub fn new(lines: HashMap<String, Channel>) -> Self {
        Self(lines)
    }

    fn line(&self, outlet: &str) -> Result<Channel, DemoError> {
        self.0.get(outlet).cloned().ok_or_else(|| DemoError::Start(format!("no terminal at {outlet}")))
    }

    fn at(&self, outlet: &str) -> Result<CaseServiceClient<Channel>, DemoError> {
        Ok(CaseServiceClient::new(self.line(outlet)?))
    }

    /// Hands in the documents that a form names.
    pub async fn upload(&self, application: &Application, papers: &[Paper]) -> Result<(), DemoError> {
        let mut client = DocumentServiceClient::new(self.line(&application.outlet)?);
        for paper in papers {
            let header = UploadHeader {
                name: paper.name.clone(),
                media_type: "application/pdf".into(),
                size: i64::try_from(paper.bytes.len()).unwrap_or(i64::MAX),
                ..UploadHeader::default()
            };
            let parts = [Part::Header(header), Part::Chunk(paper.bytes.clone().into())];
            let parts = parts.map(|part| UploadDocumentRequest { part: Some(part) });
            client.upload_document(tokio_stream::iter(parts)).await.map_err(DemoError::call("UploadDocument"))?;
        }
        Ok(())
    }

    /// Hands an application in; gives the case.
    pub async fn submit(&self, application: &Application, workflow: &str) -> Result<Case, DemoError> {
        self.upload(application, &application.papers).await?;
        let request = SubmitCaseRequest {
            request_id: format!("{}-{}", application.outlet, application.index),
            workflow: workflow.to_owned(),
            form: Some(to_struct(&application.form).map_err(|error| DemoError::Start(error.to_string()))?),
        };
        let mut client = self.at(&application.outlet)?;
        let response = client.submit_case(request).await.map_err(DemoError::call("SubmitCase"))?;
        response.into_inner().case.ok_or_else(|| DemoError::Start("SubmitCase answered without a case".into()))
    }

    /// The case with its form and corrections.
    pub async fn look(&self, application: &Application, case: &str) -> Result<Case, DemoError> {
        let request = GetCaseRequest { id: case.to_owned(), view: CaseView::Full.into() };
        let mut client = self.at(&application.outlet)?;
        let response = client.get_case(request).await.map_err(DemoError::call("GetCase"))?;
        response.into_inner().case.ok_or_else(|| DemoError::Start("GetCase answered without a case".into()))
    }

    /// Answers a correction; false when the case ended meanwhile.
    pub async fn resubmit(
        &self,
        application: &Application,
        case: &str,
        correction: &str,
        form: &Value,
    ) -> Result<bool, DemoError> {
        let request = ResubmitCaseRequest {
            request_id: format!("{}-{}-{correction}", application.outlet, application.index),
            case_id: case.to_owned(),
            correction_id: correction.to_owned(),
            form: Some(to_struct(form).map_err(|error| DemoError::Start(error.to_string()))?),
        };
        ended(self.at(&application.outlet)?.resubmit_case(request).await, "ResubmitCase")
    }

    /// Asks for a step that the application left out; false when it was too late.
    pub async fn request_step(
        &self,
        application: &Application,
        case: &str,
        step: &str,
        form: &Value,
    ) -> Result<bool, DemoError> {
        let request = RequestStepRequest {
            request_id: format!("{}-{}-{step}", application.outlet, application.index),
            case_id: case.to_owned(),
            step: step.to_owned(),
            form: Some(to_struct(form).map_err(|error| DemoError::Start(error.to_string()))?),
        };
        ended(self.at(&application.outlet)?.request_step(request).await, "RequestStep")
    }

    /// Takes an application back; false when it was decided or ended before.
    pub async fn withdraw(&self, application: &Application, case: &str) -> Result<bool, DemoError> {
        let request = WithdrawCaseRequest {
            request_id: format!("{}-{}-withdraw", application.outlet, application.index),
            case_id: case.to_owned(),
            reason: "申请人改变计划".into(),
        };
        ended(self.at(&application.outlet)?.withdraw_case(request).await, "WithdrawCase")
    }
}

/// The applicant may come too late; that is life, not a failure.
pub(crate) fn ended<T>(
    answer: Result<tonic::Response<T>, tonic::Status>,
    what: &'static str,
) -> Result<bool, DemoError> {
    match answer {
        Ok(_) => Ok(true),
        Err(status) if status.code() == Code::FailedPrecondition => Ok(false),
        Err(status) => Err(DemoError::call(what)(status)),
    }
}

/// The form of a case as JSON.
pub(crate) fn form(case: &Case) -> Value {
    case.form.clone().and_then(|form| from_struct(form).ok()).unwrap_or(Value::Null)
}
