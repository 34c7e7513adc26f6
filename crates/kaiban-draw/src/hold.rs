//! All numbers are there: the draw is held.

use std::collections::BTreeMap;

use kaiban_findings::Finding;

use crate::canonical::hash;
use crate::record::{Count, Draw, Drawn, End, Frozen, Held};
use crate::sampler::drawn_of;
use crate::{Announcement, Hex32, checkers_of, findings, sample};

impl Draw {
    /// Draws. An empty pool is drawn from as well, and nothing is drawn.
    ///
    /// # Errors
    /// `NOT_FROZEN`, `REVEAL_MISSING` for each party, `VALUE_MISSING`, `TIME_BACKWARDS`, `DRAW_OVER`.
    pub fn hold(&self, at_us: i64) -> Result<Draw, Vec<Finding>> {
        let found = problems(self, at_us);
        let (Some(frozen), Some(seed), true) = (&self.frozen, seed(self), found.is_empty()) else { return Err(found) };
        let (strata, drawn) = result(&self.announcement, frozen, &seed);
        let mut next = self.clone();
        next.end = Some(End::Held(Held { at_us, seed, strata, drawn }));
        next.record_sha256 = Some(next.hash_so_far("record"));
        Ok(next)
    }
}

/// Why it cannot be held.
pub(crate) fn problems(draw: &Draw, at_us: i64) -> Vec<Finding> {
    if draw.end.is_some() {
        return vec![findings::draw_over()];
    }
    let mut found = Vec::new();
    if draw.frozen.is_none() {
        found.push(findings::not_frozen("/end"));
    }
    found.extend(draw.without_reveal().map(|(index, party)| findings::reveal_missing(index, party)));
    if draw.waits_for_value() {
        found.push(findings::value_missing());
    }
    if at_us < draw.last_us() {
        found.push(findings::time_backwards("/end/held/at_us"));
    }
    found
}

/// The seed, if all is there that it follows from. Built on the published `frozen_sha256`.
pub(crate) fn seed(draw: &Draw) -> Option<Hex32> {
    let mut parts = vec![draw.frozen_sha256?.to_string()];
    for party in &draw.announcement.parties {
        parts.push(draw.number_of(party)?.to_string());
    }
    if draw.announcement.public_value.is_some() {
        parts.push(draw.public_value.as_ref()?.value.clone());
    }
    Some(hash("seed", parts.iter().map(String::as_str)))
}

/// What a seed draws.
pub(crate) fn result(terms: &Announcement, frozen: &Frozen, seed: &Hex32) -> (BTreeMap<String, Count>, Vec<Drawn>) {
    let mut strata: BTreeMap<String, Count> =
        terms.shares.keys().map(|name| (name.clone(), Count::default())).collect();
    for (name, count) in &mut strata {
        count.of = frozen.pool.iter().filter(|item| item.stratum == *name).count();
        count.drawn = drawn_of(count.of, terms.shares[name]);
    }
    let per_item = usize::from(terms.checkers_per_item);
    let drawn = sample(seed, &frozen.pool, &terms.shares).into_iter().map(|item| Drawn {
        item: item.id.clone(),
        stratum: item.stratum.clone(),
        checkers: checkers_of(seed, item, &frozen.roster, per_item).into_iter().map(|c| c.id.clone()).collect(),
    });
    let drawn = drawn.collect();
    (strata, drawn)
}
