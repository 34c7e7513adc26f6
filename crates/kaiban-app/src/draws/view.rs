//! What callers see of a draw besides its record.

use std::collections::BTreeMap;

use kaiban_draw::{Cause, Draw, End, Hex32, Period, PublicValue, State};
use serde::{Deserialize, Serialize};

/// A draw in short. It is also what is kept of the replies about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawView {
    /// Its number.
    pub id: String,
    /// What is drawn from.
    pub pool: String,
    /// How far it is.
    pub state: State,
    /// When what is drawn from came in, µs.
    pub period: Period,
    /// Percent by class of risk.
    pub shares: BTreeMap<String, u8>,
    /// How many check each drawn item.
    pub checkers_per_item: u8,
    /// In the order of the announcement.
    pub parties: Vec<DrawParty>,
    /// The number that nobody who takes part can choose.
    pub public_value: Option<PublicValue>,
    /// That number, once it is known.
    pub published: Option<String>,
    /// The void draw that it follows.
    pub follows: Option<String>,
    /// When it was announced, µs.
    pub announced_at_us: i64,
    /// Parties commit before, µs.
    pub commit_by_us: i64,
    /// The pool is frozen, and parties reveal, before, µs.
    pub reveal_by_us: i64,
    /// Published with the announcement.
    pub announcement_sha256: Hex32,
    /// Published before the first reveal.
    pub frozen_sha256: Option<Hex32>,
    /// Of the whole record, once the draw has ended.
    pub record_sha256: Option<Hex32>,
    /// Items in the pool, once it is frozen.
    pub items: Option<u64>,
    /// Items drawn, once it was held.
    pub drawn: Option<u64>,
    /// When it was held or became void, µs.
    pub ended_at_us: Option<i64>,
    /// Why it is void, and whose number was missing.
    pub void: Option<(Cause, Vec<String>)>,
}

/// A party of a draw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawParty {
    /// `<role>:<person>`, or `<role>:<organisation>` of a programme.
    pub party: String,
    /// When it committed, µs.
    pub committed_at_us: Option<i64>,
    /// When it revealed, µs.
    pub revealed_at_us: Option<i64>,
}

/// A draw with its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawRecord {
    /// In short.
    pub view: DrawView,
    /// The record, JSON: everything that is needed to hold the draw again.
    pub record: String,
    /// Items that were decided over and whose cases do not know yet.
    pub pending: u64,
}

/// A page of draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawPage {
    /// The newest first.
    pub draws: Vec<DrawView>,
    /// Token of the next page; empty = this is the last.
    pub next: String,
}

/// Something that packages draw from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolView {
    /// Its name.
    pub pool: String,
    /// Items that no draw has decided over.
    pub waiting: u64,
    /// When the oldest of them came in, µs.
    pub oldest_us: Option<i64>,
    /// When a draw is due because of it, µs.
    pub due_us: Option<i64>,
    /// The draw under way.
    pub open: Option<String>,
}

/// The record in short.
pub(crate) fn of(draw: &Draw) -> DrawView {
    let terms = &draw.announcement;
    let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let party = |party: &String| DrawParty {
        party: party.clone(),
        committed_at_us: draw.commitments.iter().find(|given| given.party == *party).map(|given| given.at_us),
        revealed_at_us: draw.reveals.iter().find(|shown| shown.party == *party).map(|shown| shown.at_us),
    };
    let (drawn, ended_at_us, void) = match &draw.end {
        Some(End::Held(held)) => (Some(count(held.drawn.len())), Some(held.at_us), None),
        Some(End::Void(void)) => (None, Some(void.at_us), Some((void.cause, void.parties.clone()))),
        None => (None, None, None),
    };
    DrawView {
        id: terms.draw.clone(),
        pool: terms.pool.clone(),
        state: draw.state(),
        period: terms.period,
        shares: terms.shares.clone(),
        checkers_per_item: terms.checkers_per_item,
        parties: terms.parties.iter().map(party).collect(),
        public_value: terms.public_value.clone(),
        published: draw.public_value.as_ref().map(|published| published.value.clone()),
        follows: terms.follows.as_ref().map(|follows| follows.draw.clone()),
        announced_at_us: terms.announced_at_us,
        commit_by_us: terms.commit_by_us,
        reveal_by_us: terms.reveal_by_us,
        announcement_sha256: draw.announcement_sha256,
        frozen_sha256: draw.frozen_sha256,
        record_sha256: draw.record_sha256,
        items: draw.frozen.as_ref().map(|frozen| count(frozen.pool.len())),
        drawn,
        ended_at_us,
        void,
    }
}

/// A state as rows and callers name it.
pub(crate) fn state_name(state: State) -> &'static str {
    match state {
        State::Announced => "announced",
        State::Committed => "committed",
        State::Frozen => "frozen",
        State::Revealed => "revealed",
        State::Held => "held",
        State::Void => "void",
    }
}
