//! Actors who send whatever comes to their minds, right and wrong. Each knows what the engine has to answer.

use std::sync::Arc;

use kaiban_definition::{Effect, INTAKE, Outcome, Step};
use kaiban_engine::{Actor, Case, Command, Filed, Phase, StepState, Timer, TimerClock, TimerKind};
use kaiban_findings::{Finding, Place};
use serde_json::{Value, json};

use super::package::{PLACES, Package};
use super::shell::Running;
use crate::draw::Lot;

/// What the engine must answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expect {
    /// It is done.
    Done,
    /// It is rejected for one of these reasons.
    Rejected(&'static [&'static str]),
}

/// A command with everything needed to send it and to judge the answer.
#[derive(Debug)]
pub(super) struct Attempt {
    pub command: Command,
    /// The step whose lease the shell looks up.
    pub step: Option<String>,
    pub actor: Actor,
    pub expect: Expect,
    /// What is odd about it, for the trace.
    pub twist: &'static str,
}

const OVER: &[&str] = &["CASE_CLOSED", "NO_OPEN_TASK", "STALE_EPOCH"];

impl Attempt {
    fn agency(command: Command, step: &str, holder: &str, expect: Expect, twist: &'static str) -> Self {
        let actor = Actor::Agency { holder: holder.to_owned() };
        Self { command, step: Some(step.to_owned()), actor, expect, twist }
    }

    fn terminal(command: Command, expect: Expect, twist: &'static str) -> Self {
        let actor = Actor::Terminal { organisation: "bank-1".into(), outlet: Some("outlet-1".into()) };
        Self { command, step: None, actor, expect, twist }
    }

    fn system(command: Command, step: &str, expect: Expect, twist: &'static str) -> Self {
        Self { command, step: Some(step.to_owned()), actor: Actor::System, expect, twist }
    }

    fn admin(command: Command, expect: Expect, twist: &'static str) -> Self {
        Self { command, step: None, actor: Actor::Admin { holder: "admin-1".into() }, expect, twist }
    }
}

/// A new case, now and then with a form that nobody can read.
pub(super) fn submit(package: &Package, id: String, lot: &mut Lot) -> Attempt {
    let mut content = Arc::clone(lot.pick(&package.forms));
    let (mut expect, mut twist) = (Expect::Done, "");
    match lot.below(40) {
        0 => {
            Arc::make_mut(&mut content)["registrar"] = json!("110101");
            (expect, twist) = (Expect::Rejected(&["UNKNOWN_DIVISION"]), "foreign registrar");
        }
        1 => {
            Arc::make_mut(&mut content)["count"] = json!("many");
            (expect, twist) = (Expect::Rejected(&["FORM_INVALID"]), "bad form");
        }
        _ => {}
    }
    let doubts = lot.chance(0.2).then(|| (format!("{id}-d"), 1 + lot.below(3) as u32));
    let form = Filed { digest: format!("{id}-f"), content };
    let command = Command::Submit {
        case: id,
        form,
        doubts,
        organisation: "bank-1".into(),
        outlet: lot.chance(0.9).then(|| "outlet-1".into()),
        parent: None,
    };
    Attempt::terminal(command, expect, twist)
}

/// Anything that can be sent about a running or a closed case.
pub(super) fn anything(package: &Package, running: &Running, shell_now: (i64, i64), lot: &mut Lot) -> Attempt {
    let case = &running.case;
    // Mostly something that makes sense now; a tenth of the time whatever comes first.
    let sober = lot.chance(0.9);
    let asked = case.corrections.iter().any(|correction| correction.answered_at_us.is_none());
    match lot.below(100) {
        0..=11 if !sober || !case.timers().is_empty() => timer(running, shell_now, lot),
        12..=36 if !sober || asked => resubmit(package, running, lot),
        0..=96 => about_step(package, running, shell_now, lot),
        97 => withdraw(package, case),
        98 if lot.chance(0.3) => cancel(case, lot),
        _ => {
            let form = Filed { digest: running.fresh_digest(), content: Arc::clone(&package.forms[0]) };
            let (case, organisation) = (case.id.clone(), "bank-1".to_owned());
            let command = Command::Submit { case, form, doubts: None, organisation, outlet: None, parent: None };
            Attempt::terminal(command, Expect::Rejected(&["WRONG_PHASE"]), "submitted twice")
        }
    }
}

