//! The outcomes of the steps: every step can end, what denies something rests on a law, and nothing that ends the case
//! by itself is called like a refusal.

use super::draft::{Draft, DraftOutcome, DraftWork};
use super::reader::Log;
use crate::model::Effect;

/// Case outcomes that kaiban gives itself.
const RESERVED: [&str; 4] = ["withdrawn", "cancelled", "not_accepted", "revoked"];

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    for step in &draft.steps {
        let name = &step.name.value;
        if matches!(step.work, Some(DraftWork::Office { .. }))
            && !step.outcomes.iter().any(|outcome| outcome.effect == Effect::Completes)
        {
            log.error(
                step.name.at,
                "CANNOT_END",
                format!("环节 {name} 没有能够办结的结果。"),
                format!("Step `{name}` has no outcome that completes it."),
            );
            log.help(
                "请加一个既无 asks、reopens、ends 也无 closes 的结果。",
                "Add an outcome without `asks`, `reopens`, `ends` and `closes`.",
            );
        }
        for outcome in &step.outcomes {
            check_outcome(outcome, log);
        }
    }
    let Some(closes) = &draft.closes else { return };
    if RESERVED.contains(&closes.value.as_str()) {
        reserved(closes.at, &closes.value, log);
    }
    let outcomes = draft.steps.iter().flat_map(|step| &step.outcomes);
    if outcomes.clone().any(|outcome| outcome.adverse && closes_as(outcome) == Some(&closes.value)) {
        log.error(
            closes.at,
            "ADVERSE_DEFAULT",
            "办件自动办结的结果不能是不利结果。",
            "A case must not end by itself in an adverse outcome.",
        );
        log.help("请给不利结果另起名称。", "Give the adverse outcome a name of its own.");
    }
}

fn check_outcome(outcome: &DraftOutcome, log: &mut Log<'_>) {
    let (at, name) = (outcome.name.at, &outcome.name.value);
    if outcome.adverse && outcome.law.is_none() {
        log.error(
            at,
            "ADVERSE_WITHOUT_LAW",
            format!("不利结果 {name} 必须注明法律依据。"),
            format!("The adverse outcome `{name}` names no law."),
        );
        log.help("请加 law: 法规名称 §条。", "Add `law:` with the act and its article.");
    }
    if outcome.adverse && matches!(outcome.effect, Effect::Corrects { .. }) {
        log.error(at, "ADVERSE_CORRECTION", "要求补正不是不利结果。", "Asking for corrections is not adverse.");
    }
    if outcome.adverse && matches!(outcome.effect, Effect::Reopens(_)) {
        log.error(at, "ADVERSE_REOPENING", "退回重做不是不利结果。", "Doing steps again is not adverse.");
        log.help("请去掉 adverse。", "Leave `adverse` out.");
    }
    if outcome.letter.is_none() && matches!(outcome.effect, Effect::Corrects { .. }) {
        log.error(
            at,
            "CORRECTION_WITHOUT_LETTER",
            format!("要求补正的结果 {name} 没有文书，申请人无从得知。"),
            format!("The outcome `{name}` asks the applicant without a letter that tells him."),
        );
        log.help("请加 letter: 补正告知书的名称。", "Add `letter:` with the letter that says what is missing.");
    }
    let ends = matches!(outcome.effect, Effect::Closes(_) | Effect::EndsBranch);
    if ends && !outcome.adverse && !outcome.adverse_said {
        log.doubt(
            at,
            "ENDS_NOT_ADVERSE",
            format!("结果 {name} 会终止办理，却未标为不利。"),
            format!("The outcome `{name}` ends something and is not marked adverse."),
        );
        log.help(
            "若是拒绝，请加 adverse: true 和 law；否则一名经办人员即可作出，无须说明理由和另一人审批。确非不利的，写 adverse: false。",
            "If it denies something, add `adverse: true` and `law:`; without it one officer decides alone, and gives no reason. If it surely does not, say `adverse: false`.",
        );
    }
    if let Some(case) = closes_as(outcome).filter(|case| RESERVED.contains(&case.as_str())) {
        reserved(at, case, log);
    }
}

/// The case outcome that an outcome of a step gives.
pub(super) fn closes_as(outcome: &DraftOutcome) -> Option<&String> {
    match &outcome.effect {
        Effect::Closes(case) => Some(case),
        _ => None,
    }
}

fn reserved(at: crate::tree::At, name: &str, log: &mut Log<'_>) {
    log.error(
        at,
        "RESERVED_NAME",
        format!("{name} 是系统保留的办件结果。"),
        format!("`{name}` is a case outcome that only kaiban itself gives."),
    );
}
