//! What comes back from outside: deadlines, letters, started cases; due and early, once and twice.

use std::sync::Arc;

use kaiban_definition::Work;
use kaiban_engine::{Case, Command, Effect, Filed, StepState, Timer, TimerClock, TimerKind};
use serde_json::json;

use super::{Attempt, Expect, Scene, any_step, unless};
use crate::draw::Lot;
use crate::simulator::foresight;
use crate::simulator::package::Package;

/// A deadline of the case, due or too early; or one that is not there.
pub fn timer(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let timers = case.deadlines(&scene.land.calendars);
    if !timers.is_empty() && lot.chance(0.95) {
        return fire(lot.pick(&timers), scene);
    }
    let step = match case.steps.len() {
        0 => any_step(scene, lot),
        count => case.steps.keys().nth(lot.index(count)).cloned().unwrap_or_default(),
    };
    let kinds = [
        TimerKind::Deferred,
        TimerKind::Retry,
        TimerKind::Deemed,
        TimerKind::Wait,
        TimerKind::Overdue,
        TimerKind::Reminder,
        TimerKind::Mark,
        TimerKind::Reason,
    ];
    let kind = *lot.pick(&kinds);
    if let Some(timer) = timers.iter().find(|timer| timer.step == step && timer.kind == kind) {
        return fire(timer, scene);
    }
    let command = Command::FireTimer { step: step.clone(), kind };
    Attempt::system(command, Some(&step), Expect::Done).spoilt(&["NO_SUCH_TIMER"], "no timer")
}

/// A deadline comes, whether or not it is time.
pub fn fire(timer: &Timer, scene: Scene<'_>) -> Attempt {
    let now_us = match timer.clock {
        TimerClock::Business => scene.now_us,
        TimerClock::Operating => scene.operating_us,
    };
    let command = Command::FireTimer { step: timer.step.clone(), kind: timer.kind };
    let attempt = Attempt::system(command, Some(&timer.step), Expect::Done);
    if timer.due_us <= now_us { attempt } else { attempt.spoilt(&["NO_SUCH_TIMER"], "too early") }
}

/// A letter was rendered, or somebody was told of one; none for an effect that asks for neither.
pub fn letter(case: &Case, effect: &Effect) -> Option<Attempt> {
    Some(match effect {
        Effect::Letter { letter, number, step, correction } => {
            let issued = case.letters.iter().any(|issued| issued.number == *number);
            issue(letter, number, step.clone(), correction.clone(), unless(issued.then_some(&["ALREADY_ISSUED"])))
        }
        Effect::Tell { number, correction } => {
            let letter = case.letters.iter().find(|issued| issued.number == *number);
            let expect = unless(match letter {
                None => Some(&["NO_SUCH_LETTER"]),
                Some(letter) if letter.told_at_us.is_some() => Some(&["ALREADY_TOLD"]),
                Some(_) => None,
            });
            tell(number, correction.clone(), expect)
        }
        _ => return None,
    })
}

fn issue(letter: &str, number: &str, step: Option<String>, correction: Option<String>, expect: Expect) -> Attempt {
    let (html, text) = (format!("{number}-h"), format!("{number}-t"));
    let (letter, number) = (letter.to_owned(), number.to_owned());
    Attempt::system(Command::IssueLetter { letter, number, step, correction, html, text }, None, expect)
}

fn tell(number: &str, correction: Option<String>, expect: Expect) -> Attempt {
    Attempt::system(Command::Tell { number: number.to_owned(), correction }, None, expect)
}

/// A letter that is there already, or that nobody wrote.
pub fn letter_again(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let issued = scene.running.case.letters.last();
    match (issued, lot.below(4)) {
        (Some(last), 0) => issue(&last.letter, &last.number, None, None, Expect::Rejected(&["ALREADY_ISSUED"])),
        (Some(last), 1) => issue(&last.letter, &"号".repeat(65), None, None, Expect::Rejected(&["TEXT_INVALID"])),
        (_, 2) => tell("榕字〔2026〕0号", None, Expect::Rejected(&["NO_SUCH_LETTER"])),
        _ => issue("poem", "榕字〔2026〕0号", None, None, Expect::Rejected(&["UNKNOWN_LETTER"])),
    }
}

