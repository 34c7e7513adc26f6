//! The graph of the steps: unknown needs, cycles, steps that nothing leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::DraftStep;
use super::reader::Log;
use crate::model::Effect;

/// What the other checks ask about the graph.
#[derive(Default)]
pub(super) struct Graph {
    /// Every step after what it needs, ties in file order. Steps in or behind a cycle are missing.
    pub order: Vec<String>,
    /// By step: the steps that have surely ended when it is offered.
    awaited: BTreeMap<String, BTreeSet<String>>,
    /// By step: the steps that it needs at least under some condition, directly or not.
    before: BTreeMap<String, BTreeSet<String>>,
    /// Steps that may end without a result.
    resultless: BTreeSet<String>,
    /// Steps that end their branch or lie behind one that does.
    may_end: BTreeSet<String>,
    sound: bool,
}

impl Graph {
    /// Whether every need exists and no step waits for itself.
    pub fn is_sound(&self) -> bool {
        self.sound
    }

    /// Whether `other` has surely ended when `step` is offered.
    pub fn awaits(&self, step: &str, other: &str) -> bool {
        self.awaited.get(step).is_some_and(|steps| steps.contains(other))
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
    let known = check_needs(steps, log);
    let mut graph = Graph::default();
    let mut left: Vec<&DraftStep> = steps.iter().collect();
    loop {
        let waits = |step: &DraftStep| {
            step.needs.iter().any(|need| left.iter().any(|other| other.name.value == need.step.value))
        };
        let Some(index) = left.iter().position(|step| !waits(step)) else { break };
        let step = left.remove(index);
        graph.add(step);
    }
    report_cycles(&left, log);
    graph.sound = known && left.is_empty();
    graph
}

impl Graph {
    fn add(&mut self, step: &DraftStep) {
        let (mut awaited, mut before) = (BTreeSet::new(), BTreeSet::new());
        for need in &step.needs {
            let name = &need.step.value;
            before.insert(name.clone());
            before.extend(self.before.get(name).into_iter().flatten().cloned());
            if need.when.is_none() {
                awaited.insert(name.clone());
                awaited.extend(self.awaited.get(name).into_iter().flatten().cloned());
            }
        }
        let name = step.name.value.clone();
        let ends = step.outcomes.iter().any(|outcome| outcome.effect == Effect::EndsBranch);
        // A step behind a branch that may end is offered all the same, with less to go by: its package treats it as one
        // that may end too, and asks before it reads.
        let behind = step.needs.iter().any(|need| self.may_end.contains(&need.step.value));
        if ends || behind {
            self.may_end.insert(name.clone());
        }
        if step.when.is_some() || ends || behind {
            self.resultless.insert(name.clone());
        }
        self.awaited.insert(name.clone(), awaited);
        self.before.insert(name.clone(), before);
        self.order.push(name);
    }
}

/// Whether every need exists.
fn check_needs(steps: &[DraftStep], log: &mut Log<'_>) -> bool {
    let mut known = true;
    for step in steps {
        for (index, need) in step.needs.iter().enumerate() {
            let name = &need.step.value;
            if !steps.iter().any(|other| other.name.value == *name) {
                log.error(
                    need.step.at,
                    "UNKNOWN_STEP",
                    format!("没有名为 {name} 的环节。"),
                    format!("There is no step `{name}`."),
                );
                let names: Vec<&str> = steps.iter().map(|step| step.name.value.as_str()).collect();
                let names = names.join(", ");
                log.help(format!("本流程的环节：{names}。"), format!("The steps are: {names}."));
                known = false;
            }
            if step.needs[..index].iter().any(|earlier| earlier.step.value == *name) {
                log.error(
                    need.step.at,
                    "DUPLICATE_NEED",
                    format!("{name} 写了两次。"),
                    format!("`{name}` is needed twice."),
                );
            }
        }
    }
    known
}

/// What is left either lies on a cycle or behind one.
fn report_cycles(left: &[&DraftStep], log: &mut Log<'_>) {
    let reaches = |from: &DraftStep, to: &DraftStep| {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open = vec![from];
        while let Some(step) = open.pop() {
            for need in &step.needs {
                if need.step.value == to.name.value {
                    return true;
                }
                let next = left.iter().find(|other| other.name.value == need.step.value);
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
