//! `kaiban credit record`

use clap::ValueEnum;
use kaiban_api::v1;

use super::subject::Subject;
use crate::failure::Failure;
use crate::output::Output;
use crate::remote::Remote;
use crate::{form, json, show};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Class {
    /// 轻微
    Minor,
    /// 一般
    General,
    /// 严重
    Serious,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// 虚假承诺
    FalseCommitment,
    /// 严重失信主体名单
    SeriousDishonestyList,
    /// 行政处罚
    AdministrativePenalty,
    /// 经营异常名录
    AbnormalOperations,
    /// 其他失信信息
    Other,
}

#[derive(clap::Args)]
pub struct Args {
    /// A new id, unique in the subject's history.
    record: String,
    #[command(flatten)]
    subject: Subject,
    /// How grave.
    #[arg(long, value_enum)]
    class: Class,
    /// About what.
    #[arg(long, value_enum)]
    reason: Reason,
    /// What was decided, in a Chinese sentence that names nobody.
    #[arg(long)]
    text: String,
    /// The same in English.
    #[arg(long)]
    text_en: String,
    /// Number of the decision.
    #[arg(long)]
    source: String,
    /// Law and article that it rests on.
    #[arg(long)]
    law: String,
    /// Day of the decision: all spans are counted from it.
    #[arg(long, value_name = "DATE")]
    decided_on: String,
    /// The authority found it necessary to publish it.
    #[arg(long)]
    must_be_published: bool,
    /// Law by which it cannot be repaired.
    #[arg(long, default_value = "", hide_default_value = true, value_name = "LAW")]
    beyond_repair: String,
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
    let class = match args.class {
        Class::Minor => v1::CreditClass::Minor,
        Class::General => v1::CreditClass::General,
        Class::Serious => v1::CreditClass::Serious,
    };
    let reason = match args.reason {
        Reason::FalseCommitment => v1::CreditReason::FalseCommitment,
        Reason::SeriousDishonestyList => v1::CreditReason::SeriousDishonestyList,
        Reason::AdministrativePenalty => v1::CreditReason::AdministrativePenalty,
        Reason::AbnormalOperations => v1::CreditReason::AbnormalOperations,
        Reason::Other => v1::CreditReason::Other,
    };
    let request = v1::RecordCreditRequest {
        request_id: form::request_id(args.request_id),
        subject: args.subject.of(),
        record_id: args.record,
        class: class.into(),
        reason: reason.into(),
        text: Some(v1::Text { zh: args.text, en: args.text_en }),
        source: args.source,
        law: args.law,
        decided_on: args.decided_on,
        must_be_published: args.must_be_published,
        beyond_repair: args.beyond_repair,
        officer: args.officer,
    };
    let answer = args.remote.call(request).await?;
    let credit = answer.credit.unwrap_or_default();
    output.result(&json::of("Credit", &credit)?, || show::credit(&credit))
}
