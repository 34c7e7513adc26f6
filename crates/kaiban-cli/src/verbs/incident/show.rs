//! `kaiban incident show`

use kaiban_api::v1;

use super::page;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Id of the incident, as `incident list` names it: CASE/STEP for a step.
    incident: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let case_id = args.incident.split('/').next().unwrap_or_default().to_owned();
    let mut request = v1::ListIncidentsRequest { case_id, ..Default::default() };
    loop {
        let (incidents, next) = page(&client, &request).await?;
        if let Some(found) = incidents.iter().find(|incident| incident.id == args.incident) {
            return output.result(&json::of("Incident", found)?, || show::incident(found));
        }
        request.page_token = next;
        if request.page_token.is_empty() {
            let shown = &args.incident;
            let zh = format!("没有事件 {shown}，或者已经处理。");
            let en = format!("there is no incident {shown}, or it is resolved");
            return Err(Failure::local("NO_INCIDENT", zh, en).with_hint("`kaiban incident list` shows what there is"));
        }
    }
}
