//! Promises: whoever runs a business, identified, signs the commitment instead of handing a proof in (告知承诺).

use std::collections::HashMap;

use kaiban_api::Channel;
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::{
    Case, DeclineCommitmentRequest, IssueApplicantCredentialRequest, PreviewCommitmentRequest, SignCommitmentRequest,
    StepState,
};
use kaiban_definition::Directory;
use kaiban_population::Application;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::failure::DemoError;
use crate::terminals::form;
use crate::town::Town;

/// The step that can be promised.
pub(crate) const PROMISED: &str = "domicile-use";

/// The step, and the party, that check who somebody is and give out credentials.
const IDENTITY: &str = "identity";

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Promised {
    /// Signed.
    Signed,
    /// The person does not want to.
    Declined,
    /// The person may not.
    NotAllowed,
    /// The case has moved on.
    TooLate,
}

/// The offices that give credentials to those whom they have identified.
pub(crate) struct Notary(HashMap<String, AdminServiceClient<Channel>>);

impl Notary {
    /// Connects the office of each division.
    pub async fn new(town: &Town, directory: &Directory) -> Result<Self, DemoError> {
        let mut lines = HashMap::new();
        for division in directory.divisions() {
            let Some(office) = directory.office(IDENTITY, &division.code) else { continue };
            let line = AdminServiceClient::new(town.office(IDENTITY, &office.id).await?);
            lines.insert(division.code.clone(), line);
        }
        Ok(Self(lines))
    }

    /// Whether the one who would sign has been identified.
    pub fn has_identified(case: &Case, application: &Application) -> bool {
        let Some(person) = application.signatory() else { return false };
        let branch = format!("{IDENTITY}[{person}]");
        case.steps.iter().any(|step| step.step == branch && step.state() == StepState::Completed)
    }

    /// The applicant of a case looks at the letter, and signs or declines; `request_id` is unique.
    pub async fn promises(
        &self,
        town: &Town,
        application: &Application,
        case: &Case,
        request_id: String,
        declines: bool,
    ) -> Result<Promised, DemoError> {
        let (Some(person), Some(office)) = (application.signatory(), self.0.get(&case.division)) else {
            return Ok(Promised::TooLate);
        };
        let request = IssueApplicantCredentialRequest { case_id: case.id.clone(), person_key: person.to_owned() };
        let issued = match office.clone().issue_applicant_credential(request).await {
            Ok(issued) => issued.into_inner(),
            Err(status) if status.code() == Code::FailedPrecondition => return Ok(Promised::TooLate),
            Err(status) => return Err(DemoError::call("IssueApplicantCredential")(status)),
        };
        let mut client = CommitmentServiceClient::new(town.line(&issued.secret).await?);
        let (case_id, step) = (case.id.clone(), PROMISED.to_owned());
        if declines {
            let answer = client.decline_commitment(DeclineCommitmentRequest { request_id, case_id, step }).await;
            return said(answer.map(drop), "DeclineCommitment", Promised::Declined);
        }
        let request =
            PreviewCommitmentRequest { case_id: case_id.clone(), step: step.clone(), person_key: String::new() };
        let letter = client.preview_commitment(request).await.map_err(DemoError::call("PreviewCommitment"))?;
        let letter = letter.into_inner();
        // As the form has the name now: it may have been corrected.
        let people = form(case);
        let people = people["people"].as_array().into_iter().flatten();
        let typed_name = people.filter(|entry| entry["key"] == person).find_map(|entry| entry["name"].as_str());
        let request = SignCommitmentRequest {
            request_id,
            case_id,
            step,
            text_sha256: letter.text_sha256,
            typed_name: typed_name.unwrap_or_default().to_owned(),
            signature: None,
        };
        said(client.sign_commitment(request).await.map(drop), "SignCommitment", Promised::Signed)
    }
}

fn said(answer: Result<(), Status>, what: &'static str, done: Promised) -> Result<Promised, DemoError> {
    match answer {
        Ok(()) => Ok(done),
        Err(status) if reason(&status) == "COMMITMENT_NOT_ALLOWED" => Ok(Promised::NotAllowed),
        Err(status) if status.code() == Code::FailedPrecondition => Ok(Promised::TooLate),
        Err(status) => Err(DemoError::call(what)(status)),
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
