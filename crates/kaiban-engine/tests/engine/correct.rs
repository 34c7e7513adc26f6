//! An office tells the applicant, once, everything that is missing.

use kaiban_engine::{Command, Event, Rejection, StepState};
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

/// A first correction of `registration`, answered with another address.
fn corrected_once() -> Sim {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").asks_for(&["/domicile"]);
    sim.corrects("registration.1", "/domicile/address", json!("福州市鼓楼区东街口 2 号")).unwrap();
    sim
}

fn asks_again(sim: &mut Sim, pointers: &[&str], reason: Option<&str>) -> Result<bool, Rejection> {
    let correct = Completion::of("registration", "correct").findings(pointers);
    let correct = reason.into_iter().fold(correct, Completion::reason);
    let events = sim.office("registration").tries(correct)?;
    let Event::CorrectionAsked { breach, .. } = &events[0] else { panic!("{events:#?}") };
    assert_eq!(sim.case.corrections.last().unwrap().breach, *breach);
    Ok(*breach)
}

#[test]
fn a_second_correction_asks_for_what_was_asked_for_before_or_has_changed() {
    for pointers in
        [&["/domicile/address"][..], &["/domicile/use"], &["/domicile"], &["/domicile", "/domicile/address"]]
    {
        assert_eq!(asks_again(&mut corrected_once(), pointers, None), Ok(false), "{pointers:?}");
    }
}

#[test]
fn a_second_correction_of_anything_else_needs_a_reason_and_is_a_breach() {
    let pointers = ["/domicile/address", "/name"];
    assert_eq!(asks_again(&mut corrected_once(), &pointers, None), Err(Rejection::ReasonRequired));
    assert_eq!(asks_again(&mut corrected_once(), &pointers, Some("digest")), Ok(true));
}

#[test]
fn what_a_breach_has_asked_for_may_be_asked_for_again() {
    let mut sim = corrected_once();
    assert_eq!(asks_again(&mut sim, &["/name"], Some("digest")), Ok(true));
    sim.corrects("registration.2", "/name", json!("福州榕溪茶叶有限公司")).unwrap();
    assert_eq!(asks_again(&mut sim, &["/name", "/domicile/use"], None), Ok(false));
}

#[test]
fn what_another_correction_changed_in_between_may_be_asked_for() {
    let package = "steps:
  a:
    title: { zh: 甲, en: A }
    party: tax
    counts: true
    shares: [form.name, form.count, form.paper]
    outcomes: { done: {}, correct: { asks: applicant } }
  b:
    title: { zh: 乙, en: B }
    party: delivery
    counts: true
    shares: [form.count]
    outcomes: { done: {}, correct: { asks: applicant } }
";
    let mut sim = Sim::small(package);
    sim.office("a").asks_for(&["/name"]);
    sim.office("b").asks_for(&["/count"]);
    sim.corrects("b.1", "/count", json!(2)).unwrap();
    sim.corrects("a.1", "/name", json!("榕江")).unwrap();
    let again = |pointer: &str| Completion::of("a", "correct").findings(&[pointer]);
    assert_eq!(sim.office("a").tries(again("/paper")), Err(Rejection::ReasonRequired));
    sim.office("a").tries(again("/count")).unwrap();
}

#[test]
fn what_another_office_decided_on_stays_closed_and_what_it_only_saw_opens() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    let correct = |pointers: &[&str]| Completion::of("seal", "correct").findings(pointers);
    let tried = sim.office("seal").tries(correct(&["/seals/count", "/name", "/legal_representative/name"]));
    let Err(Rejection::PointerInUse { findings: places, .. }) = tried else { panic!("{tried:?}") };
    let places: Vec<String> = places.iter().map(|finding| finding.place.to_string()).collect();
    assert_eq!(places, ["/findings/1/pointer", "/findings/2/pointer"]);
    sim.office("seal").tries(correct(&["/seals/count", "/contact/phone"])).unwrap();
}

#[test]
fn a_withdrawal_ends_what_corrections_had_begun() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").asks_for(&["/name"]);
    sim.clock_says("10:00");
    sim.run(Command::Withdraw { reason: None }).unwrap();
    let codes = |codes: &[kaiban_engine::CodeAt]| codes.iter().map(|at| at.code as u8).collect::<Vec<_>>();
    assert_eq!(codes(&sim.case.steps["registration"].codes), [8, 6, 7]);
    assert_eq!((codes(&sim.case.codes), sim.case.corrections[0].dropped_at_us), (vec![1, 3, 2], Some(sim.now_us)));
}

#[test]
fn the_cases_code_follows_from_its_steps() {
    let mut sim = Sim::business_start("350100");
    let code = |sim: &Sim| sim.case.code().map(|code| code as u8);
    assert_eq!(code(&sim), Some(3));
    sim.office("registration").takes();
    assert_eq!(code(&sim), Some(8));
    sim.office("registration").asks_for(&["/name"]);
    assert_eq!(code(&sim), Some(6));
    sim.corrects("registration.1", "/name", json!("福州榕溪茶叶有限公司")).unwrap();
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals/count"]);
    assert_eq!(code(&sim), Some(8), "the others go on");
    sim.run(crate::sim::cancel()).unwrap();
    assert_eq!(code(&sim), Some(2));
    let mut sim = Sim::business_start("350100");
    sim.office("registration").decides("refuse");
    assert_eq!(code(&sim), Some(13));
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
