//! The period that the law sets (法定期限), derived from the ledger like the promise clock, and counted otherwise: in
//! working days of which the first does not count and the last ends at the close of business (民法典 §201, §203), or in
//! hours that begin at once. It stands still in a correction and in the pauses of the pause table (行政许可法 §45): a day
//! that was not over when it stopped is not used up. No working days at all are the same day (当日): the close of business
//! of the day on which it begins, or of the next working day where that day is none or its business is over.

use kaiban_calendar::{Budget, Calendar, CalendarError, Calendars, Due, Horizon};
use kaiban_definition::{Definition, Statutory};
use kaiban_findings::Text;

use crate::case::{Case, Phase, StepRun};
use crate::clock::ClockState;
use crate::ledger::{Ledger, Reason};

/// Time against what the law gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatutoryClock {
    /// State.
    pub state: ClockState,
    /// The period, an extension not included.
    pub within: Budget,
    /// What it was prolonged by.
    pub extended_by: Option<Budget>,
    /// Since when it counts; a restart begins it anew.
    pub from_us: Option<i64>,
    /// What was left of it when it began to run last, or when it stopped.
    pub left: Budget,
    /// When it ends if it runs on; none unless it runs.
    pub due_us: Option<i64>,
    /// When it ended before the work did; never set by a provisional calendar.
    pub breached_at_us: Option<i64>,
    /// Law article.
    pub law: String,
    /// The calendar.
    pub calendar: String,
    /// Computed past the last published holiday arrangement.
    pub provisional: bool,
}

impl StatutoryClock {
    /// The period for people, an extension not included.
    pub fn within_text(&self) -> Text {
        match self.within {
            Budget::WorkingDays(0) => Text::new("当日", "the same day"),
            within => within.text(),
        }
    }
}

impl Case {
    /// The case's statutory clock at `now_us`, from acceptance on; none where the package sets no period.
    ///
    /// # Errors
    /// The calendar is unknown, or an instant lies outside what calendars can compute with.
    pub fn statutory_clock(
        &self,
        def: &Definition,
        calendars: &Calendars,
        now_us: i64,
    ) -> Result<Option<StatutoryClock>, CalendarError> {
        let Some(period) = &def.statutory else { return Ok(None) };
        let calendar = calendars.find(&self.calendar)?;
        let over = self.used.is_some() || self.phase == Phase::Closed;
        let extended = self.extension.is_some();
        measure(period, extended, &self.ledger, self.accepted_at_us, over, calendar, now_us).map(Some)
    }

    /// The statutory clock of a step or branch at `now_us`; none for a step without a period, or never offered.
    ///
    /// # Errors
    /// As for the case.
    pub fn step_statutory_clock(
        &self,
        def: &Definition,
        branch: &str,
        calendars: &Calendars,
        now_us: i64,
    ) -> Result<Option<StatutoryClock>, CalendarError> {
        let period = def.step(branch).and_then(|step| step.statutory.as_ref());
        let run = self.steps.get(branch).filter(|run| !run.calendar.is_empty());
        let (Some(period), Some(run)) = (period, run) else { return Ok(None) };
        let from_us = self.counts_from_us(branch, run, period);
        let calendar = calendars.find(&run.calendar)?;
        let (over, extended) = (run.state.is_terminal(), run.extension.is_some());
        measure(period, extended, &run.ledger, from_us, over, calendar, now_us).map(Some)
    }

    fn counts_from_us(&self, branch: &str, run: &StepRun, period: &Statutory) -> Option<i64> {
        let asked = self.corrections.iter().filter(|correction| correction.step == branch);
        let answered_us = asked.filter_map(|correction| correction.answered_at_us).max();
        answered_us.filter(|_| period.restarts).or(run.round_from_us)
    }
}

/// Stretches in which the period runs, from `from_us` on: beginning, and end where it has one.
fn stretches(ledger: &Ledger, from_us: i64) -> Vec<(i64, Option<i64>)> {
    let mut stretches: Vec<(i64, Option<i64>)> = Vec::new();
    let runs = |reason| !matches!(reason, Reason::Paused | Reason::Correction | Reason::Stopped);
    for interval in ledger.0.iter().filter(|interval| runs(interval.reason)) {
        if interval.to_us.is_some_and(|to_us| to_us <= from_us) {
            continue;
        }
        match stretches.last_mut().filter(|last| last.1 == Some(interval.from_us)) {
            Some(last) => last.1 = interval.to_us,
            None => stretches.push((interval.from_us.max(from_us), interval.to_us)),
        }
    }
    stretches
}

