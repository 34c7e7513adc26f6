//! Promise clocks, worked out by hand. The city bureau and its four districts work 8:30-12:00 and 14:30-17:30, in
//! summer (1 June to 30 September) 8:30-12:00 and 15:00-18:00; a hall works 9:00-12:00 and 13:30-17:00.

use std::sync::Arc;

use kaiban_calendar::{Calendars, Closure, parse_instant};
use kaiban_findings::Text;
use serde_json::json;

use crate::sim::{Sim, hours, local, world};

/// The case of a company at the city bureau (5 working hours), accepted at that time.
fn accepted(time: &str) -> Sim {
    let mut sim = Sim::new(world::package("business-start")).at(time);
    sim.submits(world::company("350100")).unwrap();
    sim
}

/// Registration asks for a correction at one time, the applicant answers at another.
fn pause(sim: &mut Sim, asked: &str, answered: &str) {
    sim.clock_says(asked);
    sim.office("registration").asks_for(&["/domicile/address"]);
    sim.clock_says(answered);
    let number = sim.case.corrections.len();
    let address = json!(format!("福州市鼓楼区东街口 {number} 号 302 室 B"));
    sim.corrects(&format!("registration.{number}"), "/domicile/address", address).unwrap();
}

fn used(sim: &Sim) -> String {
    hours(sim.clock().elapsed_us)
}

fn left(sim: &Sim) -> String {
    hours(sim.clock().remaining_us().unwrap())
}

fn due(sim: &Sim) -> String {
    local(sim.clock().due_us.unwrap())
}

#[test]
fn a_correction_keeps_what_is_left() {
    let mut sim = accepted("2020-11-18 09:00");
    assert_eq!(due(&sim), "2020-11-18 16:30");
    sim.clock_says("10:30");
    sim.office("registration").asks_for(&["/domicile/address"]);
    sim.clock_says("2020-11-19 16:00");
    let clock = sim.clock();
    assert_eq!((clock.state.name(), clock.due_us, used(&sim)), ("paused", None, "1:30".into()));
    sim.clock_says("2020-11-20 15:00");
    sim.corrects("registration.1", "/domicile/address", json!("福州市鼓楼区东街口 2 号")).unwrap();
    assert_eq!((used(&sim), left(&sim), due(&sim)), ("1:30".into(), "3:30".into(), "2020-11-23 09:30".into()));
}

#[test]
fn five_working_hours_end_where_the_vectors_say() {
    for (from, to) in [
        ("2020-11-18 09:00", "2020-11-18 16:30"),
        ("2020-11-18 11:30", "2020-11-19 10:00"),
        ("2020-11-18 13:00", "2020-11-19 10:30"),
        ("2020-11-18 17:00", "2020-11-19 15:30"),
        ("2020-11-20 16:00", "2020-11-23 12:00"),
        ("2020-05-29 16:00", "2020-06-01 12:00"),
        ("2020-09-30 16:00", "2020-10-09 11:30"),
        ("2020-01-23 16:00", "2020-02-03 12:00"),
        ("2021-02-06 10:00", "2021-02-07 16:00"),
        ("2026-02-13 16:00", "2026-02-14 12:00"),
    ] {
        assert_eq!(due(&accepted(from)), to, "from {from}");
    }
}

#[test]
fn a_pause_over_the_first_of_june_ends_in_summer_hours() {
    // 9:00-11:00 used on Friday; answered at 14:45 on Monday, when summer's afternoon has not begun: 15:00-18:00.
    let mut sim = accepted("2020-05-29 09:00");
    pause(&mut sim, "2020-05-29 11:00", "2020-06-01 14:45");
    assert_eq!((used(&sim), due(&sim)), ("2:00".into(), "2020-06-01 18:00".into()));
    sim.clock_says("14:59");
    assert_eq!(used(&sim), "2:00");
    sim.clock_says("15:30");
    assert_eq!(used(&sim), "2:30");
}

