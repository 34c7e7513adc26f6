//! What callers ask of draws.

use std::collections::BTreeMap;

use kaiban_draw::{Hex32, PublicValue, State};

/// Announce a draw.
#[derive(Clone, Debug)]
pub struct AnnounceDraw {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// What is drawn from, as packages name it.
    pub pool: String,
    /// End of the period in which what is drawn from came in, µs; none = now. Where the draw follows a void one whose pool
    /// was frozen, its period is that one's.
    pub period_to_us: Option<i64>,
    /// Percent by class of risk; empty = by credit: 5, 8, 12 and 15 of the classes A to D.
    pub shares: BTreeMap<String, u8>,
    /// How many check each drawn item; none = 2.
    pub checkers_per_item: Option<u8>,
    /// `role:person`, or `role:organisation` of a programme; their order is that of the seed.
    pub parties: Vec<String>,
    /// A number that nobody who takes part can choose.
    pub public_value: Option<PublicValue>,
    /// Parties commit before, µs.
    pub commit_by_us: i64,
    /// The pool is frozen, and parties reveal, before, µs.
    pub reveal_by_us: i64,
}

/// Commit to a number.
#[derive(Clone, Debug)]
pub struct CommitSeed {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The draw.
    pub draw: String,
    /// Hash of the number, the party and the announcement.
    pub sha256: Hex32,
}

/// Show a number.
#[derive(Clone, Debug)]
pub struct RevealSeed {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The draw.
    pub draw: String,
    /// The number.
    pub reveal: Hex32,
}

/// Enter the public value.
#[derive(Clone, Debug)]
pub struct PublishValue {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The draw.
    pub draw: String,
    /// In the announced form.
    pub value: String,
}

/// Freeze or hold a draw.
#[derive(Clone, Debug)]
pub struct OnDraw {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// The draw.
    pub draw: String,
}

/// A page of draws.
#[derive(Clone, Debug, Default)]
pub struct ListDraws {
    /// Of this pool.
    pub pool: Option<String>,
    /// As far as this.
    pub state: Option<State>,
    /// How many; 0 = 50.
    pub page_size: u32,
    /// From the page before; empty = first page.
    pub page_token: String,
}
