//! What happened, and how a case stands, as a person reads it. Nothing that differs from one database to another is
//! shown: no numbers of cases and letters, no digests, no tokens, no operating time.

mod case;
mod line;

use std::fmt::Write as _;

use jiff::civil::Date;
use kaiban_calendar::{format_instant, local_date};
use kaiban_definition::Definition;
use kaiban_engine::{Actor, Case, Entry, Event};
use kaiban_findings::{Finding, Place};

use crate::driver::{Deed, Refused};
use crate::scenario::Said;

pub(crate) use case::case_block;
pub(crate) use line::proved_by;

/// One thing that somebody did, with all that followed in the same moment.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    at_us: i64,
    who: String,
    lines: Vec<String>,
}

impl Told {
    /// A letter that was issued and told of at once is one thing to a reader.
    fn goes_on_with(&self, next: &Told) -> bool {
        let issued = |told: &Told| match told.lines.as_slice() {
            [line] => line.strip_suffix(line::ISSUED).map(str::to_owned),
            _ => None,
        };
        let told = |told: &Told| match told.lines.as_slice() {
            [line] => line.strip_suffix(line::TOLD).map(str::to_owned),
            _ => None,
        };
        self.at_us == next.at_us && issued(self).is_some_and(|letter| told(next) == Some(letter))
    }

    /// Something that was tried in vain.
    pub fn refused(at_us: i64, who: String, reason: &str, findings: &[Finding]) -> Self {
        let mut line = format!("refused: {reason}");
        for (index, finding) in findings.iter().enumerate() {
            let place = match &finding.place {
                Place::Pointer(pointer) => pointer.as_str(),
                Place::Whole | Place::File { .. } => "-",
            };
            let _ = write!(line, "{} {} {place}", if index == 0 { ":" } else { "," }, finding.code);
        }
        Self { at_us, who, lines: vec![line] }
    }

    /// What it says, without when and who.
    pub fn text(&self) -> String {
        self.lines.join("; ")
    }
}

/// The same for something that was tried with a case.
pub(crate) fn refused(at_us: i64, said: &Said, deed: &Deed, case: &Case, reason: &Refused) -> Told {
    let office = |step: &str| case.steps.get(step).map(|run| run.office.clone()).filter(|office| !office.is_empty());
    let who = match (said, deed) {
        (
            Said::Rates { person, .. }
            | Said::Signs { person, .. }
            | Said::Declines { person, .. }
            | Said::TakesBack { person, .. },
            _,
        ) => format!("applicant {person}"),
        (
            _,
            Deed::Pause { officer, .. }
            | Deed::Resume { officer, .. }
            | Deed::Extend { officer, .. }
            | Deed::ExplainDelay { officer, .. }
            | Deed::Cancel { officer, .. }
            | Deed::GiveUp { officer, .. }
            | Deed::Resolve { officer, .. },
        ) => officer.clone(),
        (_, Deed::Take { step } | Deed::Complete { step, .. } | Deed::Defer { step, .. } | Deed::Fail { step, .. }) => {
            office(step).unwrap_or_else(|| "office".to_owned())
        }
        _ => format!("terminal {}", case.outlet.as_ref().unwrap_or(&case.organisation)),
    };
    Told::refused(at_us, who, &reason.reason, &reason.findings)
}

