//! A case's time told as a person reads it: for the case and for each step what was used of what was promised, stretch by
//! stretch why time counts or does not, which marks were given, what the law gives, what is late and why, and what a new
//! calendar changed. Figures are the clocks' own: nothing is computed here a second way.

mod left_out;
mod notes;
mod words;

use kaiban_calendar::{Calendar, CalendarError, Calendars, Horizon};
use kaiban_definition::{Definition, INTAKE, branch_name, branch_parts};
use kaiban_findings::Text;

use crate::case::{Case, StepRun};
use crate::clock::PromiseClock;
use crate::context::Documents;
use crate::journal::Entry;
use crate::ledger::{Ball, Interval, Ledger, Reason};
use crate::statutory::StatutoryClock;

/// The whole account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Case number.
    pub case: String,
    /// When it was told, µs.
    pub at_us: i64,
    /// The case first, then its steps and branches in the package's order, as far as they have begun.
    pub accounts: Vec<Account>,
}

/// The account of one clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The step or branch; none = the case.
    pub step: Option<String>,
    /// Title; of a branch with its key.
    pub title: Text,
    /// The promise clock.
    pub promise: PromiseClock,
    /// The statutory clock, where the package sets a period.
    pub statutory: Option<StatutoryClock>,
    /// Time on the wall, µs: the sum of the stretches.
    pub wall_us: i64,
    /// All of it in one sentence.
    pub line: Text,
    /// The ledger.
    pub stretches: Vec<Stretch>,
    /// Marks, the law, delays, recomputations: a sentence each.
    pub notes: Vec<Text>,
}

/// An interval of a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Beginning, µs.
    pub from_us: i64,
    /// End, µs; none while it lasts.
    pub to_us: Option<i64>,
    /// Who has the ball.
    pub ball: Ball,
    /// The offices.
    pub parties: Vec<String>,
    /// Why it is what it is.
    pub reason: Reason,
    /// Whether the clock runs.
    pub counts: bool,
    /// Length on the wall, µs.
    pub wall_us: i64,
    /// Working time in it that counts, µs; 0 where it does not.
    pub working_us: i64,
    /// The stretch in one sentence, with why it counts or not.
    pub line: Text,
}

/// What the account is made from.
struct Material<'a> {
    def: &'a Definition,
    case: &'a Case,
    journal: &'a [Entry],
    documents: &'a Documents,
    now_us: i64,
}

/// Explains a case at `now_us`. The journal is the case's own; of its documents the reasons of delays are told, as far as
/// they are there.
///
/// # Errors
/// A calendar is unknown, or an instant lies outside what calendars can compute with.
pub fn explain(
    def: &Definition,
    case: &Case,
    calendars: &Calendars,
    (journal, documents): (&[Entry], &Documents),
    now_us: i64,
) -> Result<Explanation, CalendarError> {
    let material = Material { def, case, journal, documents, now_us };
    let mut accounts = vec![material.of_case(calendars)?];
    for (branch, run) in material.steps() {
        if let Some(promise) = run.promise_clock(calendars, now_us)? {
            accounts.push(material.of_step(&branch, run, promise, calendars)?);
        }
    }
    // What an earlier version of the package had: its time is in the case's.
    for dropped in case.dropped.iter().filter(|dropped| !dropped.run.ledger.0.is_empty()) {
        if let Some(promise) = dropped.run.promise_clock(calendars, now_us)? {
            accounts.push(material.of_step(&dropped.step, &dropped.run, promise, calendars)?);
        }
    }
    Ok(Explanation { case: case.id.clone(), at_us: now_us, accounts })
}

impl<'a> Material<'a> {
    /// Steps and branches that have begun, in the package's order.
    fn steps(&self) -> Vec<(String, &'a StepRun)> {
        let names = std::iter::once(INTAKE).chain(self.def.order.iter().map(String::as_str));
        let with_branches = names.flat_map(|name| {
            let keys = self.case.steps.get(name).and_then(|run| run.branches.as_ref()).into_iter().flatten();
            let branches = keys.map(move |key| branch_name(name, Some(key)));
            std::iter::once(name.to_owned()).chain(branches)
        });
        let begun = |name: String| {
            let run = self.case.steps.get(&name)?;
            (!run.ledger.0.is_empty()).then_some((name, run))
        };
        with_branches.filter_map(begun).collect()
    }

    fn of_case(&self, calendars: &Calendars) -> Result<Account, CalendarError> {
        let promise = self.case.promise_clock(calendars, self.now_us)?;
        let statutory = self.case.statutory_clock(self.def, calendars, self.now_us)?;
        let title = Text::new(format!("办件 {}", self.case.id), format!("Case {}", self.case.id));
        self.account(None, title, (promise, statutory), &self.case.ledger, calendars)
    }

    fn of_step(
        &self,
        branch: &str,
        run: &StepRun,
        promise: PromiseClock,
        calendars: &Calendars,
    ) -> Result<Account, CalendarError> {
        let statutory = self.case.step_statutory_clock(self.def, branch, calendars, self.now_us)?;
        let title = self.def.step(branch).map(|step| step.title.clone());
        let title = title.unwrap_or_else(|| Text::new(branch, branch));
        let title = match branch_parts(branch).1 {
            Some(key) => Text::new(format!("{}［{key}］", title.zh), format!("{} [{key}]", title.en)),
            None => title,
        };
        self.account(Some(branch), title, (promise, statutory), &run.ledger, calendars)
    }

    fn account(
        &self,
        step: Option<&str>,
        title: Text,
        (promise, statutory): (PromiseClock, Option<StatutoryClock>),
        ledger: &Ledger,
        calendars: &Calendars,
    ) -> Result<Account, CalendarError> {
        let present = calendars.find(&promise.calendar)?;
        // A report was made with the calendar of its day, and is told with it.
        let reported = (present.version() != promise.version).then(|| present.at_version(&promise.version)).flatten();
        let measured: &Calendar = match &reported {
            Some(reported) => reported,
            None => present,
        };
        let mut stretches = Vec::with_capacity(ledger.0.len());
        let mut left_out = left_out::LeftOut::default();
        for interval in &ledger.0 {
            stretches.push(self.stretch(step, interval, measured, &mut left_out)?);
        }
        let line = words::headline(&title, &promise, &stretches, &left_out);
        let wall_us = ledger.wall_us(self.now_us);
        let notes = self.notes(step, &promise, statutory.as_ref(), &stretches);
        let step = step.map(str::to_owned);
        Ok(Account { step, title, promise, statutory, wall_us, line, stretches, notes })
    }

    fn stretch(
        &self,
        step: Option<&str>,
        interval: &Interval,
        calendar: &Calendar,
        all: &mut left_out::LeftOut,
    ) -> Result<Stretch, CalendarError> {
        let Interval { from_us, to_us, ball, ref parties, reason, counts } = *interval;
        let end_us = to_us.unwrap_or(self.now_us.max(from_us));
        let mut working_us = 0;
        let mut left_out = left_out::LeftOut::default();
        if counts {
            working_us = calendar.between_us(from_us, end_us, Horizon::Provisional)?.us;
            left_out.look(calendar, from_us, end_us)?;
            all.add(&left_out);
        }
        let why = words::why(reason, parties, self.pause_at(step, from_us));
        let wall_us = end_us - from_us;
        let line = words::stretch((from_us, to_us), counts, (wall_us, working_us), &why, &left_out);
        let parties = parties.clone();
        Ok(Stretch { from_us, to_us, ball, parties, reason, counts, wall_us, working_us, line })
    }
}
