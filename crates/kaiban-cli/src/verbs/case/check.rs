//! `kaiban case check`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// The form as JSON; `-` reads standard input.
    form: String,
    /// Workflow package.
    #[arg(long, default_value = "business-start")]
    workflow: String,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let form = form::read_object(&args.form)?;
    let request = v1::CheckFormRequest { workflow: args.workflow, form: Some(form) };
    let checked = args.remote.call(request).await?;
    output.result(&json::of("CheckFormResponse", &checked)?, || show::check(&checked))?;
    if checked.acceptable {
        return Ok(());
    }
    let errors = checked.findings.iter().filter(|finding| finding.severity() == v1::Severity::Error).count();
    let zh = format!("表单有{errors}处错误，请逐项更正后再提交。");
    Err(Failure::local("FORM_INVALID", zh, format!("the form has {}", show::count(errors as i64, "error"))))
}
