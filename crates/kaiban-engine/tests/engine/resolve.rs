//! A person has dealt with an incident.

use kaiban_engine::{Command, Event, Reason, Rejection, StepState};
use serde_json::json;

use crate::sim::desk::OFFICER;
use crate::sim::{Sim, hours, local, world};

fn resolve(sim: &mut Sim, step: &str) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::Resolve { step: step.into(), officer: OFFICER.into() })
}

/// A step whose guard overflows for some forms.
const OVERFLOWS: &str = "steps:
  a:
    title: { zh: 甲, en: A }
    party: tax
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
  b:
    title: { zh: 乙, en: B }
    party: tax
    needs: [a]
    when: form.count * 9000000000000000000 > 2
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  c:
    title: { zh: 丙, en: C }
    party: tax
    needs: [b]
    counts: false
    shares: [form.name, form.count]
    outcomes: { done: {}, correct: { asks: applicant } }
";

#[test]
fn the_step_is_offered_afresh() {
    let mut sim = Sim::business_start("350100");
    for _ in 0..6 {
        sim.office("registration").fails();
        sim.time_passes(600_000_000).timers_fire();
    }
    let before = sim.lease("registration").cloned();
    assert_eq!((sim.state("registration"), before), (StepState::Incident, None));
    let events = resolve(&mut sim, "registration").unwrap();
    assert!(matches!(&events[..], [Event::IncidentResolved { .. }, Event::StepOffered { offer: 2, .. }]));
    assert_eq!(sim.lease("registration").unwrap().epoch, 6, "epochs go on counting");
    sim.office("registration").takes();
    assert_eq!(sim.lease("registration").unwrap().epoch, 7);
}

#[test]
fn an_incident_is_the_systems_time_and_counts() {
    let mut sim = Sim::business_start("350100");
    for _ in 0..6 {
        sim.office("registration").fails();
        sim.time_passes(600_000_000).timers_fire();
    }
    let before_us = sim.clock().elapsed_us;
    sim.clock_says("11:30");
    assert_eq!(hours(before_us), "1:00");
    assert_eq!(
        (hours(sim.clock().elapsed_us), hours(sim.step_clock("registration").elapsed_us)),
        ("2:30".into(), "2:30".into())
    );
}

#[test]
fn a_guard_that_errs_is_an_incident_and_never_false() {
    let mut sim = Sim::new(world::small(OVERFLOWS));
    sim.submits(world::with(world::small_form("350100"), "/count", json!(2))).unwrap();
    let events = sim.office("a").approves();
    let (step, code) = ("b".into(), "GUARD_FAILED".into());
    let incident = Event::IncidentOpened { step, code, counted: false, epoch: 0 };
    assert!(events.contains(&incident), "{events:#?}");
    assert_eq!((sim.state("b"), sim.state("c")), (StepState::Incident, StepState::Pending));
    // Nothing has changed: it errs again, and says so.
    let events = resolve(&mut sim, "b").unwrap();
    assert_eq!(events, [Event::IncidentResolved { step: "b".into() }, incident]);
}

#[test]
fn a_counted_step_whose_guard_errs_is_the_systems_time() {
    let mut sim = Sim::new(world::small(&OVERFLOWS.replace("counts: false", "counts: true")));
    sim.submits(world::with(world::small_form("350100"), "/count", json!(2))).unwrap();
    sim.office("a").approves();
    sim.clock_says("10:30");
    assert_eq!((hours(sim.clock().elapsed_us), sim.clock().state.name()), ("1:30".into(), "running"));
    assert_eq!(sim.case.ledger.0.last().unwrap().reason, Reason::Incident);
}

#[test]
fn between_two_incidents_a_step_that_waits_for_another_has_no_time_of_its_own() {
    let step = |name: &str, needs: &str, more: &str| {
        format!(
            "  {name}:\n    title: {{ zh: 环节, en: Step }}\n    party: tax\n    needs: [{needs}]\n    counts: true\n    \
             shares: [{{ sees: form.count }}]\n{more}    outcomes: {{ done: {{}}, correct: {{ asks: applicant }} }}\n"
        )
    };
    let guarded = "a, { step: c, when: form.count * 9000000000000000000 > 2 }";
    let steps = [step("a", "", ""), step("c", "a", ""), step("b", guarded, "    retries: 0\n")].concat();
    let mut sim = Sim::new(world::small(&format!("steps:\n{steps}")));
    sim.submits(world::with(world::small_form("350100"), "/count", json!(2))).unwrap();
    sim.office("a").approves();
    assert_eq!(sim.state("b"), StepState::Incident);
    sim.clock_says("10:00").office("c").asks_for(&["/count"]);
    sim.corrects("c.1", "/count", json!(1)).unwrap();
    resolve(&mut sim, "b").unwrap();
    assert_eq!(sim.state("b"), StepState::Pending, "its guard holds now, and c is not done");
    sim.clock_says("11:00").office("c").approves();
    sim.office("b").fails();
    sim.clock_says("11:30");
    let spans: Vec<_> = sim.case.steps["b"].ledger.0.iter().map(|i| (local(i.from_us), i.to_us.map(local))).collect();
    let text = |time: &str| format!("2026-03-02 {time}");
    assert_eq!(spans, [(text("09:00"), Some(text("10:00"))), (text("11:00"), None)]);
}

#[test]
fn only_an_incident_can_be_resolved() {
    let mut sim = Sim::business_start("350100");
    for step in ["registration", "seal"] {
        assert_eq!(resolve(&mut sim, step), Err(Rejection::NotInIncident { step: step.into() }));
    }
    assert_eq!(resolve(&mut sim, "bank"), Err(Rejection::UnknownStep("bank".into())));
    sim.run(Command::Withdraw { reason: None }).unwrap();
    assert_eq!(resolve(&mut sim, "registration"), Err(Rejection::NotInIncident { step: "registration".into() }));
}
