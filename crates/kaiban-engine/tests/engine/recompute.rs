//! A calendar is published while cases run: their clocks read it for the whole case, the journal keeps both readings.

use std::sync::Arc;

use kaiban_calendar::{Calendars, Closure, parse_instant};
use kaiban_engine::{ClockState, Command, Event, Rejection, TimerKind};
use kaiban_findings::Text;

use crate::sim::{Sim, local, world};

const PACKAGE: &str = r#"promise: [{ from: 2020-01-01, within: 5 working hours }]
corrections: { remind_after: [3 working days] }
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    within: 2 working hours
    shares: [form.name]
    on_overdue: [{ after: 4 working hours, do: remind }]
    outcomes: { done: {}, correct: { asks: applicant } }
  desk:
    title: { zh: 窗口, en: Desk }
    party: delivery
    needs: [look]
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
"#;

fn shop() -> Sim {
    Sim::new(world::shop(PACKAGE)).at("2026-03-02 09:00")
}

/// The calendars with one afternoon on which the city's offices were closed.
fn typhoon(sim: &Sim, from: &str, to: &str) -> Arc<Calendars> {
    let at = |time: &str| parse_instant(&format!("{time}:00+08:00")).unwrap();
    let mut calendars = sim.calendars.as_ref().clone();
    let closure =
        Closure { from_us: at(from), to_us: at(to), reason: Text::new("台风", "Typhoon"), published_at_us: at(from) };
    let closed = calendars.find("fuzhou-city").unwrap().with_closure(closure);
    calendars.insert(closed);
    Arc::new(calendars)
}

fn publish(sim: &mut Sim, number: i64, calendars: Arc<Calendars>) -> Result<Vec<Event>, Rejection> {
    let before = std::mem::replace(&mut sim.calendars, calendars);
    sim.run(Command::Recompute { publication: number, source: "榕政办〔2026〕8号".into(), before })
}

#[test]
fn an_open_case_is_read_anew_from_its_beginning() {
    let mut sim = shop();
    sim.submits(world::shop_form(&[])).unwrap();
    sim.runs_until("15:00");
    let read = sim.clock();
    assert_eq!((read.elapsed_us / 60_000_000, read.due_us.map(local)), (210, Some("2026-03-02 16:30".into())));
    let published = typhoon(&sim, "2026-03-02T10:00", "2026-03-02T12:00");
    let events = publish(&mut sim, 1, published).unwrap();
    let read = sim.clock();
    assert_eq!((read.elapsed_us / 60_000_000, read.due_us.map(local)), (90, Some("2026-03-03 09:30".into())));
    let [Event::ClocksRecomputed { publication: 1, calendars, clocks, moved, .. }] = &events[..] else {
        panic!("{events:#?}")
    };
    assert_eq!(calendars.keys().collect::<Vec<_>>(), ["fuzhou-city"]);
    let elapsed: Vec<_> = clocks.iter().map(|clock| (clock.step.as_deref(), clock.elapsed_us)).collect();
    let minutes = |before: i64, after: i64| (before * 60_000_000, after * 60_000_000);
    assert_eq!(elapsed, [(None, minutes(210, 90)), (Some("look"), minutes(210, 90))]);
    let dates: Vec<_> = moved.iter().map(|date| (date.kind, local(date.from_us), local(date.to_us))).collect();
    assert_eq!(dates, [(TimerKind::Overdue, "2026-03-02 15:30".into(), "2026-03-02 17:30".into())]);
}

#[test]
fn marks_that_were_given_are_not_given_again() {
    let mut sim = shop();
    sim.submits(world::shop_form(&[])).unwrap();
    sim.runs_until("11:30");
    assert_eq!((sim.case.steps["look"].mark, sim.case.mark), (100, 50));
    let published = typhoon(&sim, "2026-03-02T09:30", "2026-03-02T12:00");
    publish(&mut sim, 1, published).unwrap();
    assert_eq!(sim.step_clock("look").breached_at_us, None, "it is in time after all");
    sim.runs_until("2026-03-03 12:00");
    let given = sim.entries().into_iter().flat_map(|entry| entry.events);
    let given = given.filter(|event| matches!(event, Event::MarkReached { .. })).count();
    assert_eq!(given, 6, "three for the step, three for the case, each once");
}

#[test]
fn what_has_stopped_keeps_its_report() {
    let mut sim = shop();
    sim.submits(world::shop_form(&[])).unwrap();
    sim.clock_says("10:30");
    sim.office("look").approves();
    let (case, step) = (sim.clock(), sim.step_clock("look"));
    let published = typhoon(&sim, "2026-03-02T09:00", "2026-03-02T12:00");
    assert_eq!(publish(&mut sim, 1, published), Err(Rejection::NothingChanged));
    assert_eq!((sim.clock().elapsed_us, sim.step_clock("look").elapsed_us), (case.elapsed_us, step.elapsed_us));
    assert_eq!(sim.clock().state, ClockState::Stopped);
}

#[test]
fn a_publication_is_applied_once() {
    let mut sim = shop();
    sim.submits(world::shop_form(&[])).unwrap();
    let published = typhoon(&sim, "2026-03-02T10:00", "2026-03-02T12:00");
    publish(&mut sim, 7, published.clone()).unwrap();
    assert_eq!(publish(&mut sim, 7, published.clone()), Err(Rejection::NothingChanged));
    assert_eq!(publish(&mut sim, 8, published), Err(Rejection::NothingChanged));
}

#[test]
fn reminders_of_a_correction_move_too() {
    let mut sim = shop();
    sim.submits(world::shop_form(&[])).unwrap();
    sim.clock_says("10:00");
    sim.office("look").asks_for(&["/name"]);
    assert_eq!(sim.next_due_us().map(local).as_deref(), Some("2026-03-05 17:30"));
    let published = typhoon(&sim, "2026-03-04T00:00", "2026-03-05T00:00");
    publish(&mut sim, 1, published).unwrap();
    assert_eq!(sim.next_due_us().map(local).as_deref(), Some("2026-03-06 17:30"));
}

fn mark(sim: &Sim) -> Option<String> {
    let deadlines = sim.case.deadlines(&sim.calendars).into_iter();
    deadlines.filter(|timer| timer.kind == TimerKind::Mark).map(|timer| local(timer.due_us)).next()
}

/// The notices as they were before that of 2026 came.
fn before_the_notice(sim: &Sim) -> Arc<Calendars> {
    let mut known = Calendars::default();
    for id in sim.calendars.ids() {
        let published_us = parse_instant("2025-10-01T00:00:00+08:00").unwrap();
        known.insert(sim.calendars.find(id).unwrap().as_published(published_us));
    }
    Arc::new(known)
}

#[test]
fn a_provisional_date_becomes_certain() {
    let mut sim = Sim::new(world::shop(PACKAGE)).at("2025-12-31 17:00");
    let shipped = Arc::clone(&sim.calendars);
    sim.calendars = before_the_notice(&sim);
    sim.submits(world::shop_form(&[])).unwrap();
    // Half past eight on the second of January, if that were a working day.
    assert_eq!(
        (sim.step_clock("look").due_us.map(local), sim.clock().provisional),
        (Some("2026-01-02 10:00".into()), true)
    );
    assert_eq!(mark(&sim), None, "no mark rests on a provisional calendar");
    publish(&mut sim, 1, shipped).unwrap();
    assert_eq!(
        (sim.step_clock("look").due_us.map(local), sim.clock().provisional),
        (Some("2026-01-04 10:00".into()), false)
    );
    assert_eq!(mark(&sim).as_deref(), Some("2026-01-04 09:00"));
}
