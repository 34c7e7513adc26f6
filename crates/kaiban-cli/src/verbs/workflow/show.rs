//! `kaiban workflow show`

use kaiban_api::v1;

use super::source::{Source, named};
use crate::failure::Failure;
use crate::json;
use crate::output::{Output, table};

#[derive(clap::Args)]
pub struct Args {
    /// Name of the package.
    workflow: String,
    /// Another version than the one that a case submitted now would get.
    #[arg(long, default_value = "", hide_default_value = true, conflicts_with = "workflows")]
    digest: String,
    #[command(flatten)]
    source: Source,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let found = match args.source.packages()? {
        Some(packages) => {
            let definition = named(&packages, &args.workflow)?;
            kaiban_server::full_workflow(definition)
                .map_err(|refusal| Failure::local("JSON", "流程包无法显示。", refusal.message.en))?
        }
        None => {
            let request = v1::GetWorkflowRequest { workflow: args.workflow, digest: args.digest };
            let client = args.source.remote.client().await?;
            client.call(request).await?.workflow.unwrap_or_default()
        }
    };
    output.result(&json::of("Workflow", &found)?, || human(&found))
}

fn human(workflow: &v1::Workflow) -> String {
    let title = workflow.title.clone().unwrap_or_default();
    let row = |step: &v1::WorkflowStep| {
        let title = step.title.clone().unwrap_or_default().zh;
        let outcomes: Vec<&str> = step.outcomes.iter().map(|outcome| outcome.outcome.as_str()).collect();
        let counted = if step.counted { "yes" } else { "no" };
        let needs = step.needs.join(", ");
        [step.step.clone(), title, step.party.clone(), needs, counted.to_owned(), outcomes.join(", ")]
    };
    let steps = table(["STEP", "TITLE", "PARTY", "NEEDS", "COUNTED", "OUTCOMES"], workflow.steps.iter().map(row));
    let schema = workflow.form_schema.clone().and_then(|schema| kaiban_api::from_struct(schema).ok());
    let form = schema.map(|schema| format!("\n\nform:\n{schema:#}")).unwrap_or_default();
    let head = format!("{} {}  {} / {}", workflow.workflow, workflow.version, title.zh, title.en);
    format!("{head}\n{}\n\n{steps}{form}", workflow.digest)
}
