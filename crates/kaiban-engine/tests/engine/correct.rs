//! An office tells the applicant, once, everything that is missing.

use kaiban_engine::{Event, Rejection, StepState};
use kaiban_findings::{Finding, Place};
use serde_json::json;

use crate::sim::{Completion, Sim, world};

/// Codes and places of what is wrong with a correction of `registration`.
fn problems(sim: &mut Sim, completion: Completion) -> Vec<String> {
    match sim.office("registration").tries(completion) {
        Err(Rejection::CorrectionInvalid(findings)) => {
            findings.iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_the_places_it_names_open() {
    let mut sim = Sim::business_start("350100");
    let events = sim.office("registration").asks_for(&["/name", "/domicile/address", "/name"]);
    let Event::CorrectionAsked { correction, pointers, epoch: 1, .. } = &events[0] else { panic!("{events:#?}") };
    assert_eq!(correction, "registration.1");
    assert_eq!(*pointers, ["/domicile/address", "/name"]);
    assert_eq!(sim.state("registration"), StepState::Correction);
    assert_eq!(sim.case.open_correction("registration").unwrap().told_at_us, Some(sim.now_us));
    assert!(sim.open().is_empty());
}

#[test]
fn a_correction_without_findings_says_nothing() {
    let mut sim = Sim::business_start("350100");
    let correct = Completion::of("registration", "correct");
    assert!(problems(&mut sim, correct.clone()).is_empty());
    assert!(problems(&mut sim, correct.findings(&[])).is_empty());
}

#[test]
fn every_finding_points_into_what_the_step_shares() {
    let mut sim = Sim::business_start("350100");
    let correct = Completion::of("registration", "correct");
    let pointers = ["/name", "/invoices/monthly", "/domicile/colour", "/registrar", "", "/investors/0/name"];
    assert_eq!(
        problems(&mut sim, correct.clone().findings(&pointers)),
        [
            "POINTER_NOT_SHARED /findings/1/pointer",
            "POINTER_NOT_SHARED /findings/2/pointer",
            "POINTER_FIXED /findings/3/pointer",
            "POINTER_MISSING /findings/4/pointer",
        ]
    );
    let whole = Finding::error("WRONG", Place::Whole, "整份表单有误。", "The whole form is wrong.");
    assert_eq!(problems(&mut sim, correct.list(vec![whole])), ["POINTER_MISSING /findings/0/pointer"]);
}

#[test]
fn a_correction_has_a_bound() {
    let mut sim = Sim::business_start("350100");
    let correct = Completion::of("registration", "correct");
    assert_eq!(problems(&mut sim, correct.clone().findings(&["/name"; 101])), ["TOO_MANY_FINDINGS -"]);
    sim.office("registration").tries(correct.findings(&["/name"; 100])).unwrap();
}

#[test]
fn a_place_that_is_not_filled_in_yet_can_be_asked_for() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/contact/email"]);
    assert_eq!(sim.case.corrections[0].pointers, ["/contact/email"]);
}

#[test]
fn corrections_are_numbered_by_step() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals"]);
    sim.office("invoices").asks_for(&["/invoices/monthly"]);
    sim.corrects("seal.1", "/seals/count", json!(3)).unwrap();
    sim.office("seal").asks_for(&["/seals/count"]);
    let ids: Vec<&str> = sim.case.corrections.iter().map(|correction| correction.id.as_str()).collect();
    assert_eq!(ids, ["seal.1", "invoices.1", "seal.2"]);
}

#[test]
fn other_branches_go_on() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals/count"]);
    assert_eq!(sim.open(), ["housing-fund", "invoices", "social-insurance"]);
    sim.office("invoices").approves();
    let form = world::with(sim.form(), "/seals/count", json!(3));
    sim.office("housing-fund").takes();
    sim.resubmits("seal.1", form).unwrap();
    // They keep the revision that they were offered.
    let revision = |sim: &Sim, step: &str| sim.case.steps[step].form;
    assert_eq!([revision(&sim, "seal"), revision(&sim, "housing-fund"), revision(&sim, "invoices")], [2, 1, 1]);
}
