//! The terms are published.

use kaiban_findings::Finding;

use crate::ids::{check_distinct, check_id, check_text, member};
use crate::record::Draw;
use crate::{Announcement, CHECKERS_PER_ITEM_MAX, Hex32, METHOD, PARTIES_MAX, PUBLIC_DIGITS_MIN, STRATA_MAX, findings};

impl Draw {
    /// Begins a draw. Publish the record, at least its `announcement_sha256`, before anybody commits.
    ///
    /// # Errors
    /// Every fault of the terms, with pointers below `/announcement`.
    pub fn announce(announcement: Announcement) -> Result<Draw, Vec<Finding>> {
        let found = problems(&announcement);
        if found.is_empty() { Ok(begin(announcement)) } else { Err(found) }
    }
}

/// A record with nothing but terms, sound or not.
pub(crate) fn begin(announcement: Announcement) -> Draw {
    let mut draw = Draw {
        announcement,
        announcement_sha256: Hex32::from([0; 32]),
        commitments: Vec::new(),
        frozen: None,
        frozen_sha256: None,
        reveals: Vec::new(),
        public_value: None,
        end: None,
        record_sha256: None,
    };
    draw.announcement_sha256 = draw.hash_so_far("announcement");
    draw
}

/// What is wrong with the terms.
pub(crate) fn problems(terms: &Announcement) -> Vec<Finding> {
    let mut found = Vec::new();
    if terms.method != METHOD {
        found.push(findings::bad_method());
    }
    found.extend(check_id(&terms.draw, || "/announcement/draw".into()));
    found.extend(check_id(&terms.pool, || "/announcement/pool".into()));
    shares(terms, &mut found);
    if terms.checkers_per_item > CHECKERS_PER_ITEM_MAX {
        found.push(findings::bad_checkers());
    }
    parties(terms, &mut found);
    public_value(terms, &mut found);
    follows(terms, &mut found);
    schedule(terms, &mut found);
    found
}

fn shares(terms: &Announcement, found: &mut Vec<Finding>) {
    if terms.shares.is_empty() {
        found.push(findings::no_shares());
    }
    if terms.shares.len() > STRATA_MAX {
        found.push(findings::too_many("/announcement/shares", STRATA_MAX));
    }
    for (stratum, percent) in &terms.shares {
        let at = || member("/announcement/shares", stratum);
        found.extend(check_id(stratum, at));
        if *percent > 100 {
            found.push(findings::bad_share(at()));
        }
    }
}

/// INVARIANT: a draw has at least two sources, and one of them is a party: a public value alone would leave the result to whoever
/// publishes it.
fn parties(terms: &Announcement, found: &mut Vec<Finding>) {
    let parties = &terms.parties;
    if parties.is_empty() || parties.len() + usize::from(terms.public_value.is_some()) < 2 {
        found.push(findings::too_few_sources());
    }
    if parties.len() > PARTIES_MAX {
        found.push(findings::too_many("/announcement/parties", PARTIES_MAX));
    }
    for (index, party) in parties.iter().enumerate() {
        found.extend(check_id(party, || format!("/announcement/parties/{index}")));
    }
    check_distinct(parties.iter().map(String::as_str), "/announcement/parties", found);
}

fn public_value(terms: &Announcement, found: &mut Vec<Finding>) {
    let Some(value) = &terms.public_value else { return };
    found.extend(check_text(&value.what, "/announcement/public_value/what"));
    found.extend(check_text(&value.form, "/announcement/public_value/form"));
    let printable = value.form.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if !printable || value.digits() < PUBLIC_DIGITS_MIN {
        found.push(findings::bad_form());
    }
}

fn follows(terms: &Announcement, found: &mut Vec<Finding>) {
    let Some(before) = &terms.follows else { return };
    found.extend(check_id(&before.draw, || "/announcement/follows/draw".into()));
    if before.draw == terms.draw {
        found.push(findings::same_draw());
    }
    if terms.public_value.is_none() {
        let again = terms.parties.iter().enumerate().filter(|(_, party)| before.withheld.contains(party));
        found.extend(again.map(|(index, _)| findings::party_withheld(index)));
    }
    for (index, party) in before.withheld.iter().enumerate() {
        found.extend(check_id(party, || format!("/announcement/follows/withheld/{index}")));
    }
}

/// INVARIANT: nobody who may still refuse a number knows the public value, so all reveals are due before it can be known.
fn schedule(terms: &Announcement, found: &mut Vec<Finding>) {
    let mut must = |sound: bool, at: &str| {
        if !sound {
            found.push(findings::bad_schedule(at));
        }
    };
    must(terms.period.from_us < terms.period.to_us, "/announcement/period/to_us");
    must(terms.announced_at_us < terms.commit_by_us, "/announcement/commit_by_us");
    let reveals_after = terms.commit_by_us.max(terms.period.to_us);
    must(reveals_after < terms.reveal_by_us, "/announcement/reveal_by_us");
    if let Some(value) = &terms.public_value {
        must(terms.reveal_by_us <= value.from_us, "/announcement/public_value/from_us");
        must(value.from_us < value.by_us, "/announcement/public_value/by_us");
    }
}
