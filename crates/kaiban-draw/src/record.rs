//! A draw as it is published.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{hash, json, plain};
use crate::{Announcement, Follows, Hex32};

/// The record of a draw. Its JSON is what is published; it holds no personal data, as long as the ids are none.
///
/// Every step is a method that leaves this record as it is and returns the next one, or every reason why it cannot be. The places
/// of the findings are pointers into the record as it would have been.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// The terms.
    pub announcement: Announcement,
    /// Of the terms; published with them.
    pub announcement_sha256: Hex32,
    /// In the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commitments: Vec<Commitment>,
    /// What is drawn from, once it is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Frozen>,
    /// Of all above; published before the first reveal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen_sha256: Option<Hex32>,
    /// In the order in which they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveals: Vec<Reveal>,
    /// The public value, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_value: Option<Published>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
    /// Of all above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_sha256: Option<Hex32>,
}

/// A party's promise of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Who.
    pub party: String,
    /// [`Draw::commitment`] of the number.
    pub sha256: Hex32,
    /// When it came.
    pub at_us: i64,
}

/// What is drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// When it was fixed.
    pub at_us: i64,
    /// Who may check, by id.
    pub roster: Vec<Checker>,
    /// What may be drawn, by id.
    pub pool: Vec<Item>,
    /// Of the pool.
    pub pool_sha256: Hex32,
}

/// Somebody who may be drawn to check.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checker {
    /// An officer's id in the directory, never a name.
    pub id: String,
    /// Whom they belong to.
    pub organisation: String,
}

/// Something that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its id, such as a case number.
    pub id: String,
    /// The stratum that it belongs to.
    pub stratum: String,
    /// Ids of checkers and of organisations that may not check it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recuse: Vec<String>,
}

impl Item {
    /// Whether a checker may check it: neither they nor their organisation are recused.
    pub fn may_be_checked_by(&self, checker: &Checker) -> bool {
        !self.recuse.iter().any(|name| *name == checker.id || *name == checker.organisation)
    }
}

/// A party's number, shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Who.
    pub party: String,
    /// The number.
    pub reveal: Hex32,
    /// When it came.
    pub at_us: i64,
}

/// The public value, known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// In the announced form.
    pub value: String,
    /// When it was entered.
    pub at_us: i64,
}

/// How a draw ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It has a result.
    Held(Held),
    /// It has none and decides nothing.
    Void(Void),
}

/// The result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// When.
    pub at_us: i64,
    /// What everything below follows from.
    pub seed: Hex32,
    /// How many, for each stratum of the shares.
    pub strata: BTreeMap<String, Count>,
    /// What was drawn: by stratum, in each as sampled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<Drawn>,
}

/// How many of a stratum were drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Items in the pool.
    pub of: usize,
    /// Items drawn.
    pub drawn: usize,
}

/// An item that is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drawn {
    /// Its id.
    pub item: String,
    /// Its stratum.
    pub stratum: String,
    /// Who checks it, as sampled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checkers: Vec<String>,
}

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Void {
    /// When it was found.
    pub at_us: i64,
    /// What was missing at its deadline.
    pub cause: Cause,
    /// Whose it was, in the order of the announcement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<String>,
}

/// What was missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A party's commitment.
    NeverCommitted,
    /// The pool.
    NeverFrozen,
    /// A party's number.
    NeverRevealed,
    /// The public value.
    NoPublicValue,
}

/// How far a draw is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Commitments are missing.
    Announced,
    /// All have committed.
    Committed,
    /// The pool is fixed; reveals, or the public value, are missing.
    Frozen,
    /// All is there that the result follows from.
    Revealed,
    /// There is a result.
    Held,
    /// There will be none.
    Void,
}

/// What a draw decided on an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether it is checked.
    pub drawn: bool,
    /// By whom.
    pub checkers: &'a [String],
}

impl Draw {
    /// How far it is.
    pub fn state(&self) -> State {
        match &self.end {
            Some(End::Held(_)) => State::Held,
            Some(End::Void(_)) => State::Void,
            None if self.is_revealed() => State::Revealed,
            None if self.frozen.is_some() => State::Frozen,
            None if self.without_commitment().next().is_none() => State::Committed,
            None => State::Announced,
        }
    }

