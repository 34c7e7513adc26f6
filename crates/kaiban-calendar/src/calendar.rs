//! A calendar: its parts, and what identifies them.

use std::collections::BTreeSet;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::{Date, date};
use kaiban_findings::Text;
use sha2::{Digest, Sha256};

use crate::arrangement::Arrangement;
use crate::hours::{Closure, Hours};
use crate::instant::date_of_day;
use crate::table::{LAST_DATE, Shape, Table};
use crate::version::Version;

/// The working time of one office: hours × holiday arrangement × exceptional closures. Immutable; a new notice or
/// closure makes a new calendar with another [`version`](Calendar::version).
#[derive(Clone)]
pub struct Calendar {
    id: Arc<str>,
    version: String,
    pub(crate) arrangement: Arc<Arrangement>,
    pub(crate) hours: Arc<Hours>,
    pub(crate) closures: Vec<Closure>,
    pub(crate) table: Table,
}

impl Calendar {
    pub(crate) fn new(id: &str, arrangement: Arc<Arrangement>, hours: Arc<Hours>, closures: Vec<Closure>) -> Self {
        let version = version_of(&arrangement, &hours, &closures);
        let table = Table::build(&arrangement, &hours, &closures);
        Self { id: id.into(), version, arrangement, hours, closures, table }
    }

    /// The name that packages and agencies use, for example `fuzhou-city`.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn shared_id(&self) -> Arc<str> {
        Arc::clone(&self.id)
    }

    /// Identifies all data that answers are computed from: 16 hexadecimal digits of a SHA-256 over the notices in
    /// force, the hours and the closures. Equal versions give equal answers; titles, sources and layout do not count.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What people call it.
    pub fn title(&self) -> &Text {
        &self.hours.title
    }

    pub(crate) fn full_day(&self, date: Date) -> Shape {
        Shape::full(&self.hours, date)
    }

    /// The first day that is computed.
    pub fn first_day(&self) -> Date {
        date(self.arrangement.first_year, 1, 1)
    }

    /// The last day of the last published year; answers beyond it are provisional.
    pub fn published_until(&self) -> Date {
        date_of_day(self.table.first_day + self.table.published as i64 - 1)
    }

    /// The last day that even a provisional answer may use.
    pub fn last_day(&self) -> Date {
        LAST_DATE
    }

    /// The exceptional closures, in the order in which they were added.
    pub fn closures(&self) -> &[Closure] {
        &self.closures
    }

    /// The same calendar with one more closure.
    #[must_use]
    pub fn with_closure(&self, closure: Closure) -> Calendar {
        let mut closures = self.closures.clone();
        closures.push(closure);
        Self::new(&self.id, Arc::clone(&self.arrangement), Arc::clone(&self.hours), closures)
    }

    /// The calendar as it was known at an instant: without the notices, hours and closures published after it.
    #[must_use]
    pub fn as_published(&self, at_us: i64) -> Calendar {
        let Known { arrangement, hours, closures } = self.known(at_us);
        Self::new(&self.id, Arc::new(arrangement), Arc::new(hours), closures)
    }

    /// The parts known at an instant, without the days that follow from them.
    fn known(&self, at_us: i64) -> Known {
        let closures = self.closures.iter().filter(|closure| closure.published_at_us <= at_us).cloned().collect();
        let (arrangement, hours) = (self.arrangement.as_published(at_us), self.hours.as_published(at_us));
        Known { arrangement, hours, closures }
    }

    /// The version that this calendar is, for a journal.
    pub fn identity(&self) -> Version {
        self.version_at(self.published().last().copied().unwrap_or(i64::MIN))
    }

    /// Every version that was ever known, oldest first; the last one is [`identity`](Calendar::identity). Each is opened
    /// with [`as_published`](Calendar::as_published) at its `published_at_us`. Something published that changed nothing
    /// makes no version.
    pub fn history(&self) -> Vec<Version> {
        let mut history: Vec<Version> = self.published().into_iter().map(|at_us| self.version_at(at_us)).collect();
        history.dedup_by(|later, earlier| later.digest == earlier.digest);
        history
    }

    /// The version known at an instant by its digest, as a journal names it; none where this calendar never was that.
    pub fn at_version(&self, digest: &str) -> Option<Calendar> {
        let version = self.history().into_iter().find(|version| version.digest == digest)?;
        Some(self.as_published(version.published_at_us))
    }

    fn version_at(&self, at_us: i64) -> Version {
        let Known { arrangement, hours, closures } = self.known(at_us);
        let digest = version_of(&arrangement, &hours, &closures);
        Version { calendar: self.id.to_string(), digest, published_at_us: at_us }
    }

    /// When anything was published, in order, each instant once.
    fn published(&self) -> BTreeSet<i64> {
        let notices = self.arrangement.notices.iter().map(|notice| notice.published_at_us);
        // The first timetable was always known: it is no publication.
        let changes = self.hours.timetables.iter().skip(1).map(|timetable| timetable.published_at_us);
        let closures = self.closures.iter().map(|closure| closure.published_at_us);
        notices.chain(changes).chain(closures).collect()
    }
}

struct Known {
    arrangement: Arrangement,
    hours: Hours,
    closures: Vec<Closure>,
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calendar").field("id", &self.id).field("version", &self.version).finish_non_exhaustive()
    }
}

/// The number in front names the arithmetic: it rises when the same data would give other answers.
fn version_of(arrangement: &Arrangement, hours: &Hours, closures: &[Closure]) -> String {
    let mut text = format!("calendar 1\nfirst {}\n", arrangement.first_year);
    // Writing to a String cannot fail.
    for notice in arrangement.in_force() {
        let _ = writeln!(text, "year {} off {:?} worked {:?}", notice.year, notice.off, notice.worked);
    }
    for (number, timetable) in hours.timetables.iter().enumerate() {
        if number > 0 {
            let _ = writeln!(text, "from {}", timetable.from);
        }
        for season in &timetable.seasons {
            let _ = write!(text, "season {:?} {:?}", season.from, season.to);
            for session in &season.sessions {
                let _ = write!(text, " {}-{}", session.opens, session.closes);
            }
            text.push('\n');
        }
    }
    let mut spans: Vec<_> = closures.iter().map(|closure| (closure.from_us, closure.to_us)).collect();
    spans.sort_unstable();
    let _ = writeln!(text, "closed {spans:?}");
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
