//! Between receipt and acceptance.

use kaiban_engine::{Command, Event, Phase, Rejection, StepState};
use serde_json::json;

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, hours, local, world};

fn doubtful(time: &str) -> Sim {
    let mut sim = Sim::new(world::package("business-start")).at(time);
    sim.submits(world::doubtful_company("350102")).unwrap();
    sim
}

#[test]
fn an_officer_looks_at_doubts_before_anything_counts() {
    let mut sim = doubtful("2026-03-02 09:00");
    assert_eq!((sim.case.phase, sim.open()), (Phase::Intake, vec!["intake".to_owned()]));
    assert_eq!((sim.clock().state.name(), sim.case.budget_us), ("not_started", None));
    sim.clock_says("10:00");
    let events = sim.office("intake").decides("accept");
    assert!(matches!(events[1], Event::Accepted { from_us, .. } if from_us == sim.now_us));
    assert_eq!((sim.case.phase, sim.open()), (Phase::Open, vec!["registration".to_owned()]));
    sim.clock_says("11:00");
    assert_eq!(hours(sim.clock().elapsed_us), "1:00");
}

#[test]
fn what_is_not_accepted_ends_without_a_clock() {
    let mut sim = doubtful("2026-03-02 09:00");
    sim.office("intake").decides("decline");
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("not_accepted")));
    assert_eq!((sim.case.accepted_at_us, &sim.case.used), (None, &None));
}

#[test]
fn declining_is_a_persons_decision() {
    let mut sim = doubtful("2026-03-02 09:00");
    let tried = sim.office("intake").tries(crate::sim::Completion::of("intake", "decline").nobody());
    assert_eq!(tried, Err(Rejection::OfficerRequired));
}

#[test]
fn silence_counts_as_acceptance_on_receipt() {
    // 行政许可法 §32: the first day does not count, the fifth working day ends at close of business.
    let mut sim = doubtful("2020-09-25 16:00");
    let due_us = sim.case.timers()[0].due_us;
    // Sunday 27 September 2020 was worked, 1 to 8 October were not: 27, 28, 29, 30 September and 9 October.
    assert_eq!(local(due_us), "2020-10-09 17:30");
    sim.clock_says("2020-10-09 17:29");
    assert!(sim.timers_fire().is_empty());
    sim.clock_says("2020-10-09 17:30");
    assert_eq!(sim.timers_fire(), ["intake deemed"]);
    assert_eq!(sim.case.accepted_at_us, Some(sim.case.received_at_us));
    assert_eq!(sim.state("registration"), StepState::Offered);
    // Nothing counted was open before: the time to acceptance stands beside the clock.
    sim.clock_says("2020-10-10 09:30");
    assert_eq!(hours(sim.clock().elapsed_us), "1:00");
}

#[test]
fn silence_is_silence_whatever_the_office_did_with_the_task() {
    for trouble in ["taken", "deferred", "failed", "incident"] {
        let mut sim = doubtful("2026-03-02 09:00");
        match trouble {
            "taken" => drop(sim.office("intake").takes()),
            "deferred" => drop(sim.office("intake").defers_until("2026-04-02 09:00")),
            _ => {
                for _ in 0..if trouble == "failed" { 1 } else { 6 } {
                    sim.office("intake").fails();
                    if trouble == "incident" {
                        sim.time_passes(600_000_000).timers_fire();
                    }
                }
            }
        }
        sim.clock_says("2026-03-09 17:30");
        let fired = sim.timers_fire();
        assert_eq!(fired.last().map(String::as_str), Some("intake deemed"), "{trouble}");
        assert_eq!(sim.case.phase, Phase::Open, "{trouble}");
    }
}

#[test]
fn an_answer_in_time_stops_the_deadline() {
    let mut sim = doubtful("2026-03-02 09:00");
    sim.office("intake").approves();
    assert!(sim.case.timers().is_empty());
}

