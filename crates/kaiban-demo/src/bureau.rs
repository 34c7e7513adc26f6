//! The registering bureau's officers: hold a registration up for a special procedure and let it go on, and
//! keep the record of whoever promised what was not true.

use std::collections::HashMap;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::credit_service_client::CreditServiceClient;
use kaiban_api::v1::credit_subject::Of;
use kaiban_api::v1::{
    CancelCaseRequest, CasePerson, CreditClass, CreditReason, CreditSubject, PauseReason, PauseStepRequest,
    RecordCreditRequest, ResumeStepRequest, Text,
};
use kaiban_api::{Channel, timestamp};
use kaiban_calendar::local_date;
use kaiban_definition::Directory;
use kaiban_population::{Application, Crowd};
use tonic::{Code, Response, Status};

use crate::conductor::Known;
use crate::failure::DemoError;
use crate::terminals::ended;
use crate::town::Town;

/// The party that registers.
const REGISTRAR: &str = "market-regulation";

/// An officer of each division's bureau, with the one who approves.
pub(crate) struct Bureau(HashMap<String, Desk>);

struct Desk {
    line: CaseServiceClient<Channel>,
    credit: CreditServiceClient<Channel>,
    officer: String,
    approver: String,
}

impl Bureau {
    /// Connects the first officer of each office; an office with one officer holds nothing up.
    pub async fn new(town: &Town, directory: &Directory) -> Result<Self, DemoError> {
        let mut desks = HashMap::new();
        for division in directory.divisions() {
            let Some(office) = directory.office(REGISTRAR, &division.code) else { continue };
            let [officer, approver, ..] = office.officers.as_slice() else { continue };
            let line = town.officer(REGISTRAR, &officer.id).await?;
            let (line, credit) = (CaseServiceClient::new(line.clone()), CreditServiceClient::new(line));
            let desk = Desk { line, credit, officer: officer.id.clone(), approver: approver.id.clone() };
            desks.insert(division.code.clone(), desk);
        }
        Ok(Self(desks))
    }

    /// Holds the registration up; false when it is not under way.
    pub async fn pause(&self, case: &Known, until_us: i64) -> Result<bool, DemoError> {
        let Some(desk) = self.0.get(&case.division) else { return Ok(false) };
        let request = PauseStepRequest {
            request_id: format!("{}-pause", case.number),
            case_id: case.number.clone(),
            step: Crowd::HELD_UP.into(),
            reason: PauseReason::SpecialProcedure.into(),
            until: Some(timestamp(until_us)),
            note: "需进行现场核实，核实时间不计入办理时限。".into(),
            officer: desk.officer.clone(),
            approver: desk.approver.clone(),
        };
        under_way(desk.line.clone().pause_step(request).await, "PauseStep")
    }

    /// Cancels a case that cannot go on; false when it has ended.
    pub async fn cancel(&self, case: &str, division: &str) -> Result<bool, DemoError> {
        let Some(desk) = self.0.get(division) else { return Ok(false) };
        let request = CancelCaseRequest {
            request_id: format!("{case}-cancel"),
            case_id: case.to_owned(),
            officer: desk.officer.clone(),
            reason: "申请事项已无法继续办理，经核实予以终止。".into(),
        };
        ended(desk.line.clone().cancel_case(request).await, "CancelCase")
    }

    /// Puts a false promise on the record of whoever made it; false where nobody keeps records.
    pub async fn records(&self, case: &Known, by: &Application, now_us: i64) -> Result<bool, DemoError> {
        let Some(desk) = self.0.get(&case.division) else { return Ok(false) };
        let person_key = by.signatory().unwrap_or_default().to_owned();
        let of = Of::CasePerson(CasePerson { case_id: case.number.clone(), person_key });
        let request = RecordCreditRequest {
            request_id: format!("{}-credit", case.number),
            subject: Some(CreditSubject { of: Some(of) }),
            record_id: format!("false-commitment-{}", by.index),
            class: CreditClass::General.into(),
            reason: CreditReason::FalseCommitment.into(),
            text: Some(Text {
                zh: "承诺的住所不真实，登记已被撤销。".into(),
                en: "The domicile that was promised was not true; the registration has been revoked.".into(),
            }),
            source: format!("榕诺撤字〔{}〕{}号", local_date(now_us).year(), by.index + 1),
            law: "国办发〔2020〕42号".into(),
            decided_on: local_date(now_us).to_string(),
            ..RecordCreditRequest::default()
        };
        desk.credit.clone().record_credit(request).await.map(|_| true).map_err(DemoError::call("RecordCredit"))
    }

    /// Lets the registration go on; false when it is not held up.
    pub async fn resume(&self, case: &Known) -> Result<bool, DemoError> {
        let Some(desk) = self.0.get(&case.division) else { return Ok(false) };
        let request = ResumeStepRequest {
            request_id: format!("{}-resume", case.number),
            case_id: case.number.clone(),
            step: Crowd::HELD_UP.into(),
            officer: desk.officer.clone(),
        };
        under_way(desk.line.clone().resume_step(request).await, "ResumeStep")
    }
}

/// A registration that has not reached the bureau yet looks to it as if it were not there.
fn under_way<T>(answer: Result<Response<T>, Status>, what: &'static str) -> Result<bool, DemoError> {
    match answer {
        Err(status) if status.code() == Code::NotFound => Ok(false),
        answer => ended(answer, what),
    }
}
