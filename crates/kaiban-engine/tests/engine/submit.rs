//! A form comes in.

use kaiban_engine::{Event, Phase, Rejection, StepState};
use serde_json::json;

use crate::sim::{OUTLET, Sim, hours, world};

#[test]
fn a_sound_form_is_received_accepted_and_offered_at_once() {
    let mut sim = Sim::new(world::package("business-start")).at("2026-03-02 09:10");
    let events = sim.submits(world::company("350100")).unwrap();
    let [Event::Received { outlet, organisation, doubts: None, doubt_count: 0, .. }, accepted, offered] = &events[..]
    else {
        panic!("{events:#?}")
    };
    assert_eq!((outlet.as_deref(), organisation.as_str()), (Some(OUTLET.0), OUTLET.1));
    assert_eq!(*accepted, Event::Accepted { from_us: sim.now_us, budget_us: Some(5 * 3_600_000_000) });
    assert!(matches!(offered, Event::StepOffered { office, offer: 1, .. } if office == "market-regulation-350100"));
    assert_eq!((sim.case.phase, sim.state("registration")), (Phase::Open, StepState::Offered));
    assert_eq!(sim.state("seal"), StepState::Pending);
}

#[test]
fn the_registrar_decides_what_is_promised_and_who_works() {
    // A working day is six and a half hours in the city's districts and seven elsewhere.
    for (registrar, promised, office) in [
        ("350100", "5:00", "market-regulation-350100"),
        ("350102", "6:30", "market-regulation-350102"),
        ("350181", "7:00", "market-regulation-350181"),
    ] {
        let sim = Sim::business_start(registrar);
        assert_eq!(hours(sim.case.budget_us.unwrap()), promised, "{registrar}");
        assert_eq!(sim.case.steps["registration"].office, office);
    }
}

#[test]
fn everything_wrong_with_a_form_is_told_at_once() {
    let mut sim = Sim::new(world::package("business-start"));
    let form = world::with(world::company("350100"), "/seals/count", json!(0));
    let form = world::with(form, "/contact/phone", json!("110"));
    let Err(Rejection::FormInvalid(findings)) = sim.submits(form) else { panic!() };
    let places: Vec<String> = findings.iter().map(|finding| finding.place.to_string()).collect();
    assert_eq!(places, ["/contact/phone", "/seals/count"]);
}

#[test]
fn a_division_without_a_registrar_is_refused() {
    // 350101 is a placeholder of some data sets; it can be read as a division, but nobody registers there.
    let mut sim = Sim::new(world::package("business-start"));
    assert_eq!(sim.submits(world::company("350101")), Err(Rejection::UnknownDivision));
    assert_eq!(sim.submits(world::company("350203")), Err(Rejection::UnknownDivision));
}

#[test]
fn a_doubt_never_blocks() {
    let mut sim = Sim::new(world::package("business-start"));
    let events = sim.submits(world::doubtful_company("350102")).unwrap();
    assert!(matches!(&events[0], Event::Received { doubts: Some(_), doubt_count: 1, .. }), "{events:#?}");
    assert_eq!(sim.case.phase, Phase::Intake);
}

#[test]
fn a_case_is_handed_in_once() {
    let mut sim = Sim::business_start("350100");
    assert_eq!(sim.submits(world::company("350100")), Err(Rejection::WrongPhase));
    let mut sim = Sim::business_start("350100");
    sim.office("registration").decides("refuse");
    assert_eq!(sim.submits(world::company("350100")), Err(Rejection::WrongPhase));
}
