//! Letters, telling, reminders, giving up, and what the applicant thought of it all.

use kaiban_engine::{Command, Effect, Event, Reason, Rejection};
use serde_json::json;

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, cancel, hours, local, world};

const PACKAGE: &str = "promise: [{ from: 2020-01-01, within: 1 working day }]
letters:
  receipt: { title: { zh: 收件凭证, en: Receipt }, number: 榕接字, on: receipt }
  correction: { title: { zh: 补正告知书, en: Correction }, number: 榕补字 }
corrections: { remind_after: [3 working days, 10 working days], lapse_after: 30 working days }
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    shares: [form.name]
    outcomes: { done: {}, correct: { asks: applicant, letter: correction } }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [look]
    counts: true
    shares: [form.count]
    outcomes: { approve: {}, correct: { asks: applicant }, refuse: { adverse: true, closes: refused, law: 条例 §20 } }
";

fn shop() -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.tells = true;
    sim.submits(world::shop_form(&[])).unwrap();
    sim
}

/// Carries out the next effect that the outbox still has, as a shell does.
fn carry_out(sim: &mut Sim) {
    match sim.outbox.remove(0) {
        Effect::Letter { letter, number, step, correction } => {
            let (html, text) = (format!("html of {number}"), format!("text of {number}"));
            sim.run(Command::IssueLetter { letter, number, step, correction, html, text }).unwrap();
        }
        Effect::Tell { number, correction } => drop(sim.run(Command::Tell { number, correction }).unwrap()),
        Effect::Remind { .. } | Effect::Overdue { .. } | Effect::Mark { .. } | Effect::Reason { .. } => {}
        Effect::Revoked { .. } | Effect::Start { .. } | Effect::Ended { .. } => {}
    }
}

fn give_up(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::GiveUp { officer: OFFICER.into(), reason: "digest".into() })
}

pub fn given_up() -> Sim {
    let mut sim = shop();
    carry_out(&mut sim);
    carry_out(&mut sim);
    sim.clock_says("10:00");
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("10:20");
    carry_out(&mut sim);
    sim.clock_says("10:30");
    carry_out(&mut sim);
    for time in ["2026-03-05 17:30", "2026-03-16 17:30", "2026-04-14 17:30"] {
        sim.clock_says(time).timers_fire();
    }
    give_up(&mut sim).unwrap();
    sim.run(Command::Rate { grade: 2, comment: None }).unwrap();
    sim
}

#[test]
fn the_clock_runs_until_the_applicant_is_told() {
    let mut sim = shop();
    sim.clock_says("10:00");
    sim.office("look").asks_for(&["/name"]);
    let reason = |sim: &Sim| sim.case.ledger.0.last().unwrap().reason;
    assert_eq!((sim.clock().state.name(), reason(&sim)), ("running", Reason::Telling));
    sim.clock_says("10:30");
    let letters: Vec<Effect> = std::mem::take(&mut sim.outbox);
    let Effect::Letter { letter, number, correction: Some(correction), .. } = &letters[1] else {
        panic!("{letters:?}")
    };
    assert_eq!((letter.as_str(), correction.as_str()), ("correction", "look.1"));
    assert_eq!(number, "榕补字〔2026〕350100-20260302-000001-3号");
    sim.outbox = letters[1..].to_vec();
    carry_out(&mut sim);
    assert_eq!(reason(&sim), Reason::Telling, "a letter that was written is no letter that was read");
    carry_out(&mut sim);
    assert_eq!((sim.clock().state.name(), reason(&sim)), ("paused", Reason::Correction));
    sim.clock_says("11:00");
    assert_eq!(
        (hours(sim.clock().elapsed_us), hours(sim.step_clock("look").elapsed_us)),
        ("1:30".into(), "1:30".into())
    );
    let told = &sim.case.corrections[0];
    assert_eq!(
        (told.told_at_us.map(local).as_deref(), told.remind_at_us.map(local).as_deref()),
        (Some("2026-03-02 10:30"), Some("2026-03-05 17:30"))
    );
}

#[test]
fn where_nobody_reports_back_the_applicant_counts_as_told_at_once() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").asks_for(&["/name"]);
    assert_eq!(sim.case.corrections[0].told_at_us, Some(sim.now_us));
}

