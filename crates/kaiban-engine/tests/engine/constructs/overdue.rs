//! What happens when a step takes long: measured on the step's own time, each once.

use kaiban_engine::{Command, Effect, Event, Rejection, StepState, TimerKind};
use serde_json::json;

use super::last;
use crate::sim::{Sim, local};

const PACKAGE: &str = "steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    shares: [form.name]
    retries: 0
    on_overdue:
      - { after: 2 working hours, do: remind }
      - { after: 3 working hours, escalate: market-regulation }
      - { after: 1 working day, outcome: done }
    outcomes: { done: {}, correct: { asks: applicant } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [look]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
";

fn instants(sim: &Sim) -> Vec<(u32, String)> {
    sim.case.steps["look"].overdue.iter().map(|(index, at_us)| (*index, local(*at_us))).collect()
}

fn at(index: u32, time: &str) -> (u32, String) {
    (index, format!("2026-03-{time}"))
}

/// Nine to half past ten, a correction until the next day, and then nobody does anything.
pub fn late() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:30");
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-03-03 08:30");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    sim.office("look").takes();
    for time in ["09:00", "10:00", "2026-03-03 17:30", "2026-03-04 17:30"] {
        sim.clock_says(time).timers_fire();
    }
    sim.office("desk").approves();
    sim
}

#[test]
fn instants_follow_from_what_is_left() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    // 9:00-12:00, 14:30-17:30; a working day is 6:30.
    assert_eq!(instants(&sim), [at(0, "02 11:00"), at(1, "02 12:00"), at(2, "03 09:00")]);
    sim.clock_says("10:30");
    sim.office("look").asks_for(&["/name"]);
    assert!(instants(&sim).is_empty(), "while the applicant has the ball nothing is late");
    assert!(sim.case.timers().is_empty());
    sim.clock_says("2026-03-03 08:30");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(instants(&sim), [at(0, "03 09:00"), at(1, "03 10:00"), at(2, "03 16:00")]);
}

#[test]
fn each_is_given_once_whatever_happens_in_between() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("11:00");
    assert_eq!(sim.timers_fire(), ["look overdue"]);
    sim.office("look").fails();
    assert_eq!((sim.state("look"), instants(&sim)), (StepState::Incident, vec![]));
    sim.clock_says("11:30");
    sim.run(Command::Resolve { step: "look".into(), officer: "FZ-1".into() }).unwrap();
    assert_eq!(instants(&sim), [at(1, "02 12:00"), at(2, "03 09:00")], "an incident is no pause");
}

#[test]
fn what_came_due_before_a_pause_and_was_not_given_is_given_after_it() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("11:10");
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("15:00");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(instants(&sim)[0], at(0, "02 15:00"));
    assert_eq!(sim.timers_fire(), ["look overdue"]);
}

#[test]
fn deferrals_are_the_offices_time() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").defers_until("2026-03-09 09:00");
    sim.clock_says("2026-03-03 09:00");
    assert_eq!(sim.timers_fire(), ["look overdue", "look overdue", "look overdue"]);
    let events = [
        "look: takes long, 2",
        "look: done, used 6:30",
        "desk: offer 1 to delivery-350100, not counted",
        "promise clock stopped, used 6:30",
    ];
    assert_eq!(last(&sim, 4), events);
}

#[test]
fn a_step_that_ends_by_itself_names_no_officer_and_whoever_has_it_loses_it() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("look").is_taken_by("window-1").is_taken_by("window-2");
    sim.clock_says("2026-03-03 09:00").timers_fire();
    let events: Vec<Event> =
        serde_json::from_str::<kaiban_engine::Entry>(&sim.journal.last().unwrap().0).unwrap().events;
    assert!(matches!(&events[1], Event::StepCompleted { officer: None, epoch: 2, rule: None, .. }), "{events:#?}");
    // Its office is not hurried any more.
    let overdue = |effect: &&Effect| matches!(effect, Effect::Overdue { .. });
    let told: Vec<&Effect> = sim.outbox.iter().filter(overdue).collect();
    let step = || "look".to_owned();
    assert_eq!(
        told,
        [
            &Effect::Overdue { step: step(), party: None },
            &Effect::Overdue { step: step(), party: Some("market-regulation".into()) },
        ]
    );
}

#[test]
fn nothing_is_late_before_its_time() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:59");
    let fire = Command::FireTimer { step: "look".into(), kind: TimerKind::Overdue };
    assert_eq!(sim.run(fire), Err(Rejection::NoSuchTimer));
}
