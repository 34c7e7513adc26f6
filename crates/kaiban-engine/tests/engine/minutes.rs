//! Ledgers and clocks against somebody who sits in the office with a tally sheet: every minute of a case is looked at
//! and counted by the rule itself, from nothing but the journal's events and the hours on the door.
//!
//! The rule: a case's promise clock runs in a minute exactly when the case is accepted, a counted step is open, not
//! paused and not waiting for an applicant who was told, and the registering division is open. A step's clock runs in a
//! minute exactly when the step was offered, has not ended or been taken back, is not paused, does not wait for an
//! applicant who was told, and its own office is open.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use kaiban_calendar::Horizon;
use kaiban_definition::{Effect, INTAKE};
use kaiban_engine::{Ball, ClockState, Command, Event, Interval, Ledger, PauseReason, Phase, PromiseClock, StepState};
use proptest::prelude::*;
use serde_json::json;

use crate::sim::desk::{APPROVER, OFFICER};
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

/// Who has an open step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum With {
    Office,
    System,
    Applicant,
    /// Nobody: it is paused.
    Nobody,
}

impl With {
    fn runs(self) -> bool {
        matches!(self, With::Office | With::System)
    }
}

/// An open step as the tally keeper knows it.
#[derive(Clone, Debug)]
struct OpenStep {
    counted: bool,
    office: String,
    calendar: String,
    with: With,
}

/// What holds from one command to the next.
#[derive(Clone, Debug, Default)]
struct Facts {
    accepted: bool,
    steps: BTreeMap<String, OpenStep>,
}

impl Facts {
    fn hear(&mut self, event: &Event, sim: &Sim) {
        let with = |facts: &mut Self, step: &str, with| facts.steps.get_mut(step).unwrap().with = with;
        match event {
            Event::Accepted { .. } => self.accepted = true,
            Event::StepOffered { step, office, calendar, .. } => {
                let (office, calendar, with) = (office.clone(), calendar.clone(), With::Office);
                let counted = sim.def.step(step).unwrap().counts;
                self.steps.insert(step.clone(), OpenStep { counted, office, calendar, with });
            }
            Event::CorrectionAsked { step, untold: true, .. } => with(self, step, With::System),
            Event::CorrectionAsked { step, .. } => with(self, step, With::Applicant),
            Event::ApplicantTold { correction: Some(told), .. } => {
                let asked = sim.case.corrections.iter().find(|asked| asked.id == *told).unwrap();
                with(self, &asked.step.clone(), With::Applicant);
            }
            Event::StepPaused { step, .. } => with(self, step, With::Nobody),
            Event::StepReopened { step, .. } => drop(self.steps.remove(step)),
            // A step whose guard errs was with nobody before; it has no office, and no clock of its own.
            Event::IncidentOpened { step, .. } if !self.steps.contains_key(step) => {
                let (office, calendar, with) = (String::new(), String::new(), With::System);
                let counted = sim.def.step(step).unwrap().counts;
                self.steps.insert(step.clone(), OpenStep { counted, office, calendar, with });
            }
            Event::IncidentOpened { step, .. } => with(self, step, With::System),
            Event::StepCompleted { step, .. } | Event::StepEnded { step, .. } => drop(self.steps.remove(step)),
            Event::Closed { .. } => self.steps.clear(),
            _ => {}
        }
    }

    fn counts(&self) -> bool {
        self.accepted && self.steps.values().any(|step| step.counted && step.with.runs())
    }

    /// Agency before system before applicant before nobody, and the offices that hold a counted step.
    fn ball(&self) -> (Ball, Vec<&str>) {
        let counted = |with| self.steps.values().filter(move |step| step.counted && step.with == with);
        if !self.accepted {
            return (Ball::Nobody, self.offices(false));
        }
        if counted(With::Office).next().is_some() {
            (Ball::Agency, self.offices(true))
        } else if counted(With::System).next().is_some() {
            (Ball::System, vec![])
        } else if counted(With::Applicant).next().is_some() {
            (Ball::Applicant, vec![])
        } else if counted(With::Nobody).next().is_some() {
            (Ball::Nobody, vec![])
        } else {
            (Ball::Nobody, self.offices(false))
        }
    }

    fn offices(&self, counted: bool) -> Vec<&str> {
        let held = self.steps.values().filter(|step| step.counted == counted && step.with == With::Office);
        let mut offices: Vec<&str> = held.map(|step| step.office.as_str()).collect();
        offices.sort_unstable();
        offices.dedup();
        offices
    }
}

