//! Ledgers and clocks against somebody who sits in the office with a tally sheet: every minute of a case is looked at
//! and counted by the rule itself, from nothing but the journal's events and the hours on the door.
//!
//! The rule: a case's promise clock runs in a minute exactly when the case is accepted, a counted step is open, not
//! paused and not waiting for an applicant who was told, and the registering division is open. A step's clock runs in a
//! minute exactly when the step was offered, has not ended or been taken back, is not paused, does not wait for an
//! applicant who was told, and its own office is open. Half and four fifths of a promise are reached with the last of so
//! many minutes; it is broken with the first instant after its last.
//!
//! On some day in the middle a notice may be hung up that an office was closed, or will be: sheets that were not handed
//! in are then counted anew, as if it had always hung there.

mod door;
mod facts;
mod moves;
mod tally;

use std::sync::Arc;

use kaiban_calendar::{Calendars, Closure};
use kaiban_engine::{Command, Entry, Event, Phase, Rejection};
use kaiban_findings::Text;
use proptest::prelude::*;
use serde_json::json;

use self::door::Closed;
use self::moves::{make_move, moves};
use self::tally::Tally;
use crate::sim::{MINUTE_US, Sim, local, world};

/// Parallel branches on three calendars, a counted step behind an uncounted one that it can take back, a wait, letters
/// that somebody has to be told of, an intake, few retries, and a guard that errs when the count is 2.
const PACKAGE: &str = r#"intake: { party: market-regulation, when: form.count > 0, deemed_within: 2 working days }
promise:
  - { from: 2020-01-01, when: case.registrar == "350100", within: 5 working hours }
  - { from: 2020-01-01, within: 1 working day }
letters:
  correction: { title: { zh: 补正告知书, en: Correction }, number: 榕补字 }
steps:
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    counts: true
    within: 2 working hours
    shares: [{ sees: form }]
    retries: 1
    outcomes: { approve: {}, correct: { asks: applicant, letter: correction }, refuse: { adverse: true, closes: refused, law: 条例 §20 } }
  seal:
    title: { zh: 印章, en: Seal }
    party: seal-carver
    needs: [licence]
    counts: true
    shares: [{ sees: form }]
    retries: 1
    outcomes: { done: {}, correct: { asks: applicant, letter: correction }, decline: { adverse: true, ends: branch, law: 办法 §3 } }
  invoices:
    title: { zh: 发票, en: Invoices }
    party: tax
    needs: [licence, { step: seal, when: form.paper }]
    counts: true
    within: 1 working day
    shares: [{ sees: form }]
    retries: 0
    outcomes: { done: {}, correct: { asks: applicant } }
  visit:
    title: { zh: 走访, en: Visit }
    party: social-insurance
    needs: [licence]
    counts: false
    shares: [{ sees: form }]
    retries: 1
    outcomes: { done: {}, correct: { asks: applicant } }
  fund:
    title: { zh: 公积金, en: Fund }
    party: housing-fund
    needs: [visit]
    when: form.count < 3 && form.count * 5000000000000000000 >= 0
    counts: true
    shares: [{ sees: form }]
    retries: 1
    outcomes: { done: {}, correct: { asks: applicant }, redo: { reopens: [visit], at_most: 2, title: { zh: 退回, en: Redo } } }
  cool:
    title: { zh: 公示, en: Cooling off }
    needs: [licence]
    wait: 2 working days
  desk:
    title: { zh: 出件, en: Desk }
    party: delivery
    needs: [seal, invoices, fund, cool]
    counts: false
    shares: [{ sees: form }]
    outcomes: { done: {}, correct: { asks: applicant } }
"#;

