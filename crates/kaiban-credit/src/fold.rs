//! The records of a history as they stood on a day.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Refusal, What};
use crate::record::Record;
use crate::rules;

/// A record as it stood on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The day.
    pub as_of: Date,
    /// What was recorded.
    pub record: Record,
    /// When.
    pub recorded_on: Date,
    /// The correction, once entered.
    pub correction: Option<Correction>,
    /// The last application for repair.
    pub application: Option<Application>,
    /// The day of the repair.
    pub repaired_on: Option<Date>,
    /// The day on which it was taken back as recorded in error.
    pub withdrawn_on: Option<Date>,
}

/// The dishonest act is corrected and every duty fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// The day on which the last duty was fulfilled.
    pub done_on: Date,
    /// The day on which that was entered.
    pub on: Date,
}

/// An application for repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The day on which it was made.
    pub on: Date,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// Not decided yet.
    Open,
    /// Repaired.
    Granted {
        /// The day of the decision.
        on: Date,
    },
    /// Refused.
    Refused {
        /// The day of the decision.
        on: Date,
        /// Why.
        reason: Refusal,
    },
}

/// How a record ended. It stays in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ending {
    /// Repaired.
    Repaired {
        /// The first day on which it did not count.
        on: Date,
    },
    /// The maximum span was over.
    Over {
        /// The first day on which it did not count.
        on: Date,
    },
    /// Recorded in error.
    Withdrawn {
        /// The first day on which it did not count.
        on: Date,
    },
}

/// The records as they stood on a day, by id. Later entries are not seen. Total: an entry that fits nothing changes
/// nothing, and [`may_append`](crate::may_append) would not have let it in.
///
/// The order of one day's entries says nothing, except between an application and its decision.
pub fn fold(entries: &[Entry], on: Date) -> BTreeMap<String, State> {
    let mut seen: Vec<&Entry> = entries.iter().filter(|entry| entry.on <= on).collect();
    seen.sort_by_key(|entry| (entry.on, !matches!(entry.what, What::Recorded(_))));
    let mut states: BTreeMap<String, State> = BTreeMap::new();
    for entry in seen {
        match (&entry.what, states.get_mut(&entry.record)) {
            (What::Recorded(record), None) => {
                states.insert(entry.record.clone(), State::new(record, entry.on, on));
            }
            (what, Some(state)) => state.take(what, entry.on),
            (_, None) => {}
        }
    }
    states
}

impl State {
    fn new(record: &Record, recorded_on: Date, as_of: Date) -> State {
        State {
            as_of,
            record: record.clone(),
            recorded_on,
            correction: None,
            application: None,
            repaired_on: None,
            withdrawn_on: None,
        }
    }

    fn take(&mut self, what: &What, on: Date) {
        match what {
            What::Recorded(_) => {}
            What::Corrected { done_on } => {
                self.correction.get_or_insert(Correction { done_on: *done_on, on });
            }
            What::RepairApplied { .. } => self.application = Some(Application { on, outcome: Outcome::Open }),
            What::RepairGranted => {
                self.repaired_on.get_or_insert(on);
                self.decide(Outcome::Granted { on });
            }
            What::RepairRefused { reason } => self.decide(Outcome::Refused { on, reason: *reason }),
            What::Withdrawn { .. } => {
                self.withdrawn_on.get_or_insert(on);
            }
        }
    }

    fn decide(&mut self, outcome: Outcome) {
        if let Some(application) = &mut self.application {
            application.outcome = outcome;
        }
    }

    /// Whether it counts.
    pub fn in_force(&self) -> bool {
        self.ending().is_none()
    }

    /// How it ended, if it has.
    pub fn ending(&self) -> Option<Ending> {
        let over = self.over_from();
        match (self.withdrawn_on, self.repaired_on) {
            (Some(on), _) => Some(Ending::Withdrawn { on }),
            (None, Some(on)) if on <= over => Some(Ending::Repaired { on }),
            _ => (over <= self.as_of).then_some(Ending::Over { on: over }),
        }
    }

    /// The first day on which the maximum span is over, by the rules in force until [`State::as_of`].
    pub fn over_from(&self) -> Date {
        rules::over_from(&self.record, self.as_of)
    }

    /// The last day on which it counts if nothing is done.
    pub fn last_day(&self) -> Date {
        self.over_from().saturating_sub(1.day())
    }

    /// The first day on which repair can be applied for, as far as a minimum span goes, by the rules in force until
    /// [`State::as_of`]; never before it was recorded. `None` if a law excludes repair.
    pub fn repairable_from(&self) -> Option<Date> {
        let from = rules::repairable_from(&self.record, self.as_of).max(self.recorded_on);
        self.record.beyond_repair.is_none().then_some(from)
    }

    /// Whether it is shown to the public.
    pub fn published(&self) -> bool {
        self.in_force() && rules::is_published(&self.record, self.as_of)
    }

    /// Whether an application waits for its decision.
    pub fn application_is_open(&self) -> bool {
        matches!(self.application, Some(Application { outcome: Outcome::Open, .. }))
    }
}
