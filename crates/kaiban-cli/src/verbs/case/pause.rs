//! `kaiban case pause`

use clap::ValueEnum;
use kaiban_api::v1;

use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

/// A reason of the pause table.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// Hearing, inspection, appraisal, expert review (行政许可法 §45); needs --until and --approver.
    SpecialProcedure,
    /// The applicant does not come to an appointment; needs --until.
    Appointment,
    /// A lawsuit or arbitration on the same matter; needs --approver.
    Litigation,
}

impl Reason {
    fn message(self) -> v1::PauseReason {
        match self {
            Self::SpecialProcedure => v1::PauseReason::SpecialProcedure,
            Self::Appointment => v1::PauseReason::Appointment,
            Self::Litigation => v1::PauseReason::Litigation,
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    /// Case number.
    case: String,
    /// The step or branch: registration, 'identity[p1]'.
    step: String,
    /// Why, by the pause table.
    #[arg(long, value_enum)]
    reason: Reason,
    /// Until when it is said to last, for example 2026-03-20T17:30:00+08:00.
    #[arg(long, value_name = "TIME", required_if_eq_any = [("reason", "special-procedure"), ("reason", "appointment")])]
    until: Option<String>,
    /// What the applicant is told about it.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// The officer who decides; may be left out with an officer's own token.
    #[arg(long, default_value = "", hide_default_value = true)]
    officer: String,
    /// A second officer, who approves a special procedure or a lawsuit.
    #[arg(long, default_value = "", hide_default_value = true)]
    approver: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::PauseStepRequest {
        request_id: form::request_id(args.request_id),
        case_id: args.case,
        step: args.step,
        reason: args.reason.message().into(),
        until: args.until.as_deref().map(form::instant).transpose()?,
        note: args.note,
        officer: args.officer,
        approver: args.approver,
    };
    let case = args.remote.call(request).await?.case.unwrap_or_default();
    output.result(&json::of("Case", &case)?, || show::case(&case))
}
