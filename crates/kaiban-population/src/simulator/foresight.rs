//! What actors know of the rules: how often an outcome has reopened, what a reopening takes back, which places of the form
//! are in use, what breaks 一次性告知, when a case may be given up. Written anew from what the rules say, so that engine
//! and actors are two opinions.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_calendar::{Budget, Calendars, Horizon, local_date};
use kaiban_definition::{CaseFacts, Definition, Effect, INTAKE, Outcome, Reopening, Scope, Step, Work, branch_parts};
use kaiban_engine::{Case, CorrectionRun, Phase, Registers, StepState, item};
use serde_json::Value;

/// The loop of an outcome, if it has one.
pub(super) fn reopening(outcome: &Outcome) -> Option<&Reopening> {
    match &outcome.effect {
        Effect::Reopens(reopening) => Some(reopening),
        Effect::Corrects { reopens } => reopens.as_ref(),
        _ => None,
    }
}

/// Whether the outcome has reopened as often as its package allows, over all branches of its step.
pub(super) fn is_exhausted(case: &Case, step: &Step, outcome: &Outcome) -> bool {
    let Some(reopening) = reopening(outcome) else { return false };
    let runs = case.steps.iter().filter(|(name, _)| branch_parts(name).0 == step.name);
    runs.filter_map(|(_, run)| run.loops.get(&outcome.name)).sum::<u32>() >= reopening.at_most
}

/// The steps that a reopening takes back: the named ones, the one that decides, and whatever needs one of them by an edge
/// that exists in this case.
pub(super) fn taken_back<'d>(
    def: &'d Definition,
    case: &Case,
    reopening: &'d Reopening,
    by: &str,
) -> BTreeSet<&'d str> {
    let mut all: BTreeSet<&str> = reopening.steps.iter().map(String::as_str).collect();
    all.extend(def.steps.get(branch_parts(by).0).map(|step| step.name.as_str()));
    loop {
        let before = all.len();
        for step in def.steps.values().filter(|step| step.undoes.is_none()) {
            let waived = case.steps.get(&step.name).and_then(|run| run.waived.as_ref());
            let exists = |name: &String| waived.is_none_or(|waived| !waived.contains(name));
            let needs = step.needs.iter().filter(|need| need.when.is_none() || exists(&need.step)).map(|n| &n.step);
            let mut needs = needs.chain(step.needs_any.iter().flat_map(|any| &any.steps));
            if needs.any(|need| all.contains(need.as_str())) {
                all.insert(&step.name);
            }
        }
        if all.len() == before {
            return all;
        }
    }
}

/// Whether a finished step decided on a place of the form; `spared` decide again.
pub(super) fn is_in_use(def: &Definition, case: &Case, form: &Value, pointer: &str, spared: &BTreeSet<&str>) -> bool {
    case.steps.iter().any(|(branch, run)| {
        let (name, key) = branch_parts(branch);
        let Some(step) = def.steps.get(name).filter(|step| step.undoes.is_none()) else { return false };
        let finished = matches!(run.state, StepState::Completed | StepState::Ended);
        // A group decides nothing; its branches do.
        if !finished || spared.contains(name) || (step.for_each.is_some() && key.is_none()) {
            return false;
        }
        let reserves = match &step.work {
            Work::Reserve { at, .. } => overlap(pointer, at),
            _ => false,
        };
        let item_at = item(step, branch, form).map(|(at, _)| at);
        reserves || step.decides_on(pointer, item_at.as_deref())
    })
}

/// Whether somebody else's correction asks for a place that a step decides on and has not been answered.
pub(super) fn is_under_correction(case: &Case, form: &Value, step: &Step, branch: &str) -> bool {
    let asked = case.corrections.iter().filter(|asked| asked.answered_at_us.is_none() && asked.dropped_at_us.is_none());
    let item_at = item(step, branch, form).map(|(at, _)| at);
    let mut places = asked.filter(|asked| asked.step != branch).flat_map(|asked| &asked.pointers);
    step.name != INTAKE && step.undoes.is_none() && places.any(|place| step.decides_on(place, item_at.as_deref()))
}

fn overlap(a: &str, b: &str) -> bool {
    lies_in(a, b) || lies_in(b, a)
}

