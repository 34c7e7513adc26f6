//! `kaiban incident resolve`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Id of the incident, as `incident list` names it: CASE/STEP for a step.
    incident: String,
    /// The officer who decides; may be left out with an officer's own token.
    #[arg(long, default_value = "", hide_default_value = true)]
    officer: String,
    /// A message that could not be delivered was passed on by other means: it counts as told, and is not sent any more.
    #[arg(long)]
    by_hand: bool,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ResolveIncidentRequest {
        request_id: form::request_id(args.request_id),
        incident: args.incident,
        officer: args.officer,
        by_hand: args.by_hand,
    };
    let client = args.remote.client().await?;
    let case = client.call(request).await?.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
