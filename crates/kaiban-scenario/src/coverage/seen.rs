//! The transitions that a journal shows.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_definition::{Definition, Work, branch_parts};
use kaiban_engine::{Because, Case, Entry, Event, Phase, StepState};

use super::{NO_BRANCH, Transition, is_intake, overdue_words, revoked_words};
use crate::render::proved_by;

pub(super) fn add(def: &Definition, journal: &[Entry], seen: &mut BTreeSet<Transition>) {
    let mut case = Case::default();
    // What a step was last divided into; a step that is taken back forgets it.
    let mut divided: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in journal {
        for event in &entry.events {
            event_shows(def, &case, entry, event, seen);
            if let Event::StepBranched { step, keys } = event {
                branches_show(step, keys, divided.insert(step.clone(), keys.clone()), seen);
            }
            case.evolve(entry.at_us, event);
        }
    }
}

fn event_shows(def: &Definition, before: &Case, entry: &Entry, event: &Event, seen: &mut BTreeSet<Transition>) {
    let mut add = |step: &str, what: String| {
        seen.insert(Transition::new(branch_parts(step).0, what));
    };
    let by_timer = entry.command == "fire_timer";
    match event {
        Event::Accepted { .. } => {
            if def.intake.is_none() {
                add("", "accepted".into());
            } else if !before.steps.keys().any(|step| is_intake(step)) {
                add("", "accepted at once".into());
            }
        }
        Event::Withdrawn { .. } => add("", "withdrawn by the applicant".into()),
        Event::Cancelled { .. } => add("", "cancelled by an officer".into()),
        Event::GivenUp { .. } => add("", "given up, because nobody answered".into()),
        Event::Reminded { correction, .. } => {
            let given = before.corrections.iter().find(|run| run.id == *correction).map_or(0, |run| run.reminders);
            add("", format!("reminder {} of a correction", given + 1));
        }
        Event::NeedsResolved { step, waived } => {
            let needs = def.step(step).map(|step| step.needs.as_slice()).unwrap_or_default();
            for need in needs.iter().filter(|need| need.when.is_some()) {
                let not = if waived.contains(&need.step) { "does not wait" } else { "waits" };
                add(step, format!("{not} for {}", need.step));
            }
        }
        Event::StepSkipped { step } => {
            let declared = def.step(step);
            let listed = declared.is_some_and(|step| step.for_each.is_some());
            let any = declared.and_then(|step| step.needs_any.as_ref());
            let chosen = any.is_none_or(|any| any.steps.iter().any(|of| before.step_state(of) == StepState::Completed));
            let what = match branch_parts(step).1 {
                Some(_) => "a branch is skipped",
                None if listed && chosen => NO_BRANCH,
                None => "skipped",
            };
            add(step, what.into());
        }
        Event::StepNotRequested { step } => add(step, "not requested".into()),
        Event::StepRequested { step, .. } => add(step, "requested later".into()),
        Event::StepWithdrawn { step, because, .. } => match because {
            Because::Applicant => add(step, "taken back by the applicant".into()),
            Because::ElementRemoved => add(step, "a branch is removed".into()),
            Because::Others | Because::Revoked | Because::Migrated => {}
        },
        Event::StepOffered { step, .. } => {
            add(step, "offered".into());
            first_of_several(def, before, step, seen);
        }
        Event::WaitStarted { step, .. } => {
            let starts = def.step(step).is_some_and(|step| matches!(step.work, Work::Start { .. }));
            if !starts {
                add(step, "waits".into());
            }
            first_of_several(def, before, step, seen);
        }
        Event::SubCaseStarted { step, .. } => add(step, "started".into()),
        Event::SubCaseEnded { step, .. } => add(step, "the started case ends".into()),
        Event::OutcomeRevoked { step, by, .. } => add(by, revoked_words(step, before.phase != Phase::Closed)),
        Event::DrawAwaited { step, .. } => {
            add(step, "waits for a draw".into());
            first_of_several(def, before, step, seen);
        }
        Event::Drawn { step, drawn, .. } => add(step, if *drawn { "drawn" } else { "not drawn" }.into()),
        Event::CertificateProved { step, way } => {
            add(step, proved_by(*way).into());
            first_of_several(def, before, step, seen);
        }
        Event::CommitmentSigned { step, .. } => add(step, "commitment signed".into()),
        Event::CommitmentDeclined { step, .. } => add(step, "commitment declined".into()),
        Event::CommitmentWithdrawn { step, .. } => add(step, "commitment taken back".into()),
        Event::CorrectionAsked { step, officer: None, .. } => {
            let proves = def.step(step).is_some_and(|step| matches!(step.work, Work::Prove(_)));
            if proves {
                add(step, "asked for".into());
                first_of_several(def, before, step, seen);
            }
        }
        Event::Reserved { step, .. } => add(step, "reserved".into()),
        Event::ReservationLost { step, .. } => add(step, "taken by another case".into()),
        Event::UndoOpened { of, .. } => {
            if let Some(undo) = def.step(of).and_then(|step| step.undo.as_ref()) {
                add(of, format!("undone by {undo}"));
            }
        }
        Event::OverdueReached { step, index, .. } => {
            let listed = def.step(step).and_then(|step| step.on_overdue.get(usize::try_from(*index).ok()?));
            if let Some(listed) = listed {
                add(step, overdue_words(&listed.action, &listed.after.text().en));
            }
        }
        Event::LoopTaken { step, outcome, .. } | Event::StepEnded { step, outcome, .. } => add(step, outcome.clone()),
        Event::CorrectionAsked { step, reopens, officer: Some(_), .. } => {
            // The event does not name its outcome; what it reopens tells them apart.
            let outcomes = def.step(step).into_iter().flat_map(|step| step.outcomes.values());
            let matching = outcomes.filter(|outcome| match &outcome.effect {
                kaiban_definition::Effect::Corrects { reopens: None } => reopens.is_empty(),
                kaiban_definition::Effect::Corrects { reopens: Some(listed) } => listed.steps == *reopens,
                _ => false,
            });
            for outcome in matching {
                add(step, outcome.name.clone());
            }
        }
        Event::StepCompleted { step, outcome, rule, .. } => {
            match rule {
                Some(rule) => {
                    add(step, format!("rule {} decides {outcome}", rule + 1));
                    first_of_several(def, before, step, seen);
                    return;
                }
                None if is_intake(step) && by_timer => add(step, "deemed accepted".into()),
                None => add(step, outcome.clone()),
            }
            if def.step(step).is_some_and(|step| matches!(step.work, Work::Start { waits: true, .. })) {
                add(step, "the started case ends".into());
            }
        }
        _ => {}
    }
}

fn branches_show(step: &str, keys: &[String], before: Option<Vec<String>>, seen: &mut BTreeSet<Transition>) {
    let mut add = |what: &str| seen.insert(Transition::new(step, what));
    match (before, keys.len()) {
        (None, 1) => add("one branch"),
        (None, _) => add("several branches"),
        (Some(before), _) if keys.iter().any(|key| !before.contains(key)) => add("a branch is added"),
        (Some(_), _) => false,
    };
}

/// The first of several that let a step begin.
fn first_of_several(def: &Definition, before: &Case, step: &str, seen: &mut BTreeSet<Transition>) {
    let Some(any) = def.step(step).and_then(|step| step.needs_any.as_ref()) else { return };
    let done = any.steps.iter().find(|of| before.step_state(of) == StepState::Completed);
    if let Some(first) = done {
        seen.insert(Transition::new(branch_parts(step).0, format!("{first} is first")));
    }
}
