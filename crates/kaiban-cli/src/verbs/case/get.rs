//! `kaiban case get`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::GetCaseRequest { id: args.case, view: v1::CaseView::Full.into() };
    let case = args.remote.call(request).await?.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
