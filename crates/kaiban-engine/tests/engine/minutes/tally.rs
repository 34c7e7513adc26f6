//! The tally sheets: for every clock the minutes in which it should have run, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_engine::{BREACH, ClockState, Event, Interval, Ledger, PromiseClock, TimerKind};

use super::door::{Closed, Doors};
use super::facts::Facts;
use crate::sim::{MINUTE_US, Sim, local};

/// The sheet of one clock, a case's or a step's.
#[derive(Clone, Debug, Default)]
struct Sheet {
    calendar: String,
    /// Stretches of time on the wall in which it should have run, in minutes.
    ran: Vec<(i64, i64)>,
    /// The open minutes among them.
    minutes: Vec<i64>,
    /// It was reported: what is published later does not concern it.
    reported: bool,
    /// Highest mark that was given, percent.
    given: u8,
}

impl Sheet {
    fn count_anew(&mut self, doors: &Doors) {
        self.minutes = self.ran.iter().flat_map(|(from, to)| doors.open(&self.calendar, *from, *to)).collect();
    }
}

#[derive(Default)]
pub struct Tally {
    facts: Facts,
    now_us: i64,
    held: Vec<(i64, Facts)>,
    doors: Doors,
    /// By step; the case's under no name.
    sheets: BTreeMap<String, Sheet>,
    reopened: BTreeSet<String>,
}

impl Tally {
    pub fn new(sim: &Sim) -> Self {
        Self { now_us: sim.now_us, ..Self::default() }
    }

    /// Writes down the minutes that have passed since the last look.
    fn pass(&mut self, sim: &Sim) {
        let (from, to) = (self.now_us.div_euclid(MINUTE_US), sim.now_us.div_euclid(MINUTE_US));
        let mut running = Vec::new();
        if self.facts.counts() {
            running.push((String::new(), sim.case.calendar.clone()));
        }
        for (name, step) in self.facts.steps.iter().filter(|(_, step)| step.with.runs() && !step.calendar.is_empty()) {
            running.push((name.clone(), step.calendar.clone()));
        }
        for (name, calendar) in running {
            let sheet = self.sheets.entry(name).or_default();
            sheet.minutes.extend(self.doors.open(&calendar, from, to));
            sheet.ran.push((from, to));
            sheet.calendar = calendar;
        }
        self.now_us = sim.now_us;
    }

    /// A notice is hung up: every sheet that was not handed in is written anew.
    pub fn closes(&mut self, notices: &[Closed]) {
        self.doors.0.extend_from_slice(notices);
        for sheet in self.sheets.values_mut().filter(|sheet| !sheet.reported) {
            sheet.count_anew(&self.doors);
        }
    }

    /// What was handed in is given back: it is an open sheet again, counted with every notice there is by now.
    fn goes_on(&mut self, clock: &str) {
        let sheet = self.sheets.entry(clock.to_owned()).or_default();
        if std::mem::take(&mut sheet.reported) {
            sheet.count_anew(&self.doors);
        }
    }

    /// Hears what a command did just now, and holds everything that can be read off the case against the sheets.
    pub fn hear(&mut self, sim: &Sim, events: &[Event]) {
        self.pass(sim);
        for event in events {
            self.facts.hear(event, sim);
            self.sheets_hear(sim, event);
        }
        self.held.push((sim.now_us, self.facts.clone()));
        self.compare(sim);
    }

    fn sheets_hear(&mut self, sim: &Sim, event: &Event) {
        match event {
            Event::StepReopened { step, .. } => {
                self.reopened.insert(step.clone());
                self.goes_on(step);
                if sim.def.step(step).unwrap().counts {
                    self.goes_on("");
                }
            }
            Event::StepOffered { step, counted, .. } | Event::IncidentOpened { step, counted, .. } => {
                self.goes_on(step);
                if *counted {
                    self.goes_on("");
                }
            }
            Event::MarkReached { step, percent, used } => {
                let clock = step.as_deref().unwrap_or_default();
                let (expected, given) = (self.reached(sim, clock), self.sheet(clock).given);
                let on_sheet_us = self.used_us(sim, clock);
                assert_eq!(used.working_us, on_sheet_us, "{clock:?} at {}", local(sim.now_us));
                assert_eq!(Some(*percent), expected.filter(|percent| *percent > given), "{clock:?}: {event:?}");
                self.sheet(clock).given = *percent;
            }
            Event::StepCompleted { step, .. } | Event::StepEnded { step, .. } => self.breach_was_given(sim, step),
            Event::PromiseStopped { .. } => self.breach_was_given(sim, ""),
            Event::Closed { .. } => self.sheets.values_mut().for_each(|sheet| sheet.reported = true),
            _ => {}
        }
    }

