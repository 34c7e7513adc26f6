//! `kaiban task explain-delay`

use kaiban_api::v1;

use super::address::address;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// CASE/STEP, or the id of any task of the step; a branch is quoted: 'CASE/identity[p1]'.
    task: String,
    /// The officer who says so; may be left out with an officer's own token.
    #[arg(long, default_value = "", hide_default_value = true)]
    officer: String,
    /// Why the step took longer than promised, in words for the public that name nobody.
    #[arg(long)]
    reason: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ExplainDelayRequest {
        request_id: form::request_id(args.request_id),
        task: Some(address(&args.task)),
        officer: args.officer,
        reason: args.reason,
    };
    let delay = args.remote.call(request).await?.delay.unwrap_or_default();
    output.result(&json::of("Delay", &delay)?, || show::delay(&delay))
}
