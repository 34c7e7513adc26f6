//! The graph of the steps: unknown needs, cycles, steps that nothing leads to.
//!
//! An undo step stands behind the step that it undoes, though it needs nothing and nothing needs it.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::DraftStep;
use super::reader::{Log, Spot};
use crate::model::Effect;

/// What the other checks ask about the graph.
#[derive(Default)]
pub(super) struct Graph {
    /// Every step after what it needs, ties in file order. Steps in or behind a cycle are missing.
    pub order: Vec<String>,
    /// By step: the steps that have surely ended when it is offered.
    awaited: BTreeMap<String, BTreeSet<String>>,
    /// By step: the steps that may have ended when it is offered, because one of several was enough; those that surely have
    /// may be among them.
    perhaps: BTreeMap<String, BTreeSet<String>>,
    /// By step: the steps that it needs at least under some condition, directly or not.
    before: BTreeMap<String, BTreeSet<String>>,
    /// Steps that may end without a result.
    resultless: BTreeSet<String>,
    /// Steps that end their branch or lie behind one that does.
    may_end: BTreeSet<String>,
    /// Steps that the end of another one may take back.
    cancelled: BTreeSet<String>,
    /// Steps of which nobody can say all that they need: a name is mistyped, theirs or of a step before them.
    unsure: BTreeSet<String>,
}

impl Graph {
    /// Whether a step that does not seem to wait for `other` surely does not. Where a need is mistyped it might; but not for
    /// what waits for the step itself.
    pub fn can_tell(&self, step: &str, other: &str) -> bool {
        !self.unsure.contains(step) || self.comes_before(step, other) && !self.comes_before(other, step)
    }

    /// Whether `other` has surely ended when `step` is offered.
    pub fn awaits(&self, step: &str, other: &str) -> bool {
        self.awaited.get(step).is_some_and(|steps| steps.contains(other))
    }

    /// Whether `other` may have ended when `step` is offered, but has not surely.
    pub fn perhaps_awaits(&self, step: &str, other: &str) -> bool {
        self.perhaps.get(step).is_some_and(|steps| steps.contains(other)) && !self.awaits(step, other)
    }

    /// Whether `other` comes before `step` at least under some condition.
    pub fn comes_before(&self, other: &str, step: &str) -> bool {
        self.before.get(step).is_some_and(|steps| steps.contains(other))
    }

    /// Whether the step may end without a result: it can be skipped, or a branch that it lies on can end.
    pub fn may_lack_result(&self, step: &str) -> bool {
        self.resultless.contains(step)
    }
}

pub(super) fn check(steps: &[DraftStep], log: &mut Log<'_>) -> Graph {
    check_needs(steps, log);
    let mut graph = Graph { cancelled: cancelled(steps), ..Graph::default() };
    let mut left: Vec<&DraftStep> = steps.iter().collect();
    loop {
        let waits =
            |step: &DraftStep| behind(steps, step).any(|name| left.iter().any(|other| other.name.value == *name));
        let Some(index) = left.iter().position(|step| !waits(step)) else { break };
        graph.order.push(left.remove(index).name.value.clone());
    }
    report_cycles(steps, &left, log);
    // What lies in or behind a circle knows nothing of its own order; going round until nothing is new, every step knows
    // what it waits for all the same, and can be checked like the others.
    let ordered = graph.order.iter().filter_map(|name| steps.iter().find(|step| step.name.value == *name));
    let all: Vec<&DraftStep> = ordered.chain(left).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for step in &all {
            changed |= graph.add(steps, step);
        }
    }
    graph.unsure = unsure(steps, &graph);
    graph
}

/// Steps whose needs, or those of a step before them, name what is not there. Which step a mistyped `undo` means nobody
/// knows, so it makes all of them unsure.
fn unsure(steps: &[DraftStep], graph: &Graph) -> BTreeSet<String> {
    let is_known = |name: &String| steps.iter().any(|step| step.name.value == *name);
    let undone = steps.iter().filter_map(|step| step.undo.as_ref()).all(|undo| is_known(&undo.value));
    let before = |step: &DraftStep| graph.before.get(&step.name.value).into_iter().flatten().all(is_known);
    steps.iter().filter(|step| !undone || !before(step)).map(|step| step.name.value.clone()).collect()
}

/// Names of the steps that a step directly stands behind.
fn behind<'s>(steps: &'s [DraftStep], step: &'s DraftStep) -> impl Iterator<Item = &'s String> {
    let any = step.needs_any.iter().flat_map(|any| &any.steps).map(|step| &step.value);
    let undone = steps.iter().filter(|other| undoes(step, other)).map(|other| &other.name.value);
    step.needs.iter().map(|need| &need.step.value).chain(any).chain(undone)
}

fn undoes(step: &DraftStep, other: &DraftStep) -> bool {
    other.undo.as_ref().is_some_and(|undo| undo.value == step.name.value)
}

/// Steps that the end of another one may take back.
fn cancelled(steps: &[DraftStep]) -> BTreeSet<String> {
    let anys = steps.iter().filter_map(|step| step.needs_any.as_ref()).filter(|any| any.cancels_others);
    anys.flat_map(|any| &any.steps).map(|step| step.value.clone()).collect()
}

