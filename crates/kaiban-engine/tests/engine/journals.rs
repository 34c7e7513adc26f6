//! Journals as they were stored, replayed for ever: a released event never changes meaning. What is recorded is what a
//! database holds, the bytes and hashes of the entries and the snapshot of the case. Today's state may say more than a
//! snapshot of before, but nothing else.
//!
//! They lie in a folder for each release, with the files of their packages. `KAIBAN_RECORD_JOURNALS=1 cargo test -p
//! kaiban-engine --test engine journals` writes a further file into the present release's folder for every journey whose
//! journal is not among the recorded ones yet, and for its package. It never rewrites a file, and neither should anybody: a
//! recorded journal that no longer replays is somebody's case that is no longer what it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use kaiban_definition::{Definition, Files, load_package, render};
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

/// A package as a database keeps it.
#[derive(Serialize, Deserialize)]
struct Package {
    workflow: String,
    files: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

/// Where the present release records.
fn present() -> PathBuf {
    folder().join(env!("CARGO_PKG_VERSION"))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

fn json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

/// The journals of all releases.
fn recorded() -> Vec<(String, Recorded)> {
    let files = entries(&folder()).into_iter().flat_map(|release| entries(&release)).filter(|path| json(path));
    files
        .map(|path| {
            let name = path.strip_prefix(folder()).unwrap().display().to_string();
            let recorded = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            (name, recorded)
        })
        .collect()
}

/// The packages of all releases, by digest, as the present loader reads them.
fn packages() -> BTreeMap<String, Definition> {
    let folders = entries(&folder()).into_iter().map(|release| release.join("packages")).filter(|path| path.exists());
    let files = folders.flat_map(|folder| entries(&folder)).filter(|path| json(path));
    files
        .map(|path| {
            let Package { workflow, files } = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let files = Files::from(files);
            let shipped = world::shipped();
            let (def, findings) = load_package(&workflow, &files, &shipped.directory, &shipped.calendars);
            let def = def.unwrap_or_else(|| panic!("{}: {}", path.display(), render(&findings, &files)));
            assert_eq!(path.file_stem().unwrap().to_string_lossy(), def.digest, "a package is named by its digest");
            (def.digest.clone(), def)
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
    let packages = packages();
    let mut judged = 0;
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
            // By the version that the case went by then; those of the first journals were not kept.
            if let Some(def) = packages.get(&case.digest) {
                judged += 1;
                assert_eq!(invariants::check(def, &case), [], "{file}: after entry {}", index + 1);
            }
        }
        // Nobody whose database has the old snapshot is kept out, and what it said is still so.
        let _: Case = serde_json::from_str(&recorded.snapshot).unwrap();
        let stored: Value = serde_json::from_str(&recorded.snapshot).unwrap();
        let today = serde_json::to_value(&case).unwrap();
        assert!(says(&today, &stored), "{file}: today's state is\n{today:#}\nand was\n{stored:#}");
    }
    assert!(judged > 0, "a package of a recorded journal is there");
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

/// Writes the journals of journeys that are not among the recorded ones, and the packages that they go by.
fn record() {
    let known: BTreeSet<String> = recorded().iter().map(|(_, recorded)| head(recorded).to_owned()).collect();
    let packages: BTreeSet<String> = packages().into_keys().collect();
    std::fs::create_dir_all(present().join("packages")).unwrap();
    for (name, journey) in all() {
        let sim = journey();
        let mut case = Case::default();
        for entry in sim.entries() {
            entry.events.iter().for_each(|event| case.evolve(entry.at_us, event));
            keep(&case.workflow, &case.digest, &packages);
        }
        let entries = sim.journal.iter().map(|(bytes, hash)| Stored { bytes: bytes.clone(), hash: hash.clone() });
        let snapshot = serde_json::to_string(&sim.case).unwrap();
        let recorded = Recorded { journey: name.into(), entries: entries.collect(), snapshot };
        if known.contains(head(&recorded)) {
            continue;
        }
        let path = present().join(format!("{name}-{}.json", &head(&recorded)[..8]));
        assert!(!path.exists(), "{} is there and ends otherwise", path.display());
        std::fs::write(path, serde_json::to_string_pretty(&recorded).unwrap() + "\n").unwrap();
    }
}

/// Writes a package that is not kept yet.
fn keep(workflow: &str, digest: &str, known: &BTreeSet<String>) {
    let path = present().join("packages").join(format!("{digest}.json"));
    if known.contains(digest) || path.exists() {
        return;
    }
    let files = world::files_of(digest).expect("a journey's package was loaded here");
    let package = Package { workflow: workflow.to_owned(), files };
    std::fs::write(path, serde_json::to_string_pretty(&package).unwrap() + "\n").unwrap();
}
