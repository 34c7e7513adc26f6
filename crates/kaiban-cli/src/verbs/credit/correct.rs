//! `kaiban credit correct`

use kaiban_api::v1;

use super::subject::Subject;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(clap::Args)]
pub struct Args {
    /// Id of the record.
    record: String,
    #[command(flatten)]
    subject: Subject,
    /// The day on which the last duty was fulfilled.
    #[arg(long, value_name = "DATE")]
    done_on: String,
    /// Who acts; an officer's own token may leave it out.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    officer: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::RecordCorrectionRequest {
        request_id: form::request_id(args.request_id),
        subject: args.subject.of(),
        record_id: args.record,
        done_on: args.done_on,
        officer: args.officer,
    };
    let answer = args.remote.call(request).await?;
    let credit = answer.credit.unwrap_or_default();
    output.result(&json::of("Credit", &credit)?, || show::credit(&credit))
}