fn measure(
    period: &Statutory,
    extended: bool,
    ledger: &Ledger,
    from_us: Option<i64>,
    over: bool,
    calendar: &Calendar,
    now_us: i64,
) -> Result<StatutoryClock, CalendarError> {
    let extended_by = period.extend_once.filter(|_| extended);
    let mut left = extended_by.map_or(period.within, |more| plus(period.within, more));
    let stretches = from_us.map(|from_us| stretches(ledger, from_us)).unwrap_or_default();
    let (mut due, mut breach) = (None, None);
    for (begun_us, stopped_us) in &stretches {
        let used_up = left == nothing(left) && period.within != left;
        let ends = if used_up { Due { at_us: *begun_us, provisional: false } } else { end(left, calendar, *begun_us)? };
        due = stopped_us.is_none().then_some(ends);
        if ends.at_us < stopped_us.unwrap_or(now_us) {
            breach = Some(ends);
            left = nothing(left);
            break;
        }
        if let Some(stopped_us) = stopped_us {
            left = minus(left, calendar, *begun_us, *stopped_us)?;
        }
    }
    let runs = stretches.last().is_some_and(|(_, stopped_us)| stopped_us.is_none());
    let state = match (over, stretches.is_empty(), runs) {
        (true, ..) => ClockState::Stopped,
        (false, true, _) => ClockState::NotStarted,
        (false, false, true) => ClockState::Running,
        (false, false, false) => ClockState::Paused,
    };
    let due = due.filter(|_| state == ClockState::Running);
    Ok(StatutoryClock {
        state,
        within: period.within,
        extended_by,
        from_us,
        left,
        due_us: due.map(|due| due.at_us),
        breached_at_us: breach.filter(|breach| !breach.provisional).map(|breach| breach.at_us),
        law: period.law.clone(),
        calendar: calendar.id().to_owned(),
        provisional: due.or(breach).is_some_and(|at| at.provisional),
    })
}

/// The end of a period that begins, or goes on, at an instant.
pub(crate) fn end(period: Budget, calendar: &Calendar, from_us: i64) -> Result<Due, CalendarError> {
    match period {
        Budget::WorkingDays(0) => calendar.same_day_due_us(from_us, Horizon::Provisional),
        Budget::WorkingDays(days) => calendar.statutory_due_us(from_us, days, Horizon::Provisional),
        Budget::WorkingTime { us } => calendar.add_us(from_us, us, Horizon::Provisional),
        Budget::Wall { us } => Ok(Due { at_us: from_us.saturating_add(us), provisional: false }),
    }
}

/// What is left when it stops: less the days that are over, or the hours that were used.
fn minus(period: Budget, calendar: &Calendar, from_us: i64, to_us: i64) -> Result<Budget, CalendarError> {
    Ok(match period {
        Budget::WorkingDays(days) => {
            let (mut used, mut too_many) = (0, days + 1);
            while too_many - used > 1 {
                let middle = used + (too_many - used) / 2;
                let over = calendar.statutory_due_us(from_us, middle, Horizon::Provisional)?.at_us <= to_us;
                if over { used = middle } else { too_many = middle }
            }
            Budget::WorkingDays(days - used)
        }
        Budget::WorkingTime { us } => {
            let used_us = calendar.between_us(from_us, to_us, Horizon::Provisional)?.us;
            Budget::WorkingTime { us: (us - used_us).max(0) }
        }
        Budget::Wall { us } => Budget::Wall { us: (us - (to_us - from_us)).max(0) },
    })
}

fn nothing(period: Budget) -> Budget {
    match period {
        Budget::WorkingDays(_) => Budget::WorkingDays(0),
        Budget::WorkingTime { .. } => Budget::WorkingTime { us: 0 },
        Budget::Wall { .. } => Budget::Wall { us: 0 },
    }
}

/// The loader sees to it that both are counted alike.
fn plus(period: Budget, more: Budget) -> Budget {
    match (period, more) {
        (Budget::WorkingDays(days), Budget::WorkingDays(more)) => Budget::WorkingDays(days.saturating_add(more)),
        (Budget::WorkingTime { us }, Budget::WorkingTime { us: more }) => {
            Budget::WorkingTime { us: us.saturating_add(more) }
        }
        (Budget::Wall { us }, Budget::Wall { us: more }) => Budget::Wall { us: us.saturating_add(more) },
        (period, _) => period,
    }
}
