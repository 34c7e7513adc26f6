//! `kaiban case rate`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// 1 (very dissatisfied) to 5 (very satisfied).
    #[arg(long, value_parser = clap::value_parser!(i32).range(1..=5))]
    grade: i32,
    /// What the applicant says of it.
    #[arg(long, default_value = "", hide_default_value = true)]
    comment: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::RateCaseRequest {
        request_id: form::request_id(args.request_id),
        case_id: args.case,
        grade: args.grade,
        comment: args.comment,
    };
    let case = args.remote.call(request).await?.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
