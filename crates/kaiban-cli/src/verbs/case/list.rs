//! `kaiban case list`

use clap::ValueEnum;
use kaiban_api::v1;

use super::filter::Filter;
use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::remote::Remote;
use crate::{json, show};

/// Most cases on one page.
const PAGE_MAX: usize = 500;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Order {
    /// Newest receipt first.
    Newest,
    /// Oldest receipt first.
    Oldest,
    /// Open cases whose promise ends soonest first.
    Due,
}

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    filter: Filter,
    /// In which order.
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    order: Order,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let order = match args.order {
        Order::Newest => v1::CaseOrder::ReceivedDesc,
        Order::Oldest => v1::CaseOrder::ReceivedAsc,
        Order::Due => v1::CaseOrder::PromiseDue,
    };
    let client = args.remote.client().await?;
    let mut request = v1::ListCasesRequest {
        filter: Some(args.filter.message()?),
        order: order.into(),
        view: v1::CaseView::Basic.into(),
        // The same on every page: a page token belongs to its request.
        page_size: i32::try_from(args.limit.clamp(1, PAGE_MAX)).unwrap_or_default(),
        ..Default::default()
    };
    let mut rows = Vec::new();
    let mut left = args.limit;
    while left > 0 {
        let page = client.call(request.clone()).await?;
        for case in page.cases.iter().take(left) {
            if output.is_json() {
                output.line(&json::of("Case", case)?.to_string())?;
            } else {
                rows.push(show::case_row(case));
            }
        }
        left = left.saturating_sub(page.cases.len());
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            break;
        }
    }
    if !output.is_json() {
        output.line(&table(show::CASE_HEADER, rows))?;
    }
    if !request.page_token.is_empty() {
        say("hint: there are more; raise --limit");
    }
    Ok(())
}
