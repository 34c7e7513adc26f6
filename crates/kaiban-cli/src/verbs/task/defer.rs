//! `kaiban task defer`

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
    /// When to offer it again, in business time: 2026-03-03T09:00:00+08:00.
    #[arg(long, value_name = "TIME")]
    until: String,
    /// The agency's own word for why, SCREAMING_SNAKE_CASE.
    #[arg(long)]
    code: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let deferral = v1::TaskDeferral {
        request_id: form::request_id(args.request_id),
        task: args.task.message(),
        epoch: args.task.epoch,
        ask_again_after: Some(form::instant(&args.until)?),
        code: args.code,
    };
    let request = v1::DeferTasksRequest { deferrals: vec![deferral] };
    answer(args.remote.call(request).await?.replies, output)
}
