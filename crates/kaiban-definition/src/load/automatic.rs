//! What happens without a person: rules and deadlines complete a step in the applicant's favour or leave it alone.
//! **No automatic path ends in an adverse outcome.**

use kaiban_calendar::Budget;

use super::draft::{Draft, DraftStep};
use super::reader::{Log, Spot};
use crate::model::{Effect, OverdueAction};

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    for step in &draft.steps {
        for rule in &step.decide {
            if let Some(outcome) = &rule.outcome {
                check_outcome(step, outcome, log);
            }
        }
        for action in step.on_overdue.iter().filter_map(|overdue| overdue.action.as_ref()) {
            if let OverdueAction::Outcome { outcome } = &action.value {
                check_outcome(step, &Spot { at: action.at, value: outcome.clone() }, log);
            }
        }
        check_order(step, log);
    }
    let reminders: Vec<Budget> = draft.corrections.remind_after.iter().map(|after| after.value).collect();
    for (index, after) in draft.corrections.remind_after.iter().enumerate().skip(1) {
        if !later(&reminders[index - 1], &after.value) {
            not_later(after.at, log);
        }
    }
}

fn check_outcome(step: &DraftStep, named: &Spot<String>, log: &mut Log<'_>) {
    let name = &named.value;
    let Some(outcome) = step.outcomes.iter().find(|outcome| outcome.name.value == *name) else {
        log.error(
            named.at,
            "UNKNOWN_OUTCOME",
            format!("该环节没有结果 {name}。"),
            format!("The step has no outcome `{name}`."),
        );
        let known: Vec<&str> = step.outcomes.iter().map(|outcome| outcome.name.value.as_str()).collect();
        let known = known.join(", ");
        log.help(format!("该环节的结果：{known}。"), format!("Its outcomes are: {known}."));
        return;
    };
    if outcome.adverse {
        log.error(
            named.at,
            "AUTOMATIC_ADVERSE",
            format!("{name} 是不利结果，只能由人作出。"),
            format!("`{name}` is adverse: only a person may decide it."),
        );
        log.help("请改用对申请人有利的结果。", "Name an outcome in the applicant's favour.");
    } else if outcome.effect != Effect::Completes {
        log.error(
            named.at,
            "AUTOMATIC_NOT_COMPLETING",
            format!("{name} 不办结本环节，不能自动作出。"),
            format!("`{name}` does not complete the step and cannot come by itself."),
        );
        log.help("请改用能够办结本环节的结果。", "Name an outcome that completes the step.");
    } else if step.result.is_some() {
        log.error(
            named.at,
            "AUTOMATIC_RESULT",
            "本环节须填写结果（result），不能自动办结。",
            "The step gives a result, which nobody would write here.",
        );
        log.help("请去掉 result，或把自动办结放到另一个环节。", "Leave `result` out, or decide in a step of its own.");
    }
}

/// The entries of `on_overdue` come one after the other, and nothing comes after the end.
fn check_order(step: &DraftStep, log: &mut Log<'_>) {
    for pair in step.on_overdue.windows(2) {
        let ends = |action: &Spot<OverdueAction>| matches!(action.value, OverdueAction::Outcome { .. });
        if pair[0].action.as_ref().is_some_and(ends) {
            log.error(
                pair[1].at,
                "OVERDUE_AFTER_END",
                "前一条已将环节办结，这一条永远不会用到。",
                "The entry before ends the step; this one is never used.",
            );
            log.help("请删去这一条，或移到前面。", "Leave it out, or move it before.");
        }
        if !later(&pair[0].after, &pair[1].after) {
            not_later(pair[1].at, log);
        }
    }
}

fn not_later(at: crate::tree::At, log: &mut Log<'_>) {
    log.error(at, "NOT_IN_ORDER", "时间没有晚于前一条。", "This does not come after the entry before.");
    log.help("请按时间先后排列。", "Write the entries in order of time.");
}

/// Whether a time surely comes after another. Working hours and working days compare by the longest day that a hall can
/// be open, time on the wall by its own.
fn later(before: &Budget, after: &Budget) -> bool {
    const HOUR_US: i64 = 3_600_000_000;
    let longest = |budget: &Budget| match *budget {
        Budget::WorkingTime { us } | Budget::Wall { us } => us,
        Budget::WorkingDays(days) => i64::from(days).saturating_mul(8 * HOUR_US),
    };
    match (before, after) {
        (Budget::Wall { .. }, Budget::Wall { .. }) => longest(before) < longest(after),
        // No calendar is at hand here: what cannot be compared is taken as written.
        (Budget::Wall { .. }, _) | (_, Budget::Wall { .. }) => true,
        _ => longest(before) < longest(after),
    }
}
