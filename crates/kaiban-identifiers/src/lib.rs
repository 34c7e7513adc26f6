//! Tells whether a unified social credit code or a citizen number is well formed, and what is wrong with it. It never
//! asks a registry whether the code exists, never repairs a value silently, and never quotes one in a message: a
//! citizen number is personal data.
//!
//! ```
//! let checked = kaiban_identifiers::uscc::check("91350100M000100Y44");
//! assert!(!checked.valid());
//! assert_eq!(checked.problems[0].code, kaiban_identifiers::codes::BAD_CHECK);
//! ```

pub mod citizen_id;
pub mod codes;
mod compose;
mod division;
mod findings;
mod normalize;
mod organisation_code;
pub mod uscc;

pub use compose::ComposeError;
use kaiban_findings::Finding;

/// Which standard or practice a value follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Unified social credit code of GB 32100-2015.
    Uscc,
    /// Unified social credit code of Fujian's pilot of 2015, whose last character follows another rule than
    /// GB 32100. Still in lawful use, never issued any more.
    UsccFujianPilot,
    /// Citizen number of a mainland resident, GB 11643-1999.
    CitizenNumber,
    /// Number of a residence permit for residents of Hong Kong, Macau or Taiwan (divisions 810000, 820000, 830000).
    ResidencePermit,
    /// Number of a foreigner's permanent residence card in its 18-character form, which begins with 9.
    ForeignPermanentResident,
}

impl Class {
    /// A stable name for programmes, in SCREAMING_SNAKE_CASE.
    pub fn name(self) -> &'static str {
        match self {
            Class::Uscc => "USCC",
            Class::UsccFujianPilot => "USCC_FUJIAN_PILOT",
            Class::CitizenNumber => "CITIZEN_NUMBER",
            Class::ResidencePermit => "RESIDENCE_PERMIT",
            Class::ForeignPermanentResident => "FOREIGN_PERMANENT_RESIDENT",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What the value is, once written in its canonical form; `None` when that form breaks a rule.
    pub class: Option<Class>,
    /// The canonical form: half width, upper case, no spaces or hyphens. Present exactly when `class` is, so offering
    /// it to the person who typed the value never offers nonsense.
    pub normalized: Option<String>,
    /// Everything found. Each place is the whole value; the caller, who knows the form, may point further.
    pub problems: Vec<Finding>,
}

impl Checked {
    /// Whether the value is right exactly as it was given. Doubts do not count.
    pub fn valid(&self) -> bool {
        self.class.is_some() && !self.problems.iter().any(Finding::is_error)
    }

    fn new(class: Option<Class>, canonical: String, problems: Vec<Finding>) -> Self {
        Checked { class, normalized: class.map(|_| canonical), problems }
    }
}
