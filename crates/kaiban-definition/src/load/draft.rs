//! `workflow.yaml` as it was written: every part that could be read, with its place, before any check across parts.

use std::str::FromStr;

use jiff::civil::Date;
use kaiban_calendar::{Budget, BudgetError};
use kaiban_findings::{Finding, Text};

use super::reader::{Log, Spot, name};
use crate::guard::Guard;
use crate::model::{Effect, INTAKE};
use crate::share::Share;
use crate::tree::{At, Content, Key, Node};

/// How often a failed attempt is tried again where the package does not say.
pub(super) const RETRIES_DEFAULT: u32 = 5;
const RETRIES_MAX: u32 = 100;
/// Most steps of a package.
const STEPS_MAX: usize = 200;

pub(super) struct Draft {
    pub workflow: Option<Spot<String>>,
    pub version: Option<String>,
    pub effective_from: Option<Date>,
    pub title: Option<Text>,
    pub form: Option<Spot<String>>,
    pub registrar: Option<Spot<Share>>,
    pub subject: Option<Spot<Share>>,
    pub closes: Option<Spot<String>>,
    pub intake: Option<DraftIntake>,
    pub promise: Vec<DraftPromise>,
    pub steps: Vec<DraftStep>,
}

pub(super) struct DraftPromise {
    pub at: At,
    pub from: Option<Date>,
    pub when: Option<DraftGuard>,
    pub within: Option<Budget>,
}

pub(super) struct DraftIntake {
    pub party: Option<Spot<String>>,
    pub when: Option<DraftGuard>,
    pub deemed_within: Option<Budget>,
}

pub(super) struct DraftStep {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub party: Option<Spot<String>>,
    pub needs: Vec<DraftNeed>,
    pub when: Option<DraftGuard>,
    pub counts: Option<bool>,
    pub within: Option<Budget>,
    pub shares: Vec<Spot<Share>>,
    pub result: Option<Spot<String>>,
    pub retries_max: u32,
    pub outcomes: Vec<DraftOutcome>,
}

pub(super) struct DraftNeed {
    pub step: Spot<String>,
    pub when: Option<DraftGuard>,
}

pub(super) struct DraftOutcome {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub effect: Effect,
    pub adverse: bool,
    pub law: Option<String>,
}

