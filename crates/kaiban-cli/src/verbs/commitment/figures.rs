//! `kaiban commitment figures`

use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::{Output, say};
use crate::remote::Remote;
use crate::{json, show};

#[derive(clap::Args)]
pub struct Args {
    /// First day on which a certificate came up, for example 2026-03-01.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    from: String,
    /// Last day, included.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "DAY")]
    to: String,
    /// Only of cases of this division.
    #[arg(long, default_value = "", hide_default_value = true)]
    division: String,
    /// Only of this workflow package.
    #[arg(long, default_value = "", hide_default_value = true)]
    workflow: String,
    /// In which language the table is written; JSON has both.
    #[arg(long, default_value = "en", value_enum)]
    lang: show::Language,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let Args { from, to, division, workflow, lang, remote } = args;
    let request = v1::GetCommitmentFiguresRequest { from, to, division, workflow };
    let answer = remote.call(request).await?;
    for figures in &answer.certificates {
        match output.is_json() {
            true => output.line(&json::of("CertificateFigures", figures)?.to_string())?,
            false => output.line(&show::figures(figures, lang))?,
        }
    }
    if answer.certificates.is_empty() {
        say("no certificate came up (没有需要证明的事项)");
    }
    Ok(())
}
