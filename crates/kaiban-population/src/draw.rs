//! Draws keyed by what they are for. A draw depends on the seed and its key alone, never on how many draws were made
//! before it, so that actors may run in any order, on any machine, and one seed still gives one crowd.
//!
//! Arithmetic is integer wherever a result depends on it; the only floating point is a comparison with a rate and a
//! multiplication, which IEEE 754 defines to the bit. No function of the mathematical library is used: those differ
//! between machines.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// The source of all draws of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    seed: u64,
}

impl Draw {
    /// The draws of a seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed.
    pub const fn seed(self) -> u64 {
        self.seed
    }

    /// The lot of one key: what it is drawn for, the case's index, the step, and how often the step was offered
    /// before. An empty step or a zero stands for "none".
    pub fn keyed(self, purpose: &str, case: u64, step: &str, round: u32) -> Lot {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_be_bytes());
        for part in [purpose, step] {
            // Lengths in front keep different keys different bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(case.to_be_bytes());
        hash.update(round.to_be_bytes());
        Lot(ChaCha8Rng::from_seed(hash.finalize().into()))
    }

    /// One long stream for a run that is sequential by nature, such as the simulator's.
    pub fn stream(self) -> Lot {
        self.keyed("stream", 0, "", 0)
    }
}

/// A small generator: a sequence of draws under one key.
#[derive(Clone, Debug)]
pub struct Lot(ChaCha8Rng);

impl Lot {
    /// 64 even bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `end` - 1; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        // Multiply-shift; its bias is below 2⁻³² for every range that a crowd needs.
        let wide = u128::from(self.bits()) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`, both included; `first` where `last` is smaller.
    pub fn range(&mut self, first: i64, last: i64) -> i64 {
        let count = u64::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1);
        first.saturating_add(i64::try_from(self.below(count)).unwrap_or(0))
    }

    /// An index into something of that length.
    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True with this probability; 0 or less is never, 1 or more is always.
    pub fn chance(&mut self, probability: f64) -> bool {
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        ((self.bits() >> 11) as f64) * UNIT < probability
    }

    /// One of these.
    ///
    /// # Panics
    /// Nothing to pick from.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }

    /// An index, drawn in proportion to the weights; 0 where all are zero.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|weight| u64::from(*weight)).sum());
        for (index, weight) in weights.iter().enumerate() {
            let weight = u64::from(*weight);
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// A duration as people take them: half the draws are below `median_us`, a tenth above 1.9 times, a fortieth above
    /// 2.6 times, none above 4 times or below a quarter of it (a log-normal with σ = 0.5, cut at both ends).
    pub fn around(&mut self, median_us: i64) -> i64 {
        let slots = (QUANTILES.len() - 1) as u64;
        let at = self.below(slots << 16);
        let (slot, part) = ((at >> 16) as usize, (at & 0xffff) as i64);
        let (low, high) = (QUANTILES[slot], QUANTILES[slot + 1]);
        let permille = low + (high - low) * part / 0x1_0000;
        median_us.saturating_mul(permille) / 1000
    }
}

/// Quantiles of a log-normal with median 1000 and σ = 0.5, every fortieth part; both ends cut.
const QUANTILES: [i64; 41] = [
    250, 375, 439, 487, 527, 563, 596, 627, 657, 685, 714, 742, 769, 797, 825, 853, 881, 910, 939, 969, 1000, 1032,
    1065, 1099, 1135, 1173, 1212, 1255, 1300, 1348, 1401, 1459, 1523, 1596, 1679, 1777, 1898, 2054, 2276, 2664, 4000,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_gives_the_same_draws_on_every_machine() {
        let mut lot = Draw::new(7).keyed("handling", 42, "seal", 1);
        assert_eq!([lot.bits(), lot.bits()], FROZEN);
        assert_eq!(Draw::new(7).keyed("handling", 42, "seal", 1).bits(), FROZEN[0]);
    }

    /// Computed once; a change here changes every seeded crowd.
    const FROZEN: [u64; 2] = [3_417_924_694_472_749_158, 18_403_319_166_180_201_577];

    #[test]
    fn every_part_of_the_key_counts() {
        let draw = Draw::new(7);
        let mut first: Vec<u64> = vec![
            draw.keyed("a", 1, "s", 0).bits(),
            draw.keyed("b", 1, "s", 0).bits(),
            draw.keyed("a", 2, "s", 0).bits(),
            draw.keyed("a", 1, "t", 0).bits(),
            draw.keyed("a", 1, "s", 1).bits(),
            draw.keyed("as", 1, "", 0).bits(),
            Draw::new(8).keyed("a", 1, "s", 0).bits(),
        ];
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 7);
    }

    #[test]
    fn ranges_and_chances_keep_their_bounds() {
        let mut lot = Draw::new(1).stream();
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            let value = lot.range(-2, 3);
            seen[usize::try_from(value + 2).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (850..1150).contains(count)), "{seen:?}");
        assert_eq!(lot.range(5, 4), 5);
        assert!(!lot.chance(0.0) && lot.chance(1.0));
        let hits = (0..10_000).filter(|_| lot.chance(0.03)).count();
        assert!((220..380).contains(&hits), "{hits}");
        let mut weighted = [0_u32; 3];
        for _ in 0..4_000 {
            weighted[lot.weighted(&[1, 0, 3])] += 1;
        }
        assert!(weighted[1] == 0 && (850..1150).contains(&weighted[0]), "{weighted:?}");
    }

    #[test]
    fn durations_lie_around_their_median() {
        let mut lot = Draw::new(3).stream();
        let mut drawn: Vec<i64> = (0..20_000).map(|_| lot.around(60_000)).collect();
        drawn.sort_unstable();
        assert!((58_500..61_500).contains(&drawn[10_000]), "{}", drawn[10_000]);
        assert!((108_000..120_000).contains(&drawn[18_000]), "{}", drawn[18_000]);
        assert!(drawn[0] >= 15_000 && drawn[19_999] <= 240_000);
    }
}
