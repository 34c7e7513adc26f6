//! Which transitions of a package its scenarios exercise.

mod seen;

use std::collections::{BTreeMap, BTreeSet};

use kaiban_definition::{Definition, Effect, INTAKE, OverdueAction, Step, Work};
use kaiban_engine::{Entry, Way};

use crate::render::proved_by;

/// Something that a case of a package can do: `registration: approve`, `invoices: does not wait for seal`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Transition {
    /// The step; empty for the case as a whole.
    pub step: String,
    /// What happens.
    pub what: String,
}

impl Transition {
    fn new(step: &str, what: impl Into<String>) -> Self {
        Self { step: step.to_owned(), what: what.into() }
    }
}

impl std::fmt::Display for Transition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.step.is_empty() {
            true => f.write_str(&self.what),
            false => write!(f, "{}: {}", self.step, self.what),
        }
    }
}

/// All transitions of a package, in the order of its steps.
pub fn transitions(def: &Definition) -> Vec<Transition> {
    let mut all = Vec::new();
    let mut case = |what: &str| all.push(Transition::new("", what));
    case(if def.intake.is_some() { "accepted at once" } else { "accepted" });
    case("withdrawn by the applicant");
    case("cancelled by an officer");
    let mut steps = def.order.iter().filter_map(|name| def.steps.get(name));
    if steps.any(|step| step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Corrects { .. })))
        || def.steps.values().any(|step| matches!(step.work, Work::Reserve { .. } | Work::Prove(_)))
    {
        for (number, _) in (1..).zip(&def.corrections.remind_after) {
            case(&format!("reminder {number} of a correction"));
        }
        if def.corrections.lapse_after.is_some() {
            case("given up, because nobody answered");
        }
    }
    if let Some(intake) = &def.intake {
        for what in ["offered", "accept", "decline", "deemed accepted"] {
            all.push(Transition::new(&intake.step.name, what));
        }
    }
    for step in def.order.iter().filter_map(|name| def.steps.get(name)) {
        of_step(def, step, &mut all);
    }
    all
}

fn of_step(def: &Definition, step: &Step, all: &mut Vec<Transition>) {
    let mut add = |what: String| all.push(Transition::new(&step.name, what));
    for need in step.needs.iter().filter(|need| need.when.is_some()) {
        add(format!("waits for {}", need.step));
        add(format!("does not wait for {}", need.step));
    }
    if let Some(any) = &step.needs_any {
        for first in &any.steps {
            add(format!("{first} is first"));
        }
    }
    if step.requested.is_some() {
        add("not requested".into());
        add("requested later".into());
        add("taken back by the applicant".into());
    }
    if let Some(each) = &step.for_each {
        // Where the form asks for an element, its list is never empty.
        if def.form.may_be_empty(&each.over) {
            add(NO_BRANCH.into());
        }
        for what in ["one branch", "several branches", "a branch is added", "a branch is removed"] {
            add(what.into());
        }
        if step.when.is_some() {
            add("a branch is skipped".into());
        }
    }
    if step.for_each.is_none() && step.when.is_some() || step.needs_any.is_some() {
        add("skipped".into());
    }
    for (number, rule) in (1..).zip(&step.decide) {
        add(format!("rule {number} decides {}", rule.outcome));
    }
    match &step.work {
        Work::Office { .. } => add("offered".into()),
        Work::Wait { .. } => add("waits".into()),
        Work::Reserve { .. } => {
            add("reserved".into());
            add("taken by another case".into());
        }
        Work::Start { waits, revokes, .. } => {
            add("started".into());
            if *waits || revokes.is_some() {
                add("the started case ends".into());
            }
            if let Some(revokes) = revokes {
                add(revoked_words(&revokes.step, true));
                if !*waits {
                    add(revoked_words(&revokes.step, false));
                }
            }
        }
        Work::Prove(certificate) => {
            add("asked for".into());
            add(proved_by(Way::Evidence).into());
            if certificate.shared.is_some() {
                add(proved_by(Way::Shared).into());
            }
            if certificate.commitment.is_some() {
                add(proved_by(Way::Commitment).into());
                for what in ["commitment signed", "commitment declined", "commitment taken back"] {
                    add(what.into());
                }
            }
        }
        Work::Draw { .. } => {
            for what in ["waits for a draw", "drawn", "not drawn"] {
                add(what.into());
            }
        }
    }
    for outcome in step.outcomes.keys() {
        if step.party().is_some() {
            add(outcome.clone());
        }
    }
    for overdue in &step.on_overdue {
        add(overdue_words(&overdue.action, &overdue.after.text().en));
    }
    if let Some(undo) = &step.undo {
        add(format!("undone by {undo}"));
    }
}

/// The journal says that the step is skipped, as for a guard.
const NO_BRANCH: &str = "skipped for an empty list";

fn overdue_words(action: &OverdueAction, after: &str) -> String {
    match action {
        OverdueAction::Remind => format!("reminded after {after}"),
        OverdueAction::Escalate { party } => format!("{party} is told after {after}"),
        OverdueAction::Outcome { outcome } => format!("ends with {outcome} after {after}"),
    }
}

fn revoked_words(step: &str, open: bool) -> String {
    format!("revokes {step} {}", if open { "while the case is open" } else { "after the end" })
}

/// What the scenarios of one package exercised so far.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The package.
    pub workflow: String,
    /// All transitions, in the order of the package's steps.
    pub transitions: Vec<Transition>,
    seen: BTreeSet<Transition>,
}

impl Coverage {
    /// Nothing yet.
    pub fn new(def: &Definition) -> Self {
        Self { workflow: def.workflow.clone(), transitions: transitions(def), seen: BTreeSet::new() }
    }

    /// What a journal of a case of this package shows; those of other packages show nothing.
    pub fn add(&mut self, def: &Definition, journal: &[Entry]) {
        let ours = journal.first().and_then(|entry| entry.events.first()).is_some_and(
            |event| matches!(event, kaiban_engine::Event::Received { workflow, .. } if *workflow == def.workflow),
        );
        if ours {
            seen::add(def, journal, &mut self.seen);
        }
    }

    /// How many of the transitions were exercised.
    pub fn exercised(&self) -> usize {
        self.transitions.iter().filter(|transition| self.seen.contains(transition)).count()
    }

    /// The transitions that were not, in the order of the package's steps.
    pub fn missed(&self) -> Vec<&Transition> {
        self.transitions.iter().filter(|transition| !self.seen.contains(transition)).collect()
    }

    /// Share of the transitions that were exercised, whole percent, rounded down.
    pub fn percent(&self) -> usize {
        (self.exercised() * 100).checked_div(self.transitions.len()).unwrap_or(100)
    }

    /// What was missed by step, for people.
    pub fn missed_by_step(&self) -> Vec<(String, Vec<String>)> {
        let mut order: Vec<&str> = Vec::new();
        let mut steps: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for Transition { step, what } in self.missed() {
            if !steps.contains_key(step.as_str()) {
                order.push(step);
            }
            steps.entry(step).or_default().push(what.clone());
        }
        let name = |step: &str| if step.is_empty() { "case".to_owned() } else { step.to_owned() };
        order.into_iter().map(|step| (name(step), steps.remove(step).unwrap_or_default())).collect()
    }
}

/// Whether a step is the intake.
fn is_intake(step: &str) -> bool {
    step == INTAKE
}
