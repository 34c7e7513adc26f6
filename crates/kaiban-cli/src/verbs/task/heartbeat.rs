//! `kaiban task heartbeat`

use std::time::Duration;

use kaiban_api::v1;

use super::address::{Leased, answer};
use crate::failure::Failure;
use crate::lengths;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    task: Leased,
    /// New length from now: 90s, 5m, 2h, 3d. Without it the length of the claim.
    #[arg(long, value_parser = lengths::parse, value_name = "LENGTH")]
    lease: Option<Duration>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let heartbeat = v1::TaskHeartbeat {
        task: args.task.message(),
        epoch: args.task.epoch,
        lease: args.lease.map(lengths::message),
    };
    let request = v1::HeartbeatTasksRequest { heartbeats: vec![heartbeat] };
    answer(args.remote.call(request).await?.replies, output)
}
