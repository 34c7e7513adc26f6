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

/// Of so many claims that bring something one answer is lost, and one claim besides finds the server busy.
const CLAIMS: u64 = 8;

/// Deals fates out.
pub(crate) struct Fates {
    lot: Lot,
    block: Vec<Fate>,
    dealt: HashSet<String>,
    /// Request ids of claims that brought something.
    claims: HashSet<String>,
    /// How many claims had brought something when one last found the server busy.
    busy_after: u64,
}

impl Fates {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        let lot = Draw::new(seed).keyed("a bad line", 0, "", 0);
        Self { lot, block: Vec::new(), dealt: HashSet::new(), claims: HashSet::new(), busy_after: 0 }
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

    /// Whether the server is too busy for a claim.
    pub fn busy(&mut self) -> bool {
        let brought = self.claims.len() as u64;
        let busy = brought % CLAIMS == CLAIMS / 2 && self.busy_after != brought;
        if busy {
            self.busy_after = brought;
        }
        busy
    }

    /// Whether the answer of a claim that brings something is lost; a repeated claim gets through.
    pub fn loses_claim(&mut self, request_id: &str) -> bool {
        self.claims.insert(request_id.to_owned()) && self.claims.len() as u64 % CLAIMS == 2
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
        let lost: Vec<String> = (0..16).map(|id| id.to_string()).filter(|id| fates.loses_claim(id)).collect();
        assert_eq!(lost.len(), 2);
        assert!(!lost.iter().any(|id| fates.loses_claim(id)));
        let mut busy = 0;
        for id in 16..32 {
            busy += (0..5).filter(|_| fates.busy()).count();
            fates.loses_claim(&id.to_string());
        }
        assert_eq!(busy, 2);
    }
}
