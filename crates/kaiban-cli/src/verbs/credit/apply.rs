//! `kaiban credit apply`

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
    /// The public credit promise is given with it.
    #[arg(long)]
    public_promise: bool,
    /// The officer who takes the application; left out by applicants.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    officer: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::ApplyForRepairRequest {
        request_id: form::request_id(args.request_id),
        subject: args.subject.of(),
        record_id: args.record,
        public_promise: args.public_promise,
        officer: args.officer,
    };
    let answer = args.remote.call(request).await?;
    let credit = answer.credit.unwrap_or_default();
    output.result(&json::of("Credit", &credit)?, || show::credit(&credit))
}