#[test]
fn an_applicant_may_answer_before_the_letter_comes() {
    let mut sim = shop();
    sim.office("look").asks_for(&["/name"]);
    sim.corrects("look.1", "/name", json!("榕江")).unwrap();
    sim.outbox.remove(0);
    carry_out(&mut sim);
    carry_out(&mut sim);
    assert_eq!(sim.case.corrections[0].told_at_us, None);
    assert!(sim.case.letters[0].told_at_us.is_some());
    assert!(sim.case.timers().is_empty());
}

#[test]
fn reminders_end_with_the_answer() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-03-05 17:30");
    assert_eq!(sim.timers_fire(), ["look reminder"]);
    assert_eq!(sim.case.timers().iter().map(|timer| local(timer.due_us)).collect::<Vec<_>>(), ["2026-03-16 17:30"]);
    sim.corrects("look.1", "/name", json!("榕江")).unwrap();
    assert!(sim.case.timers().is_empty());
}

#[test]
fn a_case_is_given_up_only_long_after_the_telling_and_by_a_person() {
    let mut sim = shop();
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-04-14 17:30");
    assert_eq!(give_up(&mut sim), Err(Rejection::NotLapsed), "he was never told");
    let mut sim = Sim::shop(PACKAGE, &[]);
    assert_eq!(give_up(&mut sim), Err(Rejection::NotLapsed));
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-04-14 17:29");
    assert_eq!(give_up(&mut sim), Err(Rejection::NotLapsed));
    sim.clock_says("17:30");
    assert!(!sim.timers_fire().iter().any(|fired| !fired.ends_with("reminder")), "no timer gives a case up");
    give_up(&mut sim).unwrap();
    assert_eq!(sim.case.outcome.as_deref(), Some("withdrawn"));
}

#[test]
fn what_was_granted_is_not_given_up() {
    let package = PACKAGE.replace(
        "  look:",
        "  after:
    title: { zh: 回访, en: After }
    party: delivery
    needs: [licence]
    counts: false
    shares: [{ sees: form.name }]
    outcomes: { done: {}, correct: { asks: applicant } }
  look:",
    );
    let mut sim = Sim::shop(&package, &[]);
    for step in ["look", "licence"] {
        sim.office(step).approves();
    }
    sim.clock_says("2026-06-01 09:00");
    assert_eq!(give_up(&mut sim), Err(Rejection::AlreadyDecided));
}

#[test]
fn letters_are_issued_and_told_once_and_also_after_the_end() {
    let mut sim = shop();
    let letter = |name: &str, number: &str| Command::IssueLetter {
        letter: name.into(),
        number: number.into(),
        step: None,
        correction: None,
        html: "h".into(),
        text: "t".into(),
    };
    sim.run(cancel()).unwrap();
    sim.run(letter("receipt", "1号")).unwrap();
    assert_eq!(sim.run(letter("receipt", "1号")), Err(Rejection::AlreadyIssued { number: "1号".into() }));
    assert_eq!(sim.run(letter("refusal", "2号")), Err(Rejection::UnknownLetter("refusal".into())));
    assert_eq!(sim.run(letter("receipt", "")), Err(Rejection::TextInvalid { field: "number" }));
    let tell = |number: &str| Command::Tell { number: number.into(), correction: None };
    assert_eq!(sim.run(tell("2号")), Err(Rejection::NoSuchLetter { number: "2号".into() }));
    sim.run(tell("1号")).unwrap();
    assert_eq!(sim.run(tell("1号")), Err(Rejection::AlreadyTold { number: "1号".into() }));
}

#[test]
fn a_case_is_rated_once_when_it_has_ended() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let rate = |grade| Command::Rate { grade, comment: None };
    assert_eq!(sim.run(rate(5)), Err(Rejection::NotClosed));
    sim.run(cancel()).unwrap();
    for grade in [0, 6] {
        assert_eq!(sim.run(rate(grade)), Err(Rejection::GradeOutOfRange));
    }
    sim.run(rate(5)).unwrap();
    assert_eq!(sim.run(rate(5)), Err(Rejection::AlreadyRated));
}