fn withdraw(package: &Package, case: &Case) -> Attempt {
    let granted = package.definition.steps.values().any(|step| {
        let closes = |outcome: &Outcome| matches!(outcome.effect, Effect::Closes(_));
        step.outcomes.values().any(closes) && case.step_state(&step.name) == StepState::Completed
    });
    let expect = match case.phase {
        Phase::Closed => Expect::Rejected(&["CASE_CLOSED"]),
        _ if granted => Expect::Rejected(&["ALREADY_DECIDED"]),
        _ => Expect::Done,
    };
    Attempt::terminal(Command::Withdraw { reason: Some(format!("{}-w", case.id)) }, expect, "")
}

/// Ends a case that cannot go on.
pub(super) fn cancel(case: &Case, lot: &mut Lot) -> Attempt {
    let named = lot.chance(0.8);
    let expect = match (case.phase, named) {
        (Phase::Closed, _) => Expect::Rejected(&["CASE_CLOSED"]),
        (_, false) => Expect::Rejected(&["TEXT_INVALID"]),
        (_, true) => Expect::Done,
    };
    let officer = if named { "K-17" } else { "王 五" }.to_owned();
    Attempt::admin(Command::Cancel { officer, reason: None }, expect, if named { "" } else { "no staff number" })
}

fn about_step(package: &Package, running: &Running, shell_now: (i64, i64), lot: &mut Lot) -> Attempt {
    let Some(step) = choose_step(package, running, lot) else {
        let (step, holder) = ("nowhere".to_owned(), "h0".to_owned());
        let command = Command::Claim { step: step.clone(), holder };
        return Attempt::agency(command, &step, "h0", Expect::Rejected(&["UNKNOWN_STEP"]), "unknown step");
    };
    let state = running.case.step_state(&step.name);
    match (state, lot.below(12)) {
        (StepState::Incident, 0..=8) => resolve(&running.case, &step.name),
        (StepState::Offered, 0..=8) => claim(running, &step.name, lot),
        (StepState::Claimed, 1..=8) if !running.is_held(&step.name) => claim(running, &step.name, lot),
        (_, 0) => claim(running, &step.name, lot),
        (_, 1) => defer(running, &step.name, shell_now.0, lot),
        (_, 2) => fail(running, &step.name, lot),
        (_, 3) if lot.chance(0.3) => resolve(&running.case, &step.name),
        _ => complete(package, running, step, lot),
    }
}

/// Mostly a step that is under way; sometimes any step, sometimes none that exists.
fn choose_step<'p>(package: &'p Package, running: &Running, lot: &mut Lot) -> Option<&'p Arc<Step>> {
    let definition = &package.definition;
    if lot.chance(0.9) {
        let open: Vec<&String> =
            running.case.steps.iter().filter(|(_, run)| run.state.is_open()).map(|(step, _)| step).collect();
        if !open.is_empty() {
            return definition.step(open[lot.index(open.len())]);
        }
    }
    if lot.chance(0.02) {
        return None;
    }
    if lot.chance(0.05) {
        return definition.step(INTAKE);
    }
    definition.step(&definition.order[lot.index(definition.order.len())])
}

/// Takes a task; any of a few holders.
pub(super) fn claim(running: &Running, step: &str, lot: &mut Lot) -> Attempt {
    let holder = format!("h{}", lot.below(4));
    let expect = match running.case.step_state(step) {
        StepState::Offered | StepState::Claimed => Expect::Done,
        _ => Expect::Rejected(&["NOT_CLAIMABLE"]),
    };
    let command = Command::Claim { step: step.to_owned(), holder: holder.clone() };
    Attempt::agency(command, step, &holder, expect, "")
}

