//! An office with the task of a step or branch.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::{Effect, Outcome, Step};
use kaiban_engine::{Command, Filed, StepState, item};
use kaiban_findings::{Finding, Place};
use serde_json::json;

use super::{APPROVER, Attempt, Expect, OFFICER, Scene, unless};
use crate::draw::Lot;
use crate::simulator::foresight;
use crate::simulator::form::{FIELDS, PLACES, STAFF};
use crate::simulator::shell::Running;

const OVER: &[&str] = &["CASE_CLOSED", "NO_OPEN_TASK", "STALE_EPOCH"];

/// Takes a task; any of a few holders.
pub fn claim(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let holder = format!("h{}", lot.below(4));
    let expect = match scene.running.case.step_state(step) {
        StepState::Offered | StepState::Claimed => Expect::Done,
        _ => Expect::Rejected(&["NOT_CLAIMABLE"]),
    };
    let command = Command::Claim { step: step.to_owned(), holder: holder.clone() };
    Attempt::agency(command, step, &holder, expect)
}

/// Epoch to send, what it leads to by itself, and what is odd about it.
fn epoch(running: &Running, step: &str, lot: &mut Lot) -> (i64, Expect, &'static str) {
    let granted = running.granted.get(step).copied().unwrap_or(0);
    let held = running.lease(step).map_or(granted, |lease| lease.epoch);
    let open = running.case.step_state(step).has_task();
    match lot.below(14) {
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

pub fn defer(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let (epoch, mut expect, mut twist) = epoch(scene.running, step, lot);
    let mut until_us = scene.now_us + lot.range(1, 5 * 86_400) * 1_000_000;
    let mut code = "WAITS".to_owned();
    if expect == Expect::Done {
        match lot.below(8) {
            0 => (until_us, expect, twist) = (scene.now_us, Expect::Rejected(&["TIME_OUT_OF_RANGE"]), "until now"),
            1 => (code, expect, twist) = ("等待".into(), Expect::Rejected(&["TEXT_INVALID"]), "bad word"),
            _ => {}
        }
    }
    let holder = holder(scene.running, step);
    let command = Command::Defer { step: step.to_owned(), epoch, until_us, code };
    Attempt { twist, ..Attempt::agency(command, step, &holder, expect) }
}

pub fn fail(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let (epoch, expect, twist) = epoch(scene.running, step, lot);
    let command = Command::Fail { step: step.to_owned(), epoch, code: "PRINTER".into() };
    Attempt { twist, ..Attempt::agency(command, step, &holder(scene.running, step), expect) }
}

pub fn complete(scene: Scene<'_>, branch: &str, lot: &mut Lot) -> Attempt {
    let (epoch, expect, twist) = epoch(scene.running, branch, lot);
    let Some(step) = scene.package.definition.step(branch) else { return claim(scene, branch, lot) };
    let outcomes = step.outcomes.len();
    // A step of the system has no outcome that anybody could name.
    let declared = step.outcomes.values().nth(lot.index(outcomes));
    let mut attempt = match declared {
        Some(outcome) => completion(scene, branch, step, outcome, epoch, lot),
        None => bare(scene.running, branch, "done", epoch),
    };
    if expect != Expect::Done {
        (attempt.expect, attempt.twist) = (expect, twist);
    } else if attempt.expect == Expect::Done && lot.chance(0.25) {
        spoil(scene, step, &mut attempt, lot);
    }
    attempt
}

/// Ends a task that somebody has in hand with the outcome that completes it.
pub fn approve(scene: Scene<'_>, branch: &str, lot: &mut Lot) -> Option<Attempt> {
    let step = scene.package.definition.step(branch)?;
    let outcome = step.outcomes.values().find(|outcome| outcome.effect == Effect::Completes)?;
    let epoch = scene.running.lease(branch)?.epoch;
    Some(completion(scene, branch, step, outcome, epoch, lot))
}

fn bare(running: &Running, branch: &str, outcome: &str, epoch: i64) -> Attempt {
    let command = Command::Complete {
        step: branch.to_owned(),
        epoch,
        outcome: outcome.to_owned(),
        result: None,
        findings: None,
        officer: Some(OFFICER.to_owned()),
        approver: None,
        reason: None,
    };
    Attempt::agency(command, branch, &holder(running, branch), Expect::Done)
}

fn completion(scene: Scene<'_>, branch: &str, step: &Step, outcome: &Outcome, epoch: i64, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let mut attempt = bare(scene.running, branch, &outcome.name, epoch);
    let Command::Complete { result, findings, approver, reason, .. } = &mut attempt.command else { return attempt };
    let digest = scene.running.fresh_digest();
    if outcome.adverse || lot.chance(0.2) {
        *reason = Some(format!("{digest}w"));
    }
    if outcome.adverse || lot.chance(0.1) {
        *approver = Some(APPROVER.to_owned());
    }
    let exhausted = foresight::is_exhausted(case, step, outcome);
    attempt.expect = match &outcome.effect {
        Effect::Completes | Effect::EndsBranch | Effect::Closes(_) if is_held_up(scene, step, branch) => {
            Expect::Rejected(&["PLACE_UNDER_CORRECTION"])
        }
        Effect::Completes => {
            if step.result.is_some() {
                let content = Arc::clone(lot.pick(&scene.package.results));
                *result = Some(Filed { digest: format!("{digest}r"), content });
            }
            unless((foresight::decides_the_case(step) && has_lost_a_key(scene)).then_some(&["RESERVATION_LAPSED"]))
        }
        Effect::Corrects { .. } => {
            let pointers = places(scene, step, branch, lot);
            *findings = Some((format!("{digest}c"), pointers.iter().map(|pointer| finding(pointer)).collect()));
            let breach = foresight::is_breach(case, branch, &pointers);
            if breach && lot.chance(0.7) {
                *reason = Some(format!("{digest}w"));
            }
            unless(match () {
                () if pointers.is_empty() => Some(&["CORRECTION_INVALID"]),
                () if exhausted => Some(&["LOOP_EXHAUSTED"]),
                () if in_use(scene, branch, outcome, &pointers) => Some(&["POINTER_IN_USE"]),
                () if breach && reason.is_none() => Some(&["REASON_REQUIRED"]),
                () => None,
            })
        }
        Effect::Reopens(_) => unless(exhausted.then_some(&["LOOP_EXHAUSTED"])),
        Effect::EndsBranch | Effect::Closes(_) => Expect::Done,
    };
    attempt
}

fn has_lost_a_key(scene: Scene<'_>) -> bool {
    let (def, case) = (&scene.package.definition, &scene.running.case);
    let form = scene.running.form();
    form.is_some_and(|form| foresight::has_lost_a_key(def, case, form, scene.registers, scene.now_us))
}

/// Some places that the step is shown, and that the form has: whole shares, and single fields of the elements of a list.
fn places(scene: Scene<'_>, step: &Step, branch: &str, lot: &mut Lot) -> Vec<String> {
    let Some(form) = scene.running.form() else { return Vec::new() };
    let item_at = item(step, branch, form).map(|(at, _)| at);
    let mut all: Vec<String> = PLACES.iter().map(|(_, pointer)| (*pointer).to_owned()).collect();
    let elements = form.pointer(STAFF).and_then(|list| list.as_array()).map_or(0, Vec::len);
    for at in (0..elements).map(|at| format!("{STAFF}/{at}")) {
        all.extend(FIELDS.iter().map(|field| format!("{at}/{field}")));
        all.push(at);
    }
    all.retain(|pointer| step.shares_pointer(pointer, item_at.as_deref()));
    // Mostly what no finished step has used, so that corrections go through.
    if lot.chance(0.7) {
        let (def, case) = (&scene.package.definition, &scene.running.case);
        all.retain(|pointer| !foresight::is_in_use(def, case, form, pointer, &BTreeSet::new()));
    }
    all.retain(|_| lot.chance(0.5));
    all
}

fn is_held_up(scene: Scene<'_>, step: &Step, branch: &str) -> bool {
    let form = scene.running.form();
    form.is_some_and(|form| foresight::is_under_correction(&scene.running.case, form, step, branch))
}

fn in_use(scene: Scene<'_>, branch: &str, outcome: &Outcome, pointers: &[String]) -> bool {
    let (def, case) = (&scene.package.definition, &scene.running.case);
    let Some(form) = scene.running.form() else { return false };
    let spared = foresight::reopening(outcome).map(|reopening| foresight::taken_back(def, case, reopening, branch));
    let spared = spared.unwrap_or_default();
    pointers.iter().any(|pointer| foresight::is_in_use(def, case, form, pointer, &spared))
}

fn finding(pointer: &str) -> Finding {
    Finding::error("SIMULATED", Place::Pointer(pointer.to_owned()), "此处须补正。", "This must be corrected.")
}

/// Makes one thing wrong with a completion that was right.
fn spoil(scene: Scene<'_>, def: &Step, attempt: &mut Attempt, lot: &mut Lot) {
    let Command::Complete { outcome, result, findings, officer, approver, reason, .. } = &mut attempt.command else {
        return;
    };
    let adverse = def.outcomes.get(outcome).is_some_and(|outcome| outcome.adverse);
    let (reasons, twist): (&'static [&'static str], _) = match (lot.below(6), adverse) {
        (0, _) => {
            *outcome = "celebrate".into();
            (&["UNKNOWN_OUTCOME"], "unknown outcome")
        }
        (1, _) => {
            *officer = None;
            (&["OFFICER_REQUIRED"], "nobody named")
        }
        (2, true) => {
            *reason = None;
            (&["REASON_REQUIRED"], "no reason")
        }
        (3, true) => {
            *approver = None;
            (&["APPROVER_REQUIRED"], "nobody approves")
        }
        (4, _) => {
            *approver = Some(OFFICER.to_ascii_lowercase());
            (&["APPROVER_NOT_ANOTHER"], "approves alone")
        }
        (2, false) => {
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
            (None, None) if lot.chance(0.5) => {
                *findings = Some(("unexpected".into(), vec![finding("/name")]));
                (&["FINDINGS_NOT_EXPECTED"], "findings for nothing")
            }
            (None, None) => {
                let content = Arc::clone(&scene.package.results[0]);
                *result = Some(Filed { digest: "unwanted".into(), content });
                (&["RESULT_NOT_EXPECTED"], "unwanted result")
            }
        },
    };
    (attempt.expect, attempt.twist) = (Expect::Rejected(reasons), twist);
}
