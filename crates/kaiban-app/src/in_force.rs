//! Which calendars are in force, and the publication that is being applied to the open cases. They change together: whoever
//! takes one takes both.

use std::sync::{Arc, Mutex};

use kaiban_calendar::Calendars;
use kaiban_engine::{Case, Phase};

use crate::app::lock;

/// The calendars in force.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub calendars: Arc<Calendars>,
    /// Number of the publication that brought them; 0 = none is recorded.
    pub publication: i64,
    /// Where open cases may still have been computed with the calendars before.
    pub applying: Option<Arc<Applying>>,
}

/// A publication that is being applied to the open cases, in the order of their numbers.
#[derive(Debug)]
pub(crate) struct Applying {
    pub number: i64,
    pub source: String,
    pub published_at_us: i64,
    /// What the cases were computed with; none where a database is older than its record of publications: then only
    /// their deadlines are set anew.
    pub before: Option<Arc<Calendars>>,
    /// The last case that it has come to.
    passed: Mutex<String>,
}

impl Applying {
    pub fn new(
        number: i64,
        source: &str,
        published_at_us: i64,
        before: Option<Arc<Calendars>>,
        last_case: &str,
    ) -> Self {
        let passed = Mutex::new(last_case.to_owned());
        Self { number, source: source.to_owned(), published_at_us, before, passed }
    }

    /// Every case up to this one is done.
    pub fn pass(&self, last_case: &str) {
        last_case.clone_into(&mut lock(&self.passed));
    }

    /// Whether a case may still stand on the calendars before. One that was received later never did.
    pub fn concerns(&self, case: &Case) -> bool {
        case.phase != Phase::Closed
            && case.recomputed < self.number
            && case.received_at_us <= self.published_at_us
            && *case.id > **lock(&self.passed)
    }
}
