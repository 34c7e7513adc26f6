//! The seeded simulator of the pure engine: random packages, random actors, right and wrong commands, and after every
//! step everything that must be true. One seed is one run, on any machine.
//!
//! A run is a sequence of worlds. A world has a few random packages and some dozens of cases at a time, which compete for
//! the keys of registers and start one another. Actors send claims, completions, corrections, answers, requests, pauses,
//! failures, withdrawals and timers, many of them stale, doubled, early or malformed, and know which answer is right.
//! What the engine wants done outside is done later, in any order, sometimes twice. After every command the case is
//! compared with the replay of its journal; whole journals and their chains are replayed at ten random points and at the
//! end. Half-way all cases that can go on by a second version of their package do so. A world ends with honest actors
//! alone, who bring every case to its end: none may be stuck.

mod actors;
mod credit;
mod foresight;
mod form;
mod honest;
mod landscape;
mod migration;
mod package;
mod registers;
mod shell;
mod started;
mod trace;
mod writer;

use std::collections::BTreeSet;
use std::fmt;

use kaiban_engine::{Case, Limits, Phase};

use crate::draw::{Draw, Lot};
use actors::{Attempt, Expect, Scene, applicant};
use landscape::Landscape;
use package::Package;
use shell::{Done, Errand, Running, Shell, replay};
use trace::Trace;

/// Steps of a world before its honest end.
const WORLD_STEPS: u64 = 20_000;
/// Packages of a world.
const PACKAGES: u64 = 4;
/// Cases that run at the same time; those that others start come on top.
const CASES_AT_ONCE: usize = 32;
/// Points of a world at which all its running cases are replayed.
const REPLAYS: usize = 10;
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
    /// Cases that an officer had to end because nobody could go on with them: a guard without an answer, a case that
    /// could not be started.
    pub stuck: u64,
    /// Journals that were replayed.
    pub replays: u64,
    /// Names of all events that happened, and what else cases showed: how certificates were proved, what was revoked when.
    pub kinds: BTreeSet<String>,
    /// Reasons of all rejections.
    pub reasons: BTreeSet<&'static str>,
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
    /// The package that it runs on.
    pub package: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.trace.iter().chain(&self.journal).map(String::as_str);
        for line in self.package.lines().chain(shown) {
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
        Err(Defect { case, reason, journal, package }) => {
            let (step, trace) = (run.report.steps, run.trace.lines(case));
            Err(Box::new(Failure { seed, step, reason, trace, journal, package }))
        }
    }
}

/// Something is wrong, perhaps with one case.
struct Defect {
    case: Option<u64>,
    reason: String,
    journal: Vec<String>,
    package: String,
}

impl Defect {
    fn of((number, running): (u64, &Running), package: &Package, reason: impl Into<String>) -> Self {
        let skipped = running.journal.len().saturating_sub(ENTRIES_SHOWN);
        let journal = running.journal[skipped..].iter().map(|(bytes, _)| bytes.clone()).collect();
        Self { case: Some(number), reason: reason.into(), journal, package: package.text.clone() }
    }
}

impl From<String> for Defect {
    fn from(reason: String) -> Self {
        Self { case: None, reason, journal: Vec::new(), package: String::new() }
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
            let mut packages: Vec<Package> = Vec::new();
            for _ in 0..PACKAGES {
                // A package starts cases of earlier ones only, so that none leads back to itself.
                let earlier: Vec<_> = packages.iter().map(Package::startable).collect();
                packages.push(Package::random(self.number, &earlier, &mut self.lot, &land)?);
                self.number += 1;
            }
            let shell = Shell {
                land: &land,
                limits: Limits::default(),
                now_us: START_US,
                operating_us: START_US,
                tells: self.lot.chance(0.6),
                registers: registers::kept_by_the_bureau(&mut self.lot),
            };
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
            if step == length / 2 {
                self.move_on()?;
            }
        }
        self.end_honestly()?;
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
        if !self.cases[index].1.errands.is_empty() && lot.chance(0.3) {
            self.run_errand(index)?;
        } else {
            let scene = scene(&self.packages, &self.shell, &self.cases[index].1);
            let attempt = actors::anything(scene, lot);
            self.send(index, &attempt)?;
        }
        // A closed case stays for a while, so that late commands meet it, and until those who wait for it know.
        let running = &self.cases[index].1;
        let package = &self.packages[running.package];
        let done = running.case.phase == Phase::Closed && !running.is_awaited() && !running.may_be_revoked(package);
        if done && self.run.lot.chance(0.4) {
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
        let package = lot.index(PACKAGES as usize);
        let id = format!("c{}", self.run.report.cases);
        let attempt = applicant::submit(&self.packages[package], id, self.shell.now_us, lot);
        self.hand_in(package, &attempt).map(|_| ())
    }

    /// Sends the first command of a case; whether there is one now.
    fn hand_in(&mut self, package: usize, attempt: &Attempt) -> Result<bool, Defect> {
        self.cases.push((self.run.report.cases, Running::new(package)));
        let index = self.cases.len() - 1;
        self.send(index, attempt)?;
        if self.cases[index].1.case.phase == Phase::New {
            self.cases.pop();
            return Ok(false);
        }
        self.run.report.cases += 1;
        Ok(true)
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
                self.run.report.reasons.insert(reason);
                reason
            }
            Err(_) => "DEFECT",
        };
        let head = running.journal.last().map(|(_, hash)| hash.as_str());
        self.run.trace.line(*number, self.shell.now_us, attempt, reason, head);
        let answer = answer.map_err(|reason| {
            Defect::of((*number, running), package, format!("{reason}\nafter {:?}", attempt.command))
        })?;
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
        Err(Defect::of((*number, running), package, reason))
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
        let report = &mut self.run.report;
        report.replays += 1;
        for name in running.journal.iter().flat_map(|(bytes, _)| bytes.split("\"event\":\"").skip(1)) {
            let name = name.split('"').next().unwrap_or_default();
            if !report.kinds.contains(name) {
                report.kinds.insert(name.to_owned());
            }
        }
        report.kinds.extend(told_apart(&running.case));
        let package = &self.packages[running.package];
        replay(running).map_err(|reason| Defect::of((number, running), package, reason))?;
        let (case, calendars) = (&running.case, &self.shell.land.calendars);
        let clocks = case.steps.values().map(|run| run.promise_clock(calendars, case.last_at_us).map(|_| ()));
        let clocks = case.promise_clock(calendars, case.last_at_us).map(|_| ()).and(clocks.collect());
        clocks.map_err(|error| Defect::of((number, running), package, format!("no clock: {error}")))
    }
}

/// What a case shows that no single event says.
fn told_apart(case: &Case) -> Vec<String> {
    let ways = case.steps.values().filter_map(|run| run.way);
    let mut shown: Vec<String> = ways.map(|way| format!("proved by {}", way.name())).collect();
    if case.revocation.is_some() {
        let while_open = case.outcome.as_deref().is_none_or(|outcome| outcome == "revoked");
        shown.push(if while_open { "revoked while open" } else { "revoked after the end" }.to_owned());
    }
    shown
}

/// What an actor sees of a case.
fn scene<'s>(packages: &'s [Package], shell: &'s Shell<'_>, running: &'s Running) -> Scene<'s> {
    Scene {
        package: &packages[running.package],
        running,
        land: shell.land,
        now_us: shell.now_us.max(running.case.last_at_us),
        operating_us: shell.operating_us,
        registers: &shell.registers,
    }
}