/// The tally sheets: what held from when on, and for every clock the minutes in which it should have run.
#[derive(Default)]
struct Tally {
    facts: Facts,
    now_us: i64,
    held: Vec<(i64, Facts)>,
    case: Vec<i64>,
    steps: BTreeMap<String, Vec<i64>>,
    reopened: BTreeSet<String>,
}

/// By calendar and day: which minutes are open.
type Days = HashMap<(String, i64), Rc<[bool]>>;

thread_local! {
    static DAYS: RefCell<Days> = RefCell::default();
}

/// The minutes, from the first on and without the last, in which an office with these hours is open.
fn open_minutes(sim: &Sim, calendar: &str, from: i64, to: i64) -> impl Iterator<Item = i64> {
    let days = from.div_euclid(1440)..=to.div_euclid(1440);
    let days: Vec<(i64, Rc<[bool]>)> = days.map(|day| (day, hours_of_a_day(sim, calendar, day))).collect();
    let minutes = days
        .into_iter()
        .flat_map(|(day, open)| (0..1440).filter(move |m| open[*m as usize]).map(move |m| day * 1440 + m));
    minutes.filter(move |minute| (from..to).contains(minute))
}

/// Which minutes of a day of UTC an office is open, minute by minute.
fn hours_of_a_day(sim: &Sim, calendar: &str, day: i64) -> Rc<[bool]> {
    let look = || {
        let calendar = sim.calendars.find(calendar).unwrap();
        let minutes = day * 1440..(day + 1) * 1440;
        minutes.map(|minute| calendar.is_open(minute * MINUTE_US, Horizon::Published).unwrap()).collect()
    };
    DAYS.with_borrow_mut(|known| Rc::clone(known.entry((calendar.to_owned(), day)).or_insert_with(look)))
}

impl Tally {
    /// Writes down the minutes that have passed since the last look.
    fn pass(&mut self, sim: &Sim) {
        let (from, to) = (self.now_us / MINUTE_US, sim.now_us / MINUTE_US);
        if self.facts.counts() {
            self.case.extend(open_minutes(sim, &sim.case.calendar, from, to));
        }
        for (name, step) in self.facts.steps.iter().filter(|(_, step)| step.with.runs() && !step.calendar.is_empty()) {
            let sheet = self.steps.entry(name.clone()).or_default();
            sheet.extend(open_minutes(sim, &step.calendar, from, to));
        }
        self.now_us = sim.now_us;
    }

    /// Hears what a command did just now, and holds everything that can be read off the case against the sheets.
    fn hear(&mut self, sim: &Sim, events: &[Event]) {
        self.pass(sim);
        for event in events {
            self.facts.hear(event, sim);
            if let Event::StepReopened { step, .. } = event {
                self.reopened.insert(step.clone());
            }
        }
        self.held.push((sim.now_us, self.facts.clone()));
        self.compare(sim);
    }

    fn compare(&self, sim: &Sim) {
        let running = sim.case.used.is_none() && self.facts.counts();
        agree("case", sim, &sim.clock(), &self.case, running);
        let end_us = sim.case.closed_at_us.unwrap_or(sim.now_us);
        whole("case", &sim.case.ledger, sim.case.received_at_us, end_us, sim.now_us);
        for (name, run) in sim.case.steps.iter().filter(|(_, run)| run.offers > 0) {
            let running = self.facts.steps.get(name).is_some_and(|step| step.with.runs());
            let sheet = self.steps.get(name).map_or(&[][..], Vec::as_slice);
            agree(name, sim, &sim.step_clock(name), sheet, running);
            // Between two rounds a step has no time.
            let rounds = self.reopened.contains(name);
            if !rounds {
                let (from, to) = (run.offered_at_us.unwrap(), run.ended_at_us.unwrap_or(sim.now_us));
                whole(name, &run.ledger, from, to, sim.now_us);
            }
        }
        let ends = self.held.iter().skip(1).map(|(from, _)| *from).chain([sim.now_us]);
        for ((from, facts), to) in self.held.iter().zip(ends).filter(|((from, _), to)| from < to) {
            let within = |interval: &&Interval| interval.from_us <= *from && interval.to_us.is_none_or(|end| end >= to);
            let Some(interval) = sim.case.ledger.0.iter().find(within) else {
                assert!(
                    sim.case.closed_at_us.is_some_and(|closed| closed <= *from),
                    "no interval from {}",
                    local(*from)
                );
                continue;
            };
            let (ball, offices) = facts.ball();
            let parties: Vec<&str> = interval.parties.iter().map(String::as_str).collect();
            let seen = (interval.counts, interval.ball, parties);
            assert_eq!(seen, (facts.counts(), ball, offices), "from {}: {facts:#?}", local(*from));
        }
    }
}

