//! A party shows its number.

use kaiban_findings::Finding;

use crate::record::{Draw, Reveal};
use crate::{Hex32, findings};

impl Draw {
    /// Records the number that a party committed to.
    ///
    /// # Errors
    /// `REVEAL_EARLY`, `REVEAL_LATE`, `UNKNOWN_PARTY`, `SECOND_REVEAL`, `REVEAL_WRONG`, `TIME_BACKWARDS`, `DRAW_OVER`.
    pub fn reveal(&self, party: &str, reveal: Hex32, at_us: i64) -> Result<Draw, Vec<Finding>> {
        let reveal = Reveal { party: party.into(), reveal, at_us };
        let found = problems(self, &reveal);
        if !found.is_empty() {
            return Err(found);
        }
        let mut next = self.clone();
        next.reveals.push(reveal);
        Ok(next)
    }
}

/// Why this cannot come next.
pub(crate) fn problems(draw: &Draw, reveal: &Reveal) -> Vec<Finding> {
    let at = format!("/reveals/{}", draw.reveals.len());
    let mut found = Vec::new();
    if draw.end.is_some() {
        return vec![findings::draw_over()];
    }
    if draw.frozen.is_none() {
        return vec![findings::reveal_early(at)];
    }
    if !draw.announcement.parties.contains(&reveal.party) {
        found.push(findings::unknown_party(format!("{at}/party")));
    } else if draw.number_of(&reveal.party).is_some() {
        found.push(findings::second_reveal(format!("{at}/party")));
    } else {
        let commitment = draw.commitments.iter().find(|commitment| commitment.party == reveal.party);
        let promised = commitment.map(|commitment| commitment.sha256);
        if promised != Some(draw.commitment(&reveal.party, &reveal.reveal)) {
            found.push(findings::reveal_wrong(format!("{at}/reveal")));
        }
    }
    if reveal.at_us >= draw.announcement.reveal_by_us {
        found.push(findings::reveal_late(format!("{at}/at_us")));
    }
    if reveal.at_us < draw.last_us() {
        found.push(findings::time_backwards(format!("{at}/at_us")));
    }
    found
}
