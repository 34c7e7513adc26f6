//! Journals as they were stored, replayed for ever: a released event never changes meaning. What is recorded is what a
//! database holds, the bytes and hashes of the entries and the snapshot of the case. Today's state may say more than a
//! snapshot of before, but nothing else.
//!
//! `KAIBAN_RECORD_JOURNALS=1 cargo test -p kaiban-engine --test engine journals` writes a further file for every
//! journey whose journal is not among the recorded ones yet. It never rewrites a file, and neither should anybody: a
//! recorded journal that no longer replays is somebody's case that is no longer what it was.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kaiban_engine::{Case, Entry, GENESIS, chain_hash, invariants};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journeys::all;
use crate::sim::world;

/// A recorded journal.
#[derive(Serialize, Deserialize)]
struct Recorded {
    /// Which journey it is of.
    journey: String,
    entries: Vec<Stored>,
    /// The snapshot, as text.
    snapshot: String,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    bytes: String,
    hash: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

fn recorded() -> Vec<(String, Recorded)> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let json = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    json.map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let recorded = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        (name, recorded)
    })
    .collect()
}

fn head(recorded: &Recorded) -> &str {
    &recorded.entries.last().unwrap().hash
}

#[test]
fn recorded_journals_replay_to_the_state_that_was_stored() {
    if std::env::var_os("KAIBAN_RECORD_JOURNALS").is_some() {
        record();
    }
    let recorded = recorded();
    let journeys: BTreeSet<&str> = recorded.iter().map(|(_, recorded)| recorded.journey.as_str()).collect();
    assert!(all().all(|(name, _)| journeys.contains(name)), "recorded: {journeys:?}");
    for (file, recorded) in &recorded {
        let mut case = Case::default();
        let mut hash = GENESIS.to_owned();
        for (index, stored) in recorded.entries.iter().enumerate() {
            hash = chain_hash(&hash, &stored.bytes);
            assert_eq!(hash, stored.hash, "{file}: the chain breaks at entry {}", index + 1);
            let entry: Entry = serde_json::from_str(&stored.bytes).unwrap();
            assert_eq!((entry.seq, entry.to_bytes()), (index as i64 + 1, stored.bytes.clone()), "{file}");
            for event in &entry.events {
                case.evolve(entry.at_us, event);
            }
        }
        // Nobody whose database has the old snapshot is kept out, and what it said is still so.
        let _: Case = serde_json::from_str(&recorded.snapshot).unwrap();
        let stored: Value = serde_json::from_str(&recorded.snapshot).unwrap();
        let today = serde_json::to_value(&case).unwrap();
        assert!(says(&today, &stored), "{file}: today's state is\n{today:#}\nand was\n{stored:#}");
        // A package may have gone on since; its invariants only speak of cases that are pinned to it.
        let def = world::shipped().definition(&case.workflow).filter(|def| def.digest == case.digest);
        if let Some(def) = def {
            assert_eq!(invariants::check(def, &case), [], "{file}");
        }
    }
}

/// Whether today's state says all that was stored; it may say more.
fn says(today: &Value, stored: &Value) -> bool {
    match (today, stored) {
        (Value::Object(today), Value::Object(stored)) => {
            stored.iter().all(|(name, stored)| today.get(name).is_some_and(|today| says(today, stored)))
        }
        (Value::Array(today), Value::Array(stored)) => {
            today.len() == stored.len() && today.iter().zip(stored).all(|(today, stored)| says(today, stored))
        }
        _ => today == stored,
    }
}

/// Writes the journals of journeys that are not among the recorded ones.
fn record() {
    let known: BTreeSet<String> = recorded().iter().map(|(_, recorded)| head(recorded).to_owned()).collect();
    for (name, journey) in all() {
        let sim = journey();
        let entries = sim.journal.iter().map(|(bytes, hash)| Stored { bytes: bytes.clone(), hash: hash.clone() });
        let snapshot = serde_json::to_string(&sim.case).unwrap();
        let recorded = Recorded { journey: name.into(), entries: entries.collect(), snapshot };
        if known.contains(head(&recorded)) {
            continue;
        }
        let path = folder().join(format!("{name}-{}.json", &head(&recorded)[..8]));
        assert!(!path.exists(), "{} is there and ends otherwise", path.display());
        std::fs::write(path, serde_json::to_string_pretty(&recorded).unwrap() + "\n").unwrap();
    }
}
