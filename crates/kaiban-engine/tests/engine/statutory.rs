//! The period that the law sets: working days without the first, standing still while the applicant has the ball.

use kaiban_calendar::Budget;
use kaiban_engine::{ClockState, Command, PauseReason, Rejection, StatutoryClock};
use serde_json::json;

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{Sim, local};

fn package(period: &str) -> String {
    format!(
        r#"statutory: {{ within: 45 working days, extend_once: 15 working days, law: 行政许可法 §42 }}
steps:
  look:
    title: {{ zh: 审查, en: Look }}
    party: tax
    counts: true
    statutory: {{ {period}, law: 条例 §19 }}
    shares: [form.name]
    outcomes: {{ done: {{}}, correct: {{ asks: applicant }} }}
  desk:
    title: {{ zh: 窗口, en: Desk }}
    party: delivery
    needs: [look]
    counts: false
    shares: [form.name]
    outcomes: {{ done: {{}} }}
"#
    )
}

/// Monday 2 March 2026, 9:00.
fn look(period: &str) -> Sim {
    Sim::shop(&package(period), &[])
}

fn clock(sim: &Sim) -> StatutoryClock {
    sim.case.step_statutory_clock(&sim.def, "look", &sim.calendars, sim.now_us).unwrap().unwrap()
}

fn due(sim: &Sim) -> Option<String> {
    clock(sim).due_us.map(local)
}

fn pause(reason: PauseReason) -> Command {
    let until_us = Some(1_800_000_000_000_000);
    let (officer, approver) = (OFFICER.into(), Some(APPROVER.into()));
    Command::Pause { step: "look".into(), reason, until_us, note: None, officer, approver }
}

fn extend(step: Option<&str>) -> Command {
    let (step, officer, approver) = (step.map(str::to_owned), OFFICER.into(), APPROVER.into());
    Command::Extend { step, officer, approver, reason: "digest".into() }
}

#[test]
fn working_days_do_not_count_the_first_and_end_at_the_close_of_business() {
    let mut sim = look("within: 3 working days");
    assert_eq!(due(&sim).as_deref(), Some("2026-03-05 17:30"));
    sim.clock_says("2026-03-05 17:30");
    assert_eq!(clock(&sim).breached_at_us, None, "at the close it is still in time");
    sim.clock_says("2026-03-06 08:30");
    assert_eq!(clock(&sim).breached_at_us.map(local).as_deref(), Some("2026-03-05 17:30"));
}

#[test]
fn the_same_day_ends_at_its_close_of_business() {
    let mut sim = look("within: 0 working days");
    assert_eq!(due(&sim).as_deref(), Some("2026-03-02 17:30"));
    sim.clock_says("17:30");
    assert_eq!(clock(&sim).breached_at_us, None);
    sim.clock_says("17:30:00.000001");
    assert_eq!(clock(&sim).breached_at_us.map(local).as_deref(), Some("2026-03-02 17:30"));
}

#[test]
fn what_begins_after_business_has_the_next_working_day() {
    // In lunch; at the close of a Friday; on a Saturday; on the evening before Labour Day.
    for (from, to) in [
        ("2026-03-02 12:30", "2026-03-02 17:30"),
        ("2026-03-06 17:30", "2026-03-09 17:30"),
        ("2026-03-07 10:00", "2026-03-09 17:30"),
        ("2026-04-30 19:00", "2026-05-06 17:30"),
    ] {
        let mut sim = Sim::new(crate::sim::world::shop(&package("within: 0 working days"))).at(from);
        sim.submits(crate::sim::world::shop_form(&[])).unwrap();
        assert_eq!(due(&sim).as_deref(), Some(to), "{from}");
    }
}

#[test]
fn after_a_correction_the_same_day_is_that_of_the_answer() {
    let mut sim = look("within: 0 working days");
    sim.clock_says("11:00");
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-03-20 15:00");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-20 17:30"));
}

