//! `kaiban task claim`

use std::time::Duration;

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{form, json, lengths, show};

#[derive(clap::Args)]
pub struct Args {
    /// The office; may be left out when the token is for one only.
    #[arg(long, default_value = "", hide_default_value = true)]
    office: String,
    /// A step to take tasks of; several may be given. Without it all.
    #[arg(long = "step", value_name = "STEP")]
    steps: Vec<String>,
    /// How many at most.
    #[arg(long, default_value_t = 1, value_name = "N")]
    max: i32,
    /// Length of the leases: 90s, 5m, 2h, 3d.
    #[arg(long, value_parser = lengths::parse, value_name = "LENGTH")]
    lease: Option<Duration>,
    /// How long to wait for the first task.
    #[arg(long, value_parser = lengths::parse, value_name = "LENGTH")]
    wait: Option<Duration>,
    /// Send the same again to get the same tasks; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ClaimTasksRequest {
        request_id: form::request_id(args.request_id),
        office: args.office,
        steps: args.steps,
        max: args.max,
        lease: args.lease.map(lengths::message),
        wait: args.wait.map(lengths::message),
    };
    let tasks = args.remote.call(request).await?.tasks;
    if tasks.is_empty() {
        say("no task is ready");
    }
    for task in &tasks {
        output.result(&json::of("Task", task)?, || format!("{}\n", show::task(task)))?;
    }
    Ok(())
}