    /// Whatever ends late was in the journal as broken before, though nobody had looked at the clock.
    fn breach_was_given(&mut self, sim: &Sim, clock: &str) {
        let broken = self.reached(sim, clock) == Some(BREACH);
        let sheet = self.sheet(clock);
        sheet.reported = true;
        assert!(!broken || sheet.given == BREACH, "{clock:?} ended late, and nothing was said");
    }

    fn sheet(&mut self, clock: &str) -> &mut Sheet {
        self.sheets.entry(clock.to_owned()).or_default()
    }

    /// What is promised, in minutes: five hours at the city, else a day there; two hours of a registrar, a day of the tax
    /// office. A day is the same in every season.
    fn budget(&self, sim: &Sim, clock: &str) -> Option<usize> {
        let day = |calendar: &str| if calendar == "fujian-province" { 420 } else { 390 };
        match clock {
            "" if !self.facts.accepted => None,
            "" if sim.case.division == "350100" => Some(300),
            "" => Some(day(&sim.case.calendar)),
            "licence" => Some(120),
            "invoices" => Some(day(&sim.case.steps["invoices"].calendar)),
            _ => None,
        }
    }

    fn runs(&self, clock: &str) -> bool {
        match clock {
            "" => self.facts.counts(),
            step => self.facts.steps.get(step).is_some_and(|step| step.with.runs() && !step.calendar.is_empty()),
        }
    }

    /// Working time on a sheet, with the beginning of the minute that it is.
    fn used_us(&self, sim: &Sim, clock: &str) -> i64 {
        let Some(sheet) = self.sheets.get(clock) else { return 0 };
        let minute = sim.now_us.div_euclid(MINUTE_US);
        let begun = self.runs(clock) && self.doors.is_open(calendar_of(sim, clock), minute);
        sheet.minutes.len() as i64 * MINUTE_US + if begun { sim.now_us.rem_euclid(MINUTE_US) } else { 0 }
    }

    /// The highest mark that the sheet has reached: half, four fifths, or more than all.
    fn reached(&self, sim: &Sim, clock: &str) -> Option<u8> {
        let budget_us = self.budget(sim, clock)? as i64 * MINUTE_US;
        match self.used_us(sim, clock) {
            used_us if used_us > budget_us => Some(BREACH),
            used_us if used_us * 10 >= budget_us * 8 => Some(80),
            used_us if used_us * 2 >= budget_us => Some(50),
            _ => None,
        }
    }

    /// When a running clock comes to its next mark if it runs on; the instant lies before now where nobody has looked.
    fn next_mark_us(&self, sim: &Sim, clock: &str) -> Option<i64> {
        let budget = self.budget(sim, clock).filter(|_| self.runs(clock))?;
        let none = Sheet::default();
        let sheet = self.sheets.get(clock).unwrap_or(&none);
        let calendar = calendar_of(sim, clock);
        let now = self.now_us.div_euclid(MINUTE_US);
        let mut minutes = sheet.minutes.iter().copied().chain(self.doors.open(calendar, now, i64::MAX));
        match sheet.given {
            0 => minutes.nth(budget / 2 - 1).map(|minute| (minute + 1) * MINUTE_US),
            50 => minutes.nth(budget * 8 / 10 - 1).map(|minute| (minute + 1) * MINUTE_US),
            // A promise is kept at the end of its last minute, and broken with the first instant of the next.
            80 => minutes.nth(budget).map(|minute| minute * MINUTE_US + 1),
            _ => None,
        }
    }

    fn compare(&self, sim: &Sim) {
        self.compare_marks(sim);
        if sim.now_us % MINUTE_US == 0 {
            self.compare_clocks(sim);
        }
    }

