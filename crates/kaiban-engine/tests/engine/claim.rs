//! Somebody of an office takes a task in hand.

use kaiban_engine::{Command, Event, Rejection, StepState};

use crate::sim::Sim;

fn claim(step: &str, holder: &str) -> Command {
    Command::Claim { step: step.into(), holder: holder.into() }
}

#[test]
fn the_first_hand_over_says_what_was_shared() {
    let mut sim = Sim::business_start("350102");
    sim.office("registration").approves();
    let events = sim.run(claim("housing-fund", "fund-1")).unwrap();
    let expected = Event::TaskHandedOver {
        step: "housing-fund".into(),
        holder: "fund-1".into(),
        fields: ["/results/registration/uscc", "/form/name", "/form/housing_fund", "/form/contact"]
            .map(String::from)
            .into(),
    };
    assert_eq!(events, [expected]);
    assert_eq!(sim.state("housing-fund"), StepState::Claimed);
}

#[test]
fn what_the_form_does_not_have_is_not_shared() {
    let mut sim = Sim::business_start("350102");
    let Event::TaskHandedOver { fields, .. } = &sim.run(claim("registration", "r")).unwrap()[0] else { panic!() };
    assert!(fields.contains(&"/form/capital_fen".to_owned()));
    assert!(fields.iter().all(|field| !field.starts_with("/form/invoices") && !field.starts_with("/form/housing")));
}

#[test]
fn a_second_hand_over_of_an_offer_is_no_event() {
    let mut sim = Sim::business_start("350102");
    sim.office("registration").is_taken_by("window-1");
    assert_eq!(sim.run(claim("registration", "window-1")), Ok(vec![]));
    assert_eq!(sim.run(claim("registration", "window-2")), Ok(vec![]));
    assert_eq!(sim.lease("registration").unwrap().epoch, 2, "only another holder raises the epoch");
}

#[test]
fn a_new_offer_is_handed_over_anew_with_the_new_form() {
    let mut sim = Sim::business_start("350102");
    sim.office("registration").asks_for(&["/domicile/address"]);
    sim.corrects("registration.1", "/domicile/address", "福州市鼓楼区东街口 2 号".into()).unwrap();
    let events = sim.run(claim("registration", "window-1")).unwrap();
    assert!(matches!(&events[..], [Event::TaskHandedOver { .. }]));
    let run = &sim.case.steps["registration"];
    assert_eq!((run.offers, run.form, sim.case.form_of(run)), (2, 2, sim.case.form()));
}

#[test]
fn a_task_in_no_queue_cannot_be_taken() {
    let mut sim = Sim::business_start("350102");
    let refused = |sim: &mut Sim, step: &str| {
        assert_eq!(sim.run(claim(step, "x")), Err(Rejection::NotClaimable { step: step.into() }))
    };
    refused(&mut sim, "seal");
    sim.office("registration").defers_until("2026-03-02 15:00");
    refused(&mut sim, "registration");
    sim.clock_says("15:00").timers_fire();
    sim.office("registration").fails();
    refused(&mut sim, "registration");
    sim.clock_says("15:01").timers_fire();
    sim.office("registration").asks_for(&["/name"]);
    refused(&mut sim, "registration");
    sim.run(Command::Withdraw { reason: None }).unwrap();
    refused(&mut sim, "registration");
}

#[test]
fn a_step_that_the_package_does_not_have_is_named() {
    let mut sim = Sim::business_start("350102");
    assert_eq!(sim.run(claim("bank", "x")), Err(Rejection::UnknownStep("bank".into())));
    let mut six = Sim::new(crate::sim::world::package("six-step"));
    six.submits(crate::sim::world::company("350102")).unwrap();
    assert_eq!(six.run(claim("intake", "x")), Err(Rejection::UnknownStep("intake".into())));
}
