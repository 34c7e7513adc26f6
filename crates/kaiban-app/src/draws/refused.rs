//! Why a step of a draw was refused: what the draw itself finds, as callers read it.

use kaiban_draw::codes;
use kaiban_findings::Finding;

use crate::refusal::{Canonical, Refusal};

/// The findings of a draw that are reasons of their own. All others are `DRAW_STEP_REFUSED`.
const REASONS: &[(Canonical, &str)] = &[
    (Canonical::FailedPrecondition, "DRAW_OVER"),
    (Canonical::FailedPrecondition, "COMMITMENT_LATE"),
    (Canonical::FailedPrecondition, "SECOND_COMMITMENT"),
    (Canonical::FailedPrecondition, "COMMITMENT_MISSING"),
    (Canonical::FailedPrecondition, "FREEZE_EARLY"),
    (Canonical::FailedPrecondition, "FREEZE_LATE"),
    (Canonical::FailedPrecondition, "ALREADY_FROZEN"),
    (Canonical::FailedPrecondition, "ROSTER_CHANGED"),
    (Canonical::FailedPrecondition, "POOL_CHANGED"),
    (Canonical::FailedPrecondition, "UNKNOWN_STRATUM"),
    (Canonical::FailedPrecondition, "TOO_FEW_CHECKERS"),
    (Canonical::FailedPrecondition, "NOT_FROZEN"),
    (Canonical::FailedPrecondition, "REVEAL_EARLY"),
    (Canonical::FailedPrecondition, "REVEAL_LATE"),
    (Canonical::FailedPrecondition, "SECOND_REVEAL"),
    (Canonical::InvalidArgument, "REVEAL_WRONG"),
    (Canonical::FailedPrecondition, "REVEAL_MISSING"),
    (Canonical::FailedPrecondition, "NO_VALUE_NAMED"),
    (Canonical::FailedPrecondition, "VALUE_EARLY"),
    (Canonical::FailedPrecondition, "VALUE_LATE"),
    (Canonical::InvalidArgument, "VALUE_FORM"),
    (Canonical::FailedPrecondition, "SECOND_VALUE"),
    (Canonical::FailedPrecondition, "VALUE_MISSING"),
];

/// A step that does not follow: the first finding says why, all of them where.
pub(crate) fn step(findings: Vec<Finding>) -> Refusal {
    let first = findings.first();
    let named = first.and_then(|found| REASONS.iter().find(|(_, reason)| *reason == found.code));
    let (code, reason) = *named.unwrap_or(&(Canonical::FailedPrecondition, "DRAW_STEP_REFUSED"));
    let (zh, en) = first.map(|found| (found.message.zh.clone(), found.message.en.clone())).unwrap_or_default();
    Refusal { findings, ..Refusal::new(code, reason, zh, en) }
}

/// Terms that no draw can be held under.
pub(crate) fn terms(findings: Vec<Finding>) -> Refusal {
    let count = findings.len();
    Refusal {
        findings,
        ..Refusal::argument(
            "DRAW_TERMS_INVALID",
            format!("抽取公告有{count}处不符合要求，未予公告。"),
            format!("{count} of the terms are not as they should be; nothing was announced."),
        )
    }
}

/// A share that the commitments' pool does not have.
pub(crate) fn share_of_commitments(stratum: &str, from: u8, to: u8) -> Finding {
    let place = kaiban_findings::Place::Pointer(format!("/announcement/shares/{stratum}"));
    let zh = format!("告知承诺的抽查比例应当在 {from}% 至 {to}% 之间。");
    let en = format!("Of commitments between {from} and {to} percent are drawn.");
    Finding::error(codes::BAD_SHARE, place, zh, en)
}

pub(crate) fn too_long(days: u64) -> Finding {
    let place = kaiban_findings::Place::Pointer("/announcement/reveal_by_us".to_owned());
    let zh = format!("一次抽取自公告起最长 {days} 天。");
    let en = format!("A draw takes at most {days} days from its announcement.");
    Finding::error(codes::BAD_SCHEDULE, place, zh, en)
}

pub(crate) fn no_such_party(index: usize) -> Finding {
    let place = kaiban_findings::Place::Pointer(format!("/announcement/parties/{index}"));
    Finding::error(
        codes::UNKNOWN_PARTY,
        place,
        "参加方应当写作“角色:人员”或者“角色:单位”，角色为 officer、manager、auditor、agency 或 bank。",
        "A party is written `role:person` or `role:organisation`; the role is officer, manager, auditor, agency or bank.",
    )
}

pub(crate) fn nobody_independent() -> Finding {
    let place = kaiban_findings::Place::Pointer("/announcement/parties".into());
    Finding::error(
        "DRAW_NOBODY_INDEPENDENT",
        place,
        "参加方均为组织抽取的机关人员，抽取结果缺乏公信。请至少邀请一个其他单位（如审计、银行），或者写明公布的公共数值。",
        "All parties are of the authority that runs the draw: name one of another body (an auditor, a bank), or a public value.",
    )
}

pub(crate) fn unknown_pool() -> Refusal {
    Refusal::argument("UNKNOWN_POOL", "没有流程从该名单中抽取。", "No workflow package draws from a pool of that name.")
}

pub(crate) fn draw_open() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "DRAW_OPEN",
        "该名单的上一次抽取尚未结束。",
        "The last draw of this pool has not ended.",
    )
}

pub(crate) fn pool_not_yours() -> Refusal {
    Refusal::new(
        Canonical::PermissionDenied,
        "POOL_NOT_YOURS",
        "只有该事项登记（许可）机关的工作人员可以组织抽取。",
        "Only officers of the authority that registers may run draws from this pool.",
    )
}

pub(crate) fn not_a_party() -> Refusal {
    Refusal::new(
        Canonical::PermissionDenied,
        "NOT_A_PARTY",
        "您不是本次抽取公告的参加方。",
        "You are no party of this draw as it was announced.",
    )
}

pub(crate) fn unreadable() -> Refusal {
    Refusal::new(
        Canonical::Internal,
        "STORED_DRAW_UNREADABLE",
        "存储的抽取记录无法读取，请联系管理员运行 verify。",
        "A stored record of a draw cannot be read: tell the administrator to run verify.",
    )
}
