//! `kaiban audit heads`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::json;
use crate::lengths::instant;
use crate::output::{Output, table};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    /// Only those after this number.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u32>,
    #[command(flatten)]
    remote: Remote,
}

/// What a head has in a list.
const HEADER: [&str; 5] = ["NUMBER", "FROM", "UNTIL", "ENTRIES", "HEAD"];

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let mut client = args.remote.audit().await?;
    let page_token = args.after.filter(|after| *after > 0).map(|after| after.to_string()).unwrap_or_default();
    let mut request = v1::ListHeadsRequest { page_size: 500, page_token };
    let mut heads = Vec::new();
    loop {
        let page = client.list_heads(request.clone()).await?.into_inner();
        if output.is_json() {
            for head in &page.heads {
                output.line(&json::of("JournalHead", head)?.to_string())?;
            }
        } else {
            heads.extend(page.heads);
        }
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if output.is_json() {
        return Ok(());
    }
    output.line(&table(HEADER, heads.iter().map(row)))
}

fn row(head: &v1::JournalHead) -> [String; 5] {
    [
        head.number.to_string(),
        instant(head.from.as_ref()),
        instant(head.until.as_ref()),
        head.entries.to_string(),
        head.head.clone(),
    ]
}
