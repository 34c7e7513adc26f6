//! A calendar: its parts, and what identifies them.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::{Date, date};
use kaiban_findings::Text;
use sha2::{Digest, Sha256};

use crate::arrangement::Arrangement;
use crate::hours::{Closure, Hours};
use crate::instant::date_of_day;
use crate::table::{LAST_DATE, Table};

/// The working time of one office: hours × holiday arrangement × exceptional closures. Immutable; a new notice or
/// closure makes a new calendar with another [`version`](Calendar::version).
#[derive(Clone)]
pub struct Calendar {
    id: Arc<str>,
    version: String,
    arrangement: Arc<Arrangement>,
    hours: Arc<Hours>,
    closures: Vec<Closure>,
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

    pub(crate) fn season_of(&self, date: Date) -> usize {
        self.hours.season_of(date)
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

    /// The calendar as it was known at an instant: without the notices and closures published after it.
    #[must_use]
    pub fn as_published(&self, at_us: i64) -> Calendar {
        let closures = self.closures.iter().filter(|closure| closure.published_at_us <= at_us).cloned().collect();
        Self::new(&self.id, Arc::new(self.arrangement.as_published(at_us)), Arc::clone(&self.hours), closures)
    }
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
    for season in &hours.seasons {
        let _ = write!(text, "season {:?} {:?}", season.from, season.to);
        for session in &season.sessions {
            let _ = write!(text, " {}-{}", session.opens, session.closes);
        }
        text.push('\n');
    }
    let mut spans: Vec<_> = closures.iter().map(|closure| (closure.from_us, closure.to_us)).collect();
    spans.sort_unstable();
    let _ = writeln!(text, "closed {spans:?}");
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
