//! `kaiban credit decide`

use clap::ValueEnum;
use kaiban_api::v1;

use super::subject::Subject;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Why {
    /// A duty turned out not to be fulfilled.
    DutyNotFulfilled,
    /// What was handed in proves too little.
    MaterialInsufficient,
    /// What was handed in is not true.
    MaterialFalse,
    /// A law excludes repair.
    NotRepairable,
}

impl Why {
    fn wire(self) -> v1::RepairRefusal {
        match self {
            Self::DutyNotFulfilled => v1::RepairRefusal::DutyNotFulfilled,
            Self::MaterialInsufficient => v1::RepairRefusal::MaterialInsufficient,
            Self::MaterialFalse => v1::RepairRefusal::MaterialFalse,
            Self::NotRepairable => v1::RepairRefusal::NotRepairable,
        }
    }
}

#[derive(clap::Args)]
pub struct Args {
    /// Id of the record.
    record: String,
    #[command(flatten)]
    subject: Subject,
    /// Refuse, and why; without it repair is granted.
    #[arg(long, value_enum, value_name = "WHY")]
    refuse: Option<Why>,
    /// Who decides; an officer's own token may leave it out.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    officer: String,
    /// Send the same again to get the same answer; without it a new one is made.
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let request = v1::DecideRepairRequest {
        request_id: form::request_id(args.request_id),
        subject: args.subject.of(),
        record_id: args.record,
        granted: args.refuse.is_none(),
        refusal: args.refuse.map_or(v1::RepairRefusal::Unspecified, Why::wire).into(),
        officer: args.officer,
    };
    let answer = args.remote.call(request).await?;
    let credit = answer.credit.unwrap_or_default();
    output.result(&json::of("Credit", &credit)?, || show::credit(&credit))
}
