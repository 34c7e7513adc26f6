//! Rules decide where they can; where none does, a person is asked.

use kaiban_engine::{Event, StepState};
use serde_json::json;

use crate::sim::{Sim, world};

const PACKAGE: &str = "steps:
  fast:
    title: { zh: 秒批, en: Fast }
    party: tax
    for_each: { over: form.people, key: key }
    counts: true
    shares: [item.name, { sees: form.count }]
    decide:
      - { when: item.known, outcome: approve }
      - { when: form.count > 1, outcome: pass }
    outcomes: { approve: {}, pass: { title: { zh: 免审, en: Passed } }, correct: { asks: applicant } }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [fast]
    counts: true
    shares: [form.name]
    outcomes: { approve: {} }
";

fn started(count: i64) -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let form = world::with(world::shop_form(&["ann", "bo"]), "/people/1/known", json!(true));
    sim.submits(world::with(form, "/count", json!(count))).unwrap();
    sim
}

pub fn decided() -> Sim {
    let mut sim = started(1);
    sim.clock_says("10:00");
    sim.office("fast[ann]").approves();
    sim.clock_says("11:00");
    sim.office("licence").approves();
    sim
}

#[test]
fn the_first_rule_that_holds_decides_and_nobody_is_named() {
    let sim = started(2);
    let events: Vec<Event> = serde_json::from_str::<kaiban_engine::Entry>(&sim.journal[0].0).unwrap().events;
    let decided: Vec<(&str, &str, Option<u32>)> = events
        .iter()
        .filter_map(|event| match event {
            Event::StepCompleted { step, outcome, rule, officer: None, .. } => {
                Some((step.as_str(), outcome.as_str(), *rule))
            }
            _ => None,
        })
        .collect();
    assert_eq!(decided, [("fast[ann]", "pass", Some(1)), ("fast[bo]", "approve", Some(0))]);
    assert_eq!((sim.state("fast"), sim.state("licence")), (StepState::Completed, StepState::Offered));
}

#[test]
fn rules_are_asked_once_in_a_round() {
    let mut sim = started(1);
    sim.office("fast[ann]").asks_for(&["/count"]);
    sim.corrects("fast[ann].1", "/count", json!(2)).unwrap();
    assert_eq!(sim.state("fast[ann]"), StepState::Offered, "a person has it in hand");
}

#[test]
fn a_rule_without_an_answer_is_an_incident() {
    let package = PACKAGE.replace("when: form.count > 1", "when: form.count * 9000000000000000000 > 1");
    let mut sim = Sim::new(world::shop(&package));
    sim.submits(world::with(world::shop_form(&["ann"]), "/count", json!(2))).unwrap();
    assert_eq!(sim.state("fast[ann]"), StepState::Incident);
}
