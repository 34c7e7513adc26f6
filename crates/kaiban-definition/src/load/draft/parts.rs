//! The small parts that stand in many places: paths, lengths of time, guards.

use std::str::FromStr;

use kaiban_calendar::{Budget, BudgetError};
use kaiban_findings::Finding;

use crate::guard::{Guard, Problem};
use crate::load::keys::{self, MONTHS_MAX};
use crate::load::reader::{Log, Spot};
use crate::share::Share;
use crate::tree::{At, Content, Node};

/// A guard, or an expression that gives a text, that could be parsed.
pub(in crate::load) struct DraftGuard {
    at: At,
    /// Where its first character stands, if it is written on one line.
    start: Option<At>,
    pub guard: Guard,
}

impl DraftGuard {
    /// The place so many characters into the guard.
    pub fn at(&self, offset: u32) -> At {
        self.start.map_or(self.at, |start| At { column: start.column + offset, ..start })
    }
}

pub(super) fn share(node: &Node, log: &mut Log<'_>) -> Option<Spot<Share>> {
    let Spot { at, value } = node.text(log)?;
    match Share::from_str(&value) {
        Ok(share) => Some(Spot { at, value: share }),
        Err(_) => {
            bad_path(at, log);
            None
        }
    }
}

/// Reports a text that names no place.
pub(super) fn bad_path(at: At, log: &mut Log<'_>) {
    log.error(
        at,
        "BAD_PATH",
        "应写成 form.字段、item.字段或 results.环节.字段。",
        "Write `form.<field>`, `item.<field>` or `results.<step>.<field>`.",
    );
}

pub(super) fn budget(node: &Node, log: &mut Log<'_>) -> Option<Budget> {
    let Spot { at, value } = node.text(log)?;
    match Budget::from_str(&value) {
        Ok(budget) => Some(budget),
        Err(error) => {
            let (zh, en) = match error {
                BudgetError::Syntax => ("此处应为时限。", "This is not a length of time."),
                BudgetError::TooLong => ("时限过长。", "This is too long."),
            };
            log.error(at, "BAD_BUDGET", zh, en);
            log.help(
                "例如：5 working hours（5 个工作小时）、1 working day（1 个工作日）、72 hours。",
                "For example: 5 working hours, 1 working day, 72 hours.",
            );
            None
        }
    }
}

/// A period that the law sets.
pub(in crate::load) struct DraftStatutory {
    pub within: Option<Budget>,
    pub extend_once: Option<Budget>,
    pub restarts: bool,
    pub law: Option<String>,
    pub letter: Option<Spot<String>>,
}

pub(super) fn statutory(node: &Node, log: &mut Log<'_>) -> Option<DraftStatutory> {
    let mut fields = node.object(&keys::STATUTORY, log)?;
    let within = fields.required("within", log).and_then(|node| budget(node, log));
    let extend_once = fields.optional("extend_once").and_then(|node| {
        let more = budget(node, log)?;
        if within.is_some_and(|within| std::mem::discriminant(&within) != std::mem::discriminant(&more)) {
            log.error(
                node.at,
                "EXTENSION_UNIT",
                "延长期限的计算方式与原期限不同。",
                "The extension is not counted as the period that it prolongs.",
            );
            log.help(
                "两者都写工作日、都写工作小时，或都写自然时间。",
                "Write both in working days, both in working hours, or both in time on the wall.",
            );
        }
        Some(more)
    });
    let restarts = fields.optional("restarts").and_then(|node| node.boolean(log)).unwrap_or(false);
    let law = fields.required("law", log).and_then(|node| Some(node.text(log)?.value));
    let letter = fields.optional("letter").and_then(|node| node.name(log));
    fields.finish(log);
    Some(DraftStatutory { within, extend_once, restarts, law, letter })
}

/// A promise counts working time only.
pub(super) fn working(node: &Node, log: &mut Log<'_>) -> Option<Budget> {
    let budget = budget(node, log)?;
    if budget.is_working() {
        return Some(budget);
    }
    log.error(
        node.at,
        "BUDGET_NOT_WORKING",
        "此处按工作时间计算，写的却是自然时间。",
        "Working time counts here; this is time on the wall.",
    );
    log.help(
        "例如：5 working hours（5 个工作小时）、2 working days（2 个工作日）。",
        "For example: 5 working hours, 2 working days.",
    );
    None
}

/// `2 months`.
pub(super) fn months(node: &Node, log: &mut Log<'_>) -> Option<u32> {
    let Spot { at, value } = node.text(log)?;
    let count = match value.split_ascii_whitespace().collect::<Vec<_>>()[..] {
        [count, "month" | "months"] => count.parse().ok().filter(|months| (1..=MONTHS_MAX).contains(months)),
        _ => None,
    };
    if count.is_none() {
        let zh = format!("此处应为 1 到 {MONTHS_MAX} 个月。");
        log.error(at, "BAD_MONTHS", zh, format!("Here must stand 1 to {MONTHS_MAX} months."));
        log.help("例如：2 months（2 个月）。", "For example: 2 months.");
    }
    count
}

/// `SCREAMING_SNAKE_CASE`.
pub(super) fn code(node: &Node, log: &mut Log<'_>) -> Option<String> {
    let Spot { at, value } = node.text(log)?;
    let fits = value.len() <= 63
        && value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if fits {
        return Some(value);
    }
    log.error(
        at,
        "BAD_CODE",
        "代码应以大写字母开头，只含大写字母、数字和下划线，不超过 63 个字符。",
        "A code begins with a capital letter and has only those, digits and `_`, at most 63 in all.",
    );
    log.help("例如：PAID_IN_TOO_LATE。", "For example: PAID_IN_TOO_LATE.");
    None
}

/// A condition.
pub(super) fn guard(node: &Node, log: &mut Log<'_>) -> Option<DraftGuard> {
    if let Content::Bool(_) = node.content {
        constant(node.at, log);
        return None;
    }
    expression(node, Guard::parse_located, log)
}

/// An expression that gives a text.
pub(super) fn text_expression(node: &Node, log: &mut Log<'_>) -> Option<DraftGuard> {
    expression(node, Guard::parse_text_located, log)
}

fn expression(node: &Node, parse: fn(&str) -> Result<Guard, Vec<Problem>>, log: &mut Log<'_>) -> Option<DraftGuard> {
    let text = node.text(log)?;
    let start = log.content_start(node);
    match parse(&text.value) {
        Ok(guard) => {
            if guard.analysis().constant {
                constant(start.unwrap_or(node.at), log);
            }
            Some(DraftGuard { at: node.at, start, guard })
        }
        Err(problems) => {
            for problem in problems {
                let at = start.map_or(node.at, |start| At { column: start.column + problem.offset, ..start });
                log.findings.push(Finding { place: at.place(&log.path), ..problem.finding });
            }
            None
        }
    }
}

fn constant(at: At, log: &mut Log<'_>) {
    log.error(at, "GUARD_CONSTANT", "条件或表达式不能是常量。", "An expression must not be a constant.");
    log.help(
        "条件总是成立就删去它，永不成立就删去它所在的部分。",
        "Leave a guard out where it always holds, and the part that it guards where it never does.",
    );
}