#[test]
fn a_pause_over_national_day_and_the_end_of_summer() {
    // 16:00-17:00 used on 30 September (summer, open until 18:00). Answered over lunch on 9 October, the first working
    // day: winter's afternoon is 14:30-17:30. The last hour falls on Saturday the 10th, which was worked.
    let mut sim = accepted("2020-09-30 16:00");
    pause(&mut sim, "2020-09-30 17:00", "2020-10-09 14:00");
    assert_eq!((used(&sim), left(&sim), due(&sim)), ("1:00".into(), "4:00".into(), "2020-10-10 09:30".into()));

    // Answered in the middle of the holidays: nothing runs before the 9th.
    let mut sim = accepted("2020-09-30 09:00");
    pause(&mut sim, "2020-09-30 11:00", "2020-10-07 12:00");
    assert_eq!((used(&sim), due(&sim)), ("2:00".into(), "2020-10-09 11:30".into()));
    sim.clock_says("2020-10-09 08:29");
    assert_eq!(used(&sim), "2:00");
}

#[test]
fn pauses_add_up() {
    let mut sim = accepted("2026-03-02 09:00");
    pause(&mut sim, "2026-03-02 09:20", "2026-03-03 16:00");
    pause(&mut sim, "2026-03-03 17:00", "2026-03-06 20:00");
    // 0:20 + 1:00; Friday evening, so Monday 8:30-12:00 and ten minutes of the afternoon.
    assert_eq!((used(&sim), due(&sim)), ("1:20".into(), "2026-03-09 14:40".into()));
}

#[test]
fn a_branch_that_waits_does_not_stop_the_others() {
    let mut sim = accepted("2026-03-02 09:00");
    sim.office("registration").approves();
    for step in ["invoices", "social-insurance", "housing-fund"] {
        sim.office(step).approves();
    }
    sim.office("seal").asks_for(&["/seals/count"]);
    assert_eq!(sim.clock().state.name(), "paused");
    sim.corrects("seal.1", "/seals/count", json!(3)).unwrap();

    let mut sim = accepted("2026-03-02 09:00");
    sim.office("registration").approves();
    sim.office("seal").asks_for(&["/seals/count"]);
    sim.clock_says("10:00");
    assert_eq!((used(&sim), sim.clock().state.name()), ("1:00".into(), "running"));
    assert_eq!(hours(sim.step_clock("seal").elapsed_us), "0:00");
    assert_eq!(hours(sim.step_clock("invoices").elapsed_us), "1:00");
}

#[test]
fn a_step_runs_on_its_own_offices_hours() {
    let mut sim = accepted("2026-03-02 11:00");
    sim.office("registration").approves();
    sim.clock_says("14:00");
    // The seal carver is in the hall, which is back at 13:30; the tax office comes back at 14:30.
    assert_eq!(hours(sim.step_clock("seal").elapsed_us), "1:30");
    assert_eq!(hours(sim.step_clock("invoices").elapsed_us), "1:00");
    assert_eq!(used(&sim), "1:00");
}

#[test]
fn a_steps_own_promise_is_measured_and_breached_on_its_own() {
    let mut sim = accepted("2026-03-02 10:30");
    assert_eq!(local(sim.step_clock("registration").due_us.unwrap()), "2026-03-02 15:00");
    sim.clock_says("15:01");
    let clock = sim.step_clock("registration");
    assert_eq!((clock.within(), local(clock.breached_at_us.unwrap())), (false, "2026-03-02 15:00".into()));
    assert!(sim.clock().within());
}

#[test]
fn a_budget_used_up_at_closing_time_was_due_then() {
    let mut sim = accepted("2026-03-02 10:00");
    assert_eq!(due(&sim), "2026-03-02 17:30");
    for time in ["2026-03-02 17:30", "2026-03-02 20:00", "2026-03-03 08:30"] {
        sim.clock_says(time);
        let clock = sim.clock();
        assert_eq!((used(&sim), clock.within(), due(&sim)), ("5:00".into(), true, "2026-03-02 17:30".into()), "{time}");
        assert_eq!(clock.breached_at_us, None);
    }
    sim.clock_says("2026-03-03 08:31");
    let clock = sim.clock();
    assert_eq!((clock.within(), due(&sim)), (false, "2026-03-02 17:30".into()));
    assert_eq!(clock.breached_at_us, clock.due_us);
}