/// A clock agrees with its sheet.
fn agree(what: &str, sim: &Sim, clock: &PromiseClock, sheet: &[i64], running: bool) {
    let minutes = sheet.len() as i64;
    assert_eq!(clock.elapsed_us, minutes * MINUTE_US, "{what} at {}", local(sim.now_us));
    assert_eq!(clock.state == ClockState::Running, running, "{what}: {clock:?}");
    let Some(budget_us) = clock.budget_us else { return };
    let budget = budget_us / MINUTE_US;
    // The budget is used up at the end of its last minute.
    let used_up_us = sheet.get(budget as usize - 1).map(|minute| (minute + 1) * MINUTE_US);
    let breached_us = used_up_us.filter(|_| minutes > budget);
    assert_eq!(clock.breached_at_us, breached_us, "{what} at {}", local(sim.now_us));
    let due_us = match used_up_us {
        _ if !running => None,
        Some(used_up_us) => Some(used_up_us),
        None => {
            let now = sim.now_us / MINUTE_US;
            let ahead = open_minutes(sim, &clock.calendar, now, now + 30 * 1440).nth((budget - minutes) as usize - 1);
            ahead.map(|minute| (minute + 1) * MINUTE_US)
        }
    };
    assert_eq!(clock.due_us, due_us, "{what} at {}", local(sim.now_us));
}

/// The intervals follow one another and sum to the wall time, to the microsecond.
fn whole(what: &str, ledger: &Ledger, from_us: i64, to_us: i64, now_us: i64) {
    assert_eq!(ledger.wall_us(now_us), to_us - from_us, "{what}: {:#?}", ledger.0);
    let mut at_us = from_us;
    for interval in &ledger.0 {
        assert_eq!(interval.from_us, at_us, "{what}: {:#?}", ledger.0);
        at_us = interval.to_us.unwrap_or(now_us);
    }
}

/// What may happen next, as (what, step).
fn moves(sim: &Sim) -> Vec<(&'static str, String)> {
    let mut moves = Vec::new();
    for (name, run) in &sim.case.steps {
        let def = sim.def.step(name).unwrap();
        let has = |effect: fn(&Effect) -> bool| def.outcomes.values().any(|outcome| effect(&outcome.effect));
        let held = sim.lease(name).is_some_and(|lease| lease.holder.is_some());
        match run.state {
            StepState::Offered | StepState::Claimed => moves.push(("take", name.clone())),
            StepState::Correction => {
                moves.push(("answer", name.clone()));
                let told = sim.case.open_correction(name).unwrap().told_at_us;
                if told.is_none() {
                    moves.push(("tell", name.clone()));
                    moves.push(("tell", name.clone()));
                }
            }
            StepState::Paused => moves.push(("resume", name.clone())),
            StepState::Incident => moves.push(("resolve", name.clone())),
            _ => {}
        }
        if matches!(run.state, StepState::Offered | StepState::Claimed) || (run.state.has_task() && held) {
            for what in ["finish", "finish", "defer", "fail"] {
                moves.push((what, name.clone()));
            }
            if has(|effect| matches!(effect, Effect::Corrects { .. })) {
                moves.push(("ask", name.clone()));
                moves.push(("ask", name.clone()));
            }
            if name != INTAKE {
                moves.push(("pause", name.clone()));
            }
            let loops = run.loops.values().sum::<u32>();
            if has(|effect| matches!(effect, Effect::Reopens(_))) && loops < 2 {
                moves.push(("redo", name.clone()));
            }
            if has(|effect| *effect == Effect::EndsBranch) {
                moves.push(("decline", name.clone()));
            }
        }
    }
    moves
}

