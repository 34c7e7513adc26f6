//! The table of all reasons in `proto/README.md` is complete and true: what the code answers stands there with its
//! status, and nothing else does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Reason → status, as in the guide: `STALE_EPOCH` → `ABORTED`.
type Reasons = BTreeMap<String, String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_reason_is_in_the_guide() {
    let guide = read("proto/README.md");
    let mut told = Reasons::new();
    for row in
        guide.split("## All reasons").nth(1).expect("the table").lines().take_while(|line| !line.starts_with("## "))
    {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, reason, status, means, _] = cells[..] else { continue };
        let Some(reason) = reason.strip_prefix('`').and_then(|reason| reason.strip_suffix('`')) else { continue };
        assert!(!means.is_empty(), "{reason} says nothing");
        assert_eq!(told.insert(reason.to_owned(), status.to_owned()), None, "{reason} stands there twice");
    }
    let mut known = rejections();
    for folder in ["crates/kaiban-app/src", "crates/kaiban-server/src"] {
        refusals(&root().join(folder), &mut known);
    }
    let missing: Vec<_> = known.iter().filter(|(reason, _)| !told.contains_key(*reason)).collect();
    assert!(missing.is_empty(), "the guide lacks {missing:?}");
    let unheard: Vec<_> = told.keys().filter(|reason| !known.contains_key(*reason)).collect();
    assert!(unheard.is_empty(), "nothing answers {unheard:?}");
    let other: Vec<_> = known.iter().filter(|(reason, status)| told[*reason] != **status).collect();
    assert!(other.is_empty(), "the guide gives another status to {other:?}");
}

/// What the engine rejects: the golden beside its tests has every reason and its class.
fn rejections() -> Reasons {
    let golden = read("crates/kaiban-engine/tests/engine/goldens/rejections.snap");
    let words = golden.lines().filter_map(|line| line.trim().split_once(' '));
    let known: Reasons = words
        .filter(|(reason, class)| is_reason(reason) && class.chars().all(char::is_alphabetic))
        .map(|(reason, class)| (reason.to_owned(), screaming(class)))
        .collect();
    assert!(known.len() > 40, "the golden is written otherwise by now: {known:?}");
    known
}

/// What app and server refuse: a literal behind a canonical code, or behind what stands for one.
fn refusals(folder: &Path, known: &mut Reasons) {
    for entry in fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            refusals(&path, known);
            continue;
        }
        let source = read(&path);
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let literals: Vec<&str> = source.split('"').collect();
        for pair in literals.windows(2).filter(|pair| is_reason(pair[1])) {
            let before = pair[0].trim_end();
            let status = if before.ends_with("argument(") {
                "INVALID_ARGUMENT".to_owned()
            } else if before.ends_with("later(") {
                "UNAVAILABLE".to_owned()
            } else {
                let Some((path, word)) = before.strip_suffix(',').and_then(|before| before.rsplit_once("::")) else {
                    continue;
                };
                if !path.ends_with("Canonical") && !path.ends_with("Code") {
                    continue;
                }
                screaming(word)
            };
            known.entry(pair[1].to_owned()).or_insert(status);
        }
    }
}

fn is_reason(text: &str) -> bool {
    text.len() > 3 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// `FailedPrecondition` as gRPC writes it.
fn screaming(word: &str) -> String {
    let mut text = String::new();
    for letter in word.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
