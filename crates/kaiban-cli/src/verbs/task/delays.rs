//! `kaiban task delays`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::remote::Remote;
use crate::{json, show};

/// Most delays on one page.
const PAGE_MAX: usize = 500;

#[derive(clap::Args)]
pub struct Args {
    /// Only of this office.
    #[arg(long, default_value = "", hide_default_value = true)]
    office: String,
    /// Only of cases of this division.
    #[arg(long, default_value = "", hide_default_value = true)]
    division: String,
    /// Only those whose reason has not been given.
    #[arg(long)]
    owed: bool,
    /// How many at most.
    #[arg(long, default_value_t = 100, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let client = args.remote.client().await?;
    let mut request = v1::ListDelaysRequest {
        office: args.office,
        division: args.division,
        owed_only: args.owed,
        page_size: i32::try_from(args.limit.clamp(1, PAGE_MAX)).unwrap_or_default(),
        ..Default::default()
    };
    let (mut rows, mut left) = (Vec::new(), args.limit);
    let mut counts = (0, 0);
    while left > 0 {
        let page = client.call(request.clone()).await?;
        counts = (page.late, page.no_reason_given);
        for late in page.delays.iter().take(left) {
            if output.is_json() {
                output.line(&json::of("LateStep", late)?.to_string())?;
            } else {
                rows.push(show::late_row(late));
            }
        }
        left = left.saturating_sub(page.delays.len());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if !output.is_json() {
        output.line(&table(show::LATE_HEADER, rows))?;
    }
    say(&format!("{}, {} without a reason given (未说明理由)", show::count(counts.0, "late step"), counts.1));
    if !request.page_token.is_empty() {
        say("hint: there are more; raise --limit");
    }
    Ok(())
}