/// One random case: when it begins, where, what its form says, for each move how long it takes and which it is, whether
/// deadlines are looked at in time or only at the moves, and what becomes known in the middle.
#[derive(Clone, Debug)]
struct Plan {
    begins: (&'static str, i64),
    registrar: &'static str,
    paper: bool,
    count: i64,
    moves: Vec<(i64, usize)>,
    punctual: bool,
    notice: Option<Notice>,
}

/// Closures that are published before a move: minutes from the case's beginning, and length.
#[derive(Clone, Debug)]
struct Notice {
    before_move: usize,
    closed: Vec<(&'static str, i64, i64)>,
}

fn plan() -> impl Strategy<Value = Plan> {
    // Around the turns of the seasons, National Day, Spring Festival with its worked days, and an ordinary week.
    const DAYS: [&str; 8] = [
        "2020-05-28",
        "2020-09-28",
        "2020-01-22",
        "2021-02-05",
        "2026-02-12",
        "2026-05-29",
        "2025-09-26",
        "2026-03-02",
    ];
    // The longest reaches over all of a National Day.
    let gap =
        prop_oneof![4 => 0..30_i64, 4 => 0..240_i64, 2 => 0..2_000_i64, 1 => 0..6_000_i64, 1 => 6_000..15_000_i64];
    (
        (prop::sample::select(&DAYS[..]), 0..1440_i64),
        prop::sample::select(&["350100", "350102", "350181"][..]),
        any::<bool>(),
        0..4_i64,
        prop::collection::vec((gap, 0..1_000_usize), 1..60),
        any::<bool>(),
        prop::option::of(notice()),
    )
        .prop_map(|(begins, registrar, paper, count, moves, punctual, notice)| Plan {
            begins,
            registrar,
            paper,
            count,
            moves,
            punctual,
            notice,
        })
}

fn notice() -> impl Strategy<Value = Notice> {
    let calendar = prop::sample::select(&["fuzhou-city", "fujian-province", "hall"][..]);
    // From an hour to two days, some of it long past when it is published, some of it still to come.
    let closure = (calendar, -600..14_400_i64, 60..2_880_i64);
    (0..30_usize, prop::collection::vec(closure, 1..4)).prop_map(|(before_move, closed)| Notice { before_move, closed })
}

/// The calendars with these closures.
fn with_closures(sim: &Sim, closed: &[Closed]) -> Arc<Calendars> {
    let mut calendars = sim.calendars.as_ref().clone();
    for Closed { calendar, from, to } in closed {
        let (from_us, to_us) = (from * MINUTE_US, to * MINUTE_US);
        let reason = Text::new("台风停止办公", "Closed because of a typhoon");
        let closure = Closure { from_us, to_us, reason, published_at_us: sim.now_us };
        let with = calendars.find(calendar).unwrap().with_closure(closure);
        calendars.insert(with);
    }
    Arc::new(calendars)
}

/// A case on its way.
struct Game {
    sim: Sim,
    tally: Tally,
    closed: Vec<Closed>,
}

impl Game {
    fn begins(plan: &Plan, package: &str, known: bool) -> Self {
        let mut sim = Sim::new(world::small(package));
        sim.tells = true;
        sim.now_us = kaiban_calendar::parse_instant(&format!("{}T00:00:00+08:00", plan.begins.0)).unwrap();
        sim.operating_us = sim.now_us;
        sim.time_passes(plan.begins.1 * MINUTE_US);
        let begun = sim.now_us / MINUTE_US;
        let notice = |(calendar, from, length): &(&str, i64, i64)| {
            let calendar = (*calendar).to_owned();
            Closed { calendar, from: begun + from, to: begun + from + length }
        };
        let closed = plan.notice.iter().flat_map(|plan| &plan.closed).map(notice).collect();
        let tally = Tally::new(&sim);
        let mut game = Self { sim, tally, closed };
        if known {
            game.sim.calendars = with_closures(&game.sim, &game.closed);
            game.tally.closes(&game.closed);
        }
        let mut form = world::small_form(plan.registrar);
        form["paper"] = json!(plan.paper);
        form["count"] = json!(plan.count);
        let events = game.sim.submits(form).unwrap();
        game.tally.hear(&game.sim, &events);
        game
    }

    /// Time goes on; deadlines come at their time, or when somebody looks at last.
    fn waits(&mut self, minutes: i64, punctual: bool) {
        let until_us = self.sim.now_us + minutes * MINUTE_US;
        while let Some(due_us) = self.sim.next_due_us().filter(|due_us| punctual && *due_us <= until_us) {
            let ahead_us = (due_us - self.sim.now_us).max(0);
            self.sim.time_passes(ahead_us);
            self.looks();
        }
        let left_us = until_us - self.sim.now_us;
        self.sim.time_passes(left_us);
        self.looks();
    }

