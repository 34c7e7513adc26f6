//! One line for each call that failed or took long, and none for the others.

use std::time::Duration;

use kaiban_app::Sparing;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use tracing::{debug, error, info, warn};

use crate::call::Facts;
use crate::limits::Limits;

/// Said of call after call while the database is away, or there is more to do than can be done.
static NOT_SERVED: Sparing = Sparing::new();
static BUSY: Sparing = Sparing::new();

/// Methods whose answers wait on purpose, or for what their callers send.
const TAKE_LONG: [&str; 3] = [
    "/kaiban.v1.TaskService/ClaimTasks",
    "/kaiban.v1.TaskService/WorkTasks",
    "/kaiban.v1.DocumentService/UploadDocument",
];

/// How a call went.
pub(super) fn told(method: &str, status: Option<&Status>, facts: &Facts, elapsed: Duration, limits: &Limits) {
    let Facts { token, request_id, case } = facts;
    let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    match status {
        Some(status) => failed(method, status, facts, ms),
        None if elapsed >= limits.slow_call && !TAKE_LONG.contains(&method) => {
            warn!(method, token, request_id, case, ms, "a call took long");
        }
        None => debug!(method, token, request_id, case, ms, "a call was answered"),
    }
}

/// A call or a stream that ended with a status. What is ours to mend is an error; what may need a look, a warning; what
/// the caller has to mend, information. Texts are left out: they are the caller's, and reason and code say the same.
pub(crate) fn failed(method: &str, status: &Status, facts: &Facts, ms: u64) {
    let Facts { token, request_id, case } = facts;
    let reason = status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let (code, reason) = (format!("{:?}", status.code()), reason.as_str());
    match status.code() {
        Code::Internal | Code::Unknown | Code::DataLoss => {
            error!(method, token, request_id, case, code, reason, ms, "a call failed");
        }
        Code::Unavailable if reason != "STOPPING" => {
            if let Some(unsaid) = NOT_SERVED.now() {
                warn!(method, token, request_id, case, code, reason, ms, unsaid, "a call could not be served");
            }
        }
        Code::ResourceExhausted if reason == "BUSY" => {
            if let Some(unsaid) = BUSY.now() {
                info!(method, token, request_id, case, code, reason, ms, unsaid, "a call was refused");
            }
        }
        // Its reader has hung up.
        Code::Cancelled => debug!(method, token, request_id, case, ms, "a call was given up"),
        _ => info!(method, token, request_id, case, code, reason, ms, "a call was refused"),
    }
}
