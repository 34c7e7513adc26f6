//! The applicant answers a correction.

use kaiban_engine::{Command, Event, Rejection, StepState};
use serde_json::json;

use crate::sim::desk::APPROVER;
use crate::sim::{Completion, Sim, world};

fn asked(pointers: &[&str]) -> Sim {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").asks_for(pointers);
    sim
}

#[test]
fn an_answer_makes_a_revision_and_offers_the_step_again() {
    let mut sim = asked(&["/domicile", "/name"]);
    sim.clock_says("10:00");
    let events = sim.corrects("registration.1", "/domicile/address", json!("福州市鼓楼区东街口 2 号")).unwrap();
    let [Event::Resubmitted { changed, .. }, Event::StepOffered { offer: 2, .. }] = &events[..] else {
        panic!("{events:#?}")
    };
    assert_eq!(*changed, ["/domicile/address"]);
    assert_eq!(sim.case.forms.len(), 2);
    assert_eq!(sim.case.corrections[0].answered_at_us, Some(sim.now_us));
    assert_eq!(sim.state("registration"), StepState::Offered);
}

#[test]
fn doubts_are_those_of_the_new_form() {
    let mut sim = Sim::new(world::package("business-start"));
    sim.submits(world::doubtful_company("350100")).unwrap();
    sim.office("intake").approves();
    sim.office("registration").asks_for(&["/investors"]);
    assert_eq!(sim.case.doubt_count, 1);
    let events = sim.corrects("registration.1", "/investors/1/uscc", json!("91350100MA2XN0014K")).unwrap();
    assert!(matches!(&events[0], Event::Resubmitted { doubt_count: 0, doubts: None, .. }));
    assert_eq!((sim.case.doubt_count, sim.case.doubts.as_deref()), (0, None));
}

#[test]
fn only_what_was_opened_may_change() {
    let mut sim = asked(&["/domicile/address"]);
    let form = world::with(sim.form(), "/domicile/use", json!("owned"));
    let form = world::with(form, "/domicile/address", json!("福州市鼓楼区东街口 2 号"));
    let first = form["investors"][0].clone();
    let form = world::with(form, "/investors", json!([first]));
    let Err(Rejection::PointerNotOpen(findings)) = sim.resubmits("registration.1", form) else { panic!() };
    let places: Vec<String> = findings.iter().map(|finding| finding.place.to_string()).collect();
    assert_eq!(places, ["/domicile/use", "/investors"]);
}

#[test]
fn a_namesake_of_an_opened_place_stays_shut() {
    let mut sim = Sim::small(
        "steps:
  a:
    title: { zh: 甲, en: A }
    party: tax
    counts: true
    shares: [form]
    outcomes: { done: {}, correct: { asks: applicant } }
",
    );
    sim.office("a").asks_for(&["/people/1"]);
    let people: Vec<_> = (0..12).map(|n| json!({ "name": n.to_string() })).collect();
    let mut form = sim.form();
    form["people"] = json!(people);
    let refused = sim.resubmits("a.1", form.clone());
    assert!(matches!(refused, Err(Rejection::PointerNotOpen(ref places)) if places[0].place.to_string() == "/people"));

    let mut sim = Sim::new(std::sync::Arc::clone(&sim.def));
    sim.submits(form.clone()).unwrap();
    sim.office("a").asks_for(&["/people/1"]);
    let other = world::with(form.clone(), "/people/10/name", json!("x"));
    assert!(matches!(sim.resubmits("a.1", other), Err(Rejection::PointerNotOpen(_))));
    sim.resubmits("a.1", world::with(form, "/people/1/name", json!("x"))).unwrap();
}

#[test]
fn an_opened_place_may_be_filled_in_or_left_out() {
    let mut sim = asked(&["/contact/email"]);
    let mut form = sim.form();
    form["contact"].as_object_mut().unwrap().remove("email");
    sim.resubmits("registration.1", form).unwrap();
    sim.office("registration").asks_for(&["/contact/email"]);
    let mut form = sim.form();
    form["contact"]["email"] = json!("lin@example.com");
    let events = sim.resubmits("registration.2", form).unwrap();
    assert!(matches!(&events[0], Event::Resubmitted { changed, .. } if *changed == ["/contact/email"]));
}

#[test]
fn an_unchanged_form_is_no_answer() {
    let mut sim = asked(&["/capital_fen"]);
    let form = sim.form();
    assert_eq!(sim.resubmits("registration.1", form.clone()), Err(Rejection::NothingChanged));
    // A form that went through another encoding may say the same number as a fraction.
    let same = world::with(form, "/capital_fen", json!(100_000_000.0));
    assert_eq!(sim.resubmits("registration.1", same), Err(Rejection::NothingChanged));
}

