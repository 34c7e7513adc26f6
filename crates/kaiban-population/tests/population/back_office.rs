use std::sync::Arc;

use kaiban_calendar::{Horizon, format_instant};
use kaiban_population::{BackOffice, Crowd, Habits, Task};

use super::stage::{START_US, workflows};

const MINUTE_US: i64 = 60_000_000;

fn office(clerks: u32) -> (BackOffice, Arc<Crowd>) {
    let workflows = workflows();
    let habits = Habits { correction_rate: 0.0, refusal_rate: 0.0, slow_rate: 0.0, ..Habits::default() };
    let crowd = Crowd::new(1, 100, START_US, &workflows.directory, &workflows.calendars, habits);
    let crowd = Arc::new(crowd.unwrap());
    let definition = Arc::clone(workflows.definition("business-start").unwrap());
    let calendar = Arc::clone(workflows.calendars.get("fuzhou-city").unwrap());
    (BackOffice::new(Arc::clone(&crowd), definition, calendar, &[], clerks), crowd)
}

fn task(crowd: &Crowd, case: u64, offered_at_us: i64) -> Task {
    Task {
        id: format!("c{case}/registration/1"),
        case,
        step: "registration".into(),
        round: 0,
        epoch: 1,
        offered_at_us,
        form: crowd.application(case).form,
        element: None,
    }
}

/// Plays an office from one due instant to the next.
fn play(office: &mut BackOffice) -> Vec<(String, String)> {
    let mut decided = Vec::new();
    while let Some(due_us) = office.next_due_us().unwrap() {
        let decisions = office.due(due_us).unwrap();
        assert!(!decisions.is_empty(), "nothing was due when it was said to be");
        decided.extend(decisions.into_iter().map(|decision| (decision.task, format_instant(decision.at_us))));
    }
    assert!(office.is_empty());
    decided
}

#[test]
fn the_order_of_receiving_changes_nothing() {
    let offers = |crowd: &Crowd| -> Vec<Task> {
        (0..40).map(|case| task(crowd, case, START_US + i64::try_from(case / 8).unwrap() * MINUTE_US)).collect()
    };
    let (mut first, crowd) = office(3);
    offers(&crowd).into_iter().for_each(|task| first.receive(task));
    let (mut second, crowd) = office(3);
    // Backwards within each instant, and asked in between.
    for instant in offers(&crowd).chunks(8) {
        assert!(second.due(instant[0].offered_at_us).unwrap().is_empty());
        for task in instant.iter().rev() {
            second.receive(task.clone());
            second.next_due_us().unwrap();
        }
    }
    assert_eq!(play(&mut first), play(&mut second));
}

#[test]
fn clerks_work_while_the_office_is_open() {
    let workflows = workflows();
    let calendar = workflows.calendars.get("fuzhou-city").unwrap();
    let (mut office, crowd) = office(2);
    (0..60).for_each(|case| office.receive(task(&crowd, case, START_US)));
    let decided = play(&mut office);
    assert_eq!(decided.len(), 60);
    for (task, at) in &decided {
        let at_us = kaiban_calendar::parse_instant(at).unwrap();
        // The very instant of closing is the end of the last piece of work.
        assert!(calendar.is_open(at_us - 1_000_000, Horizon::Published).unwrap(), "{task} at {at}");
    }
    assert!(decided.last().unwrap().1.as_str() > "2026-03-03", "two clerks need more than a day: {decided:?}");
}

#[test]
fn a_task_that_is_taken_back_is_forgotten() {
    let (mut office, crowd) = office(1);
    (0..3).for_each(|case| office.receive(task(&crowd, case, START_US)));
    assert!(office.due(START_US + MINUTE_US).unwrap().is_empty());
    office.forget("c0/registration/1");
    office.forget("c1/registration/1");
    office.forget("c9/registration/1");
    assert_eq!(office.len(), 1);
    let mut known = task(&crowd, 2, START_US);
    known.epoch = 5;
    office.receive(known);
    let due_us = office.next_due_us().unwrap().unwrap();
    let decisions = office.due(due_us).unwrap();
    assert_eq!((decisions[0].case, decisions[0].epoch, decisions[0].outcome.as_str()), (2, 5, "approve"));
    assert!(decisions[0].result.as_ref().unwrap()["uscc"].as_str().unwrap().len() == 18);
}
