//! `kaiban task fail`

use kaiban_api::v1;

use super::address::{Leased, answer};
use crate::failure::Failure;
use crate::form;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    task: Leased,
    /// The agency's own word for what failed, SCREAMING_SNAKE_CASE.
    #[arg(long)]
    code: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let failure = v1::TaskFailure {
        request_id: form::request_id(args.request_id),
        task: args.task.message(),
        epoch: args.task.epoch,
        code: args.code,
    };
    let request = v1::FailTasksRequest { failures: vec![failure] };
    answer(args.remote.call(request).await?.replies, output)
}