/// Epoch to send, what it leads to by itself, and what is odd about it.
fn epoch(running: &Running, step: &str, lot: &mut Lot) -> (i64, Expect, &'static str) {
    let granted = running.granted.get(step).copied().unwrap_or(0);
    let held = running.lease(step).map_or(granted, |lease| lease.epoch);
    let open = running.case.step_state(step).has_task();
    match lot.below(10) {
        0 if open => (held - 1, Expect::Rejected(&["STALE_EPOCH"]), "stale epoch"),
        1 if open => (held + 1, Expect::Rejected(&["STALE_EPOCH"]), "epoch of the future"),
        _ if !open => (held, Expect::Rejected(OVER), "no task"),
        _ if !running.is_held(step) => (held, Expect::Rejected(&["STALE_EPOCH"]), "not in hand"),
        _ => (held, Expect::Done, ""),
    }
}

fn holder(running: &Running, step: &str) -> String {
    running.lease(step).and_then(|lease| lease.holder.clone()).unwrap_or_else(|| "h9".to_owned())
}

fn defer(running: &Running, step: &str, now_us: i64, lot: &mut Lot) -> Attempt {
    let (epoch, mut expect, mut twist) = epoch(running, step, lot);
    let now_us = now_us.max(running.case.last_at_us);
    let mut until_us = now_us + lot.range(1, 5 * 86_400) * 1_000_000;
    let mut code = "WAITS".to_owned();
    if expect == Expect::Done {
        match lot.below(8) {
            0 => (until_us, expect, twist) = (now_us, Expect::Rejected(&["TIME_OUT_OF_RANGE"]), "until now"),
            1 => (code, expect, twist) = ("等待".into(), Expect::Rejected(&["TEXT_INVALID"]), "bad word"),
            _ => {}
        }
    }
    let holder = holder(running, step);
    Attempt::agency(Command::Defer { step: step.to_owned(), epoch, until_us, code }, step, &holder, expect, twist)
}

fn fail(running: &Running, step: &str, lot: &mut Lot) -> Attempt {
    let (epoch, expect, twist) = epoch(running, step, lot);
    let command = Command::Fail { step: step.to_owned(), epoch, code: "PRINTER".into() };
    Attempt::agency(command, step, &holder(running, step), expect, twist)
}

/// Tries a step in incident afresh.
pub(super) fn resolve(case: &Case, step: &str) -> Attempt {
    let expect = match case.step_state(step) {
        StepState::Incident => Expect::Done,
        _ => Expect::Rejected(&["NOT_IN_INCIDENT"]),
    };
    Attempt::admin(Command::Resolve { step: step.to_owned(), officer: "K-17".into() }, expect, "")
}

fn complete(package: &Package, running: &Running, step: &Step, lot: &mut Lot) -> Attempt {
    let (epoch, expect, twist) = epoch(running, &step.name, lot);
    let names: Vec<&Outcome> = step.outcomes.values().collect();
    let outcome = names[lot.index(names.len())];
    let mut attempt = completion(package, running, step, outcome, epoch, lot);
    if expect != Expect::Done {
        (attempt.expect, attempt.twist) = (expect, twist);
    } else if attempt.expect == Expect::Done && lot.chance(0.25) {
        spoil(package, step, &mut attempt, lot);
    }
    attempt
}

/// Ends a task that somebody has in hand with the outcome that completes it.
pub(super) fn approve(package: &Package, running: &Running, step: &Step, lot: &mut Lot) -> Option<Attempt> {
    let outcome = step.outcomes.values().find(|outcome| outcome.effect == Effect::Completes)?;
    let epoch = running.lease(&step.name)?.epoch;
    Some(completion(package, running, step, outcome, epoch, lot))
}