#[test]
fn what_was_breached_stays_due_when_it_was() {
    let mut sim = accepted("2026-03-02 09:00");
    sim.clock_says("2026-03-05 10:00");
    assert_eq!((due(&sim), left(&sim)), ("2026-03-02 16:30".into(), "-15:30".into()));
    sim.office("registration").asks_for(&["/name"]);
    assert_eq!(sim.clock().breached_at_us.map(local).as_deref(), Some("2026-03-02 16:30"));
    assert_eq!(sim.clock().due_us, None, "while it is paused nothing falls due");
}

#[test]
fn the_clock_stops_for_good_with_the_last_counted_step() {
    let mut sim = accepted("2026-03-02 09:00");
    for (time, step) in [
        ("10:00", "registration"),
        ("10:30", "invoices"),
        ("11:00", "seal"),
        ("11:15", "housing-fund"),
        ("15:00", "social-insurance"),
    ] {
        sim.clock_says(time);
        sim.office(step).approves();
    }
    assert_eq!((sim.clock().state.name(), used(&sim)), ("stopped", "3:30".into()));
    sim.clock_says("2026-03-06 10:00");
    sim.office("delivery").approves();
    assert_eq!((used(&sim), sim.clock().due_us), ("3:30".into(), None));
}

#[test]
fn past_the_last_notice_a_due_time_is_provisional_and_breaches_nothing() {
    let mut sim = accepted("2026-12-31 16:00");
    let clock = sim.clock();
    assert!(clock.provisional && clock.due_us.is_some(), "{clock:?}");
    sim.clock_says("2027-01-11 10:00");
    let clock = sim.clock();
    assert!(clock.provisional && !clock.within(), "{clock:?}");
    assert_eq!(clock.breached_at_us, None);
}

#[test]
fn a_published_closure_applies_to_the_past_of_an_open_case_and_not_to_what_was_reported() {
    let mut sim = accepted("2026-03-02 09:00");
    sim.clock_says("11:00");
    sim.office("registration").approves();
    sim.clock_says("15:30");
    assert_eq!(used(&sim), "4:00");
    // A typhoon closed the offices from 10:00 to 15:00; it is published afterwards.
    let instant = |time: &str| parse_instant(&format!("2026-03-02T{time}:00+08:00")).unwrap();
    let closure = Closure {
        from_us: instant("10:00"),
        to_us: instant("15:00"),
        reason: Text::new("台风停工", "Typhoon"),
        published_at_us: instant("15:20"),
    };
    let mut calendars = Calendars::clone(&sim.calendars);
    calendars.insert(calendars.find("fuzhou-city").unwrap().with_closure(closure));
    let reported = sim.step_clock("registration").elapsed_us;
    sim.calendars = Arc::new(calendars);
    assert_eq!(used(&sim), "1:30");
    assert_eq!((sim.step_clock("registration").elapsed_us, hours(reported)), (reported, "2:00".into()));
    assert_eq!(hours(sim.step_clock("invoices").elapsed_us), "0:30");
}

#[test]
fn a_case_of_no_time_at_all_reports_no_time() {
    let mut sim = accepted("2026-03-02 09:00");
    for step in ["registration", "invoices", "seal", "housing-fund", "social-insurance", "delivery"] {
        sim.office(step).approves();
    }
    assert_eq!(sim.case.used.as_ref().map(|used| used.working_us), Some(0));
    assert_eq!((sim.clock().state.name(), used(&sim)), ("stopped", "0:00".into()));
    assert_eq!(sim.case.ledger.0, []);
}
