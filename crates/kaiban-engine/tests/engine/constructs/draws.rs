//! Steps that wait for a public draw.

use kaiban_engine::{Command, Event, Rejection, StepState};
use serde_json::json;

use crate::sim::{Completion, Sim, world};

const PACKAGE: &str = r#"steps:
  draw:
    title: { zh: 随机抽取, en: Draw }
    draws: { pool: commitments, stratum: form.note, recuse: [form.registrar] }
  visit:
    title: { zh: 实地核查, en: Visit }
    party: market-regulation
    needs: [draw]
    when: results.draw.drawn
    drawn_by: draw
    by_two: true
    counts: true
    shares: [form.name, results.draw]
    outcomes: { done: {} }
  review:
    title: { zh: 复核, en: Review }
    party: market-regulation
    needs: [visit]
    when: results.draw.drawn
    recuse: [form.phone]
    counts: true
    shares: [form.name]
    outcomes: { done: {} }
"#;

/// A case of this class of risk.
fn classed(class: &str) -> Sim {
    let mut sim = Sim::new(world::shop(PACKAGE));
    let mut form = world::shop_form(&[]);
    form["note"] = json!(class);
    form["phone"] = json!("FZ-0591");
    sim.submits(form).unwrap();
    sim
}

fn decides(sim: &mut Sim, step: &str, drawn: bool) -> Result<Vec<Event>, Rejection> {
    let result = sim.file(json!({"draw": "commitments-1", "drawn": drawn, "checkers": []}));
    sim.run(Command::Drawn { step: step.into(), result })
}

pub fn drawn() -> Sim {
    let mut sim = classed("B");
    sim.clock_says("2026-03-09 09:00");
    decides(&mut sim, "draw", true).unwrap();
    sim.clock_says("2026-03-10 09:00");
    sim.office("visit").tries(both("FZ-0597", "FZ-0598")).unwrap();
    sim
}

#[test]
fn who_is_not_drawn_is_not_visited() {
    let mut sim = classed("B");
    assert_eq!(sim.state("draw"), StepState::Waiting);
    decides(&mut sim, "draw", false).unwrap();
    assert_eq!((sim.state("visit"), sim.case.outcome.as_deref()), (StepState::Skipped, Some("opened")));
    assert_eq!(decides(&mut sim, "draw", true), Err(Rejection::CaseClosed));
}

#[test]
fn a_draw_decides_once_and_only_what_waits_for_it() {
    let mut sim = drawn_once();
    assert!(matches!(decides(&mut sim, "draw", false), Err(Rejection::NotWaiting { .. })));
    assert!(matches!(decides(&mut sim, "visit", true), Err(Rejection::NotWaiting { .. })));
}

#[test]
fn a_draw_says_whether_it_chose() {
    let mut sim = classed("B");
    let result = sim.file(json!({"draw": "commitments-1", "checkers": []}));
    let answer = sim.run(Command::Drawn { step: "draw".into(), result });
    assert_eq!(answer, Err(Rejection::ResultMismatch { required: true }));
}

fn drawn_once() -> Sim {
    let mut sim = classed("B");
    decides(&mut sim, "draw", true).unwrap();
    sim
}

/// A draw has sent two officers to visit.
pub fn sent() -> Sim {
    let mut sim = classed("B");
    let result = sim.file(json!({"draw": "commitments-1", "drawn": true, "checkers": ["FZ-0597", "FZ-0598"]}));
    sim.run(Command::Drawn { step: "draw".into(), result }).unwrap();
    sim
}

#[test]
fn whom_a_draw_has_sent_does_it() {
    let mut sim = sent();
    let mut tries = |completion: Completion| sim.office("visit").tries(completion);
    assert_eq!(tries(both("FZ-0591", "FZ-0597")), Err(Rejection::OfficerNotDrawn));
    assert_eq!(tries(both("FZ-0597", "FZ-0591")), Err(Rejection::OfficerNotDrawn), "both are drawn");
    let alone = Completion::of("visit", "done").officer("FZ-0597");
    assert_eq!(tries(alone), Err(Rejection::ApproverRequired), "nobody goes alone");
    assert!(tries(both("fz-0598", "FZ-0597")).is_ok());
}

#[test]
fn whoever_handled_the_matter_stands_aside() {
    let mut sim = reviewed();
    let mut tries = |officer: &str| sim.office("review").tries(Completion::of("review", "done").officer(officer));
    assert_eq!(tries("fz-0591"), Err(Rejection::OfficerRecused));
    assert!(tries("FZ-0597").is_ok());
}

/// Two officers end the visit.
pub fn both(officer: &str, second: &str) -> Completion {
    Completion::of("visit", "done").officer(officer).approver(second)
}

/// A visit has ended; the officer whom the form names stands aside.
pub fn reviewed() -> Sim {
    let mut sim = sent();
    sim.office("visit").tries(both("FZ-0597", "FZ-0598")).unwrap();
    sim
}

#[test]
fn a_class_of_risk_is_one_letter_and_no_text_of_the_applicants() {
    for class in ["", "林舒", "a", "AB"] {
        assert_eq!(classed(class).state("draw"), StepState::Incident, "{class}");
    }
}
