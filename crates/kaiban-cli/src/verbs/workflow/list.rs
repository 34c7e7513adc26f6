//! `kaiban workflow list`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::json;
use crate::output::{Output, table};
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let mut client = args.remote.workflows().await?;
    let workflows = client.list_workflows(v1::ListWorkflowsRequest {}).await?.into_inner().workflows;
    if output.is_json() {
        return workflows.iter().try_for_each(|found| output.line(&json::of("Workflow", found)?.to_string()));
    }
    let rows = workflows.into_iter().map(|found| {
        let title = found.title.unwrap_or_default().zh;
        [found.workflow, found.version, found.effective_from, title, found.digest]
    });
    output.line(&table(["WORKFLOW", "VERSION", "FROM", "TITLE", "DIGEST"], rows))
}