    /// What a party has to publish as its commitment to a number. Whoever takes part computes it alone, and keeps the number secret
    /// until the pool is frozen; the number is 32 bytes from a good source, used once.
    pub fn commitment(&self, party: &str, reveal: &Hex32) -> Hex32 {
        crate::commitment(&self.announcement_sha256, party, reveal)
    }

    /// What the draw decided on an item; nothing if it was not held, or not over this item.
    pub fn decision(&self, item: &str) -> Option<Decision<'_>> {
        let Some(End::Held(held)) = &self.end else { return None };
        let pool = &self.frozen.as_ref()?.pool;
        pool.iter().find(|candidate| candidate.id == item)?;
        let drawn = held.drawn.iter().find(|drawn| drawn.item == item);
        Some(Decision { drawn: drawn.is_some(), checkers: drawn.map_or(&[], |drawn| &drawn.checkers) })
    }

    /// What the announcement of the next draw over the same pool says about this one; nothing unless this one is void. What
    /// this one had to repeat and did not, the next one has to: a pool, once frozen, is drawn from, and who withheld a
    /// number is not forgotten by letting a draw lapse.
    pub fn follows(&self) -> Option<Follows> {
        let Some(End::Void(void)) = &self.end else { return None };
        let before = self.announcement.follows.as_ref();
        let mut withheld = if void.cause == Cause::NeverRevealed { void.parties.clone() } else { Vec::new() };
        for party in before.into_iter().flat_map(|before| &before.withheld) {
            if !withheld.contains(party) {
                withheld.push(party.clone());
            }
        }
        let frozen = self.frozen.as_ref().map(|frozen| frozen.pool_sha256);
        Some(Follows {
            draw: self.announcement.draw.clone(),
            record_sha256: self.record_sha256?,
            pool_sha256: frozen.or_else(|| before?.pool_sha256),
            withheld,
        })
    }

    /// The last instant of the record, but for its end: what follows is not older.
    pub fn last_us(&self) -> i64 {
        let commitments = self.commitments.iter().map(|commitment| commitment.at_us);
        let frozen = self.frozen.iter().map(|frozen| frozen.at_us);
        let reveals = self.reveals.iter().map(|reveal| reveal.at_us);
        let published = self.public_value.iter().map(|published| published.at_us);
        let all = commitments.chain(frozen).chain(reveals).chain(published);
        all.fold(self.announcement.announced_at_us, i64::max)
    }

    /// Parties whose commitment is missing, with their place in the announcement.
    pub(crate) fn without_commitment(&self) -> impl Iterator<Item = (usize, &String)> {
        let has = |party: &String| self.commitments.iter().any(|commitment| commitment.party == *party);
        self.announcement.parties.iter().enumerate().filter(move |(_, party)| !has(party))
    }

    /// Parties whose number is missing, with their place in the announcement.
    pub(crate) fn without_reveal(&self) -> impl Iterator<Item = (usize, &String)> {
        self.announcement.parties.iter().enumerate().filter(|(_, party)| self.number_of(party).is_none())
    }

    /// The number that a party has shown.
    pub(crate) fn number_of(&self, party: &str) -> Option<Hex32> {
        self.reveals.iter().find(|reveal| reveal.party == party).map(|reveal| reveal.reveal)
    }

    /// Whether the public value is named and missing.
    pub(crate) fn waits_for_value(&self) -> bool {
        self.announcement.public_value.is_some() && self.public_value.is_none()
    }

    fn is_revealed(&self) -> bool {
        self.frozen.is_some() && self.without_reveal().next().is_none() && !self.waits_for_value()
    }

    /// The hash called `{tag}_sha256`: over the members that stand above it.
    pub(crate) fn hash_so_far(&self, tag: &str) -> Hex32 {
        let above: &[&str] = match tag {
            "announcement" => &["announcement"],
            "frozen" => &["announcement", "announcement_sha256", "commitments", "frozen"],
            _ => &[
                "announcement",
                "announcement_sha256",
                "commitments",
                "frozen",
                "frozen_sha256",
                "reveals",
                "public_value",
                "end",
            ],
        };
        let mut record = plain(self);
        if let Value::Object(members) = &mut record {
            members.retain(|name, _| above.contains(&name.as_str()));
        }
        hash(tag, [json(&record).as_str()])
    }
}
