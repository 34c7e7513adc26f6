//! Every code that the loader and the form checks give, each with its whole rendering: the goldens are the reference of
//! the codes, and the table in `workflows/README.md` is made of them.

mod form;
mod migration;
mod parts;
mod promises;
mod readme;
mod rich;
mod small;
mod sound;
mod table;

use std::collections::BTreeSet;

use kaiban_definition::{Files, load, render};
use kaiban_findings::Finding;

/// Loads, and holds the rendering against the golden of that name; `codes` are all codes that must be found.
fn golden(name: &str, files: &Files, codes: &[&str]) {
    let (_, findings) = load(files);
    golden_of(name, &findings, files, codes);
}

fn golden_of(name: &str, findings: &[Finding], files: &Files, codes: &[&str]) {
    let found: BTreeSet<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    let expected: BTreeSet<&str> = codes.iter().copied().collect();
    let shown = render(findings, files);
    assert_eq!(found, expected, "{name}\n{shown}");
    insta::with_settings!({ snapshot_path => "../goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, shown);
    });
}