fn completion(
    package: &Package,
    running: &Running,
    step: &Step,
    outcome: &Outcome,
    epoch: i64,
    lot: &mut Lot,
) -> Attempt {
    let (mut result, mut findings, mut expect) = (None, None, Expect::Done);
    let digest = running.fresh_digest();
    match outcome.effect {
        Effect::Completes if step.result.is_some() => {
            let content = Arc::clone(lot.pick(&package.results));
            result = Some(Filed { digest: format!("{digest}r"), content });
        }
        Effect::Corrects { .. } => {
            let shares = |pointer: &&str| step.shares_pointer(pointer, None);
            let shared: Vec<&str> = PLACES.iter().map(|(_, pointer)| *pointer).filter(shares).collect();
            let wanted: Vec<Finding> =
                shared.iter().filter(|_| lot.chance(0.7)).map(|pointer| finding(pointer)).collect();
            if wanted.is_empty() {
                expect = Expect::Rejected(&["CORRECTION_INVALID"]);
            }
            findings = Some((format!("{digest}c"), wanted));
        }
        _ => {}
    }
    let officer = Some("K-17".to_owned());
    let approver = outcome.adverse.then(|| "K-18".to_owned());
    let reason = outcome.adverse.then(|| format!("{digest}w"));
    let (name, outcome) = (step.name.clone(), outcome.name.clone());
    let command = Command::Complete { step: name, epoch, outcome, result, findings, officer, approver, reason };
    Attempt::agency(command, &step.name, &holder(running, &step.name), expect, "")
}

fn finding(pointer: &str) -> Finding {
    Finding::error("SIMULATED", Place::Pointer(pointer.to_owned()), "此处须补正。", "This must be corrected.")
}

/// Makes one thing wrong with a completion that was right.
fn spoil(package: &Package, def: &Step, attempt: &mut Attempt, lot: &mut Lot) {
    let Command::Complete { outcome, result, findings, officer, reason, .. } = &mut attempt.command else { return };
    let adverse = def.outcomes.get(outcome).is_some_and(|outcome| outcome.adverse);
    let (reasons, twist): (&'static [&'static str], _) = match (lot.below(4), adverse) {
        (0, _) => {
            *outcome = "celebrate".into();
            (&["UNKNOWN_OUTCOME"], "unknown outcome")
        }
        (1, true) => {
            *officer = None;
            (&["OFFICER_REQUIRED"], "nobody named")
        }
        (2, true) => {
            *reason = None;
            (&["REASON_REQUIRED"], "no reason")
        }
        (1, false) => {
            *officer = Some("王五".into());
            (&["TEXT_INVALID"], "a name for a staff number")
        }
        (_, _) => match (result.take(), findings.as_mut()) {
            (Some(_), _) if lot.chance(0.5) => (&["RESULT_REQUIRED"], "no result"),
            (Some(mut filed), _) => {
                filed.content = Arc::new(json!({ "number": "" }));
                *result = Some(filed);
                (&["RESULT_INVALID"], "bad result")
            }
            (None, Some((_, wanted))) => {
                let outside: &str = lot.pick::<&str>(&["/registrar", "/nowhere", "", "/people/nobody"]);
                wanted.push(finding(outside));
                (&["CORRECTION_INVALID"], "finding outside")
            }
            (None, None) => {
                let content = Arc::clone(&package.results[0]);
                *result = Some(Filed { digest: "unwanted".into(), content });
                (&["RESULT_NOT_EXPECTED"], "unwanted result")
            }
        },
    };
    (attempt.expect, attempt.twist) = (Expect::Rejected(reasons), twist);
}

/// An answer to an open correction, right or wrong; or to one that is not open.
fn resubmit(package: &Package, running: &Running, lot: &mut Lot) -> Attempt {
    let open: Vec<&str> =
        running.case.corrections.iter().filter(|c| c.answered_at_us.is_none()).map(|c| c.id.as_str()).collect();
    if open.is_empty() || lot.chance(0.1) || running.case.phase == Phase::Closed {
        let answered = running.case.corrections.iter().find(|c| c.answered_at_us.is_some());
        let correction = answered.map_or_else(|| "nothing.1".to_owned(), |correction| correction.id.clone());
        let form = Filed { digest: running.fresh_digest(), content: Arc::clone(&package.forms[0]) };
        let command = Command::Resubmit { correction, form, doubts: None };
        let expect = Expect::Rejected(&["NO_OPEN_CORRECTION", "CASE_CLOSED"]);
        return Attempt::terminal(command, expect, "nothing to answer");
    }
    let correction = (*lot.pick(&open)).to_owned();
    let twist = lot.below(12);
    let Some(mut attempt) = answer(running, &correction, lot) else { return withdraw(package, &running.case) };
    let Command::Resubmit { form, .. } = &mut attempt.command else { return attempt };
    match twist {
        0 => {
            if let Some(before) = running.form() {
                form.content = Arc::clone(before);
                (attempt.expect, attempt.twist) = (Expect::Rejected(&["NOTHING_CHANGED"]), "nothing changed");
            }
        }
        1 => {
            Arc::make_mut(&mut form.content)["registrar"] = json!("350128");
            (attempt.expect, attempt.twist) = (Expect::Rejected(&["POINTER_NOT_OPEN"]), "another registrar");
        }
        2 => {
            Arc::make_mut(&mut form.content)["people"] = json!(7);
            (attempt.expect, attempt.twist) = (Expect::Rejected(&["FORM_INVALID"]), "bad form");
        }
        _ => {}
    }
    attempt
}

