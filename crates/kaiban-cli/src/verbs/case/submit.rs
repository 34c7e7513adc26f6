//! `kaiban case submit`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The form as JSON; `-` reads standard input.
    form: String,
    /// Workflow package.
    #[arg(long, default_value = "business-start")]
    workflow: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let form = form::read_object(&args.form)?;
    let request_id = form::request_id(args.request_id);
    say(&format!("request id {request_id}"));
    let request = v1::SubmitCaseRequest { request_id, workflow: args.workflow, form: Some(form) };
    let submitted = args.remote.call(request).await?;
    output.result(&json::of("SubmitCaseResponse", &submitted)?, || {
        let mut facts = Vec::new();
        if let Some(case) = &submitted.case {
            facts.push(("case", case.id.clone()));
            facts.push(("subject", case.subject.clone()));
        }
        facts.push(("receipt", submitted.receipt.clone()));
        facts.push(("created", if submitted.created { "now" } else { "by an earlier request" }.to_owned()));
        format!("{}{}", show::lines(&facts), show::findings(&submitted.doubts))
    })
}
