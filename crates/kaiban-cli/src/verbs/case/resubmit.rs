//! `kaiban case resubmit`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The whole corrected form as JSON; `-` reads standard input.
    form: String,
    /// The correction that this answers, as `case get` names it.
    #[arg(long, value_name = "ID")]
    correction: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ResubmitCaseRequest {
        request_id: form::request_id(args.request_id),
        case_id: args.case,
        correction_id: args.correction,
        form: Some(form::read_object(&args.form)?),
    };
    let case = args.remote.call(request).await?.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
