//! Half of a promise, four fifths of it, all of it: on the working clock, each once, and afterwards a reason.

use kaiban_engine::{BREACH, Command, Event, Rejection, TimerKind};

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, local};

/// 9:00-12:00, 14:30-17:30; a promise of two hours for the step and five for the case.
const PACKAGE: &str = r#"promise: [{ from: 2020-01-01, within: 5 working hours }]
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    within: 2 working hours
    shares: [form.name]
    outcomes: { done: {}, correct: { asks: applicant } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [look]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

fn shop() -> Sim {
    Sim::shop(PACKAGE, &[])
}

/// What the journal says of marks: the clock, and percent.
fn marks(sim: &Sim) -> Vec<String> {
    let events = sim.entries().into_iter().flat_map(|entry| {
        let at = local(entry.at_us);
        entry.events.into_iter().map(move |event| (at.clone(), event))
    });
    let mark = |(at, event): (String, Event)| match event {
        Event::MarkReached { step, percent, .. } => {
            Some(format!("{} {} {percent}", &at[8..], step.unwrap_or_else(|| "case".into())))
        }
        _ => None,
    };
    events.filter_map(mark).collect()
}

#[test]
fn each_mark_comes_when_the_working_clock_reaches_it() {
    let mut sim = shop();
    sim.runs_until("2026-03-03 10:00");
    // 9:00 + 1 h; + 1.6 h; then the first instant at which more than 2 h, and more than 5 h, are used.
    let expected = [
        "02 10:00 look 50",
        "02 10:36 look 80",
        "02 11:00:00.000001 look 100",
        "02 11:30 case 50",
        "02 15:30 case 80",
        "02 16:30:00.000001 case 100",
    ];
    assert_eq!(marks(&sim), expected);
}

#[test]
fn a_pause_moves_the_marks_and_its_end_fires_nothing() {
    let mut sim = shop();
    sim.clock_says("09:30");
    sim.office("look").asks_for(&["/name"]);
    assert_eq!(sim.next_due_us(), None, "with the applicant nothing runs out");
    sim.runs_until("2026-03-04 11:00");
    sim.corrects("look.1", "/name", serde_json::json!("榕溪")).unwrap();
    assert_eq!(marks(&sim), [""; 0]);
    sim.runs_until("2026-03-04 12:00");
    assert_eq!(marks(&sim), ["04 11:30 look 50"]);
}

#[test]
fn what_passed_while_nobody_looked_is_one_event_a_clock() {
    let mut sim = shop();
    sim.clock_says("2026-03-05 09:00");
    assert_eq!(sim.timers_fire(), [" mark"]);
    assert_eq!(marks(&sim), ["05 09:00 look 100", "05 09:00 case 100"]);
    assert_eq!(sim.next_due_us(), None);
    let again = sim.run(Command::FireTimer { step: String::new(), kind: TimerKind::Mark });
    assert_eq!(again, Err(Rejection::NoSuchTimer));
}

#[test]
fn exactly_in_time_is_no_breach() {
    let mut sim = shop();
    sim.clock_says("11:00");
    sim.timers_fire();
    sim.office("look").approves();
    assert_eq!(sim.case.steps["look"].mark, 80);
    assert_eq!(sim.case.steps["look"].delay, None);
}

#[test]
fn a_late_step_ends_without_a_reason_and_owes_one() {
    let mut sim = shop();
    sim.clock_says("11:00:00.000001");
    sim.office("look").approves();
    assert_eq!(marks(&sim), ["02 11:00:00.000001 look 100"], "the breach is in the journal though no timer came");
    assert_eq!(sim.case.steps["look"].mark, BREACH);
    sim.office("desk").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"), "the applicant's result waits for nothing");
    // The reminder of each working day, though the case has ended.
    assert_eq!(sim.next_due_us().map(local).as_deref(), Some("2026-03-03 08:30"));
    for day in ["2026-03-03", "2026-03-04", "2026-03-05"] {
        assert_eq!(sim.clock_says(&format!("{day} 08:30")).timers_fire(), ["look reason"]);
    }
    assert_eq!(sim.case.steps["look"].delay.as_ref().unwrap().reminders, 3);
    let explain = || Command::ExplainDelay { step: "look".into(), officer: OFFICER.into(), reason: "digest".into() };
    sim.run(explain()).unwrap();
    assert_eq!(sim.next_due_us(), None);
    assert_eq!(sim.run(explain()), Err(Rejection::NoReasonOwed { step: "look".into() }));
}

#[test]
fn an_office_that_never_answers_is_not_reminded_for_ever() {
    let mut sim = shop();
    sim.clock_says("2026-03-02 11:30");
    sim.office("look").approves();
    sim.office("desk").approves();
    let mut reminders = 0;
    while let Some(due_us) = sim.next_due_us() {
        let wait_us = due_us - sim.now_us;
        reminders += sim.time_passes(wait_us).timers_fire().len();
    }
    assert_eq!(reminders, 20);
    assert_eq!(sim.case.steps["look"].delay.as_ref().unwrap().reason, None);
}

#[test]
fn a_budget_that_ends_past_the_published_years_is_never_broken() {
    let mut sim = Sim::new(crate::sim::world::shop(PACKAGE)).at("2026-12-31 17:00");
    sim.submits(crate::sim::world::shop_form(&[])).unwrap();
    sim.clock_says("2027-01-06 09:00");
    assert_eq!(sim.timers_fire(), [""; 0]);
    sim.office("look").approves();
    assert_eq!((marks(&sim), sim.case.steps["look"].delay.clone()), (vec![], None));
}
