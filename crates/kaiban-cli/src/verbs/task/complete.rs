//! `kaiban task complete`

use kaiban_api::v1;
use serde_json::Value;

use super::address::{Leased, answer};
use crate::failure::Failure;
use crate::form;
use crate::output::Output;
use crate::remote::Remote;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    task: Leased,
    /// An outcome that the package declares for the step.
    #[arg(long)]
    outcome: String,
    /// The result: a file with JSON, `-` for standard input, or the JSON itself.
    #[arg(long, value_name = "FILE|JSON")]
    result: Option<String>,
    /// For a correcting outcome, everything that is missing: a list of {"code", "pointer", "zh", "en"}.
    #[arg(long, value_name = "FILE|JSON")]
    findings: Option<String>,
    /// The officer who decided; may be left out with an officer's own token.
    #[arg(long, default_value = "", hide_default_value = true)]
    officer: String,
    /// For an adverse outcome: a second officer of the office, who approves it.
    #[arg(long, default_value = "", hide_default_value = true)]
    approver: String,
    /// The reason that the applicant reads; required for an adverse outcome.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let completion = v1::TaskCompletion {
        request_id: form::request_id(args.request_id),
        task: args.task.message(),
        epoch: args.task.epoch,
        outcome: args.outcome,
        result: args.result.as_deref().map(form::read_or_typed_object).transpose()?,
        findings: args.findings.as_deref().map(findings).transpose()?.unwrap_or_default(),
        officer: args.officer,
        approver: args.approver,
        reason: args.reason,
    };
    let request = v1::CompleteTasksRequest { completions: vec![completion] };
    answer(args.remote.call(request).await?.replies, output)
}

fn findings(path: &str) -> Result<Vec<v1::Finding>, Failure> {
    let wrong = || {
        Failure::local("NOT_FINDINGS", format!("{path} 不是问题列表。"), format!("{path} is no list of findings"))
            .with_hint(r#"write [{"code": "UNCLEAR", "pointer": "/name", "zh": "…", "en": "…"}]"#)
    };
    let Value::Array(items) = form::read_or_typed(path)? else { return Err(wrong()) };
    items.iter().map(|item| item.as_object().map(|_| finding(item)).ok_or_else(wrong)).collect()
}

fn finding(item: &Value) -> v1::Finding {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    v1::Finding {
        code: text("code"),
        severity: v1::Severity::Error.into(),
        pointer: text("pointer"),
        message: Some(v1::Text { zh: text("zh"), en: text("en") }),
        help: None,
    }
}
