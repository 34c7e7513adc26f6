//! What is on record about the people of simulated cases: drawn from case, person and week, so that it changes while a
//! case runs and is the same for whoever asks.

use kaiban_definition::CreditFacts;
use sha2::{Digest, Sha256};

const WEEK_US: i64 = 7 * 86_400 * 1_000_000;

/// What is on record about a person of a case.
pub(super) fn facts(case: &str, person: &str, now_us: i64) -> CreditFacts<'static> {
    let drawn = Sha256::digest(format!("{case} {person} {}", now_us / WEEK_US));
    let one_in = |at: usize, parts: u8| u32::from(drawn[at] % parts == 0);
    let risk = ["A", "B", "C", "D"][usize::from(drawn[4] % 4)];
    CreditFacts {
        minor: one_in(0, 3),
        general: one_in(1, 4),
        serious: one_in(2, 8),
        broken_promises: one_in(3, 8),
        risk,
    }
}
