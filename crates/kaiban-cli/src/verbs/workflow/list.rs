//! `kaiban workflow list`

use kaiban_api::v1;

use super::source::Source;
use crate::failure::Failure;
use crate::json;
use crate::output::{Output, table};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    source: Source,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let workflows = match args.source.packages()? {
        Some(packages) => {
            packages.definitions.iter().map(|definition| kaiban_server::brief_workflow(definition)).collect()
        }
        None => {
            let client = args.source.remote.client().await?;
            client.call(v1::ListWorkflowsRequest {}).await?.workflows
        }
    };
    if output.is_json() {
        return workflows.iter().try_for_each(|found| output.line(&json::of("Workflow", found)?.to_string()));
    }
    let rows = workflows.into_iter().map(|found| {
        let title = found.title.unwrap_or_default().zh;
        [found.workflow, found.version, found.effective_from, title, found.digest]
    });
    output.line(&table(["WORKFLOW", "VERSION", "FROM", "TITLE", "DIGEST"], rows))
}
