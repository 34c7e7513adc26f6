//! `kaiban draw commit`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::form;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Number of the draw.
    draw: String,
    /// The commitment, as `draw secret` prints it.
    #[arg(value_name = "HASH")]
    sha256: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request_id = form::request_id(args.request_id);
    let request = v1::CommitSeedRequest { request_id, draw_id: args.draw, sha256: args.sha256 };
    let draw = args.remote.call(request).await?.draw;
    super::result(output, draw)
}
