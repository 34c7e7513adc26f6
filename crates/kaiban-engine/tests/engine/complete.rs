//! A task ends with an outcome.

use kaiban_engine::{Command, Event, Phase, Rejection, StepState};
use serde_json::json;

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{Completion, Sim, cancel, closed, world};

#[test]
fn an_approval_opens_what_waited_for_it() {
    let mut sim = Sim::business_start("350100");
    let events = sim.office("registration").approves();
    assert!(matches!(&events[0], Event::StepCompleted { step, outcome, result: Some(_), epoch: 1, .. }
        if step == "registration" && outcome == "approve"));
    assert_eq!(sim.open(), ["housing-fund", "invoices", "seal", "social-insurance"]);
}

#[test]
fn the_last_step_closes_the_case() {
    let mut sim = Sim::business_start("350100");
    for step in ["registration", "seal", "invoices", "social-insurance", "housing-fund"] {
        sim.office(step).approves();
    }
    assert_eq!(sim.open(), ["delivery"]);
    let events = sim.office("delivery").approves();
    assert_eq!(events.last(), Some(&closed("opened", &[])));
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("opened")));
}

#[test]
fn a_refusal_closes_the_case_and_takes_back_what_is_open() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").decides("refuse");
    assert_eq!((sim.case.phase, sim.case.outcome.as_deref()), (Phase::Closed, Some("refused")));
    assert_eq!(sim.state("registration"), StepState::Ended);
    assert!(sim.case.steps["registration"].result.is_none());
}

