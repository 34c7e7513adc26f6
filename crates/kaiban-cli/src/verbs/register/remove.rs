//! `kaiban register remove`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The register, as packages name it.
    register: String,
    /// The entry.
    key: String,
    /// Why.
    #[arg(long)]
    reason: String,
    /// Who acts; a person's own token may leave it out.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    officer: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::RemoveRegisterEntryRequest {
        request_id: form::request_id(args.request_id),
        register: args.register,
        key: args.key,
        reason: args.reason,
        officer: args.officer,
    };
    let answer = args.remote.call(request).await?;
    let entry = answer.entry.unwrap_or_default();
    output.result(&json::of("RegisterEntry", &entry)?, || show::register_entry(&entry))
}
