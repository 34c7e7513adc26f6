//! `kaiban task get`

use kaiban_api::v1;

use super::address::address;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The task's id (CASE/STEP/OFFER), or CASE/STEP; a branch is quoted: 'CASE/identity[p1]'.
    task: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::GetTaskRequest { task: Some(address(&args.task)) };
    let task = args.remote.call(request).await?.task.unwrap_or_default();
    output.result(&json::of("Task", &task)?, || show::task(&task))
}
