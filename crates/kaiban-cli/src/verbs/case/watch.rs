//! `kaiban case watch`

use kaiban_api::v1;

use super::filter::Filter;
use crate::failure::Failure;
use crate::output::Output;
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
    let mut changes = args.remote.cases().await?.watch_cases(request).await?.into_inner();
    while let Some(change) = changes.message().await? {
        let case = change.case.unwrap_or_default();
        output.result(&json::of("Case", &case)?, || show::case_row(&case).join("  "))?;
    }
    Ok(())
}