#[test]
fn an_incident_does_not_move_the_deadline() {
    let mut sim = doubtful("2026-03-02 09:00");
    let due_us = sim.case.timers()[0].due_us;
    for _ in 0..6 {
        sim.office("intake").fails();
        sim.time_passes(600_000_000).timers_fire();
    }
    assert_eq!(sim.state("intake"), StepState::Incident);
    sim.clock_says("2026-03-04 09:00")
        .run(Command::Resolve { step: "intake".into(), officer: OFFICER.into() })
        .unwrap();
    assert_eq!(sim.state("intake"), StepState::Offered);
    assert_eq!(sim.case.timers()[0].due_us, due_us);
}

const LOOK: &str = "intake: { party: tax, when: form.count * 9000000000000000000 > 2, deemed_within: 1 working day }
steps:
  a: { title: { zh: 甲, en: A }, party: tax, counts: true, shares: [form.name], outcomes: { done: {} } }
";

#[test]
fn a_guard_decides_whether_anybody_looks() {
    for (count, looks) in [(1, true), (0, false)] {
        let mut sim = Sim::new(world::small(LOOK));
        sim.submits(world::with(world::small_form("350100"), "/count", json!(count))).unwrap();
        assert_eq!(sim.case.phase == Phase::Intake, looks, "{count}");
    }
}

#[test]
fn a_guard_that_cannot_be_evaluated_sends_the_case_to_a_person() {
    let mut sim = Sim::new(world::small(LOOK));
    sim.submits(world::with(world::small_form("350100"), "/count", json!(2))).unwrap();
    assert_eq!(sim.case.phase, Phase::Intake);
}

const ASKS: &str = "intake: { party: tax, when: form.count > 0, deemed_within: 5 working days, correction: correction }
corrections: { lapse_after: 30 working days }
letters:
  correction: { title: { zh: 补正告知书, en: Correction }, number: 补字 }
steps:
  a: { title: { zh: 甲, en: A }, party: tax, counts: true, shares: [form.name], outcomes: { done: {} } }
";

fn asking() -> Sim {
    let mut sim = Sim::small(ASKS).at("2026-03-02 09:00");
    sim.clock_says("2026-03-05 10:00");
    sim.office("intake").asks_for(&["/name"]);
    sim
}

#[test]
fn what_is_missing_is_asked_for_before_acceptance_and_the_period_begins_anew_with_the_answer() {
    let mut sim = asking();
    assert_eq!((sim.case.phase, sim.state("intake")), (Phase::Intake, StepState::Correction));
    assert!(sim.case.timers().is_empty(), "asked in time: silence is no acceptance any more");
    assert_eq!(sim.case.code().map(|code| code as u8), Some(6));
    sim.clock_says("2026-03-20 10:00");
    assert!(sim.timers_fire().is_empty());
    sim.corrects("intake.1", "/name", json!("榕江茶业")).unwrap();
    assert_eq!((sim.case.phase, sim.state("intake")), (Phase::Intake, StepState::Offered));
    assert_eq!(local(sim.case.timers()[0].due_us), "2026-03-27 17:30");
    sim.clock_says("2026-03-23 09:00");
    sim.office("intake").approves();
    assert_eq!((sim.case.phase, sim.case.accepted_at_us), (Phase::Open, Some(sim.now_us)));
}

#[test]
fn silence_after_the_answer_is_acceptance_from_the_answer_on() {
    let mut sim = asking();
    sim.clock_says("2026-03-20 10:00");
    sim.corrects("intake.1", "/name", json!("榕江茶业")).unwrap();
    let answered_at_us = sim.now_us;
    sim.clock_says("2026-03-27 17:30");
    assert_eq!(sim.timers_fire(), ["intake deemed"]);
    assert_eq!(sim.case.accepted_at_us, Some(answered_at_us));
}

#[test]
fn an_intake_that_is_never_answered_may_be_given_up() {
    let mut sim = asking();
    let give_up = || Command::GiveUp { officer: OFFICER.into(), reason: "r".into() };
    assert_eq!(sim.run(give_up()), Err(Rejection::NotLapsed));
    sim.clock_says("2026-06-01 09:00").run(give_up()).unwrap();
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("withdrawn")));
}
