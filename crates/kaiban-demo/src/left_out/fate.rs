//! What happens to an answer on its way. In each block of [`BLOCK`] tasks everything happens so and so often; the seed
//! says to which. So even a short run meets everything.

use std::collections::HashSet;

use kaiban_population::{Draw, Lot};

/// What happens to the first completion of a task on its way to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fate {
    /// Nothing.
    Plain,
    /// It arrives and is carried out, but the answer is lost: the line breaks.
    AnswerLost,
    /// It arrives twice.
    Doubled,
    /// The server is too busy for it.
    Busy,
    /// It is held up until its lease has run out and a colleague has taken the task.
    TakenAway,
    /// The case is cancelled while it is on its way.
    Cancelled,
}

/// Tasks among which everything happens.
const BLOCK: [Fate; 16] = [
    Fate::AnswerLost,
    Fate::AnswerLost,
    Fate::Doubled,
    Fate::Doubled,
    Fate::Busy,
    Fate::TakenAway,
    Fate::TakenAway,
    Fate::Cancelled,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
    Fate::Plain,
];

/// One claim in so many that brings something is answered by a broken line; another one by a busy server.
const CLAIMS: u64 = 8;

/// What happens to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClaimFate {
    Plain,
    /// It is carried out, but the answer is lost.
    AnswerLost,
    /// The server is too busy for it.
    Busy,
}

/// Deals fates out.
pub(crate) struct Fates {
    lot: Lot,
    block: Vec<Fate>,
    dealt: HashSet<String>,
    claims: HashSet<String>,
    claimed: u64,
}

impl Fates {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        let lot = Draw::new(seed).keyed("a bad line", 0, "", 0);
        Self { lot, block: Vec::new(), dealt: HashSet::new(), claims: HashSet::new(), claimed: 0 }
    }

    /// What happens to this completion; only the first one of a task meets with anything.
    pub fn of_task(&mut self, task: &str) -> Fate {
        if !self.dealt.insert(task.to_owned()) {
            return Fate::Plain;
        }
        if self.block.is_empty() {
            self.block = BLOCK.to_vec();
            for last in (1..self.block.len()).rev() {
                self.block.swap(last, self.lot.index(last + 1));
            }
        }
        self.block.pop().unwrap_or(Fate::Plain)
    }

    /// What happens to this claim; a repeated one goes through.
    pub fn of_claim(&mut self, request_id: &str) -> ClaimFate {
        if !self.claims.insert(request_id.to_owned()) {
            return ClaimFate::Plain;
        }
        self.claimed += 1;
        match self.claimed % CLAIMS {
            3 => ClaimFate::AnswerLost,
            6 => ClaimFate::Busy,
            _ => ClaimFate::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_happens_in_each_block_and_the_seed_says_to_which() {
        let deal = |seed| {
            let mut fates = Fates::new(seed);
            (0..32).map(|task| fates.of_task(&task.to_string())).collect::<Vec<_>>()
        };
        let fates = deal(1);
        for block in fates.chunks(BLOCK.len()) {
            for fate in BLOCK {
                let often = |fates: &[Fate]| fates.iter().filter(|one| **one == fate).count();
                assert_eq!(often(block), often(&BLOCK), "{fate:?}");
            }
        }
        assert_eq!(deal(1), fates);
        assert_ne!(deal(2), fates);
    }

    #[test]
    fn whoever_asks_again_gets_through() {
        let mut fates = Fates::new(1);
        for task in 0..BLOCK.len() {
            fates.of_task(&task.to_string());
        }
        assert!((0..BLOCK.len()).all(|task| fates.of_task(&task.to_string()) == Fate::Plain));
        let first: Vec<ClaimFate> = (0..8).map(|claim| fates.of_claim(&claim.to_string())).collect();
        assert!(first.contains(&ClaimFate::AnswerLost) && first.contains(&ClaimFate::Busy));
        assert!((0..8).all(|claim| fates.of_claim(&claim.to_string()) == ClaimFate::Plain));
    }
}