/// What entries of a journal say; `case` is the case with all of them applied.
///
/// Entries of one instant that depend on nobody's order are put in one: a shell may hand out tasks, fire deadlines and
/// issue letters of one instant in any.
pub(crate) fn tell(def: &Definition, case: &Case, entries: &[Entry]) -> Vec<Told> {
    let mut told: Vec<(i64, u8, String, Told)> = Vec::new();
    for entry in entries {
        let (mut lines, mut follows): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        // Of several cases that one instant starts, the last to be there lets the case go on, whichever it is.
        let own = match entry.events.first() {
            Some(Event::SubCaseStarted { step, .. }) => Some(step.as_str()),
            _ => None,
        };
        for event in &entry.events {
            let of_another = own.is_some() && line::step(event) != own;
            let lines = if of_another { &mut follows } else { &mut lines };
            lines.extend(line::line(def, case, entry.at_us, event));
        }
        let rank = match entry.command.as_str() {
            "claim" => 0,
            "fire_timer" => 2,
            "sub_case_started" | "sub_case_failed" | "sub_case_ended" => 3,
            "issue_letter" | "tell" => 4,
            _ => 1,
        };
        let key = if rank == 1 { String::new() } else { lines.concat() };
        if lines.is_empty() {
            continue;
        }
        let told_of = |lines| Told { at_us: entry.at_us, who: who(case, entry), lines };
        told.push((entry.at_us, rank, key, told_of(lines)));
        if !follows.is_empty() {
            told.push((entry.at_us, rank, char::MAX.to_string(), told_of(follows)));
        }
    }
    told.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    let mut all: Vec<Told> = Vec::new();
    for (.., told) in told {
        match all.last_mut() {
            Some(before) if before.goes_on_with(&told) => before.lines = vec![format!("{}, and told", before.lines[0])],
            _ => all.push(told),
        }
    }
    all
}

fn who(case: &Case, entry: &Entry) -> String {
    match &entry.actor {
        Actor::Terminal { organisation, outlet } => format!("terminal {}", outlet.as_ref().unwrap_or(organisation)),
        // The holder is a token; the office is what people know.
        Actor::Agency { .. } => {
            let office = |event: &Event| Some(case.steps.get(line::step(event)?)?.office.clone());
            entry.events.iter().find_map(office).unwrap_or_else(|| "agency".to_owned())
        }
        Actor::Officer { officer } => officer.clone(),
        Actor::Applicant { person } => format!("applicant {person}"),
        Actor::Admin { .. } => "bureau".to_owned(),
        Actor::System => "system".to_owned(),
    }
}

/// Width of the time, and of whoever acted.
const TIME: usize = 16;
const WHO: usize = 26;

/// The lines of a journal block. A time, a day and a person stand where they change.
pub(crate) fn layout(told: &[Told]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut shown: Option<(i64, Date)> = None;
    let mut before = "";
    for told in told {
        let day = local_date(told.at_us);
        let time = match shown {
            Some((at_us, _)) if at_us == told.at_us => String::new(),
            Some((_, before)) if before == day => time_of_day(told.at_us),
            _ => local(told.at_us),
        };
        let who = if time.is_empty() && told.who == before { "" } else { told.who.as_str() };
        (shown, before) = (Some((told.at_us, day)), &told.who);
        for (index, line) in told.lines.iter().enumerate() {
            let (time, who) = if index == 0 { (time.as_str(), who) } else { ("", "") };
            let line = format!("{time:>TIME$}  {who:<WHO$} {line}");
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

/// `2026-11-23 09:30`, with seconds where there are any.
pub(crate) fn local(at_us: i64) -> String {
    let text = format_instant(at_us).replace('T', " ").replace("+08:00", "");
    text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
}

fn time_of_day(at_us: i64) -> String {
    let text = local(at_us);
    text.split_once(' ').map_or(text.clone(), |(_, time)| time.to_owned())
}

/// An instant as it is read at another: without the day if it is the same.
fn seen_from(now_us: i64, at_us: i64) -> String {
    if local_date(now_us) == local_date(at_us) { time_of_day(at_us) } else { local(at_us) }
}

/// `1:30`, or `1:30:05` where there are seconds.
fn hours(us: i64) -> String {
    let (sign, seconds) = if us < 0 { ("-", -(us / 1_000_000)) } else { ("", us / 1_000_000) };
    let text = format!("{sign}{}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 == 0 { text } else { format!("{text}:{:02}", seconds % 60) }
}
