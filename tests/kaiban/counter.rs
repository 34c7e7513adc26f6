//! The small package of `tests/workflows/counter`, for what is the same in every flow: a registration that begins at
//! once, then an office for invoices, one for social insurance and one for the housing fund, side by side.

use kaiban_api::v1::{SubmitCaseRequest, SubmitCaseResponse};
use kaiban_app::Settings;
use serde_json::{Value, json};
use tonic::Status;

use crate::city::{City, Terminal};
use crate::database::Database;
use crate::forms::wire;

/// A city that has the package.
pub async fn start(db: &Database) -> City {
    start_with(db, Settings::default()).await
}

/// The same with other bounds.
pub async fn start_with(db: &Database, settings: Settings) -> City {
    City::start_as(db, &["counter"], settings).await
}

/// A form that the package takes, registered at a division.
pub fn form(registrar: &str) -> Value {
    json!({
        "registrar": registrar,
        "name": "福州榕光信息技术有限公司",
        "capital_fen": 100_000_000,
        "domicile": { "address": "福州市鼓楼区五四路100号" },
        "invoices": { "monthly": 25 },
        "social_insurance": { "employees": 2 },
        "housing_fund": { "ratio": 8 },
    })
}

/// Submits a form under a request id.
pub async fn submit(terminal: &mut Terminal, request_id: &str, form: &Value) -> Result<SubmitCaseResponse, Status> {
    let request = SubmitCaseRequest { request_id: request_id.to_owned(), workflow: "counter".into(), form: wire(form) };
    terminal.submit_case(request).await.map(tonic::Response::into_inner)
}

/// Submits a form; gives the case number.
pub async fn submitted(terminal: &mut Terminal, request_id: &str, form: &Value) -> String {
    submit(terminal, request_id, form).await.expect("a case").case.expect("a case").id
}