/// A right answer to an open correction: every place that it opened changes, nothing else does.
pub(super) fn answer(running: &Running, correction: &str, lot: &mut Lot) -> Option<Attempt> {
    let open = running.case.corrections.iter().find(|c| c.id == correction && c.answered_at_us.is_none())?;
    let mut form = running.form()?.as_ref().clone();
    for pointer in &open.pointers {
        edit(&mut form, pointer, lot);
    }
    let digest = running.fresh_digest();
    let doubts = lot.chance(0.1).then(|| (format!("{digest}d"), 1));
    let form = Filed { digest: format!("{digest}f"), content: Arc::new(form) };
    let command = Command::Resubmit { correction: correction.to_owned(), form, doubts };
    Some(Attempt::terminal(command, Expect::Done, ""))
}

fn edit(form: &mut Value, pointer: &str, lot: &mut Lot) {
    match pointer {
        "/name" => form["name"] = json!(format!("企业{}", 1000 + lot.below(1_000_000))),
        "/count" => form["count"] = json!((form["count"].as_i64().unwrap_or(0) + lot.range(1, 9)) % 10),
        "/paper" => form["paper"] = json!(!form["paper"].as_bool().unwrap_or(false)),
        "/note" if form.get("note").is_some() && lot.chance(0.3) => {
            form.as_object_mut().map(|form| form.remove("note"));
        }
        "/note" => {
            let other = if form.get("note") == Some(&json!("x")) { "y" } else { "x" };
            form["note"] = json!(other);
        }
        "/people/head" => form["people"]["head"] = json!(format!("丁{}", lot.below(1_000_000))),
        _ => {
            let length = form["people"]["others"].as_array().map_or(0, Vec::len);
            form["people"]["others"] = json!(vec!["戊"; (length + 1) % 6]);
        }
    }
}

/// A deadline of the case, due or too early; or one that is not there.
fn timer(running: &Running, shell_now: (i64, i64), lot: &mut Lot) -> Attempt {
    let timers = running.case.timers();
    if timers.is_empty() {
        let Some(step) = running.case.steps.keys().next() else { return cancel(&running.case, lot) };
        let kind = *lot.pick(&[TimerKind::Deferred, TimerKind::Retry, TimerKind::Deemed]);
        let command = Command::FireTimer { step: step.clone(), kind };
        return Attempt::system(command, step, Expect::Rejected(&["NO_SUCH_TIMER"]), "no timer");
    }
    fire(lot.pick(&timers), shell_now, running.case.last_at_us)
}

/// A deadline comes, whether or not it is time.
pub(super) fn fire(timer: &Timer, (now_us, operating_us): (i64, i64), last_at_us: i64) -> Attempt {
    let now_us = match timer.clock {
        TimerClock::Business => now_us.max(last_at_us),
        TimerClock::Operating => operating_us,
    };
    let (expect, twist) = match timer.due_us <= now_us {
        true => (Expect::Done, ""),
        false => (Expect::Rejected(&["NO_SUCH_TIMER"]), "too early"),
    };
    let command = Command::FireTimer { step: timer.step.clone(), kind: timer.kind };
    Attempt::system(command, &timer.step, expect, twist)
}
