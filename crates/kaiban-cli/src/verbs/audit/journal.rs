//! `kaiban audit journal`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::json;
use crate::lengths::instant;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let mut request = v1::ListJournalRequest { case_id: args.case, page_size: 200, page_token: String::new() };
    loop {
        let page = client.call(request.clone()).await?;
        for entry in &page.entries {
            if output.is_json() {
                output.line(&json::of("JournalEntry", entry)?.to_string())?;
            } else {
                output.line(&format!(
                    "{}  {}  {}\n  {}",
                    entry.seq,
                    instant(entry.at.as_ref()),
                    entry.hash,
                    entry.bytes
                ))?;
            }
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(());
        }
    }
}
