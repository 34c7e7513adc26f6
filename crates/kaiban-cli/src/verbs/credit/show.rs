//! `kaiban credit show`

use kaiban_api::v1;

use super::subject::Subject;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// The day, as 2026-03-31; without it today.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DATE")]
    on: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::GetCreditRequest { subject: args.subject.of(), on: args.on };
    let credit = args.remote.call(request).await?.credit.unwrap_or_default();
    output.result(&json::of("Credit", &credit)?, || show::credit(&credit))
}