fn make_move(sim: &mut Sim, what: &str, step: &str, minutes: i64) -> Vec<Event> {
    // A task that is put off is still its holder's; only the others have to be taken first.
    let waits = sim.state(step) == StepState::Deferred;
    if matches!(what, "finish" | "defer" | "fail" | "ask" | "decline" | "redo") && !waits {
        sim.office(step).takes();
    }
    let epoch = sim.lease(step).map_or(0, |lease| lease.epoch);
    let completion = |outcome: &str| crate::sim::Completion::of(step, outcome).epoch(epoch);
    match what {
        "take" => {
            sim.office(step).takes();
            Vec::new()
        }
        "finish" => {
            let def = Arc::clone(&sim.def);
            let step = def.step(step).unwrap();
            let done = step.outcomes.values().find(|outcome| outcome.effect == Effect::Completes).unwrap();
            sim.run(completion(&done.name).into()).unwrap()
        }
        "decline" => sim.run(completion("decline").approver(APPROVER).reason("r").into()).unwrap(),
        "redo" => sim.run(completion("redo").into()).unwrap(),
        "tell" => {
            let number = format!("{}号", sim.journal.len());
            let (html, text) = ("html".into(), "text".into());
            let (letter, of) = ("correction".into(), Some(step.into()));
            let correction = Some(sim.case.open_correction(step).unwrap().id.clone());
            let issue = Command::IssueLetter {
                letter,
                number: number.clone(),
                step: of,
                correction: correction.clone(),
                html,
                text,
            };
            sim.run(issue).unwrap();
            sim.run(Command::Tell { number, correction }).unwrap()
        }
        "pause" => {
            let reason = PauseReason::ALL[minutes as usize % 3];
            let until_us = Some(sim.now_us + MINUTE_US);
            let (note, officer, approver) = (None, OFFICER.into(), Some(APPROVER.into()));
            sim.run(Command::Pause { step: step.into(), reason, until_us, note, officer, approver }).unwrap()
        }
        "resume" => sim.run(Command::Resume { step: step.into(), officer: OFFICER.into() }).unwrap(),
        "ask" => sim.run(completion("correct").findings(&["/name"]).into()).unwrap(),
        "answer" => {
            let id = sim.case.open_correction(step).unwrap().id.clone();
            let name = json!(format!("名称{}", sim.case.forms.len()));
            sim.corrects(&id, "/name", name).unwrap()
        }
        "resolve" => sim.run(Command::Resolve { step: step.into(), officer: OFFICER.into() }).unwrap(),
        "defer" => {
            let until_us = sim.now_us + (1 + minutes) * MINUTE_US;
            sim.run(Command::Defer { step: step.into(), epoch, until_us, code: "LATER".into() }).unwrap()
        }
        "fail" => sim.run(Command::Fail { step: step.into(), epoch, code: "DOWN".into() }).unwrap(),
        other => panic!("{other}"),
    }
}

/// One random case: when it begins, where, what its form says, and for each move how long it takes and which it is.
#[derive(Clone, Debug)]
struct Plan {
    begins: (&'static str, i64),
    registrar: &'static str,
    paper: bool,
    count: i64,
    moves: Vec<(i64, usize)>,
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
    let gap = prop_oneof![4 => 0..30_i64, 4 => 0..240_i64, 2 => 0..2_000_i64, 1 => 0..6_000_i64];
    (
        (prop::sample::select(&DAYS[..]), 0..1440_i64),
        prop::sample::select(&["350100", "350102", "350181"][..]),
        any::<bool>(),
        0..4_i64,
        prop::collection::vec((gap, 0..1_000_usize), 1..60),
    )
        .prop_map(|(begins, registrar, paper, count, moves)| Plan { begins, registrar, paper, count, moves })
}

fn play(plan: &Plan) {
    let mut sim = Sim::new(world::small(PACKAGE));
    sim.tells = true;
    sim.now_us = kaiban_calendar::parse_instant(&format!("{}T00:00:00+08:00", plan.begins.0)).unwrap();
    sim.operating_us = sim.now_us;
    sim.time_passes(plan.begins.1 * MINUTE_US);
    let mut form = world::small_form(plan.registrar);
    form["paper"] = json!(plan.paper);
    form["count"] = json!(plan.count);

    let mut tally = Tally { now_us: sim.now_us, ..Tally::default() };
    let events = sim.submits(form).unwrap();
    tally.hear(&sim, &events);
    for (gap, pick) in &plan.moves {
        sim.time_passes(gap * MINUTE_US);
        tally.hear(&sim, &[]);
        // A deemed acceptance is the only timer that changes what the tally knows.
        let before = sim.journal.len();
        sim.timers_fire();
        let fired: Vec<Event> = sim.journal[before..]
            .iter()
            .flat_map(|(bytes, _)| serde_json::from_str::<kaiban_engine::Entry>(bytes).unwrap().events)
            .collect();
        tally.hear(&sim, &fired);
        if sim.case.phase == Phase::Closed {
            break;
        }
        let moves = moves(&sim);
        let Some((what, step)) = moves.get(pick % moves.len().max(1)) else { continue };
        let events = make_move(&mut sim, what, step, *gap);
        tally.hear(&sim, &events);
    }
    sim.time_passes(3 * 1440 * MINUTE_US);
    tally.hear(&sim, &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn every_clock_is_the_count_of_its_minutes(plan in plan()) {
        play(&plan);
    }
}
