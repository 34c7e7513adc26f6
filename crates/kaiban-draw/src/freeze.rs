//! What is drawn from, and who may check, is fixed.

use kaiban_findings::Finding;

use crate::canonical::hash_json;
use crate::ids::{check_distinct, check_id};
use crate::record::{Checker, Draw, Frozen, Item};
use crate::{CHECKERS_MAX, Hex32, ITEMS_MAX, RECUSED_MAX, findings};

/// Findings that one freeze tells; the rest would say the same.
const FINDINGS_MAX: usize = 100;

impl Draw {
    /// Fixes the pool and the roster, in whatever order they are given. Publish the record, at least its `frozen_sha256`, before any party
    /// reveals.
    ///
    /// # Errors
    /// `COMMITMENT_MISSING`, `FREEZE_EARLY`, `FREEZE_LATE`, `ALREADY_FROZEN`, `ROSTER_CHANGED`, `POOL_CHANGED`, `UNKNOWN_STRATUM`,
    /// `TOO_FEW_CHECKERS`, `DUPLICATE`, `BAD_ID`, `TOO_MANY`, `TIME_BACKWARDS`, `DRAW_OVER`; at most 100 of them. Pointers into lists are
    /// those of the sorted lists.
    pub fn freeze(&self, roster: Vec<Checker>, pool: Vec<Item>, at_us: i64) -> Result<Draw, Vec<Finding>> {
        let mut pool = pool;
        for item in &mut pool {
            item.recuse.sort_unstable();
            item.recuse.dedup();
        }
        pool.sort();
        let pool_sha256 = pool_sha256(&pool);
        let frozen = Frozen { at_us, roster: sorted(roster), pool, pool_sha256 };
        let found = problems(self, &frozen);
        if !found.is_empty() {
            return Err(found);
        }
        let mut next = self.clone();
        next.frozen = Some(frozen);
        next.frozen_sha256 = Some(next.hash_so_far("frozen"));
        Ok(next)
    }
}

/// The hash under which a roster is announced, in whatever order it is given.
///
/// # Errors
/// `BAD_ID`, `DUPLICATE`, `TOO_MANY`, with pointers below `/roster` of the sorted roster.
pub fn roster_sha256(roster: &[Checker]) -> Result<Hex32, Vec<Finding>> {
    let roster = sorted(roster.to_vec());
    let mut found = Vec::new();
    check_roster(&roster, "/roster", &mut found);
    if found.is_empty() { Ok(hash_json("roster", &roster)) } else { Err(found) }
}

/// The hash of a sorted pool.
pub(crate) fn pool_sha256(pool: &[Item]) -> Hex32 {
    hash_json("pool", &pool)
}

fn sorted(mut roster: Vec<Checker>) -> Vec<Checker> {
    roster.sort();
    roster
}

/// Why this cannot come next.
pub(crate) fn problems(draw: &Draw, frozen: &Frozen) -> Vec<Finding> {
    if draw.end.is_some() {
        return vec![findings::draw_over()];
    }
    if draw.frozen.is_some() {
        return vec![findings::already_frozen()];
    }
    let mut found: Vec<Finding> =
        draw.without_commitment().map(|(index, party)| findings::commitment_missing(index, party)).collect();
    check_time(draw, frozen, &mut found);
    check_roster(&frozen.roster, "/frozen/roster", &mut found);
    if hash_json("roster", &frozen.roster) != draw.announcement.roster_sha256 {
        found.push(findings::roster_changed());
    }
    check_pool(draw, frozen, &mut found);
    found.truncate(FINDINGS_MAX);
    found
}

fn check_time(draw: &Draw, frozen: &Frozen, found: &mut Vec<Finding>) {
    if frozen.at_us < draw.announcement.period.to_us {
        found.push(findings::freeze_early());
    }
    if frozen.at_us >= draw.announcement.reveal_by_us {
        found.push(findings::freeze_late());
    }
    if frozen.at_us < draw.last_us() {
        found.push(findings::time_backwards("/frozen/at_us"));
    }
}

fn check_roster(roster: &[Checker], at: &str, found: &mut Vec<Finding>) {
    if roster.len() > CHECKERS_MAX {
        found.push(findings::too_many(at, CHECKERS_MAX));
    }
    for (index, checker) in roster.iter().enumerate() {
        found.extend(check_id(&checker.id, || format!("{at}/{index}/id")));
        found.extend(check_id(&checker.organisation, || format!("{at}/{index}/organisation")));
    }
    check_distinct(roster.iter().map(|checker| checker.id.as_str()), at, found);
    if !roster.is_sorted() {
        found.push(findings::not_sorted(at));
    }
}

fn check_pool(draw: &Draw, frozen: &Frozen, found: &mut Vec<Finding>) {
    let (pool, at) = (&frozen.pool, "/frozen/pool");
    if pool.len() > ITEMS_MAX {
        found.push(findings::too_many(at, ITEMS_MAX));
    }
    for (index, item) in pool.iter().enumerate() {
        check_item(draw, frozen, item, &format!("{at}/{index}"), found);
    }
    check_distinct(pool.iter().map(|item| item.id.as_str()), at, found);
    if !pool.is_sorted() {
        found.push(findings::not_sorted(at));
    }
    let before = draw.announcement.follows.as_ref().and_then(|follows| follows.pool_sha256);
    if before.is_some_and(|before| before != pool_sha256(pool)) {
        found.push(findings::pool_changed());
    }
}

fn check_item(draw: &Draw, frozen: &Frozen, item: &Item, at: &str, found: &mut Vec<Finding>) {
    found.extend(check_id(&item.id, || format!("{at}/id")));
    if !draw.announcement.shares.contains_key(&item.stratum) {
        found.push(findings::unknown_stratum(format!("{at}/stratum")));
    }
    if item.recuse.len() > RECUSED_MAX {
        found.push(findings::too_many(format!("{at}/recuse"), RECUSED_MAX));
    }
    for (index, name) in item.recuse.iter().enumerate() {
        found.extend(check_id(name, || format!("{at}/recuse/{index}")));
    }
    if !item.recuse.is_sorted_by(|one, next| one < next) {
        found.push(findings::not_sorted(format!("{at}/recuse")));
    }
    let needed = usize::from(draw.announcement.checkers_per_item);
    let eligible = frozen.roster.iter().filter(|checker| item.may_be_checked_by(checker)).take(needed).count();
    if eligible < needed {
        found.push(findings::too_few_checkers(at, needed));
    }
}
