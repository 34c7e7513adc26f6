//! The seeded simulator of the pure engine: random packages, random actors, right and wrong commands, and after every
//! step everything that must be true. One seed is one run, on any machine.
//!
//! A run is a sequence of worlds. A world has a few random packages and some dozens of cases at a time; actors send
//! claims, completions, corrections, answers, failures, withdrawals and timers, many of them stale, doubled, early or
//! malformed, and know which answer is right. Journals are replayed at ten random points and at the end. A world ends
//! with honest actors alone, who bring every case to its end: none may be stuck.

mod actors;
mod landscape;
mod package;
mod shell;
mod trace;

use std::fmt;

use kaiban_engine::{Case, Limits, Phase, StepState, TimerClock};

use crate::draw::{Draw, Lot};
use actors::{Attempt, Expect};
use landscape::Landscape;
use package::Package;
use shell::{Done, Running, Shell, replay};
use trace::Trace;

/// Steps of a world before its honest end.
const WORLD_STEPS: u64 = 20_000;
/// Packages of a world.
const PACKAGES: u64 = 4;
/// Cases that run at the same time.
const CASES_AT_ONCE: usize = 32;
/// Points of a world at which all its running cases are replayed.
const REPLAYS: usize = 10;
/// Honest steps that a case may need to its end.
const HONEST_STEPS_MAX: u32 = 400;
/// 2026-03-02T09:00:00+08:00.
const START_US: i64 = 1_772_413_200_000_000;

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Commands that were sent.
    pub steps: u64,
    /// Commands that were rejected, each for the right reason.
    pub rejected: u64,
    /// Events that happened.
    pub events: u64,
    /// Cases that were submitted; all of them are closed.
    pub cases: u64,
    /// Journals that were replayed.
    pub replays: u64,
    /// Digest of everything that happened; equal seeds and steps give equal digests on every machine.
    pub digest: String,
    /// The last commands, one a line.
    pub trace: Vec<String>,
}

/// Journal entries of the failing case that are shown.
const ENTRIES_SHOWN: usize = 12;

/// A defect that a run found, with what is needed to find it again.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The step at which it showed.
    pub step: u64,
    /// What is wrong.
    pub reason: String,
    /// The commands before it, one a line; those of the failing case alone where there is one.
    pub trace: Vec<String>,
    /// The last journal entries of the failing case, with all their events.
    pub journal: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.trace.iter().chain(&self.journal) {
            writeln!(f, "  {line}")?;
        }
        write!(f, "seed {} fails at step {}: {}", self.seed, self.step, self.reason)
    }
}

impl std::error::Error for Failure {}

/// Runs a seed for at least so many steps; the honest ends of the worlds come on top.
///
/// # Errors
/// The first thing that is not as it must be.
pub fn simulate(seed: u64, steps: u64) -> Result<Report, Box<Failure>> {
    let mut run = Run { report: Report::default(), trace: Trace::new(), lot: Draw::new(seed).stream(), number: 0 };
    match run.worlds(steps) {
        Ok(()) => {
            run.report.trace = run.trace.lines(None);
            run.report.digest = run.trace.digest();
            Ok(run.report)
        }
        Err(Defect { case, reason, journal }) => {
            let (step, trace) = (run.report.steps, run.trace.lines(case));
            Err(Box::new(Failure { seed, step, reason, trace, journal }))
        }
    }
}

/// Something is wrong, perhaps with one case.
struct Defect {
    case: Option<u64>,
    reason: String,
    journal: Vec<String>,
}

impl Defect {
    fn of((number, running): (u64, &Running), reason: impl Into<String>) -> Self {
        let skipped = running.journal.len().saturating_sub(ENTRIES_SHOWN);
        let journal = running.journal[skipped..].iter().map(|(bytes, _)| bytes.clone()).collect();
        Self { case: Some(number), reason: reason.into(), journal }
    }
}

impl From<String> for Defect {
    fn from(reason: String) -> Self {
        Self { case: None, reason, journal: Vec::new() }
    }
}

struct Run {
    report: Report,
    trace: Trace,
    lot: Lot,
    /// Packages so far.
    number: u64,
}

