//! OPERATIONS.md knows every line that the server may write at level warn or error, and every code of an incident: who is
//! on call looks there first. A text that is not there fails here, and a code there that nothing says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What runs inside `kaiban serve`.
const SERVED: [&str; 6] =
    ["kaiban-app", "kaiban-server", "kaiban-store", "kaiban-files", "kaiban-webhook", "kaiban-cli/src/verbs/serve"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The texts in quotes up to the bracket that closes what was opened before.
fn quoted(code: &str) -> Vec<String> {
    let (mut texts, mut depth, mut chars) = (Vec::new(), 1, code.chars());
    while let Some(c) = chars.next() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '"' => texts.push(chars.by_ref().take_while(|c| *c != '"').collect()),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    texts
}

/// Texts of `error!` and `warn!` with their level and the file of one place where each is written.
fn messages() -> BTreeMap<(String, &'static str), PathBuf> {
    let mut files = Vec::new();
    for part in SERVED {
        let folder = root().join("crates").join(part);
        sources(&if part.contains('/') { folder } else { folder.join("src") }, &mut files);
    }
    let mut messages = BTreeMap::new();
    for file in files {
        let code = std::fs::read_to_string(&file).expect("a source");
        for (level, call) in [("error", "error!("), ("warn", "warn!(")] {
            for (at, _) in code.match_indices(call) {
                let message = quoted(&code[at + call.len()..]).pop().expect("every line of the log has a text");
                messages.insert((message, level), file.clone());
            }
        }
    }
    messages
}

#[test]
fn every_warning_and_error_of_the_log_is_explained() {
    let operations = std::fs::read_to_string(root().join("OPERATIONS.md")).expect("OPERATIONS.md");
    let messages = messages();
    assert!(messages.len() > 30, "{messages:?}");
    let missing: Vec<String> = messages
        .iter()
        .filter(|((message, level), _)| !operations.contains(&format!("| `{message}` | {level} |")))
        .map(|((message, level), file)| format!("| `{message}` | {level} | … |   ({})", file.display()))
        .collect();
    assert!(missing.is_empty(), "not in OPERATIONS.md:\n{}", missing.join("\n"));
    let written = |line: &str| {
        let mut cells = line.split(" | ");
        let message = cells.next()?.strip_prefix("| `")?.strip_suffix('`')?.to_owned();
        let level = ["error", "warn"].into_iter().find(|level| Some(*level) == cells.clone().next())?;
        Some((message, level))
    };
    let gone: Vec<_> = operations.lines().filter_map(written).filter(|row| !messages.contains_key(row)).collect();
    assert!(gone.is_empty(), "OPERATIONS.md explains what is not written any more: {gone:?}");
}

#[test]
fn every_incident_that_has_a_meaning_has_an_action() {
    let operations = std::fs::read_to_string(root().join("OPERATIONS.md")).expect("OPERATIONS.md");
    let code = std::fs::read_to_string(root().join("crates/kaiban-app/src/incidents.rs")).expect("incidents");
    let is_code = |text: &&str| text.len() > 5 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let codes: Vec<&str> = code.split('"').filter(is_code).collect();
    assert!(codes.len() > 8, "{codes:?}");
    let refusals = ["ENDS_WITH_THE_STEP", "NOT_BY_HAND"];
    for code in codes.iter().filter(|code| !refusals.contains(code)) {
        assert!(operations.contains(&format!("`{code}`")), "{code} is not in OPERATIONS.md");
    }
}

#[test]
fn every_code_is_said_by_the_program() {
    let operations = std::fs::read_to_string(root().join("OPERATIONS.md")).expect("OPERATIONS.md");
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let code: String = files.iter().map(|file| std::fs::read_to_string(file).expect("a source")).collect();
    let is_code = |text: &&str| {
        text.contains('_')
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    // Files that it shows are in others' languages.
    let prose = operations.split("```").step_by(2);
    let codes: BTreeSet<&str> = prose.flat_map(|text| text.split(['`', '(', ')', ' ', '\n'])).filter(is_code).collect();
    assert!(codes.len() > 20, "{codes:?}");
    let unsaid: Vec<&&str> = codes.iter().filter(|text| !code.contains(&format!("\"{text}\""))).collect();
    assert!(unsaid.is_empty(), "OPERATIONS.md names what nothing says: {unsaid:?}");
}