#[test]
fn a_declined_branch_ends_and_the_case_opens_without_it() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("invoices").decides("decline");
    for step in ["seal", "social-insurance", "housing-fund", "delivery"] {
        sim.office(step).approves();
    }
    let entry = sim.journal.last().unwrap().0.clone();
    assert!(entry.ends_with(r#"{"event":"closed","outcome":"opened","without":["invoices"]}]}"#), "{entry}");
}

#[test]
fn every_outcome_names_a_person() {
    let mut sim = Sim::business_start("350100");
    let licence = sim.file(world::result_of(&sim.def, "registration").unwrap());
    for completion in [
        Completion::of("registration", "approve").result(licence),
        Completion::of("registration", "correct").findings(&["/name"]),
        Completion::of("registration", "refuse").reason("d").approver(APPROVER),
    ] {
        let tried = sim.office("registration").tries(completion.nobody());
        assert_eq!(tried, Err(Rejection::OfficerRequired));
    }
}

#[test]
fn only_two_persons_with_a_reason_decide_against_the_applicant() {
    let mut sim = Sim::business_start("350100");
    let refuse = Completion::of("registration", "refuse");
    let mut tries = |completion| sim.office("registration").tries(completion);
    assert_eq!(tries(refuse.clone().reason("d")), Err(Rejection::ApproverRequired));
    assert_eq!(tries(refuse.clone().approver(APPROVER)), Err(Rejection::ReasonRequired));
    let refuse = refuse.reason("d");
    assert_eq!(tries(refuse.clone().approver(OFFICER)), Err(Rejection::ApproverNotAnother));
    assert_eq!(tries(refuse.clone().approver(&OFFICER.to_lowercase())), Err(Rejection::ApproverNotAnother));
    let events = tries(refuse.approver(APPROVER)).unwrap();
    let Event::StepEnded { reason: Some(reason), officer: Some(officer), approver: Some(approver), .. } = &events[0]
    else {
        panic!("{events:#?}")
    };
    assert_eq!([reason, officer, approver], ["d", OFFICER, APPROVER]);
    let Some(Event::Closed { by, .. }) = events.last() else { panic!("{events:#?}") };
    assert_eq!(by.as_deref(), Some("registration"));
}

#[test]
fn findings_belong_to_an_outcome_that_corrects() {
    let mut sim = Sim::business_start("350100");
    let refuse = Completion::of("registration", "refuse").reason("d").approver(APPROVER);
    let tried = sim.office("registration").tries(refuse.clone().findings(&["/name"]));
    assert_eq!(tried, Err(Rejection::FindingsNotExpected));
    sim.office("registration").tries(refuse.findings(&[])).unwrap();
}

#[test]
fn an_officer_is_a_staff_number_and_no_name() {
    let mut sim = Sim::business_start("350100");
    let refuse = Completion::of("registration", "refuse").reason("d").approver(APPROVER);
    for word in ["", "林舒", "a b", &"9".repeat(65)] {
        let tried = sim.office("registration").tries(refuse.clone().officer(word));
        assert_eq!(tried, Err(Rejection::TextInvalid { field: "officer" }), "{word}");
        let tried = sim.office("registration").tries(refuse.clone().approver(word));
        assert_eq!(tried, Err(Rejection::TextInvalid { field: "approver" }), "{word}");
    }
    sim.office("registration").tries(refuse.officer(&"9".repeat(64))).unwrap();
}

#[test]
fn the_outcomes_are_the_packages() {
    let mut sim = Sim::business_start("350100");
    let tried = sim.office("registration").tries(Completion::of("registration", "accept"));
    let known = ["approve", "correct", "refuse"].map(String::from).into();
    assert_eq!(tried, Err(Rejection::UnknownOutcome { step: "registration".into(), known }));
}

#[test]
fn a_result_is_there_exactly_where_the_package_has_one() {
    let mut sim = Sim::business_start("350100");
    let licence = sim.file(world::result_of(&sim.def, "registration").unwrap());
    let tries = |sim: &mut Sim, completion| sim.office("registration").tries(completion);
    let approve = Completion::of("registration", "approve");
    assert_eq!(tries(&mut sim, approve.clone()), Err(Rejection::ResultMismatch { required: true }));
    let refuse = Completion::of("registration", "refuse").approver(APPROVER).reason("d").result(licence.clone());
    assert_eq!(tries(&mut sim, refuse), Err(Rejection::ResultMismatch { required: false }));
    let correct = Completion::of("registration", "correct").findings(&["/name"]).result(licence.clone());
    assert_eq!(tries(&mut sim, correct), Err(Rejection::ResultMismatch { required: false }));
    let bad = sim.file(json!({ "uscc": "91350100MA2XN0014X" }));
    let Err(Rejection::ResultInvalid(findings)) = tries(&mut sim, approve.clone().result(bad)) else { panic!() };
    assert_eq!(findings.len(), 2, "{findings:#?}");
    tries(&mut sim, approve.result(licence)).unwrap();
}

#[test]
fn a_step_without_a_result_takes_none() {
    let mut sim = Sim::new(world::package("six-step"));
    sim.submits(world::company("350102")).unwrap();
    sim.office("registration").approves();
    let result = sim.file(json!({}));
    let tried = sim.office("seal").tries(Completion::of("seal", "approve").result(result));
    assert_eq!(tried, Err(Rejection::ResultMismatch { required: false }));
}

#[test]
fn the_step_is_checked_before_the_epoch_and_the_epoch_before_the_state() {
    let stale = |step: &str| Err(Rejection::StaleEpoch { step: step.into() });
    let mut sim = Sim::business_start("350100");
    let approve = |step: &str, epoch| Command::from(Completion::of(step, "approve").epoch(epoch));
    assert_eq!(sim.run(approve("bank", 1)), Err(Rejection::UnknownStep("bank".into())));
    let pending = Rejection::NoOpenTask { step: "seal".into(), state: "PENDING" };
    assert_eq!(sim.run(approve("seal", 1)), Err(pending));
    // Nobody has taken it: there is no epoch that anybody could hold.
    assert_eq!(sim.run(approve("registration", 0)), stale("registration"));
    assert_eq!(sim.run(approve("registration", 1)), stale("registration"));
    sim.office("registration").is_taken_by("window-1").is_taken_by("window-2");
    assert_eq!(sim.run(approve("registration", 1)), stale("registration"));
    assert_eq!(sim.run(approve("registration", 3)), stale("registration"));
    sim.office("registration").approves();
    let done = Rejection::NoOpenTask { step: "registration".into(), state: "COMPLETED" };
    assert_eq!(sim.run(approve("registration", 2)), Err(done));
    assert_eq!(sim.run(approve("registration", 1)), stale("registration"));
    sim.run(cancel()).unwrap();
    assert_eq!(sim.run(approve("registration", 2)), Err(Rejection::CaseClosed));
    // What was taken back without having been in anybody's hands ended under no epoch.
    assert_eq!(sim.run(approve("seal", 1)), stale("seal"));
}

#[test]
fn a_task_that_is_put_off_can_be_ended_by_its_holder() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").defers_until("2026-03-03 09:00");
    sim.office("registration").approves();
    assert_eq!(sim.state("registration"), StepState::Completed);
}

#[test]
fn a_new_offer_has_to_be_taken_before_it_can_be_ended() {
    // Whoever asked for the correction has not seen what came of it.
    let mut sim = Sim::business_start("350100");
    let licence = sim.file(world::result_of(&sim.def, "registration").unwrap());
    sim.office("registration").asks_for(&["/name"]);
    sim.corrects("registration.1", "/name", "福州榕溪茶叶有限公司".into()).unwrap();
    let approve = Completion::of("registration", "approve").epoch(1).result(licence.clone());
    let stale = Err(Rejection::StaleEpoch { step: "registration".into() });
    assert_eq!(sim.run(approve.clone().into()), stale);
    let fail = Command::Fail { step: "registration".into(), epoch: 1, code: "X".into() };
    assert_eq!(sim.run(fail), stale);
    sim.office("registration").is_taken_by("window-1");
    assert_eq!(sim.run(approve.epoch(2).into()).map(|events| events.len() > 1), Ok(true));
}
