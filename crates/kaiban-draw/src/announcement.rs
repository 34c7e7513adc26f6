//! The terms of a draw, fixed before anybody commits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Hex32;

/// Which part of each stratum is drawn: percent, 0 to 100. A stratum that is not here cannot be in the pool.
pub type Shares = BTreeMap<String, u8>;

/// The terms of a draw. All parties commit to exactly these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// [`crate::METHOD`].
    pub method: String,
    /// The draw's id.
    pub draw: String,
    /// Id of the pool that is drawn from, such as `domicile-visits`.
    pub pool: String,
    /// From when to when items came into the pool.
    pub period: Period,
    /// How much of each stratum is drawn.
    pub shares: Shares,
    /// How many check each drawn item; 0 where the draw names nobody.
    pub checkers_per_item: u8,
    /// Of the roster that checkers are drawn from: [`crate::roster_sha256`].
    pub roster_sha256: Hex32,
    /// Ids of the organisations that each give a number. Their order is that of the seed.
    pub parties: Vec<String>,
    /// A number that nobody who takes part can choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_value: Option<PublicValue>,
    /// The void draw whose pool this one draws from: [`crate::Draw::follows`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<Follows>,
    /// When this is published.
    pub announced_at_us: i64,
    /// Parties commit before this instant.
    pub commit_by_us: i64,
    /// The pool is frozen, and parties reveal, before this instant.
    pub reveal_by_us: i64,
}

/// From one instant, to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first instant of it.
    pub from_us: i64,
    /// The first instant after it.
    pub to_us: i64,
}

/// A number that will be public: named before, known after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicValue {
    /// Which one, of which day, and where to look it up; for people.
    pub what: String,
    /// How it is written: `9` for a decimal digit, `f` for a lower-case hex digit, all else for itself. Printable ASCII. Without it the
    /// same number could be written in several ways, and who enters it could choose.
    pub form: String,
    /// It is not known before this instant.
    pub from_us: i64,
    /// It is entered before this instant.
    pub by_us: i64,
}

impl PublicValue {
    /// Whether a value is written in the announced form.
    pub fn fits(&self, value: &str) -> bool {
        value.len() == self.form.len()
            && value.bytes().zip(self.form.bytes()).all(|(written, form)| match form {
                b'9' => written.is_ascii_digit(),
                b'f' => matches!(written, b'0'..=b'9' | b'a'..=b'f'),
                literal => written == literal,
            })
    }

    /// How many of its characters are not known before.
    pub(crate) fn digits(&self) -> usize {
        self.form.bytes().filter(|form| matches!(form, b'9' | b'f')).count()
    }
}

/// The void draw that a draw follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// Its id.
    pub draw: String,
    /// The hash of its record.
    pub record_sha256: Hex32,
    /// Its pool, if it was frozen: the next draw is over the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool_sha256: Option<Hex32>,
    /// Parties that knew the numbers of others and did not show theirs. They take part again only beside a public value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
}
