//! `kaiban register list`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The register, as packages name it.
    register: String,
    /// Only entries whose key begins with this.
    #[arg(long, default_value = "", hide_default_value = true)]
    prefix: String,
    /// Entries that have ended as well.
    #[arg(long)]
    ended: bool,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let mut request = v1::ListRegisterRequest {
        register: args.register,
        prefix: args.prefix,
        ended: args.ended,
        ..v1::ListRegisterRequest::default()
    };
    loop {
        let page = client.call(request.clone()).await?;
        for entry in &page.entries {
            if output.is_json() {
                output.line(&json::of("RegisterEntry", entry)?.to_string())?;
            } else {
                output.line(&show::register_entry(entry))?;
            }
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(());
        }
    }
}