#[test]
fn days_that_are_used_up_do_not_become_the_same_day() {
    let mut sim = look("within: 1 working day");
    sim.clock_says("2026-03-03 17:30");
    sim.office("look").asks_for(&["/name"]);
    assert_eq!(clock(&sim).left, Budget::WorkingDays(0));
    sim.clock_says("2026-03-20 09:00");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-20 09:00"));
}

#[test]
fn hours_begin_at_once() {
    let sim = look("within: 4 working hours");
    assert_eq!(due(&sim).as_deref(), Some("2026-03-02 15:30"));
    let sim = look("within: 24 hours");
    assert_eq!(due(&sim).as_deref(), Some("2026-03-03 09:00"));
}

#[test]
fn a_correction_keeps_what_is_left_of_it() {
    let mut sim = look("within: 3 working days");
    sim.clock_says("2026-03-04 10:00");
    sim.office("look").asks_for(&["/name"]);
    let asked = clock(&sim);
    // Tuesday is over, Wednesday is not.
    assert_eq!((asked.state, asked.left, asked.due_us), (ClockState::Paused, Budget::WorkingDays(2), None));
    sim.clock_says("2026-03-20 15:00");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-24 17:30"), "the day of the answer does not count");
}

#[test]
fn where_the_package_says_so_an_answer_begins_it_anew() {
    let mut sim = look("within: 3 working days, restarts: true");
    sim.clock_says("2026-03-04 10:00");
    sim.office("look").asks_for(&["/name"]);
    sim.clock_says("2026-03-20 15:00");
    sim.corrects("look.1", "/name", json!("榕溪")).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-25 17:30"));
}

#[test]
fn what_the_law_leaves_out_is_left_out() {
    let mut sim = look("within: 6 working hours");
    sim.clock_says("10:00");
    sim.run(pause(PauseReason::SpecialProcedure)).unwrap();
    sim.clock_says("2026-03-09 10:00");
    sim.run(Command::Resume { step: "look".into(), officer: OFFICER.into() }).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-09 17:30"), "an hour was used before");
}

#[test]
fn a_head_prolongs_it_once() {
    let mut sim = look("within: 3 working days, extend_once: 3 working days");
    sim.run(extend(Some("look"))).unwrap();
    assert_eq!(due(&sim).as_deref(), Some("2026-03-10 17:30"));
    assert_eq!(clock(&sim).extended_by, Some(Budget::WorkingDays(3)));
    assert_eq!(sim.run(extend(Some("look"))), Err(Rejection::NotExtendable { step: "look".into() }));
}

#[test]
fn what_has_ended_is_not_prolonged() {
    let mut sim = look("within: 3 working days, extend_once: 3 working days");
    sim.clock_says("2026-03-06 08:30");
    assert_eq!(sim.run(extend(Some("look"))), Err(Rejection::NotExtendable { step: "look".into() }));
}

#[test]
fn the_case_has_a_period_of_its_own() {
    let mut sim = look("within: 3 working days");
    let of_case = |sim: &Sim| sim.case.statutory_clock(&sim.def, &sim.calendars, sim.now_us).unwrap().unwrap();
    let counted = |sim: &Sim| of_case(sim).due_us.map(local);
    // 45 working days after 2 March: Qingming, Labour Day and a worked Saturday lie between.
    assert_eq!(counted(&sim).as_deref(), Some("2026-05-08 17:30"));
    sim.run(extend(None)).unwrap();
    assert_eq!(counted(&sim).as_deref(), Some("2026-05-28 17:30"));
    sim.office("look").approves();
    assert_eq!((of_case(&sim).state, of_case(&sim).due_us), (ClockState::Stopped, None));
}

#[test]
fn silence_on_an_application_has_a_period_too() {
    let intake = "intake: { party: market-regulation, deemed_within: 5 working days }\n";
    let sim = Sim::shop(&format!("{intake}{}", package("within: 3 working days")), &[]);
    let clock = sim.case.step_statutory_clock(&sim.def, "intake", &sim.calendars, sim.now_us).unwrap().unwrap();
    assert_eq!(clock.due_us.map(local).as_deref(), Some("2026-03-09 17:30"));
    assert_eq!(clock.law, "中华人民共和国行政许可法 §32");
}
