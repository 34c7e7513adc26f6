//! Steps that the applicant may leave out and ask for later (分时办理), or take back.

use kaiban_engine::{Command, Event, Rejection, StepState};
use serde_json::json;

use crate::sim::{Sim, cancel, world};

const PACKAGE: &str = "steps:
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    counts: true
    shares: [form.name]
    outcomes: { approve: {} }
  seal:
    title: { zh: 印章, en: Seal }
    party: seal-carver
    needs: [licence]
    requested: form.wanted
    counts: true
    shares: [form.name, form.count]
    outcomes: { done: {}, correct: { asks: applicant } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [licence]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
";

fn request(sim: &mut Sim, form: Option<serde_json::Value>) -> Result<Vec<Event>, Rejection> {
    let form = form.map(|form| sim.file(form));
    sim.run(Command::Request { step: "seal".into(), form })
}

fn withdraw(sim: &mut Sim) -> Result<Vec<Event>, Rejection> {
    sim.run(Command::WithdrawStep { step: "seal".into(), reason: Some("digest".into()) })
}

pub fn asked_for_later() -> Sim {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:00");
    sim.office("licence").approves();
    sim.clock_says("11:00");
    let form = world::with(world::with(sim.form(), "/wanted", json!(true)), "/count", json!(3));
    request(&mut sim, Some(form)).unwrap();
    sim.clock_says("11:30");
    sim.office("seal").asks_for(&["/count"]);
    withdraw(&mut sim).unwrap();
    sim.office("desk").approves();
    sim
}

#[test]
fn what_was_not_asked_for_holds_nobody_up() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.office("licence").approves();
    assert_eq!((sim.state("seal"), sim.clock().state.name()), (StepState::NotRequested, "stopped"));
    sim.office("desk").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("opened"));
    assert_eq!(request(&mut sim, None), Err(Rejection::CaseClosed));
}

#[test]
fn a_request_begins_the_step_and_the_clock_goes_on() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.clock_says("10:00");
    sim.office("licence").approves();
    sim.clock_says("11:00");
    request(&mut sim, None).unwrap();
    assert_eq!((sim.state("seal"), sim.clock().state.name()), (StepState::Offered, "running"));
    sim.clock_says("11:30");
    sim.office("seal").approves();
    let used = sim.case.used.as_ref().unwrap().working_us;
    assert_eq!(crate::sim::hours(used), "1:30", "an hour for the licence, half an hour for the seals");
}

#[test]
fn a_request_before_its_turn_is_kept() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    request(&mut sim, None).unwrap();
    assert_eq!(sim.state("seal"), StepState::Pending);
    let state = StepState::Pending.name();
    assert_eq!(request(&mut sim, None), Err(Rejection::NotRequestable { step: "seal".into(), state }));
    sim.office("licence").approves();
    assert_eq!(sim.state("seal"), StepState::Offered);
}

#[test]
fn the_form_changes_only_where_the_step_looks() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let with = |sim: &Sim, pointer: &str, part| Some(world::with(sim.form(), pointer, part));
    // The licence has not decided on the name yet; the registrar is fixed from the beginning.
    let form = with(&sim, "/registrar", json!("350102"));
    assert!(matches!(request(&mut sim, form), Err(Rejection::PointerNotOpen(_))));
    let form = with(&sim, "/people", json!([{ "key": "a", "name": "b", "known": true }]));
    assert!(matches!(request(&mut sim, form), Err(Rejection::PointerNotOpen(_))));
    sim.office("licence").approves();
    let form = with(&sim, "/name", json!("榕江"));
    assert!(matches!(request(&mut sim, form), Err(Rejection::PointerInUse { .. })));
    let mut form = sim.form();
    form["count"] = json!("x");
    assert!(matches!(request(&mut sim, Some(form)), Err(Rejection::FormInvalid(_))));
    let form = with(&sim, "/count", json!(7));
    let events = request(&mut sim, form).unwrap();
    assert!(matches!(&events[0], Event::StepRequested { changed, .. } if *changed == ["/count"]), "{events:#?}");
    assert_eq!(sim.case.steps["seal"].form, 2);
}

#[test]
fn only_what_may_be_left_out_is_asked_for_or_taken_back() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    let desk = Command::Request { step: "desk".into(), form: None };
    assert!(matches!(sim.run(desk), Err(Rejection::NotRequestable { .. })));
    let desk = Command::WithdrawStep { step: "desk".into(), reason: None };
    assert_eq!(sim.run(desk), Err(Rejection::NotOptional { step: "desk".into() }));
    let nothing = Command::WithdrawStep { step: "seals".into(), reason: None };
    assert_eq!(sim.run(nothing), Err(Rejection::UnknownStep("seals".into())));
}

#[test]
fn a_step_is_taken_back_at_any_time_before_it_is_done() {
    let wanted = || {
        let mut sim = Sim::new(world::shop(PACKAGE));
        sim.submits(world::with(world::shop_form(&[]), "/wanted", json!(true))).unwrap();
        sim
    };
    let mut sim = wanted();
    withdraw(&mut sim).unwrap();
    sim.office("licence").approves();
    assert_eq!((sim.state("seal"), sim.open()), (StepState::Withdrawn, vec!["desk".to_owned()]));

    let mut sim = wanted();
    sim.office("licence").approves();
    sim.office("seal").takes();
    let events = withdraw(&mut sim).unwrap();
    assert!(matches!(&events[0], Event::StepWithdrawn { epoch: 1, used: Some(_), .. }), "{events:#?}");
    assert_eq!(sim.case.steps["seal"].codes.iter().map(|at| at.code as u8).collect::<Vec<_>>(), [8, 2]);
    let over = Err(Rejection::StepOver { step: "seal".into(), state: "WITHDRAWN" });
    assert_eq!(withdraw(&mut sim), over);
    assert!(matches!(request(&mut sim, None), Err(Rejection::NotRequestable { .. })));

    let mut sim = wanted();
    sim.office("licence").approves();
    sim.office("seal").approves();
    assert_eq!(withdraw(&mut sim), Err(Rejection::StepOver { step: "seal".into(), state: "COMPLETED" }));
}

#[test]
fn a_case_that_ended_takes_nothing_back() {
    let mut sim = Sim::shop(PACKAGE, &[]);
    sim.run(cancel()).unwrap();
    assert_eq!(withdraw(&mut sim), Err(Rejection::CaseClosed));
}
