//! `kaiban case watch`

use kaiban_api::v1;
use kaiban_client::Watched;

use super::filter::Filter;
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// One case; without it all that match.
    case: Option<String>,
    #[command(flatten)]
    filter: Filter,
    /// Leave out how things stand now.
    #[arg(long)]
    changes_only: bool,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::WatchCasesRequest {
        id: args.case.unwrap_or_default(),
        filter: Some(args.filter.message()?),
        changes_only: args.changes_only,
        view: v1::CaseView::Basic.into(),
    };
    let mut changes = args.remote.client().await?.watch(request);
    loop {
        match changes.next().await? {
            Watched::Case(case) => {
                output.result(&json::of("Case", case.as_ref())?, || show::case_row(&case).join("  "))?;
            }
            Watched::Reopened => say("the stream broke and is open again"),
        }
    }
}