#[test]
fn whole_numbers_differ_however_large_they_are() {
    let def = world::small(
        "steps:
  a:
    title: { zh: 甲, en: A }
    party: tax
    counts: true
    shares: [form.name, form.count]
    outcomes: { done: {}, correct: { asks: applicant } }
",
    );
    let large = 9_007_199_254_740_992_i64;
    let mut sim = Sim::new(def);
    sim.submits(world::with(world::small_form("350100"), "/count", json!(large))).unwrap();
    sim.office("a").asks_for(&["/name"]);
    let form = world::with(sim.form(), "/name", json!("别的名称"));
    let both = world::with(form, "/count", json!(large + 1));
    assert!(matches!(sim.resubmits("a.1", both), Err(Rejection::PointerNotOpen(_))));
}

#[test]
fn a_form_with_errors_is_no_answer() {
    let mut sim = asked(&["/name"]);
    assert!(matches!(sim.corrects("registration.1", "/name", json!("x")), Err(Rejection::FormInvalid(_))));
    assert_eq!(sim.state("registration"), StepState::Correction);
}

#[test]
fn an_answer_names_the_correction_that_waits_for_it() {
    let mut sim = asked(&["/name"]);
    let answer = |sim: &mut Sim, id: &str| sim.corrects(id, "/name", json!("福州榕溪茶叶有限公司"));
    for id in ["registration", "registration.2", "seal.1", ""] {
        assert_eq!(answer(&mut sim, id), Err(Rejection::NoOpenCorrection), "{id}");
    }
    answer(&mut sim, "registration.1").unwrap();
    assert_eq!(answer(&mut sim, "registration.1"), Err(Rejection::NoOpenCorrection));
}

#[test]
fn two_corrections_are_answered_one_by_one() {
    let mut sim = Sim::business_start("350100");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals/count"]);
    sim.office("invoices").asks_for(&["/invoices/monthly"]);
    sim.corrects("invoices.1", "/invoices/monthly", json!(50)).unwrap();
    assert_eq!((sim.state("invoices"), sim.state("seal")), (StepState::Offered, StepState::Correction));
    // The second answer starts from the form that the first one made.
    let both = world::with(world::company("350100"), "/seals/count", json!(3));
    assert!(matches!(sim.resubmits("seal.1", both), Err(Rejection::PointerNotOpen(_))));
    sim.corrects("seal.1", "/seals/count", json!(3)).unwrap();
    assert_eq!(sim.case.forms.len(), 3);
}

#[test]
fn a_closed_case_takes_no_answer() {
    let mut sim = asked(&["/name"]);
    sim.run(Command::Withdraw { reason: None }).unwrap();
    let form = world::with(world::company("350100"), "/name", json!("福州榕溪茶叶有限公司"));
    assert_eq!(sim.resubmits("registration.1", form), Err(Rejection::CaseClosed));
}

const SHARED: &str = "steps:
  social:
    title: { zh: 社保, en: Social insurance }
    party: tax
    counts: true
    shares: [form.count, form.name]
    outcomes: { done: {}, correct: { asks: applicant } }
  medical:
    title: { zh: 医保, en: Medical insurance }
    party: social-insurance
    counts: true
    shares: [form.count]
    outcomes: { done: {}, correct: { asks: applicant }, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: market-regulation
    counts: true
    shares: [form.name, { sees: form.count }]
    outcomes: { done: {} }
";

#[test]
fn nothing_ends_on_what_the_applicant_was_asked_to_change() {
    let mut sim = Sim::small(SHARED);
    sim.office("social").asks_for(&["/count"]);
    let epoch = sim.office("medical").takes().epoch();
    for outcome in ["done", "decline"] {
        let completion = Completion::of("medical", outcome).epoch(epoch).approver(APPROVER).reason("r");
        let tried = sim.office("medical").tries(completion);
        let Err(Rejection::PlaceUnderCorrection(places)) = tried else { panic!("{outcome}") };
        assert_eq!(places.iter().map(|f| f.place.to_string()).collect::<Vec<_>>(), ["/count"]);
        assert!(places[0].message.en.contains("social.1"), "{}", places[0].message.en);
    }
    sim.office("desk").approves();
    sim.corrects("social.1", "/count", json!(5)).unwrap();
    // The office was kept from ending: it gets its task again, with the new form, and the old one is nobody's any more.
    assert_eq!((sim.state("medical"), sim.case.steps["medical"].form), (StepState::Offered, 2));
    assert_eq!(sim.state("desk"), StepState::Completed, "it only saw the place");
    let late = Command::Complete {
        step: "medical".into(),
        epoch,
        outcome: "done".into(),
        result: None,
        findings: None,
        officer: Some("o-1".into()),
        approver: None,
        reason: None,
    };
    assert_eq!(sim.run(late), Err(Rejection::StaleEpoch { step: "medical".into() }));
    sim.office("medical").approves();
    sim.office("social").approves();
    assert_eq!(sim.case.outcome.as_deref(), Some("done"));
}
