//! The texts on capital.

use jiff::civil::Date;
use kaiban_findings::{Finding, Place};

use super::Contribution;
use crate::{EntityKind, codes};

pub(super) fn no_capital() -> Finding {
    error(
        codes::CAPITAL_AMOUNT,
        "/capital_fen".to_owned(),
        "注册资本（出资额）应当大于零。",
        "The capital must be more than nothing.",
    )
}

pub(super) fn unusual_amount() -> Finding {
    doubt(
        codes::CAPITAL_UNUSUAL,
        "/capital_fen".to_owned(),
        "注册资本超过十亿元，登记机关可以要求说明其真实性、合理性。",
        "The capital is more than a thousand million yuan; the registrar may ask for reasons.",
    )
    .with_help("国务院令第784号。", "Decree 784 of the State Council.")
}

pub(super) fn bad_amount(index: usize) -> Finding {
    error(
        codes::CAPITAL_AMOUNT,
        at(index, "amount_fen"),
        "认缴额应当大于零，实缴额不得小于零或者大于认缴额。",
        "The amount subscribed must be more than nothing, and the amount paid between nothing and it.",
    )
}

pub(super) fn sum_differs() -> Finding {
    error(
        codes::CAPITAL_SUM,
        "/capital_fen".to_owned(),
        "各出资人认缴额之和与注册资本（出资额）不等。",
        "The amounts subscribed do not add up to the capital.",
    )
}

pub(super) fn barred_form(index: usize, kind: EntityKind, contribution: &Contribution, old_rules: bool) -> Finding {
    let title = contribution.form.title();
    let (law_zh, law_en) = match kind {
        EntityKind::LimitedPartnership => ("合伙企业法第六十四条", "合伙企业法 §64"),
        EntityKind::Cooperative if old_rules => ("农民专业合作社登记管理条例第八条", "农民专业合作社登记管理条例 §8"),
        _ if old_rules => ("公司登记管理条例第十四条", "公司登记管理条例 §14"),
        _ => ("市场主体登记管理条例第十三条", "市场主体登记管理条例 §13"),
    };
    error(
        codes::CONTRIBUTION_FORM,
        at(index, "form"),
        format!("不得以{title}作价出资。"),
        format!("{title} ({}) is no contribution.", contribution.form.name()),
    )
    .with_help(format!("{law_zh}。"), format!("{law_en}."))
}

pub(super) fn undated(index: usize) -> Finding {
    error(
        codes::CONTRIBUTION_UNDATED,
        at(index, "due"),
        "未缴足的出资应当写明缴纳期限。",
        "A contribution that is not paid needs a day to be paid by.",
    )
}

pub(super) fn too_late(index: usize, last: Date) -> Finding {
    error(
        codes::CAPITAL_TOO_LATE,
        at(index, "due"),
        format!("全体股东认缴的出资额应当自公司成立之日起五年内缴足，最迟为 {last}。"),
        format!("All that is subscribed is paid within five years of establishment, by {last} at the latest."),
    )
    .with_help("公司法第四十七条（2024 年 7 月 1 日起施行）。", "Companies Law §47, in force since 2024-07-01.")
}

pub(super) fn unpaid_shares(index: usize) -> Finding {
    error(
        codes::CAPITAL_UNPAID,
        at(index, "paid_fen"),
        "股份有限公司的发起人应当在公司成立前按照其认购的股份全额缴纳股款。",
        "The promoters of a joint-stock company pay for their shares in full before it is established.",
    )
    .with_help("公司法第九十八条（2024 年 7 月 1 日起施行）。", "Companies Law §98, in force since 2024-07-01.")
}

pub(super) fn shares_to_pay(index: usize) -> Finding {
    doubt(
        codes::CAPITAL_TO_ADJUST,
        at(index, "paid_fen"),
        "2024 年 6 月 30 日前成立的股份有限公司，发起人应当在 2027 年 6 月 30 日前全额缴纳股款。",
        "The promoters of a joint-stock company of before 2024-07-01 pay in full by 2027-06-30.",
    )
    .with_help("国务院令第784号第二条。", "Decree 784 of the State Council, §2.")
}

pub(super) fn period_to_adjust(index: usize) -> Finding {
    doubt(
        codes::CAPITAL_TO_ADJUST,
        at(index, "due"),
        "自 2027 年 7 月 1 日起剩余出资期限超过五年的，应当在 2027 年 6 月 30 日前调整至五年内。",
        "What is due later than five years from 2027-07-01 has to be brought within them by 2027-06-30.",
    )
    .with_help("国务院令第784号第二条。", "Decree 784 of the State Council, §2.")
}

pub(super) fn unusual_period(index: usize) -> Finding {
    doubt(
        codes::CAPITAL_UNUSUAL,
        at(index, "due"),
        "出资期限超过三十年，明显异常的，登记机关可以要求调整。",
        "The period is longer than thirty years; the registrar may have it shortened.",
    )
}

fn at(index: usize, field: &str) -> String {
    format!("/contributions/{index}/{field}")
}

fn error(code: &'static str, pointer: String, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::error(code, Place::Pointer(pointer), zh, en)
}

fn doubt(code: &'static str, pointer: String, zh: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding::doubt(code, Place::Pointer(pointer), zh, en)
}
