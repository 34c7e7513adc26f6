//! Codes of mapping files, which say how running cases get from one version of a package to another.

use kaiban_definition::{Definition, Files, MigrationFile, load, render};

use crate::golden_of;
use crate::sound::sound;

const OLD: &str = "
  draw:
    title: { zh: 抽查, en: Draw }
    draws: { pool: visits }
  visit:
    title: { zh: 现场核查, en: Visit }
    party: bureau
    needs: [draw]
    drawn_by: draw
    when: results.draw.drawn
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
  photo:
    title: { zh: 照片, en: Photo }
    party: bureau
    counts: false
    shares: [form.name]
    outcomes: { done: {}, later: { title: { zh: 另行办理, en: Later }, ends: branch, adverse: true, law: 条例 §20, letter: correction } }
";

const NEW: &str = "
  lot:
    title: { zh: 抽查, en: Draw }
    draws: { pool: visits }
  visit:
    title: { zh: 现场核查, en: Visit }
    wait: 1 working day
    needs: [lot]
  scan:
    title: { zh: 扫描, en: Scan }
    party: bureau
    counts: false
    shares: [form.name]
    outcomes: { done: {}, later: { title: { zh: 另行办理, en: Later } } }
  second-check:
    title: { zh: 复核, en: Second check }
    party: bureau
    counts: false
    shares: [form.name]
    outcomes: { done: {} }
";

/// A version of the small package with these steps besides its own.
fn version(files: &Files, steps: &str) -> Definition {
    let mut files = files.clone();
    let text = files.get("small/workflow.yaml").expect("the package");
    let text = text.replacen("\nsteps:", &format!("\nsteps:{}", steps.trim_end()), 1);
    files.insert("small/workflow.yaml", text);
    let (workflows, findings) = load(&files);
    let found = workflows.definitions.into_iter().find(|found| found.workflow == "small");
    std::sync::Arc::into_inner(found.unwrap_or_else(|| panic!("{}", render(&findings, &files)))).expect("the only one")
}

/// Holds a mapping against the two versions.
fn mapping(name: &str, text: &str, (from, to): (&str, &str), codes: &[&str]) {
    const PATH: &str = "small/migrations/1-2.yaml";
    let mut files = sound();
    let (from, to) = (version(&files, from), version(&files, to));
    let (file, mut findings) = MigrationFile::read(PATH, text);
    if let Some(file) = file {
        findings.extend(file.check(&from, &to).1);
    }
    files.insert(PATH, text);
    golden_of(name, &findings, &files, codes);
}

#[test]
fn migration_says_too_little() {
    let text = "workflow: small\nfrom: \"1\"\nto: \"2\"\n";
    mapping(
        "migration_says_too_little",
        text,
        (OLD, NEW),
        &["MIGRATION_KIND", "MIGRATION_NOT_ADDED", "MIGRATION_UNMAPPED"],
    );
}

#[test]
fn migration_of_every_kind_of_mistake() {
    let text = "workflow: small
from: \"1\"
to: \"2\"
renamed:
  draw: lot
  photo: scan
  check: scan
  pictures: scan
dropped:
  draw: left
  visit: withdrawn
added:
  check: offered
  seal: offered
  visit: offered
  second-check: { satisfied_once_begun: second-check }
  third-check: { satisfied_once_begun: fourth-check }
outcomes:
  photo: { done: finished, sooner: later }
  pictures: { done: done }
";
    let codes = [
        "MIGRATION_NOT_ADDED",
        "MIGRATION_NOT_NEW",
        "MIGRATION_OUTCOME",
        "MIGRATION_POINT",
        "MIGRATION_SAME_NAME",
        "MIGRATION_TWICE",
        "MIGRATION_UNKNOWN_OUTCOME",
        "MIGRATION_UNKNOWN_STEP",
    ];
    mapping("migration_of_every_kind_of_mistake", text, (OLD, NEW), &codes);
}

#[test]
fn migration_draw() {
    let text = "workflow: small
from: \"1\"
to: \"2\"
renamed: { draw: lot, photo: scan }
dropped: { visit: withdrawn }
added: { second-check: offered }
";
    let new = NEW
        .replace("  visit:\n    title: { zh: 现场核查, en: Visit }\n    wait: 1 working day\n    needs: [lot]\n", "");
    mapping("migration_draw", text, (OLD, &new), &["MIGRATION_DRAW", "MIGRATION_OUTCOME"]);
}

#[test]
fn migration_of_what_are_no_two_versions() {
    let text = "workflow: small\nfrom: \"1\"\nto: \"2\"\n";
    mapping("migration_same", text, (OLD, OLD), &["MIGRATION_SAME"]);
    let text = "workflow: large\nfrom: \"1\"\nto: \"2\"\n";
    mapping("migration_workflow", text, (OLD, NEW), &["MIGRATION_WORKFLOW"]);
}

#[test]
fn a_mapping_that_cannot_be_read_is_told_with_its_package_and_keeps_it_from_nothing() {
    let mut files = sound();
    files.insert("small/migrations/1-2.yaml", "workflow: small\nfrom: \"1\"\nto: \"2\"\nrename: { check: look }\n");
    let (workflows, findings) = load(&files);
    assert!(workflows.definition("small").is_some());
    golden_of("migration_unreadable", &findings, &files, &["UNKNOWN_KEY"]);
}
