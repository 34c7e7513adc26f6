//! `kaiban case submit`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The form as JSON; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    form: String,
    /// Workflow package.
    #[arg(long, default_value = "business-start")]
    workflow: String,
    /// Say what is wrong with the form, and hand in nothing.
    #[arg(long)]
    check: bool,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let form = form::read_object(&args.form)?;
    let mut cases = args.remote.cases().await?;
    if args.check {
        let request = v1::CheckFormRequest { workflow: args.workflow, form: Some(form) };
        let checked = cases.check_form(request).await?.into_inner();
        let acceptable = checked.acceptable;
        output.result(&json::of("CheckFormResponse", &checked)?, || {
            let verdict = if acceptable { "acceptable" } else { "not acceptable" };
            format!("{verdict}{}", show::findings(&checked.findings))
        })?;
        return if acceptable {
            Ok(())
        } else {
            Err(Failure::local("FORM_INVALID", "表单有错误。", "the form has errors"))
        };
    }
    let request_id = form::request_id(args.request_id);
    say(&format!("request id {request_id}"));
    let request = v1::SubmitCaseRequest { request_id, workflow: args.workflow, form: Some(form) };
    let submitted = cases.submit_case(request).await?.into_inner();
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
