//! A party commits to a number.

use kaiban_findings::Finding;

use crate::canonical::hash;
use crate::record::{Commitment, Draw};
use crate::{Hex32, findings};

impl Draw {
    /// Records a party's commitment, [`Draw::commitment`] of the number that it keeps secret.
    ///
    /// # Errors
    /// `UNKNOWN_PARTY`, `SECOND_COMMITMENT`, `COMMITMENT_LATE`, `TIME_BACKWARDS`, `DRAW_OVER`.
    pub fn commit(&self, party: &str, sha256: Hex32, at_us: i64) -> Result<Draw, Vec<Finding>> {
        let commitment = Commitment { party: party.into(), sha256, at_us };
        let found = problems(self, &commitment);
        if !found.is_empty() {
            return Err(found);
        }
        let mut next = self.clone();
        next.commitments.push(commitment);
        Ok(next)
    }
}

/// What a party publishes as its commitment to a number, for whoever has nothing but the announcement's hash.
pub fn commitment(announcement_sha256: &Hex32, party: &str, reveal: &Hex32) -> Hex32 {
    hash("commitment", [announcement_sha256.to_string().as_str(), party, &reveal.to_string()])
}

/// Why this cannot come next.
pub(crate) fn problems(draw: &Draw, commitment: &Commitment) -> Vec<Finding> {
    let at = format!("/commitments/{}", draw.commitments.len());
    let party = format!("{at}/party");
    let mut found = Vec::new();
    if draw.end.is_some() {
        return vec![findings::draw_over()];
    }
    if !draw.announcement.parties.contains(&commitment.party) {
        found.push(findings::unknown_party(party));
    } else if draw.commitments.iter().any(|other| other.party == commitment.party) {
        found.push(findings::second_commitment(party));
    }
    if commitment.at_us >= draw.announcement.commit_by_us {
        found.push(findings::commitment_late(format!("{at}/at_us")));
    }
    if commitment.at_us < draw.last_us() {
        found.push(findings::time_backwards(format!("{at}/at_us")));
    }
    found
}
