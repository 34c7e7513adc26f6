//! `kaiban commitment withdraw`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The step that asks for the certificate.
    step: String,
    /// Why.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::WithdrawCommitmentRequest {
        request_id: form::request_id(args.request_id),
        case_id: args.case,
        step: args.step,
        reason: args.reason,
    };
    let answer = args.remote.call(request).await?;
    let case = answer.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
