//! A draw, held again from its published record.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_findings::Finding;
use serde_json::Value;

use crate::canonical::plain;
use crate::freeze::pool_sha256;
use crate::hold::{result, seed};
use crate::ids::{check_distinct, member};
use crate::record::{Draw, Drawn, End, Frozen, Held, Void};
use crate::{Announcement, Hex32, announce, commit, findings, freeze, hold, lapse, publish, reveal};

/// Reads a record from its JSON.
///
/// # Errors
/// `UNREADABLE`: not JSON, a member too many or too few, a value of another kind, or not written in the one way that there is.
pub fn read(json: &str) -> Result<Draw, Vec<Finding>> {
    let unreadable = |error: serde_json::Error| vec![findings::unreadable(error.line(), error.column())];
    let draw: Draw = serde_json::from_str(json).map_err(unreadable)?;
    let written: Value = serde_json::from_str(json).map_err(unreadable)?;
    if plain(&draw) == written { Ok(draw) } else { Err(vec![findings::not_as_written()]) }
}

/// Everything about a record that does not follow from the record itself; nothing if it is sound. A draw that is not over may be
/// sound as far as it is, and a void one too: look at [`Draw::state`].
///
/// Each value is computed from what the record publishes before it, so that a finding stands where something was changed, and not
/// at all that it would have changed. What no record can tell of itself is whether it is the one that was published:
/// compare `announcement_sha256` and `frozen_sha256` with what was published at the time.
pub fn verify(record: &Draw) -> Vec<Finding> {
    let mut found = announce::problems(&record.announcement);
    let mut draw = announce::begin(record.announcement.clone());
    let same = draw.announcement_sha256 == record.announcement_sha256;
    same_hash(same, "/announcement_sha256", &mut found);
    draw.announcement_sha256 = record.announcement_sha256;

    for commitment in &record.commitments {
        found.extend(commit::problems(&draw, commitment));
        draw.commitments.push(commitment.clone());
    }
    if let Some(frozen) = &record.frozen {
        found.extend(freeze::problems(&draw, frozen));
        same_hash(frozen.pool_sha256 == pool_sha256(&frozen.pool), "/frozen/pool_sha256", &mut found);
        draw.frozen = Some(frozen.clone());
    }
    let frozen_sha256 = draw.frozen.as_ref().map(|_| draw.hash_so_far("frozen"));
    same_hash(frozen_sha256 == record.frozen_sha256, "/frozen_sha256", &mut found);
    draw.frozen_sha256 = record.frozen_sha256;

    for shown in &record.reveals {
        found.extend(reveal::problems(&draw, shown));
        draw.reveals.push(shown.clone());
    }
    if let Some(published) = &record.public_value {
        found.extend(publish::problems(&draw, published));
        draw.public_value = Some(published.clone());
    }
    match &record.end {
        Some(End::Held(held)) => check_held(&draw, held, &mut found),
        Some(End::Void(void)) => check_void(&draw, void, &mut found),
        None => {}
    }
    draw.end = record.end.clone();
    let record_sha256 = draw.end.as_ref().map(|_| draw.hash_so_far("record"));
    same_hash(record_sha256 == record.record_sha256, "/record_sha256", &mut found);
    found
}

/// Whether a record is the one whose hashes were published on the way, as far as they were kept.
pub fn compare(record: &Draw, announcement_sha256: Option<&Hex32>, frozen_sha256: Option<&Hex32>) -> Vec<Finding> {
    let mut found = Vec::new();
    let same = announcement_sha256.is_none_or(|kept| *kept == record.announcement_sha256);
    same_hash(same, "/announcement_sha256", &mut found);
    let same = frozen_sha256.is_none_or(|kept| Some(*kept) == record.frozen_sha256);
    same_hash(same, "/frozen_sha256", &mut found);
    found
}

fn same_hash(same: bool, at: &str, found: &mut Vec<Finding>) {
    if !same {
        found.push(findings::hash_differs(at));
    }
}

fn check_held(draw: &Draw, held: &Held, found: &mut Vec<Finding>) {
    found.extend(hold::problems(draw, held.at_us));
    if seed(draw) != Some(held.seed) {
        found.push(findings::seed_differs());
    }
    if let Some(frozen) = &draw.frozen {
        check_result(&draw.announcement, frozen, &held.seed, held, found);
    }
}

/// Compares item by item, so that one item left out is one finding.
fn check_result(terms: &Announcement, frozen: &Frozen, seed: &Hex32, held: &Held, found: &mut Vec<Finding>) {
    let (strata, expected) = result(terms, frozen, seed);
    for name in strata.keys().chain(held.strata.keys().filter(|name| !strata.contains_key(*name))) {
        if strata.get(name) != held.strata.get(name) {
            found.push(findings::count_differs(member("/end/held/strata", name)));
        }
    }
    let by_item: BTreeMap<&str, &Drawn> = expected.iter().map(|drawn| (drawn.item.as_str(), drawn)).collect();
    for (index, drawn) in held.drawn.iter().enumerate() {
        let Some(expected) = by_item.get(drawn.item.as_str()) else {
            found.push(findings::should_not_be_drawn(index));
            continue;
        };
        if drawn.stratum != expected.stratum {
            found.push(findings::stratum_differs(index));
        }
        if drawn.checkers != expected.checkers {
            found.push(findings::checkers_differ(index));
        }
    }
    let listed: Vec<&str> = held.drawn.iter().map(|drawn| drawn.item.as_str()).collect();
    let wanted: Vec<&str> = expected.iter().map(|drawn| drawn.item.as_str()).collect();
    let missing = &BTreeSet::from_iter(wanted.iter().copied()) - &BTreeSet::from_iter(listed.iter().copied());
    for (index, item) in frozen.pool.iter().enumerate() {
        if missing.contains(item.id.as_str()) {
            found.push(findings::should_be_drawn(index));
        }
    }
    check_distinct(listed.iter().copied(), "/end/held/drawn", found);
    if missing.is_empty() && listed.len() == wanted.len() && listed != wanted {
        found.push(findings::order_differs());
    }
}

fn check_void(draw: &Draw, void: &Void, found: &mut Vec<Finding>) {
    match lapse::lapsed(draw, void.at_us) {
        None => found.push(findings::not_due()),
        Some(expected) => {
            if void.cause != expected.cause {
                found.push(findings::void_differs("/end/void/cause"));
            }
            if void.parties != expected.parties {
                found.push(findings::void_differs("/end/void/parties"));
            }
        }
    }
    if void.at_us < draw.last_us() {
        found.push(findings::time_backwards("/end/void/at_us"));
    }
}