/// A guard that could be parsed.
pub(super) struct DraftGuard {
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

/// Reads the whole file; none only where it is no map at all.
pub(super) fn read(root: &Node, log: &mut Log<'_>) -> Option<Draft> {
    let mut fields = root.fields(log)?;
    let draft = Draft {
        workflow: fields.required("workflow", log).and_then(|node| node.name(log)),
        version: fields.required("version", log).and_then(|node| Some(node.text(log)?.value)),
        effective_from: fields.required("effective_from", log).and_then(|node| Some(node.date(log)?.value)),
        title: fields.required("title", log).and_then(|node| node.title(log)),
        form: fields.required("form", log).and_then(|node| node.text(log)),
        registrar: fields.required("registrar", log).and_then(|node| share(node, log)),
        subject: fields.required("subject", log).and_then(|node| share(node, log)),
        closes: fields.required("closes", log).and_then(|node| node.name(log)),
        intake: fields.optional("intake").and_then(|node| intake(node, log)),
        promise: fields
            .optional("promise")
            .map(|node| node.list(log).iter().filter_map(|entry| promise(entry, log)).collect())
            .unwrap_or_default(),
        steps: fields.required("steps", log).map(|node| steps(node, log)).unwrap_or_default(),
    };
    fields.finish(log);
    Some(draft)
}

/// The package is called as its folder.
pub(super) fn check_name(draft: &Draft, folder: &str, log: &mut Log<'_>) {
    if let Some(Spot { at, value }) = draft.workflow.as_ref().filter(|workflow| workflow.value != folder) {
        log.error(
            *at,
            "WORKFLOW_NAME",
            format!("名称 {value} 与所在文件夹 {folder} 不一致。"),
            format!("The name is `{value}`, its folder is `{folder}`."),
        );
    }
}

fn steps(node: &Node, log: &mut Log<'_>) -> Vec<DraftStep> {
    let entries = node.entries(log).unwrap_or_default();
    if entries.is_empty() {
        log.error(node.at, "NO_STEPS", "至少要有一个环节。", "A package has at least one step.");
    }
    if let Some((key, _)) = entries.get(STEPS_MAX) {
        let (zh, en) = (format!("环节不得超过 {STEPS_MAX} 个。"), format!("A package has at most {STEPS_MAX} steps."));
        log.error(key.at, "TOO_MANY_STEPS", zh, en);
    }
    entries.iter().take(STEPS_MAX).filter_map(|(key, node)| step(key, node, log)).collect()
}

fn step(key: &Key, node: &Node, log: &mut Log<'_>) -> Option<DraftStep> {
    // A step keeps a bad name, so that what needs it is not reported as well.
    name(key.at, &key.name, log);
    if key.name == INTAKE {
        log.error(
            key.at,
            "RESERVED_NAME",
            "intake 是保留名称，不能用作环节名。",
            "`intake` is reserved and cannot name a step.",
        );
    }
    let mut fields = node.fields(log)?;
    let title = fields.required("title", log).and_then(|node| node.title(log));
    let party = fields.required("party", log).and_then(|node| node.text(log));
    let needs =
        fields.optional("needs").map(|node| node.list(log).iter().filter_map(|need| self::need(need, log)).collect());
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let counts = fields.required("counts", log).and_then(|node| node.boolean(log));
    let within = fields.optional("within").and_then(|node| working(node, log));
    let shares =
        fields.required("shares", log).map(|node| node.list(log).iter().filter_map(|item| share(item, log)).collect());
    let result = fields.optional("result").and_then(|node| node.text(log));
    let retries_max = fields.optional("retries").and_then(|node| node.count(RETRIES_MAX, log));
    let outcomes = fields.required("outcomes", log).map(|node| outcomes(node, log));
    fields.finish(log);
    Some(DraftStep {
        name: Spot { at: key.at, value: key.name.clone() },
        title,
        party,
        needs: needs.unwrap_or_default(),
        when,
        counts,
        within,
        shares: shares.unwrap_or_default(),
        result,
        retries_max: retries_max.unwrap_or(RETRIES_DEFAULT),
        outcomes: outcomes.unwrap_or_default(),
    })
}

/// `registration`, or `{ step: seal, when: form.invoices.paper }`.
fn need(node: &Node, log: &mut Log<'_>) -> Option<DraftNeed> {
    if matches!(node.content, Content::Text(_)) {
        return Some(DraftNeed { step: node.text(log)?, when: None });
    }
    let mut fields = node.fields(log)?;
    let step = fields.required("step", log).and_then(|node| node.text(log));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    fields.finish(log);
    Some(DraftNeed { step: step?, when })
}

fn outcomes(node: &Node, log: &mut Log<'_>) -> Vec<DraftOutcome> {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| outcome(key, node, log)).collect()
}

fn outcome(key: &Key, node: &Node, log: &mut Log<'_>) -> Option<DraftOutcome> {
    let name = name(key.at, &key.name, log);
    let mut fields = node.fields(log)?;
    let given = fields.optional("title").map(|node| node.title(log));
    let title = given.unwrap_or_else(|| {
        let usual = usual_title(&key.name);
        if usual.is_none() {
            log.error(key.at, "MISSING_KEY", "缺少 title。", "`title` is missing.");
            log.help(
                "只有 approve、correct、refuse、decline、done 有默认名称。",
                "Only approve, correct, refuse, decline and done have a usual title.",
            );
        }
        usual
    });
    let mut effects = Vec::new();
    if let Some(node) = fields.optional("asks") {
        only("applicant", node, log);
        effects.push(Effect::Corrects);
    }
    if let Some(node) = fields.optional("ends") {
        only("branch", node, log);
        effects.push(Effect::EndsBranch);
    }
    if let Some(node) = fields.optional("closes") {
        effects.extend(node.name(log).map(|name| Effect::Closes(name.value)));
    }
    if effects.len() > 1 {
        log.error(
            key.at,
            "OUTCOME_EFFECTS",
            "asks、ends、closes 只能写一个。",
            "An outcome has only one of `asks`, `ends` and `closes`.",
        );
    }
    let adverse = fields.optional("adverse").and_then(|node| node.boolean(log)).unwrap_or(false);
    let law = fields.optional("law").and_then(|node| Some(node.text(log)?.value));
    fields.finish(log);
    Some(DraftOutcome { name: name?, title, effect: effects.pop().unwrap_or(Effect::Completes), adverse, law })
}

fn usual_title(name: &str) -> Option<Text> {
    let (zh, en) = match name {
        "approve" => ("准予", "Approve"),
        "correct" => ("要求补正", "Ask for corrections"),
        "refuse" => ("不予办理", "Refuse"),
        "decline" => ("不予办理本环节", "Decline this step"),
        "done" => ("办结", "Done"),
        _ => return None,
    };
    Some(Text::new(zh, en))
}

/// Some keys have only one value yet.
fn only(value: &str, node: &Node, log: &mut Log<'_>) {
    if let Some(text) = node.text(log)
        && text.value != value
    {
        log.error(text.at, "UNKNOWN_VALUE", format!("此处只能写 {value}。"), format!("Here only `{value}` can stand."));
    }
}

fn intake(node: &Node, log: &mut Log<'_>) -> Option<DraftIntake> {
    let mut fields = node.fields(log)?;
    let party = fields.required("party", log).and_then(|node| node.text(log));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let deemed_within = fields.required("deemed_within", log).and_then(|node| budget(node, log));
    fields.finish(log);
    Some(DraftIntake { party, when, deemed_within })
}

fn promise(node: &Node, log: &mut Log<'_>) -> Option<DraftPromise> {
    let mut fields = node.fields(log)?;
    let from = fields.required("from", log).and_then(|node| Some(node.date(log)?.value));
    let when = fields.optional("when").and_then(|node| guard(node, log));
    let within = fields.required("within", log).and_then(|node| working(node, log));
    fields.finish(log);
    Some(DraftPromise { at: node.at, from, when, within })
}

fn share(node: &Node, log: &mut Log<'_>) -> Option<Spot<Share>> {
    let Spot { at, value } = node.text(log)?;
    match Share::from_str(&value) {
        Ok(share) => Some(Spot { at, value: share }),
        Err(_) => {
            log.error(
                at,
                "BAD_PATH",
                "应写成 form.字段 或 results.环节.字段。",
                "Write `form.<field>` or `results.<step>.<field>`.",
            );
            None
        }
    }
}

fn budget(node: &Node, log: &mut Log<'_>) -> Option<Budget> {
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

/// A promise counts working time only.
fn working(node: &Node, log: &mut Log<'_>) -> Option<Budget> {
    let budget = budget(node, log)?;
    if budget.is_working() {
        return Some(budget);
    }
    log.error(
        node.at,
        "BUDGET_NOT_WORKING",
        "承诺时限按工作时间计算，此处写的是自然时间。",
        "A promise counts working time; this is time on the wall.",
    );
    log.help(
        "例如：5 working hours（5 个工作小时）、2 working days（2 个工作日）。",
        "For example: 5 working hours, 2 working days.",
    );
    None
}

fn guard(node: &Node, log: &mut Log<'_>) -> Option<DraftGuard> {
    if let Content::Bool(_) = node.content {
        constant(node.at, log);
        return None;
    }
    let text = node.text(log)?;
    let start = log.content_start(node);
    match Guard::parse_located(&text.value) {
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
    log.error(at, "GUARD_CONSTANT", "条件不能是常量。", "A guard must not be a constant.");
    log.help(
        "总是成立就删去 when，永不成立就删去它所在的部分。",
        "Leave `when` out where it always holds, and the part that it guards where it never does.",
    );
}
