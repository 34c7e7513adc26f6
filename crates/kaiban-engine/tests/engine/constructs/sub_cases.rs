//! Steps that start a case of another package.

use kaiban_engine::{Command, Effect, Event, Parent, Rejection, StepState};
use serde_json::json;

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, world};

const PACKAGE: &str = r#"steps:
  check:
    title: { zh: 承诺核查, en: Check }
    starts: { workflow: commitment-check, form: { /registrar: form.registrar, /kind: "text:domicile" }, waits: true }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [check]
    when: results.check.outcome == "opened"
    counts: true
    shares: [form.name, results.check]
    outcomes: { approve: {} }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

fn there(case: &str) -> Command {
    Command::SubCaseStarted { step: "check".into(), case: case.into() }
}

fn ends(sim: &mut Sim, case: &str, outcome: &str) -> Result<Vec<Event>, Rejection> {
    let result = sim.file(json!({ "case": case, "outcome": outcome }));
    sim.run(Command::SubCaseEnded { step: "check".into(), case: case.into(), result })
}

pub fn started() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.run(Command::SubCaseFailed { step: "check".into() }).unwrap();
    sim.clock_says("10:00");
    sim.run(Command::Resolve { step: "check".into(), officer: OFFICER.into() }).unwrap();
    sim.run(there("another")).unwrap();
    sim.clock_says("11:00");
    ends(&mut sim, "another", "opened").unwrap();
    sim.office("licence").approves();
    sim.office("desk").approves();
    sim
}

#[test]
fn starting_is_an_effect_and_again_after_it_failed() {
    let sim = started();
    let starts: Vec<&Effect> = sim.outbox.iter().filter(|effect| matches!(effect, Effect::Start { .. })).collect();
    assert_eq!(starts, [&Effect::Start { step: "check".into() }, &Effect::Start { step: "check".into() }]);
}

#[test]
fn a_step_that_does_not_wait_is_done_when_the_case_is_there() {
    let package = PACKAGE.replace(", waits: true", "").replace("    when: results.check.outcome == \"opened\"\n", "");
    let mut sim = Sim::shop(&package.replace(", results.check]", "]"), &[]);
    assert_eq!(sim.state("check"), StepState::Waiting);
    sim.run(there("another")).unwrap();
    assert_eq!((sim.state("check"), sim.state("licence")), (StepState::Completed, StepState::Offered));
    assert_eq!(sim.case.steps["check"].sub_case.as_deref(), Some("another"));
}

#[test]
fn its_outcome_can_be_read() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.run(there("another")).unwrap();
    ends(&mut sim, "another", "refused").unwrap();
    assert_eq!((sim.state("check"), sim.state("licence")), (StepState::Completed, StepState::Skipped));
}

#[test]
fn news_may_come_in_another_order_but_not_of_another_case() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    ends(&mut sim, "another", "opened").unwrap();
    assert_eq!(sim.case.steps["check"].sub_case.as_deref(), Some("another"));
    assert_eq!(sim.run(there("another")), Err(Rejection::NotWaiting { step: "check".into() }));

    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.run(there("another")).unwrap();
    let other = || Err(Rejection::OtherSubCase { step: "check".into() });
    assert_eq!(ends(&mut sim, "third", "opened"), other());
    assert_eq!(sim.run(there("another")), other());
    assert_eq!(sim.run(Command::SubCaseFailed { step: "check".into() }), other());
    let desk = Command::SubCaseFailed { step: "desk".into() };
    assert_eq!(sim.run(desk), Err(Rejection::NotWaiting { step: "desk".into() }));
}

#[test]
fn a_case_tells_the_one_that_started_it_of_its_end() {
    let mut sim = Sim::new(world::shop(
        "steps:
  a: { title: { zh: 甲, en: A }, party: tax, counts: true, shares: [form.name], outcomes: { done: {} } }
",
    ));
    let parent = Parent { case: "first".into(), step: "check".into() };
    let form = sim.file(world::shop_form(&[]));
    let (case, organisation, parent) = ("second".into(), "b01".into(), Some(parent));
    sim.run(Command::Submit { case, form, doubts: None, organisation, outlet: None, parent }).unwrap();
    sim.office("a").approves();
    assert_eq!(sim.outbox, [Effect::Ended { case: "first".into(), step: "check".into() }]);
}
