//! A submitter: hands a case in, waits for its end, hands the next one in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use kaiban_api::v1::SubmitCaseRequest;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::{Channel, to_struct};

use crate::failure::BenchError;
use crate::figures::Sample;
use crate::finish::Finishes;
use crate::form::form;

/// The package that is measured.
const WORKFLOW: &str = "six-step";

/// One case in flight.
pub(crate) struct Slot {
    pub line: Channel,
    pub division: String,
    /// Unique on this database, so that no request id is met twice.
    pub name: String,
    pub finishes: Arc<Finishes>,
    pub stop: Arc<AtomicBool>,
}

impl Slot {
    /// Goes on until it is told to stop, and then to the end of its last case.
    pub async fn run(self) -> Result<Vec<Sample>, BenchError> {
        let form = to_struct(&form(&self.division)).map_err(|error| BenchError::Ended(error.to_string()))?;
        let mut client = CaseServiceClient::new(self.line);
        let mut samples = Vec::new();
        while !self.stop.load(Ordering::Relaxed) {
            let request = SubmitCaseRequest {
                request_id: format!("{}-{}", self.name, samples.len()),
                workflow: WORKFLOW.to_owned(),
                form: Some(form.clone()),
            };
            let begun = Instant::now();
            let answer = client.submit_case(request).await.map_err(BenchError::call("SubmitCase"))?;
            let case = answer.into_inner().case.unwrap_or_default().id;
            let Some(finished) = self.finishes.wait(case).await else {
                return Err(BenchError::Ended("the workers".into()));
            };
            samples.push(Sample { begun, finished });
        }
        Ok(samples)
    }
}
