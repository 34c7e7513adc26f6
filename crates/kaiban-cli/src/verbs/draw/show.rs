//! `kaiban draw show`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Number of the draw.
    draw: String,
    /// Print the record alone, as it is published; `kaiban draw verify` reads it.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::GetDrawRequest { id: args.draw };
    let answer = args.remote.call(request).await?;
    if args.record {
        return output.line(&answer.record);
    }
    output.result(&json::of("GetDrawResponse", &answer)?, || {
        let mut text = show::draw(&answer.draw.clone().unwrap_or_default());
        if answer.not_carried_out > 0 {
            text.push_str(&format!("\n{} not told yet", show::count(answer.not_carried_out, "case")));
        }
        text
    })
}
