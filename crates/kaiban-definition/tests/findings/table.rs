//! Every code has a golden, and the table of all codes in `workflows/README.md` is made of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What a golden shows of a code.
#[derive(Clone, Debug, Default)]
struct Row {
    severity: String,
    zh: String,
    en: String,
    help: Vec<String>,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The codes with what the first golden of each shows; a golden that is called as its code comes first.
fn rows() -> BTreeMap<String, Row> {
    // Scenarios are read by a crate of their own, which has goldens of its own.
    let folders = ["tests/goldens", "../kaiban-scenario/tests/goldens"].map(folder);
    let mut paths: Vec<PathBuf> =
        folders.iter().flat_map(|below| fs::read_dir(below).unwrap()).map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "snap"));
    paths.sort();
    let mut rows: BTreeMap<String, (bool, Row)> = BTreeMap::new();
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().to_uppercase();
        for (code, row) in read(&fs::read_to_string(&path).unwrap()) {
            let named = code == name;
            let known = rows.get(&code).map(|(known, _)| *known);
            if known.is_none() || named && known == Some(false) {
                rows.insert(code, (named, row));
            }
        }
    }
    rows.into_iter().map(|(code, (_, row))| (code, row)).collect()
}

/// The findings of a rendering.
fn read(golden: &str) -> Vec<(String, Row)> {
    let mut found: Vec<(String, Row)> = Vec::new();
    for line in golden.lines() {
        if let Some((head, zh)) = line.split_once("]: ")
            && let Some((severity @ ("error" | "doubt"), code)) = head.split_once('[')
        {
            found.push((code.to_owned(), Row { severity: severity.to_owned(), zh: zh.to_owned(), ..Row::default() }));
            continue;
        }
        let Some((_, row)) = found.last_mut() else { continue };
        let line = line.trim_start_matches([' ', '|', '=']);
        if let Some(help) = line.strip_prefix("help: ") {
            row.help.push(help.to_owned());
        } else if let Some(note) = line.strip_prefix("note: ") {
            row.en = note.split_once(": ").map_or(note, |(_, en)| en).to_owned();
        } else if line.starts_with('^') {
            row.en = line.trim_start_matches('^').trim().to_owned();
        }
    }
    found
}

/// Texts in capitals that are no codes.
const NO_CODES: [&str; 3] = ["START", "END", "LAW"];

/// What the loader has others say, by the beginning of their codes: letters, calendars, scenarios.
const OTHERS: [(&str, &str); 3] = [
    ("../kaiban-documents/src", "LETTER_"),
    ("../kaiban-calendar/src/load", "CALENDAR_"),
    ("../kaiban-scenario/src", "SCENARIO_"),
];

/// Stands for errors that the schema validator knows and, as it is set up, never gives.
const NEVER_SEEN: &str = "NOT_READABLE";

/// The codes that stand in the sources.
fn codes() -> BTreeSet<String> {
    fn collect(below: &Path, codes: &mut BTreeSet<String>) {
        for path in fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                collect(&path, codes);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or_default();
                let quoted = text.split('"').skip(1).step_by(1);
                let is_code = |word: &&str| {
                    word.len() >= 4
                        && word.starts_with(|c: char| c.is_ascii_uppercase())
                        && word.chars().all(|c| c.is_ascii_uppercase() || c == '_')
                };
                codes.extend(quoted.filter(is_code).map(str::to_owned));
            }
        }
    }
    let mut codes = BTreeSet::new();
    collect(&folder("src"), &mut codes);
    codes.retain(|code| !NO_CODES.contains(&code.as_str()) && code != NEVER_SEEN);
    for (sources, prefix) in OTHERS {
        let mut theirs = BTreeSet::new();
        collect(&folder(sources), &mut theirs);
        codes.extend(theirs.into_iter().filter(|code| code.starts_with(prefix)));
    }
    codes
}

#[test]
fn every_code_has_a_golden() {
    let (codes, rows) = (codes(), rows());
    assert!(codes.len() > 160, "{codes:?}");
    let without: Vec<&String> = codes.iter().filter(|code| !rows.contains_key(*code)).collect();
    assert!(without.is_empty(), "without a golden: {without:?}");
}

const BEGIN: &str = "<!-- findings: made from the goldens of kaiban-definition -->\n";
const END: &str = "<!-- end of findings -->\n";

#[test]
fn the_table_of_the_codes_is_current() {
    let codes = codes();
    let mut table = String::from("| code | severity | 中文 | English | what to do |\n|---|---|---|---|---|\n");
    for (code, row) in rows().iter().filter(|(code, _)| codes.contains(*code)) {
        let cell = |text: &str| text.replace('|', "\\|");
        let help = row.help.iter().map(|help| cell(help)).collect::<Vec<_>>().join("<br>");
        table.push_str(&format!("| `{code}` | {} | {} | {} | {help} |\n", row.severity, cell(&row.zh), cell(&row.en)));
    }
    let path = folder("../../workflows/README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (head, rest) = readme.split_once(BEGIN).expect("the table begins with its marker");
    let (shown, tail) = rest.split_once(END).expect("the table ends with its marker");
    if std::env::var_os("KAIBAN_UPDATE").is_some() && shown != table {
        fs::write(&path, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
        return;
    }
    assert!(shown == table, "the table is old: run this test with KAIBAN_UPDATE=1");
}
