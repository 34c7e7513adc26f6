//! The outcomes of a step.

use kaiban_findings::Text;

use crate::load::keys::{self, LOOP_MAX};
use crate::load::reader::{Log, Spot, name};
use crate::model::{Effect, Reopening};
use crate::tree::{At, Key, Node};

pub(in crate::load) struct DraftOutcome {
    pub name: Spot<String>,
    pub title: Option<Text>,
    pub effect: Effect,
    /// The steps of the effect's reopening, with their places.
    pub reopens: Vec<Spot<String>>,
    pub adverse: bool,
    /// Whether the package says that it is, or is not.
    pub adverse_said: bool,
    pub law: Option<String>,
    pub letter: Option<Spot<String>>,
}

pub(super) fn outcomes(node: &Node, log: &mut Log<'_>) -> Vec<DraftOutcome> {
    let entries = node.entries(log).unwrap_or_default();
    entries.iter().filter_map(|(key, node)| outcome(key, node, log)).collect()
}

fn outcome(key: &Key, node: &Node, log: &mut Log<'_>) -> Option<DraftOutcome> {
    // A bad name is kept, so that what the outcome does is checked, and what uses it is not reported as well.
    name(key.at, &key.name, log);
    let mut fields = node.object(&keys::OUTCOME, log)?;
    let given = fields.optional("title").map(|node| node.title(log));
    let closes = fields.key("closes").is_some();
    let title = given.unwrap_or_else(|| {
        let usual = usual_title(&key.name, closes);
        if usual.is_none() {
            log.error(key.at, "MISSING_KEY", "缺少 title。", "`title` is missing.");
            log.help(
                "只有 approve、correct、refuse、decline、done 有默认名称。",
                "Only approve, correct, refuse, decline and done have a usual title.",
            );
        }
        usual
    });
    let list = fields.optional("reopens");
    let at_most = fields.optional("at_most").map(|node| (node.at, node.count(1, LOOP_MAX, log)));
    let reopens = reopens(list, at_most, log);
    let steps = |reopening: &Vec<Spot<String>>| Reopening {
        steps: reopening.iter().map(|step| step.value.clone()).collect(),
        at_most: at_most.and_then(|(_, at_most)| at_most).unwrap_or(1),
    };
    let reopening = reopens.as_ref().map(steps);
    let mut effects = Vec::new();
    if let Some(node) = fields.optional("asks") {
        node.word(&["applicant"], log);
        effects.push(Effect::Corrects { reopens: reopening });
    } else if let Some(reopening) = reopening {
        effects.push(Effect::Reopens(reopening));
    }
    if let Some(node) = fields.optional("ends") {
        node.word(&["branch"], log);
        effects.push(Effect::EndsBranch);
    }
    if let Some(node) = fields.optional("closes") {
        effects.extend(node.name(log).map(|name| Effect::Closes(name.value)));
    }
    if effects.len() > 1 {
        log.error(
            key.at,
            "OUTCOME_EFFECTS",
            "asks（或 reopens）、ends、closes 只能写一类。",
            "An outcome has only one of `asks` or `reopens`, `ends` and `closes`.",
        );
    }
    let adverse_said = fields.key("adverse").is_some();
    let adverse = fields.optional("adverse").and_then(|node| node.boolean(log)).unwrap_or(false);
    let law = fields.optional("law").and_then(|node| Some(node.text(log)?.value));
    let letter = fields.optional("letter").and_then(|node| node.name(log));
    fields.finish(log);
    let effect = effects.into_iter().next().unwrap_or(Effect::Completes);
    let name = Spot { at: key.at, value: key.name.clone() };
    Some(DraftOutcome { name, title, effect, reopens: reopens.unwrap_or_default(), adverse, adverse_said, law, letter })
}

/// The steps that a loop goes back to. A loop says how often it may be gone.
fn reopens(list: Option<&Node>, at_most: Option<(At, Option<u32>)>, log: &mut Log<'_>) -> Option<Vec<Spot<String>>> {
    match (list, at_most) {
        (None, None) => return None,
        (None, Some((at, _))) => {
            log.error(
                at,
                "LOOP_BOUND",
                "没有 reopens，at_most 没有意义。",
                "`at_most` says nothing without `reopens`.",
            );
            return None;
        }
        (Some(list), None) => {
            log.error(list.at, "LOOP_BOUND", "循环必须写明 at_most。", "A loop must say `at_most`.");
            let zh = format!("请加 at_most: 次数（1 到 {LOOP_MAX}）。");
            log.help(zh, format!("Add `at_most:` with a number from 1 to {LOOP_MAX}."));
        }
        (Some(_), Some(_)) => {}
    }
    let list = list?;
    let steps: Vec<Spot<String>> = list.list(log).iter().filter_map(|node| node.text(log)).collect();
    if steps.is_empty() {
        log.error(list.at, "EMPTY", "此处不能为空。", "This must not be empty.");
    }
    Some(steps)
}

/// `closes`: the outcome ends the case, not only its step.
fn usual_title(name: &str, closes: bool) -> Option<Text> {
    let (zh, en) = match name {
        "approve" => ("准予", "Approve"),
        "correct" => ("要求补正", "Ask for corrections"),
        "refuse" => ("不予办理", "Refuse"),
        "decline" if closes => ("不予办理", "Decline"),
        "decline" => ("不予办理本环节", "Decline this step"),
        "done" => ("办结", "Done"),
        _ => return None,
    };
    Some(Text::new(zh, en))
}
