//! Cases under way, as the last commit of this node left them, so that a command need not read what the command before
//! wrote. A batch takes what it works on out of here and brings it back once it is on the disk: a batch that fails, or
//! panics, leaves nothing behind, and the next one reads the database.
//!
//! INVARIANT: nothing that is remembered is believed: of a SQLite file the era says whether somebody else has written, on
//! PostgreSQL each row says whether it still stands at that entry.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::stage::Working;
use crate::app::lock;

/// A case in memory takes about so many times the bytes of its snapshot.
const PER_SNAPSHOT_BYTE: u64 = 4;

#[derive(Clone)]
struct BySnapshot;

impl Weighter<String, Arc<Working>> for BySnapshot {
    fn weight(&self, id: &String, working: &Arc<Working>) -> u64 {
        working.snapshot_bytes as u64 * PER_SNAPSHOT_BYTE + id.len() as u64 + 200
    }
}

/// Cases of this node, the ones used lately, and the era that they are from.
pub(crate) struct Memory {
    cases: Cache<String, Arc<Working>, BySnapshot>,
    era: Mutex<Option<u64>>,
}

/// What a batch found in memory before it looked into the database.
pub(crate) struct Remembered<'a> {
    memory: &'a Memory,
    cases: Mutex<HashMap<String, Arc<Working>>>,
}

impl Memory {
    pub fn new(bytes_max: u64) -> Self {
        let expected = usize::try_from(bytes_max / 16_384).unwrap_or(1_024).max(1);
        Self { cases: Cache::with_weighter(expected, bytes_max, BySnapshot), era: Mutex::new(None) }
    }

    /// What is remembered, for a batch of this era.
    pub fn look(&self, era: Option<u64>) -> Remembered<'_> {
        if std::mem::replace(&mut *lock(&self.era), era) != era {
            self.cases.clear();
        }
        Remembered { memory: self, cases: Mutex::default() }
    }

    /// Remembers cases as they are on the disk now.
    pub fn keep(&self, cases: impl IntoIterator<Item = (String, Working)>) {
        for (id, working) in cases {
            self.cases.insert(id, Arc::new(working));
        }
    }
}

impl Remembered<'_> {
    /// The last entry of a case that is remembered.
    pub fn seq(&self, id: &str) -> Option<i64> {
        let mut cases = lock(&self.cases);
        if let Some(working) = cases.get(id) {
            return Some(working.seq);
        }
        let working = self.memory.cases.get(id)?;
        let seq = working.seq;
        cases.insert(id.to_owned(), working);
        Some(seq)
    }

    /// The cases that were found to stand where they are remembered; everything else that was looked at is forgotten.
    pub fn take(self, unchanged: &HashSet<String>) -> HashMap<String, Working> {
        let mut taken = HashMap::with_capacity(unchanged.len());
        for (id, working) in self.cases.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.memory.cases.remove(&id);
            if unchanged.contains(&id) {
                taken.insert(id, Arc::unwrap_or_clone(working));
            }
        }
        taken
    }
}
