//! The registering bureau's officers: hold a registration up for a special procedure and let it go on.

use std::collections::HashMap;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{CancelCaseRequest, PauseReason, PauseStepRequest, ResumeStepRequest};
use kaiban_api::{Channel, timestamp};
use kaiban_definition::Directory;
use kaiban_population::Crowd;
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
            let line = CaseServiceClient::new(line);
            let desk = Desk { line, officer: officer.id.clone(), approver: approver.id.clone() };
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
