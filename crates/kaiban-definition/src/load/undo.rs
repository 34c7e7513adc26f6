//! Undo: a step that is offered only when a result of another one is taken back.

use std::collections::BTreeMap;

use super::draft::{Draft, DraftStep};
use super::graph::known_step;
use super::reader::{Log, Spot};
use crate::model::Effect;

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    let mut undone: BTreeMap<&str, &str> = BTreeMap::new();
    for (step, undo) in draft.steps.iter().filter_map(|step| Some((step, step.undo.as_ref()?))) {
        if !known_step(&draft.steps, undo, log) {
            continue;
        }
        if let Some(other) = undone.insert(&undo.value, &step.name.value) {
            log.error(
                undo.at,
                "UNDO_TWICE",
                format!("{} 已用于撤回 {other}。", undo.value),
                format!("`{}` undoes `{other}` already.", undo.value),
            );
            log.help("每个环节用各自的撤回环节。", "Give each step an undo step of its own.");
        }
    }
    for (name, of) in undone {
        draft.step(name).into_iter().for_each(|step| check_step(step, of, log));
    }
    for step in &draft.steps {
        let any = step.needs_any.iter().flat_map(|any| &any.steps);
        for need in step.needs.iter().map(|need| &need.step).chain(any) {
            if is_undo(draft, &need.value) {
                let name = &need.value;
                let zh = format!("{name} 是撤回环节，只在撤回时出现，不能等待它。");
                undo_step(need, zh, format!("`{name}` is an undo step; nothing can wait for it."), log);
            }
        }
    }
}

fn is_undo(draft: &Draft, name: &str) -> bool {
    draft.steps.iter().any(|step| step.undo.as_ref().is_some_and(|undo| undo.value == name))
}

fn check_step(step: &DraftStep, of: &str, log: &mut Log<'_>) {
    let name = &step.name;
    let mut refuse = |is: bool, key: &str| {
        if is {
            let zh = format!("{} 是 {of} 的撤回环节，不能写 {key}。", name.value);
            undo_step(name, zh, format!("`{}` undoes `{of}` and cannot have `{key}`.", name.value), log);
        }
    };
    refuse(!step.needs.is_empty(), "needs");
    refuse(step.needs_any.is_some(), "needs_any");
    refuse(step.for_each.is_some(), "for_each");
    refuse(step.requested.is_some(), "requested");
    refuse(step.when.is_some(), "when");
    refuse(!step.decide.is_empty(), "decide");
    refuse(step.undo.is_some(), "undo");
    refuse(step.counts.as_ref().is_some_and(|counts| counts.value), "counts: true");
    refuse(!step.is_office(), "wait / reserves / starts");
    for outcome in &step.outcomes {
        refuse(matches!(outcome.effect, Effect::Closes(_)), "closes");
        refuse(!outcome.reopens.is_empty(), "reopens");
    }
}

fn undo_step(spot: &Spot<String>, zh: String, en: String, log: &mut Log<'_>) {
    log.error(spot.at, "UNDO_STEP", zh, en);
    log.help(
        "撤回环节只在所撤回的结果被收回时提供给机构，不属于办件的正常流程，也不计时。",
        "An undo step is offered when the result that it undoes is taken back; it is no part of the usual flow and never \
         counts.",
    );
}