/// Whether a pointer is the other, or lies below it.
pub(super) fn lies_in(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a correction asks for what an earlier one of the step could have asked for: nothing that was asked for before
/// or has changed since.
pub(super) fn is_breach(case: &Case, branch: &str, pointers: &[String]) -> bool {
    let of_step = || case.corrections.iter().filter(|asked| asked.step == branch);
    let Some(first) = of_step().next() else { return false };
    let asked = of_step().flat_map(|asked| &asked.pointers);
    let since = case.corrections.iter().filter(|asked| asked.answered_at_us >= Some(first.asked_at_us));
    let open: Vec<&String> = asked.chain(since.flat_map(|asked| &asked.changed)).collect();
    pointers.iter().any(|pointer| !open.iter().any(|open| lies_in(pointer, open)))
}

/// Whether an answer may leave the form as it is: another answer has changed a place since, or the key that somebody held
/// may be free by now.
pub(super) fn is_mended(def: &Definition, case: &Case, open: &CorrectionRun) -> bool {
    let reserves = def.step(&open.step).is_some_and(|step| matches!(step.work, Work::Reserve { .. }));
    let since = case.corrections.iter().filter(|asked| asked.answered_at_us >= Some(open.asked_at_us));
    let mut changed = since.flat_map(|asked| &asked.changed);
    reserves || changed.any(|place| open.pointers.iter().any(|pointer| overlap(place, pointer)))
}

/// Whether a key that the case had reserved is another's by now, so that nothing can be granted.
pub(super) fn has_lost_a_key(def: &Definition, case: &Case, form: &Value, registers: &Registers, now_us: i64) -> bool {
    let held = case
        .steps
        .iter()
        .filter(|(_, run)| run.state == StepState::Completed)
        .filter_map(|(_, run)| run.holds.as_ref());
    let date = local_date(now_us).to_string();
    let (registrar, workflow, doubts) = (case.division.as_str(), def.workflow.as_str(), case.doubt_count);
    let facts = CaseFacts { registrar, workflow, doubts, date: &date };
    let scope = Scope { form, case: facts, results: &BTreeMap::new(), item: None, credit: None };
    held.filter_map(|name| def.registers.get(name)).any(|register| {
        let record = register.key.eval(&scope).ok().and_then(|key| registers.get(&(register.name.clone(), key)));
        record.is_some_and(|r| r.holder != case.id && r.until_us.is_none_or(|until_us| until_us > now_us))
    })
}

/// Whether a step's outcomes can close the case; what it completes with grants what was applied for.
pub(super) fn decides_the_case(step: &Step) -> bool {
    step.name != INTAKE && step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Closes(_)))
}

/// Whether a step that could have closed the case has granted what was applied for, or what was granted is being taken
/// back.
pub(super) fn is_granted(def: &Definition, case: &Case) -> bool {
    case.revocation.is_some()
        || def.steps.values().any(|step| decides_the_case(step) && case.step_state(&step.name) == StepState::Completed)
}

/// Whether some correction has been unanswered for so long that an officer may give the case up.
pub(super) fn is_lapsed(def: &Definition, case: &Case, calendars: &Calendars, now_us: i64) -> bool {
    let (Some(after), Some(calendar)) = (def.corrections.lapse_after, calendars.get(&case.calendar)) else {
        return false;
    };
    let told = case.corrections.iter().filter(|asked| asked.answered_at_us.is_none() && asked.dropped_at_us.is_none());
    told.filter_map(|asked| asked.told_at_us).any(|told_at_us| {
        let due = match after {
            Budget::WorkingDays(days) => calendar.statutory_due_us(told_at_us, days, Horizon::Provisional),
            Budget::WorkingTime { us } => calendar.add_us(told_at_us, us, Horizon::Provisional),
            Budget::Wall { us } => return told_at_us + us <= now_us,
        };
        due.is_ok_and(|due| due.at_us <= now_us)
    })
}

/// Why commands that need a case that has not ended are refused otherwise.
pub(super) fn is_over(case: &Case) -> Option<&'static [&'static str]> {
    (case.phase == Phase::Closed).then_some(&["CASE_CLOSED"])
}

/// Why commands that need an open case are refused otherwise.
pub(super) fn not_open(case: &Case) -> Option<&'static [&'static str]> {
    match case.phase {
        Phase::Open => None,
        Phase::Closed => Some(&["CASE_CLOSED"]),
        Phase::New | Phase::Intake => Some(&["NOT_ACCEPTED_YET"]),
    }
}
