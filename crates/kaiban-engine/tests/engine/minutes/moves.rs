//! What people may do with a case, and how they do it.

use std::sync::Arc;

use kaiban_definition::{Effect, INTAKE};
use kaiban_engine::{Command, Event, PauseReason, StepState};
use serde_json::json;

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{MINUTE_US, Sim};

/// What may happen next, as (what, step).
pub fn moves(sim: &Sim) -> Vec<(&'static str, String)> {
    let mut moves = Vec::new();
    for (name, run) in &sim.case.steps {
        let def = sim.def.step(name).unwrap();
        let has = |effect: fn(&Effect) -> bool| def.outcomes.values().any(|outcome| effect(&outcome.effect));
        let held = sim.lease(name).is_some_and(|lease| lease.holder.is_some());
        match run.state {
            StepState::Offered | StepState::Claimed => moves.push(("take", name.clone())),
            StepState::Correction => {
                moves.push(("answer", name.clone()));
                let told = sim.case.open_correction(name).unwrap().told_at_us;
                if told.is_none() {
                    moves.push(("tell", name.clone()));
                    moves.push(("tell", name.clone()));
                }
            }
            StepState::Paused => moves.push(("resume", name.clone())),
            StepState::Incident => moves.push(("resolve", name.clone())),
            _ => {}
        }
        if matches!(run.state, StepState::Offered | StepState::Claimed) || (run.state.has_task() && held) {
            for what in ["finish", "finish", "defer", "fail"] {
                moves.push((what, name.clone()));
            }
            if has(|effect| matches!(effect, Effect::Corrects { .. })) {
                moves.push(("ask", name.clone()));
                moves.push(("ask", name.clone()));
            }
            if name != INTAKE {
                moves.push(("pause", name.clone()));
            }
            let loops = run.loops.values().sum::<u32>();
            if has(|effect| matches!(effect, Effect::Reopens(_))) && loops < 2 {
                moves.push(("redo", name.clone()));
            }
            if has(|effect| *effect == Effect::EndsBranch) {
                moves.push(("decline", name.clone()));
            }
        }
    }
    moves
}

pub fn make_move(sim: &mut Sim, what: &str, step: &str, minutes: i64) -> Vec<Event> {
    // A task that is put off is still its holder's; only the others have to be taken first.
    let waits = sim.state(step) == StepState::Deferred;
    if matches!(what, "finish" | "defer" | "fail" | "ask" | "decline" | "redo") && !waits {
        sim.office(step).takes();
    }
    let epoch = sim.lease(step).map_or(0, |lease| lease.epoch);
    let completion = |outcome: &str| crate::sim::Completion::of(step, outcome).epoch(epoch);
    match what {
        "take" => {
            sim.office(step).takes();
            Vec::new()
        }
        "finish" => {
            let def = Arc::clone(&sim.def);
            let step = def.step(step).unwrap();
            let done = step.outcomes.values().find(|outcome| outcome.effect == Effect::Completes).unwrap();
            sim.run(completion(&done.name).into()).unwrap()
        }
        "decline" => sim.run(completion("decline").approver(APPROVER).reason("r").into()).unwrap(),
        "redo" => sim.run(completion("redo").into()).unwrap(),
        "tell" => {
            let number = format!("{}号", sim.journal.len());
            let (html, text) = ("html".into(), "text".into());
            let (letter, of) = ("correction".into(), Some(step.into()));
            let correction = Some(sim.case.open_correction(step).unwrap().id.clone());
            let issue = Command::IssueLetter {
                letter,
                number: number.clone(),
                step: of,
                correction: correction.clone(),
                html,
                text,
            };
            sim.run(issue).unwrap();
            sim.run(Command::Tell { number, correction }).unwrap()
        }
        "pause" => {
            let reason = PauseReason::ALL[minutes as usize % 3];
            let until_us = Some(sim.now_us + MINUTE_US);
            let (note, officer, approver) = (None, OFFICER.into(), Some(APPROVER.into()));
            sim.run(Command::Pause { step: step.into(), reason, until_us, note, officer, approver }).unwrap()
        }
        "resume" => sim.run(Command::Resume { step: step.into(), officer: OFFICER.into() }).unwrap(),
        "ask" => sim.run(completion("correct").findings(&["/name"]).into()).unwrap(),
        "answer" => {
            let id = sim.case.open_correction(step).unwrap().id.clone();
            let name = json!(format!("名称{}", sim.case.forms.len()));
            sim.corrects(&id, "/name", name).unwrap()
        }
        "resolve" => sim.run(Command::Resolve { step: step.into(), officer: OFFICER.into() }).unwrap(),
        "defer" => {
            let until_us = sim.now_us + (1 + minutes) * MINUTE_US;
            sim.run(Command::Defer { step: step.into(), epoch, until_us, code: "LATER".into() }).unwrap()
        }
        "fail" => sim.run(Command::Fail { step: step.into(), epoch, code: "DOWN".into() }).unwrap(),
        other => panic!("{other}"),
    }
}
