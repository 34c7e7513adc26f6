//! `kaiban draw reveal`

use std::path::PathBuf;

use kaiban_api::v1;

use crate::failure::Failure;
use crate::form;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Number of the draw.
    draw: String,
    /// File that `draw secret` has kept the number in.
    #[arg(long, value_name = "FILE")]
    secret: PathBuf,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let shown = args.secret.display();
    let reveal = std::fs::read_to_string(&args.secret)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    let request_id = form::request_id(args.request_id);
    let request = v1::RevealSeedRequest { request_id, draw_id: args.draw, reveal: reveal.trim().to_owned() };
    let draw = args.remote.call(request).await?.draw;
    super::result(output, draw)
}