    fn looks(&mut self) {
        self.tally.hear(&self.sim, &[]);
        let before = self.sim.journal.len();
        self.sim.timers_fire();
        let fired: Vec<Event> = self.sim.journal[before..]
            .iter()
            .flat_map(|(bytes, _)| serde_json::from_str::<Entry>(bytes).unwrap().events)
            .collect();
        self.tally.hear(&self.sim, &fired);
        self.tally.all_was_given(&self.sim);
    }

    fn publishes(&mut self) {
        let published = with_closures(&self.sim, &self.closed);
        let before = std::mem::replace(&mut self.sim.calendars, published);
        self.tally.closes(&self.closed);
        let source = "榕防汛〔2026〕3号".into();
        let events = match self.sim.run(Command::Recompute { publication: 1, source, before }) {
            Err(Rejection::NothingChanged) => Vec::new(),
            done => done.unwrap(),
        };
        self.tally.hear(&self.sim, &events);
    }

    /// The one who is next does something, if anybody can.
    fn moves(&mut self, pick: usize, minutes: i64) {
        let moves = moves(&self.sim);
        let Some((what, step)) = moves.get(pick % moves.len().max(1)) else { return };
        let events = make_move(&mut self.sim, what, step, minutes);
        self.tally.hear(&self.sim, &events);
    }
}

/// Plays a case to the end of its plan. Where the closures are known from the beginning, nothing is published later.
fn play(plan: &Plan, package: &str, known: bool) -> (Sim, Option<i64>) {
    let mut game = Game::begins(plan, package, known);
    let mut published_at_us = None;
    for (number, (gap, pick)) in plan.moves.iter().enumerate() {
        game.waits(*gap, plan.punctual);
        if plan.notice.as_ref().is_some_and(|notice| notice.before_move == number) {
            published_at_us = Some(game.sim.now_us);
            if !known {
                game.publishes();
            }
        }
        if game.sim.case.phase == Phase::Closed {
            break;
        }
        game.moves(*pick, *gap);
    }
    game.waits(3 * 1440, plan.punctual);
    game.tally.balls_were_right(&game.sim);
    (game.sim, published_at_us)
}

/// The package without what waits for a date that a calendar gives: then people do the same things at the same times
/// whatever the calendars say, and only the clocks can differ.
fn without_dates() -> String {
    let wait = PACKAGE.find("  cool:\n").unwrap()..PACKAGE.find("  desk:\n").unwrap();
    let mut package = PACKAGE.to_owned();
    package.replace_range(wait, "");
    package.replace("form.count > 0", "form.count > 9").replace("fund, cool]", "fund]")
}

/// Ledgers are the same to the microsecond, and so is every clock that had not stopped when the notice came.
fn are_alike(later: &Sim, known: &Sim, published_at_us: Option<i64>) {
    assert_eq!(later.case.ledger, known.case.ledger);
    let stopped_before = |at_us: Option<i64>| at_us.is_some_and(|at_us| Some(at_us) < published_at_us);
    let clock = |clock: kaiban_engine::PromiseClock| {
        (clock.state, clock.budget_us, clock.elapsed_us, clock.due_us.map(local), clock.breached_at_us.map(local))
    };
    let stopped_at_us = later.entries().into_iter().rev().find_map(|entry| {
        let stops = entry.events.iter().any(|event| matches!(event, Event::PromiseStopped { .. }));
        (stops && later.case.used.is_some()).then_some(entry.at_us)
    });
    if !stopped_before(stopped_at_us) {
        assert_eq!(clock(later.clock()), clock(known.clock()));
    }
    for (step, run) in &later.case.steps {
        assert_eq!(run.ledger, known.case.steps[step].ledger, "{step}");
        if run.offers > 0 && !stopped_before(run.ended_at_us) {
            assert_eq!(clock(later.step_clock(step)), clock(known.step_clock(step)), "{step}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn every_clock_is_the_count_of_its_minutes(plan in plan()) {
        play(&plan, PACKAGE, false);
    }

    #[test]
    fn a_closure_published_later_counts_as_if_it_had_been_known(plan in plan()) {
        let package = without_dates();
        let (later, published_at_us) = play(&plan, &package, false);
        let (known, _) = play(&plan, &package, true);
        if plan.notice.is_none() || published_at_us.is_some() {
            are_alike(&later, &known, published_at_us);
        }
    }
}
