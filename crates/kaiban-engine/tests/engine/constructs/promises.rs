//! A promise that cannot be decided does not keep a case from being accepted; a person has to look at it.

use kaiban_engine::{Command, Event, Rejection};
use serde_json::json;

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, world};

const PACKAGE: &str = "intake: { party: market-regulation, when: form.wanted, deemed_within: 2 working days }
promise:
  - { from: 2020-01-01, when: form.count * 9000000000000000000 > 2, within: 1 working day }
  - { from: 2020-01-01, within: 2 working days }
steps:
  a: { title: { zh: 甲, en: A }, party: tax, counts: true, shares: [form.name], outcomes: { done: {} } }
";

fn look() -> Command {
    Command::Resolve { step: String::new(), officer: OFFICER.into() }
}

pub fn undecided() -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&[]), "/count", json!(2))).unwrap();
    sim.clock_says("10:00");
    sim.run(look()).unwrap();
    sim.office("a").approves();
    sim
}

#[test]
fn silence_of_the_intake_is_acceptance_all_the_same() {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let form = world::with(world::with(world::shop_form(&[]), "/count", json!(2)), "/wanted", json!(true));
    sim.submits(form).unwrap();
    sim.clock_says("2026-03-04 17:30").timers_fire();
    assert_eq!((sim.case.promise_undecided, sim.case.budget_us, sim.open()), (true, None, vec!["a".to_owned()]));
}

#[test]
fn it_is_looked_at_once() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    assert_eq!(sim.run(look()), Err(Rejection::NotInIncident { step: String::new() }));
    let mut sim = Sim::new(world::shop(PACKAGE));
    sim.submits(world::with(world::shop_form(&[]), "/count", json!(2))).unwrap();
    assert_eq!(sim.run(look()), Ok(vec![Event::PromiseLookedAt { officer: OFFICER.into() }]));
    assert_eq!(sim.run(look()), Err(Rejection::NotInIncident { step: String::new() }));
}