impl Run {
    fn worlds(&mut self, steps: u64) -> Result<(), Defect> {
        let land = Landscape::new()?;
        while self.report.steps < steps {
            let mut packages = Vec::new();
            for _ in 0..PACKAGES {
                packages.push(Package::random(self.number, &mut self.lot, &land)?);
                self.number += 1;
            }
            let limits = Limits::default();
            let shell = Shell { land: &land, limits, now_us: START_US, operating_us: START_US };
            let length = WORLD_STEPS.min(steps - self.report.steps);
            World { run: self, shell, packages, cases: Vec::new() }.live(length)?;
        }
        Ok(())
    }
}

struct World<'r> {
    run: &'r mut Run,
    shell: Shell<'r>,
    packages: Vec<Package>,
    /// Number of the case in the run, and the case.
    cases: Vec<(u64, Running)>,
}

impl World<'_> {
    fn live(mut self, length: u64) -> Result<(), Defect> {
        let mut points: Vec<u64> = (0..REPLAYS).map(|_| self.run.lot.below(length)).collect();
        points.sort_unstable();
        for step in 0..length {
            self.step()?;
            while points.first() == Some(&step) {
                points.remove(0);
                self.replay_all()?;
            }
        }
        for index in 0..self.cases.len() {
            self.end_honestly(index)?;
        }
        self.replay_all()
    }

    /// One command of one actor; time passes in between.
    fn step(&mut self) -> Result<(), Defect> {
        self.pass_time();
        let lot = &mut self.run.lot;
        if self.cases.is_empty() || (self.cases.len() < CASES_AT_ONCE && lot.chance(0.2)) {
            return self.submit();
        }
        let index = lot.index(self.cases.len());
        let now = (self.shell.now_us, self.shell.operating_us);
        let running = &self.cases[index].1;
        let attempt = actors::anything(&self.packages[running.package], running, now, lot);
        self.send(index, &attempt)?;
        // A closed case stays for a while, so that late commands meet it.
        if self.cases[index].1.case.phase == Phase::Closed && self.run.lot.chance(0.4) {
            let (number, running) = self.cases.swap_remove(index);
            self.replay(number, &running)?;
        }
        Ok(())
    }

    fn pass_time(&mut self) {
        let lot = &mut self.run.lot;
        let seconds = match lot.below(100) {
            0..=49 => 0,
            50..=89 => lot.range(1, 600),
            90..=98 => lot.range(600, 7_200),
            _ => lot.range(7_200, 86_400),
        };
        self.shell.now_us += seconds * 1_000_000 + lot.range(0, 1);
        // Operating time never waits for business time, nor the other way round.
        self.shell.operating_us += lot.range(0, 20_000_000);
    }

    fn submit(&mut self) -> Result<(), Defect> {
        let lot = &mut self.run.lot;
        let package = lot.index(self.packages.len());
        let number = self.run.report.cases;
        let attempt = actors::submit(&self.packages[package], format!("c{number}"), lot);
        self.cases.push((number, Running::new(package)));
        let index = self.cases.len() - 1;
        self.send(index, &attempt)?;
        if self.cases[index].1.case.phase == Phase::New {
            self.cases.pop();
        } else {
            self.run.report.cases += 1;
        }
        Ok(())
    }

    /// Sends a command and judges the answer.
    fn send(&mut self, index: usize, attempt: &Attempt) -> Result<(), Defect> {
        let (number, running) = &mut self.cases[index];
        let package = &self.packages[running.package];
        self.run.report.steps += 1;
        let answer =
            self.shell.apply(package, running, &attempt.command, attempt.step.as_deref(), attempt.actor.clone());
        let reason = match &answer {
            Ok(Done::Events(count)) => {
                self.run.report.events += *count as u64;
                ""
            }
            Ok(Done::Rejected(reason)) => {
                self.run.report.rejected += 1;
                reason
            }
            Err(_) => "DEFECT",
        };
        let head = running.journal.last().map(|(_, hash)| hash.as_str());
        self.run.trace.line(*number, self.shell.now_us, attempt, reason, head);
        let answer = answer.map_err(|reason| Defect::of((*number, running), reason))?;
        let (done, right) = match (answer, attempt.expect) {
            (Done::Events(_), Expect::Done) => ("done", true),
            (Done::Events(_), Expect::Rejected(_)) => ("done", false),
            (Done::Rejected(reason), Expect::Done) => (reason, false),
            (Done::Rejected(reason), Expect::Rejected(known)) => (reason, known.contains(&reason)),
        };
        if right {
            return Ok(());
        }
        let reason = format!("answered {done}, expected {:?}: {:?}", attempt.expect, attempt.command);
        Err(Defect::of((*number, running), reason))
    }

    fn replay_all(&mut self) -> Result<(), Defect> {
        let cases = std::mem::take(&mut self.cases);
        for (number, running) in &cases {
            self.replay(*number, running)?;
        }
        self.cases = cases;
        Ok(())
    }

    fn replay(&mut self, number: u64, running: &Running) -> Result<(), Defect> {
        self.run.report.replays += 1;
        replay(running).map_err(|reason| Defect::of((number, running), reason))?;
        let clock = running.case.promise_clock(&self.shell.land.calendars, running.case.last_at_us);
        clock.map(|_| ()).map_err(|error| Defect::of((number, running), format!("no clock: {error}")))
    }

    /// Nobody makes mistakes any more: the case must reach its end.
    fn end_honestly(&mut self, index: usize) -> Result<(), Defect> {
        for _ in 0..HONEST_STEPS_MAX {
            if self.cases[index].1.case.phase == Phase::Closed {
                return Ok(());
            }
            let attempt = self.next_honest(index)?;
            self.send(index, &attempt)?;
        }
        let (number, running) = &self.cases[index];
        let states: Vec<String> =
            running.case.steps.iter().map(|(step, run)| format!("{step} {}", run.state.name())).collect();
        Err(Defect::of((*number, running), format!("honest actors cannot end it: {}", states.join(", "))))
    }

    fn next_honest(&mut self, index: usize) -> Result<Attempt, Defect> {
        let lot = &mut self.run.lot;
        let (number, running) = &mut self.cases[index];
        let package = &self.packages[running.package];
        let case = &running.case;
        let in_state = |state: StepState| {
            let found =
                |case: &Case| case.steps.iter().find(|(_, run)| run.state == state).map(|(step, _)| step.clone());
            found(case)
        };
        if let Some(step) = in_state(StepState::Incident) {
            running.resolved += 1;
            // A guard that cannot be evaluated fails again on the same form: then an officer ends the case.
            return Ok(match running.resolved {
                0..=3 => actors::resolve(case, &step),
                _ => loop {
                    let attempt = actors::cancel(case, lot);
                    if attempt.expect == Expect::Done {
                        break attempt;
                    }
                },
            });
        }
        if let Some(correction) = case.corrections.iter().find(|correction| correction.answered_at_us.is_none()) {
            let answer = actors::answer(running, &correction.id, lot);
            return answer.ok_or_else(|| Defect::of((*number, running), "a correction has no form"));
        }
        if let Some(step) = in_state(StepState::Offered) {
            return Ok(actors::claim(running, &step, lot));
        }
        if let Some(step) = in_state(StepState::Claimed) {
            if !running.is_held(&step) {
                return Ok(actors::claim(running, &step, lot));
            }
            let step = package.definition.step(&step);
            let attempt = step.and_then(|step| actors::approve(package, running, step, lot));
            return attempt.ok_or_else(|| Defect::of((*number, running), "a task that nobody can end"));
        }
        let timers = case.timers();
        let Some(timer) = timers.iter().min_by_key(|timer| timer.due_us) else {
            return Err(Defect::of((*number, running), "nobody has anything to do"));
        };
        match timer.clock {
            TimerClock::Business => self.shell.now_us = self.shell.now_us.max(timer.due_us),
            TimerClock::Operating => self.shell.operating_us = self.shell.operating_us.max(timer.due_us),
        }
        Ok(actors::fire(timer, (self.shell.now_us, self.shell.operating_us), case.last_at_us))
    }
}