impl Graph {
    /// Adds what follows for a step from what is known of the others; whether that is more than before.
    fn add(&mut self, steps: &[DraftStep], step: &DraftStep) -> bool {
        let name = step.name.value.clone();
        let of = |map: &BTreeMap<String, BTreeSet<String>>, name: &str| map.get(name).cloned().unwrap_or_default();
        let (mut awaited, mut perhaps, mut before) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for other in behind(steps, step) {
            before.insert(other.clone());
            before.extend(of(&self.before, other));
        }
        let sure = step.needs.iter().filter(|need| need.when.is_none()).map(|need| &need.step.value);
        let undone = steps.iter().filter(|other| undoes(step, other)).map(|other| &other.name.value);
        for other in sure.chain(undone) {
            awaited.insert(other.clone());
            awaited.extend(of(&self.awaited, other));
            perhaps.extend(of(&self.perhaps, other));
        }
        if let Some(any) = &step.needs_any {
            // Whichever completes first: what all of them wait for has surely ended, the rest perhaps.
            let all = any.steps.iter().map(|other| of(&self.awaited, &other.value));
            awaited.extend(all.reduce(|a, b| a.intersection(&b).cloned().collect()).unwrap_or_default());
            for other in &any.steps {
                perhaps.insert(other.value.clone());
                perhaps.extend(of(&self.awaited, &other.value));
                perhaps.extend(of(&self.perhaps, &other.value));
            }
        }
        let ends = step.outcomes.iter().any(|outcome| outcome.effect == Effect::EndsBranch);
        // A step behind a branch that may end is offered all the same, with less to go by: its package treats it as one
        // that may end too, and asks before it reads.
        let behind_end = step.needs.iter().any(|need| self.may_end.contains(&need.step.value));
        let mut more = (ends || behind_end) && self.may_end.insert(name.clone());
        let left_out = step.when.is_some()
            || step.requested.is_some()
            || step.needs_any.is_some()
            || step.for_each.is_some()
            || self.cancelled.contains(&name);
        if left_out || ends || behind_end {
            self.resultless.insert(name.clone());
        }
        for (map, found) in [(&mut self.awaited, awaited), (&mut self.perhaps, perhaps), (&mut self.before, before)] {
            let count = found.len();
            more |= map.insert(name.clone(), found).is_none_or(|known| known.len() < count);
        }
        more
    }
}

/// Every need exists, once.
fn check_needs(steps: &[DraftStep], log: &mut Log<'_>) {
    for step in steps {
        let any = step.needs_any.iter().flat_map(|any| &any.steps);
        let named: Vec<&Spot<String>> = step.needs.iter().map(|need| &need.step).chain(any).collect();
        for (index, need) in named.iter().enumerate() {
            known_step(steps, need, log);
            let name = &need.value;
            if named[..index].iter().any(|earlier| earlier.value == *name) {
                log.error(
                    need.at,
                    "DUPLICATE_NEED",
                    format!("{name} 写了两次。"),
                    format!("`{name}` is needed twice."),
                );
            }
        }
        if let Some(any) = step.needs_any.as_ref().filter(|any| any.steps.len() < 2) {
            log.error(any.at, "NEEDS_ANY_FEW", "needs_any 至少要列两个环节。", "`needs_any` names at least two steps.");
            log.help("只有一个时请写 needs。", "Use `needs` for a single one.");
        }
    }
}

/// Reports a step that does not exist.
pub(super) fn known_step(steps: &[DraftStep], step: &Spot<String>, log: &mut Log<'_>) -> bool {
    let name = &step.value;
    let known = steps.iter().any(|other| other.name.value == *name);
    if !known {
        log.error(step.at, "UNKNOWN_STEP", format!("没有名为 {name} 的环节。"), format!("There is no step `{name}`."));
        let names: Vec<&str> = steps.iter().map(|step| step.name.value.as_str()).collect();
        let names = names.join(", ");
        log.help(format!("本流程的环节：{names}。"), format!("The steps are: {names}."));
    }
    known
}

/// What is left either lies on a cycle or behind one.
fn report_cycles(steps: &[DraftStep], left: &[&DraftStep], log: &mut Log<'_>) {
    let reaches = |from: &DraftStep, to: &DraftStep| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            for name in behind(steps, step) {
                if *name == to.name.value {
                    return true;
                }
                let next = left.iter().find(|other| other.name.value == *name);
                open.extend(next.filter(|next| seen.insert(&next.name.value)));
            }
        }
        false
    };
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for step in left {
        let name = step.name.value.as_str();
        if !reaches(step, step) {
            log.error(
                step.name.at,
                "UNREACHABLE",
                format!("环节 {name} 等待一个循环，永远不会开始。"),
                format!("Step `{name}` waits for a cycle and can never begin."),
            );
            continue;
        }
        if told.contains(name) {
            continue;
        }
        let circle: Vec<&str> = left
            .iter()
            .filter(|other| reaches(step, other) && reaches(other, step))
            .map(|other| other.name.value.as_str())
            .collect();
        let names = circle.join(", ");
        log.error(
            step.name.at,
            "CYCLE",
            format!("环节互相等待，无法开始：{names}。"),
            format!("These steps wait for each other: {names}."),
        );
        told.extend(circle);
    }
}
