//! The system waits for time to pass.

use kaiban_engine::{Command, Reason, Rejection, StepState, TimerKind};

use crate::sim::{Sim, local};

const PACKAGE: &str = "steps:
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    counts: true
    shares: [form.name]
    outcomes: { approve: {}, refuse: { adverse: true, closes: refused, law: 条例 §20 } }
  cool-off:
    title: { zh: 公示期, en: Cooling off }
    needs: [licence]
    wait: 3 working days
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [cool-off]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
";

pub fn cooled_off() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:00");
    sim.office("licence").approves();
    sim.clock_says("2026-03-05 17:30").timers_fire();
    sim.office("desk").approves();
    sim
}

#[test]
fn a_wait_ends_at_the_close_of_its_last_working_day() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("licence").approves();
    assert_eq!(sim.state("cool-off"), StepState::Waiting);
    assert_eq!(sim.case.timers().iter().map(|timer| local(timer.due_us)).collect::<Vec<_>>(), ["2026-03-05 17:30"]);
    sim.clock_says("2026-03-05 17:29");
    let fire = Command::FireTimer { step: "cool-off".into(), kind: TimerKind::Wait };
    assert_eq!(sim.run(fire), Err(Rejection::NoSuchTimer));
    sim.clock_says("17:30").timers_fire();
    assert_eq!((sim.state("cool-off"), sim.state("desk")), (StepState::Completed, StepState::Offered));
}

#[test]
fn waiting_is_nobodys_working_time() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("licence").approves();
    assert_eq!((sim.clock().state.name(), sim.case.ledger.0.last().unwrap().reason), ("stopped", Reason::Stopped));
    assert!(sim.case.steps["cool-off"].ledger.0.iter().all(|interval| !interval.counts));
}

#[test]
fn hours_on_the_wall_are_hours_on_the_wall() {
    let mut sim = Sim::shop(&PACKAGE.replace("wait: 3 working days", "wait: 48 hours"), &[]);
    sim.office("licence").approves();
    assert_eq!(local(sim.case.timers()[0].due_us), "2026-03-04 09:00");
    sim.clock_says("2026-03-04 09:00").timers_fire();
    assert_eq!(sim.state("desk"), StepState::Offered);
}
