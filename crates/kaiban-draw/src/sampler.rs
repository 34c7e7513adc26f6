//! Which items, and whose eyes: section 6 of `SAMPLER.md`.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::canonical::SEPARATOR;
use crate::record::{Checker, Item};
use crate::{Hex32, Shares};

/// What a seed draws: the strata ascending, in each the items in the order of their keys. Items of a stratum without a share are never
/// drawn. The order of the items given does not matter.
pub fn sample<'a>(seed: &Hex32, items: &'a [Item], shares: &Shares) -> Vec<&'a Item> {
    let mut drawn = Vec::new();
    for (stratum, percent) in shares {
        let mut all: Vec<&Item> = items.iter().filter(|item| item.stratum == *stratum).collect();
        all.sort_by_cached_key(|item| (key(seed, ["item", stratum, &item.id]), &item.id));
        all.truncate(drawn_of(all.len(), *percent));
        drawn.append(&mut all);
    }
    drawn
}

/// Who checks an item: the first `count` of those eligible. Fewer where fewer are eligible, which a freeze does not let happen.
pub fn checkers_of<'a>(seed: &Hex32, item: &Item, roster: &'a [Checker], count: usize) -> Vec<&'a Checker> {
    let mut eligible: Vec<&Checker> = roster.iter().filter(|checker| item.may_be_checked_by(checker)).collect();
    eligible.sort_by_cached_key(|checker| (key(seed, ["checker", &item.id, &checker.id]), &checker.id));
    eligible.truncate(count);
    eligible
}

/// ⌈`of` · percent / 100⌉
pub(crate) fn drawn_of(of: usize, percent: u8) -> usize {
    (of * usize::from(percent)).div_ceil(100)
}

fn key(seed: &Hex32, parts: [&str; 3]) -> [u8; 32] {
    // RFC 2104 fills a short key up with zeros to a block; doing it here leaves nothing that can fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(seed.bytes());
    let mut hmac = Hmac::<Sha256>::new(&block.into());
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            hmac.update(SEPARATOR);
        }
        hmac.update(part.as_bytes());
    }
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The document's keys, which Python's `hmac` computed.
    #[test]
    fn keys_are_those_of_the_document() {
        let seed: Hex32 = format!("{:064x}", 1).parse().unwrap();
        for parts in [["item", "credit-a", "350100-2026-000001"], ["checker", "350100-2026-000001", "officer-1"]] {
            let key = Hex32::from(key(&seed, parts)).to_string();
            assert!(include_str!("../SAMPLER.md").contains(&key), "{parts:?}: {key}");
        }
    }
}