    /// At the end: in every stretch of the case the ball was with whom it should have been.
    pub fn balls_were_right(&self, sim: &Sim) {
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

    /// The one deadline of the marks is that of the clock that is first.
    fn compare_marks(&self, sim: &Sim) {
        let clocks = self.facts.steps.keys().map(String::as_str).chain([""]);
        let expected_us = clocks.filter_map(|clock| self.next_mark_us(sim, clock)).min();
        let deadlines = sim.case.deadlines(&sim.calendars).into_iter();
        let due_us = deadlines.filter(|timer| timer.kind == TimerKind::Mark).map(|timer| timer.due_us).next();
        let passed = |at_us: Option<i64>| at_us.is_some_and(|at_us| at_us <= sim.now_us);
        // What passed while nobody looked is due at once, whenever that was.
        if !(passed(expected_us) && passed(due_us)) {
            assert_eq!(due_us.map(local), expected_us.map(local), "at {}", local(sim.now_us));
        }
        for (clock, sheet) in &self.sheets {
            let given = if clock.is_empty() { sim.case.mark } else { sim.case.steps[clock].mark };
            assert_eq!(given, sheet.given, "{clock:?} at {}", local(sim.now_us));
        }
    }

    /// Deadlines have been looked at: whatever has been reached was given.
    pub fn all_was_given(&self, sim: &Sim) {
        for clock in self.facts.steps.keys().map(String::as_str).chain([""]).filter(|clock| self.runs(clock)) {
            let given = self.sheets.get(clock).map_or(0, |sheet| sheet.given);
            let reached = self.reached(sim, clock).unwrap_or(0);
            assert!(given >= reached, "{clock:?} at {}: {reached} was reached", local(sim.now_us));
        }
    }

    fn compare_clocks(&self, sim: &Sim) {
        let sheet = |clock: &str| self.sheets.get(clock).cloned().unwrap_or_default();
        let running = sim.case.used.is_none() && self.facts.counts();
        self.agree("", sim, &sim.clock(), &sheet(""), running);
        let end_us = sim.case.closed_at_us.unwrap_or(sim.now_us);
        whole("case", &sim.case.ledger, sim.case.received_at_us, end_us, sim.now_us);
        for (name, run) in sim.case.steps.iter().filter(|(_, run)| run.offers > 0) {
            let running = self.facts.steps.get(name).is_some_and(|step| step.with.runs());
            self.agree(name, sim, &sim.step_clock(name), &sheet(name), running);
            // Between two rounds a step has no time.
            let rounds = self.reopened.contains(name);
            if !rounds {
                let (from, to) = (run.offered_at_us.unwrap(), run.ended_at_us.unwrap_or(sim.now_us));
                whole(name, &run.ledger, from, to, sim.now_us);
            }
        }
    }

    /// A clock agrees with its sheet.
    fn agree(&self, what: &str, sim: &Sim, clock: &PromiseClock, sheet: &Sheet, running: bool) {
        let minutes = sheet.minutes.len() as i64;
        assert_eq!(clock.elapsed_us, minutes * MINUTE_US, "{what} at {}", local(sim.now_us));
        assert_eq!(clock.state == ClockState::Running, running, "{what}: {clock:?}");
        let budget = self.budget(sim, what);
        assert_eq!(clock.budget_us, budget.map(|minutes| minutes as i64 * MINUTE_US), "{what}");
        let Some(budget) = budget else { return };
        // The budget is used up at the end of its last minute.
        let used_up_us = sheet.minutes.get(budget - 1).map(|minute| (minute + 1) * MINUTE_US);
        let breached_us = used_up_us.filter(|_| minutes > budget as i64);
        assert_eq!(clock.breached_at_us, breached_us, "{what} at {}", local(sim.now_us));
        let due_us = match used_up_us {
            _ if !running => None,
            Some(used_up_us) => Some(used_up_us),
            None => {
                let now = sim.now_us / MINUTE_US;
                let mut ahead = self.doors.open(&clock.calendar, now, i64::MAX);
                ahead.nth(budget - minutes as usize - 1).map(|minute| (minute + 1) * MINUTE_US)
            }
        };
        assert_eq!(clock.due_us, due_us, "{what} at {}", local(sim.now_us));
    }
}

/// The office whose door a clock looks at.
fn calendar_of<'s>(sim: &'s Sim, clock: &str) -> &'s str {
    if clock.is_empty() { &sim.case.calendar } else { &sim.case.steps[clock].calendar }
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
