//! Officers who deal with what is stuck: incidents, pauses, cases that cannot go on.

use kaiban_definition::INTAKE;
use kaiban_engine::{Actor, Command, PauseReason, Phase, StepState};

use super::{APPROVER, Attempt, Expect, OFFICER, Scene, unless};
use crate::draw::Lot;
use crate::simulator::foresight;

/// Ends a case that cannot go on.
pub fn cancel(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let mut attempt = end(scene);
    let Command::Cancel { officer, reason } = &mut attempt.command else { return attempt };
    match lot.below(6) {
        _ if case.phase == Phase::Closed => attempt.spoilt(&["CASE_CLOSED"], ""),
        0 => {
            *officer = "王 五".to_owned();
            attempt.spoilt(&["TEXT_INVALID"], "no staff number")
        }
        1 => {
            *reason = None;
            attempt.spoilt(&["REASON_REQUIRED"], "no reason")
        }
        _ => attempt,
    }
}

/// Ends a running case, as it should be done.
pub fn end(scene: Scene<'_>) -> Attempt {
    let reason = Some(format!("{}-e", scene.running.case.id));
    let command = Command::Cancel { officer: OFFICER.to_owned(), reason };
    Attempt { actor: admin(), ..Attempt::officer(command, None, Expect::Done) }
}

fn admin() -> Actor {
    Actor::Admin { holder: "admin-1".into() }
}

/// Tries a step in incident afresh, or looks at a promise that nobody could decide.
pub fn resolve(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let step = if lot.chance(0.2) { "" } else { step };
    let in_incident = match step {
        "" => case.promise_undecided,
        _ => case.step_state(step) == StepState::Incident,
    };
    let command = Command::Resolve { step: step.to_owned(), officer: OFFICER.into() };
    let expect = unless((!in_incident).then_some(&["NOT_IN_INCIDENT"]));
    Attempt { actor: admin(), ..Attempt::officer(command, None, expect) }
}

/// Tries the step in incident afresh; without a name, looks at the promise.
pub fn retry(step: &str) -> Attempt {
    let command = Command::Resolve { step: step.to_owned(), officer: OFFICER.into() };
    Attempt { actor: admin(), ..Attempt::officer(command, None, Expect::Done) }
}

pub fn pause(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let reason = *lot.pick(&PauseReason::ALL);
    let rule = reason.rule();
    let mut until_us =
        Some(scene.now_us + lot.range(1, 20 * 86_400) * 1_000_000).filter(|_| rule.until || lot.chance(0.3));
    let mut approver = Some(APPROVER.to_owned()).filter(|_| rule.approval || lot.chance(0.2));
    let mut officer = OFFICER.to_owned();
    let outside = if step == INTAKE { None } else { foresight::not_open(case) };
    let refused = outside
        .or_else(|| (step == INTAKE || !case.step_state(step).has_task()).then_some(["NOT_PAUSABLE"].as_slice()));
    let (refused, twist): (Option<&'static [&'static str]>, _) = match lot.below(12) {
        _ if refused.is_some() => (refused, "no task"),
        0 if rule.approval => {
            approver = None;
            (Some(&["APPROVER_REQUIRED"]), "nobody approves")
        }
        1 => {
            approver = Some(OFFICER.to_owned());
            (Some(&["APPROVER_NOT_ANOTHER"]), "approves alone")
        }
        2 if rule.until => {
            until_us = None;
            (Some(&["UNTIL_REQUIRED"]), "no end")
        }
        3 => {
            until_us = Some(scene.now_us);
            (Some(&["TIME_OUT_OF_RANGE"]), "until now")
        }
        4 => {
            officer = String::new();
            (Some(&["TEXT_INVALID"]), "nobody named")
        }
        _ => (None, ""),
    };
    let note = lot.chance(0.3).then(|| format!("{}-p", case.id));
    let command = Command::Pause { step: step.to_owned(), reason, until_us, note, officer, approver };
    Attempt { twist, ..Attempt::officer(command, Some(step), unless(refused)) }
}

pub fn resume(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let paused = case.step_state(step) == StepState::Paused;
    let refused = foresight::not_open(case).or_else(|| (!paused).then_some(["NOT_PAUSED"].as_slice()));
    if refused.is_none() && lot.chance(0.1) {
        let command = Command::Resume { step: step.to_owned(), officer: "王五".into() };
        return Attempt::officer(command, None, Expect::Done).spoilt(&["TEXT_INVALID"], "no staff number");
    }
    Attempt { expect: unless(refused), ..go_on(step) }
}

/// Ends a pause.
pub fn go_on(step: &str) -> Attempt {
    let command = Command::Resume { step: step.to_owned(), officer: OFFICER.into() };
    Attempt::officer(command, None, Expect::Done)
}

/// Gives a case up whose applicant has been silent; mostly too early.
pub fn give_up(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let (case, def) = (&scene.running.case, &scene.package.definition);
    let named = lot.chance(0.9);
    let refused = foresight::is_over(case).or_else(|| {
        let lapsed = || foresight::is_lapsed(def, case, &scene.land.calendars, scene.now_us);
        match () {
            () if foresight::is_granted(def, case) => Some(["ALREADY_DECIDED"].as_slice()),
            () if !named => Some(&["TEXT_INVALID"]),
            () if !lapsed() => Some(&["NOT_LAPSED"]),
            () => None,
        }
    });
    let officer = if named { OFFICER } else { "" }.to_owned();
    let command = Command::GiveUp { officer, reason: format!("{}-u", case.id) };
    Attempt::officer(command, None, unless(refused))
}