/// Why news of the started case of a step is refused; `news` is the number of the case that has ended, if it is about an
/// end.
fn refused(package: &Package, case: &Case, step: &str, news: Option<&str>) -> Option<&'static [&'static str]> {
    let def = package.definition.step(step);
    let late = !matches!(def.map(|def| &def.work), Some(Work::Start { waits: true, .. }));
    if let (Some(reasons), false) = (foresight::not_open(case), late && news.is_some()) {
        return Some(reasons);
    }
    let Some(def) = def else { return Some(&["UNKNOWN_STEP"]) };
    if let (Work::Start { waits: false, revokes: Some(_), .. }, Some(news)) = (&def.work, news) {
        return not_news(case, step, news);
    }
    let run = case.steps.get(step).filter(|run| run.state == StepState::Waiting);
    let waits = match def.work {
        Work::Start { waits, .. } => waits || news.is_none(),
        _ => false,
    };
    match run.filter(|_| waits) {
        None => Some(&["NOT_WAITING"]),
        Some(run) => match (&run.sub_case, news) {
            (None, _) => None,
            (Some(known), Some(news)) if known == news => None,
            (Some(_), _) => Some(&["OTHER_SUB_CASE"]),
        },
    }
}

/// The same for the end of a case that a step did not wait for, and that may take something back.
fn not_news(case: &Case, step: &str, news: &str) -> Option<&'static [&'static str]> {
    let run = case.steps.get(step);
    match run.and_then(|run| run.sub_case.as_deref()) {
        Some(known) if known == news => {
            run.is_some_and(|run| run.sub_outcome.is_some()).then_some(["NOT_WAITING"].as_slice())
        }
        None if run.is_some_and(|run| run.state == StepState::Waiting) => foresight::not_open(case),
        _ => Some(&["OTHER_SUB_CASE"]),
    }
}

/// A draw is held over a step, which may not wait for one; now and then it says too little.
pub fn drawn(scene: Scene<'_>, step: &str, lot: &mut Lot) -> Attempt {
    let case = &scene.running.case;
    let refused = foresight::not_open(case).or_else(|| {
        let work = scene.package.definition.step(step).map(|def| &def.work);
        match work {
            None => Some(["UNKNOWN_STEP"].as_slice()),
            Some(Work::Draw { .. }) if case.step_state(step) == StepState::Waiting => None,
            Some(_) => Some(&["NOT_WAITING"]),
        }
    });
    let chosen = lot.chance(0.3);
    let attempt = |content| {
        let result = Filed { digest: format!("{}s", scene.running.fresh_digest()), content: Arc::new(content) };
        Attempt::system(Command::Drawn { step: step.to_owned(), result }, Some(step), unless(refused))
    };
    if refused.is_none() && lot.chance(0.05) {
        return attempt(json!({ "draw": "visits-1" })).spoilt(&["RESULT_REQUIRED"], "drawn or not");
    }
    attempt(
        json!({ "draw": "visits-1", "drawn": chosen, "checkers": if chosen { vec!["K-1", "K-2"] } else { vec![] } }),
    )
}

/// The case that a step was to start is there.
pub fn started(package: &Package, waiting: &Case, step: &str, case: &str) -> Attempt {
    let command = Command::SubCaseStarted { step: step.to_owned(), case: case.to_owned() };
    Attempt::system(command, Some(step), unless(refused(package, waiting, step, None)))
}

/// The case that a step was to start could not be started.
pub fn failed(package: &Package, waiting: &Case, step: &str) -> Attempt {
    let command = Command::SubCaseFailed { step: step.to_owned() };
    Attempt::system(command, Some(step), unless(refused(package, waiting, step, None)))
}

/// A started case has ended.
pub fn ended(package: &Package, waiting: &Case, step: &str, ended: &Case, digest: String) -> Attempt {
    let content = Arc::new(json!({ "case": ended.id, "outcome": ended.outcome }));
    let result = Filed { digest, content };
    let command = Command::SubCaseEnded { step: step.to_owned(), case: ended.id.clone(), result };
    Attempt::system(command, Some(step), unless(refused(package, waiting, step, Some(&ended.id))))
}

/// News of a case that nobody started.
pub fn wrong_case(scene: Scene<'_>, lot: &mut Lot) -> Attempt {
    let (package, case) = (scene.package, &scene.running.case);
    let step = case.steps.keys().nth(lot.index(case.steps.len())).cloned().unwrap_or_else(|| "nowhere".into());
    let known = case.steps.get(&step).is_some_and(|run| run.sub_case.is_some());
    // A step that is waiting for news must not be told lies: they would be taken for true.
    if case.step_state(&step) == StepState::Waiting && !known {
        return timer(scene, lot);
    }
    let lie = Case { id: "c-lie".into(), outcome: Some("done".into()), ..Case::default() };
    match lot.below(3) {
        0 => started(package, case, &step, &lie.id),
        1 => failed(package, case, &step),
        _ => ended(package, case, &step, &lie, format!("{}s", scene.running.fresh_digest())),
    }
}
