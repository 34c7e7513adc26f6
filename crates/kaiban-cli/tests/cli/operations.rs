//! OPERATIONS.md holds every warning and error that a server can log, and names no code that nobody says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Crates whose code is in no server.
const NOT_SERVING: [&str; 5] = ["kaiban-bench", "kaiban-chaos", "kaiban-demo", "kaiban-population", "xtask"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manual() -> String {
    std::fs::read_to_string(root().join("OPERATIONS.md")).expect("the manual")
}

/// The text of every source file of the server.
fn sources() -> Vec<String> {
    let crates =
        std::fs::read_dir(root().join("crates")).expect("the crates").map(|entry| entry.expect("an entry").path());
    let serving = crates.filter(|path| NOT_SERVING.iter().all(|name| !path.ends_with(name)));
    let mut folders: Vec<PathBuf> = serving.map(|path| path.join("src")).filter(|path| path.is_dir()).collect();
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                texts.push(std::fs::read_to_string(path).expect("a source"));
            }
        }
    }
    texts
}

/// The last text among a macro's arguments, which begin here: tracing's message.
fn message(arguments: &str) -> Option<&str> {
    let (mut depth, mut text, mut from) = (0, None, None);
    for (at, c) in arguments.char_indices() {
        match (c, from) {
            ('"', None) => from = Some(at + 1),
            ('"', Some(begun)) => (text, from) = (Some(&arguments[begun..at]), None),
            ('(', None) => depth += 1,
            (')', None) if depth == 1 => return text,
            (')', None) => depth -= 1,
            _ => {}
        }
    }
    None
}

#[test]
fn every_warning_and_error_stands_in_the_manual_with_its_level() {
    let mut said = BTreeSet::new();
    for text in sources() {
        for level in ["warn", "error"] {
            for (at, found) in text.match_indices(&format!("{level}!(")) {
                if !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    let message = message(&text[at + found.len() - 1..]).expect("a line of the log has a text");
                    said.insert((message.to_owned(), level));
                }
            }
        }
    }
    let manual = manual();
    let (_, lines) = manual.split_once("### Lines of the log").expect("its part");
    let (lines, _) = lines.split_once("\n### ").expect("another part");
    let row = |line: &str| {
        let (text, rest) = line.strip_prefix("| `")?.split_once("` | ")?;
        let level = ["warn", "error"].into_iter().find(|level| rest.starts_with(&format!("{level} |")))?;
        Some((text.to_owned(), level))
    };
    let told: BTreeSet<_> = lines.lines().filter_map(row).collect();
    let missing: Vec<_> = said.difference(&told).collect();
    let invented: Vec<_> = told.difference(&said).collect();
    assert!(missing.is_empty() && invented.is_empty(), "not in the manual: {missing:#?}\nin no server: {invented:#?}");
}

#[test]
fn every_code_of_the_manual_is_said_somewhere() {
    let sources = sources();
    let is_code = |code: &&str| {
        code.contains('_') && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let manual = manual();
    // Files that it shows are in others' languages.
    let prose = manual.split("```").step_by(2);
    let named = prose.flat_map(|text| text.split(['`', '(', ')', ' ', '\n'])).filter(is_code);
    let unsaid: BTreeSet<&str> =
        named.filter(|code| !sources.iter().any(|text| text.contains(&format!("\"{code}\"")))).collect();
    assert_eq!(unsaid, BTreeSet::new());
}
