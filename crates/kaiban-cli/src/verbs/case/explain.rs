//! `kaiban case explain`

use kaiban_api::v1;
use serde_json::{Value, json};

use crate::ball::{self, Ball};
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// In which language all of it is written; JSON has both.
    #[arg(long, value_enum, default_value_t = show::Language::En)]
    lang: show::Language,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    // Without the form: nobody needs personal data to say how far a case is.
    let request = v1::GetCaseRequest { id: args.case, view: v1::CaseView::Steps.into() };
    let case = args.remote.call(request).await?.case.unwrap_or_default();
    let request = v1::GetWorkflowRequest { workflow: case.workflow.clone(), digest: case.digest.clone() };
    let package = args.remote.call(request).await?.workflow;
    let request = v1::ExplainCaseRequest { id: case.id.clone() };
    let told = args.remote.call(request).await?;
    let object = object(&case, package.as_ref(), &told)?;
    output.result(&object, || show::explain(&case, package.as_ref(), &told, args.lang))
}

/// The same for programs: the case, where its time went, who has the ball, and what has not begun waits for what.
fn object(case: &v1::Case, package: Option<&v1::Workflow>, told: &v1::ExplainCaseResponse) -> Result<Value, Failure> {
    let ball = |ball: &Ball<'_>| {
        json!({
            "class": ball.party.class(),
            "party": ball.party.to_string(),
            "step": ball.step,
            "stand": ball.stand.to_string(),
            "since": ball.since.as_ref().map(ToString::to_string),
            "counted": ball.counted,
        })
    };
    let balls: Vec<Value> = ball::of(case).iter().map(ball).collect();
    let waits: Vec<Value> =
        show::waits(case, package).into_iter().map(|wait| json!({"step": wait.step, "on": wait.on})).collect();
    let account = json::of("ExplainCaseResponse", told)?;
    Ok(json!({"case": json::of("Case", case)?, "account": account, "ball": balls, "waits": waits}))
}
