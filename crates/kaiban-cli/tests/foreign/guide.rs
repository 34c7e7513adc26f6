//! `proto/README.md` shows no code that is not in an example: what is shown was run.

use std::path::{Path, PathBuf};

use crate::harness::Ended;

/// The contract with its guide and examples.
pub fn proto() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto")
}

/// The files that blocks of a language come from.
fn sources(language: &str) -> &'static [&'static str] {
    match language {
        "python" => &["examples/python/agency.py", "examples/python/terminal.py", "examples/python/results.py"],
        "java" => &["examples/java/src/main/java/cn/kaiban/examples/Agency.java"],
        "xml" => &["examples/java/pom.xml"],
        "sh" => &["examples/python/setup.sh", "examples/by-hand.sh"],
        "proto" => &["kaiban/v1/task_service.proto", "kaiban/v1/common.proto"],
        _ => &[],
    }
}

pub fn every_block_is_from_an_example() -> Ended {
    let guide = std::fs::read_to_string(proto().join("README.md")).expect("the guide");
    let mut blocks = 0;
    let mut lines = guide.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if language == "text" {
            continue;
        }
        blocks += 1;
        let found = sources(language).iter().any(|file| {
            let source = std::fs::read_to_string(proto().join(file)).expect("an example");
            contains(&source, &block)
        });
        assert!(found, "no example has this {language} block:\n{}", block.join("\n"));
    }
    assert!(blocks >= 10, "the guide shows too little: {blocks} blocks");
    Ended::Passed
}

/// Whether a text has these lines one after the other, however far all of them are indented.
fn contains(source: &str, block: &[&str]) -> bool {
    let source: Vec<&str> = source.lines().collect();
    source.windows(block.len()).any(|window| {
        let indent = window[0].len() - window[0].trim_start().len();
        let shown = window.iter().map(|line| line.get(indent..).unwrap_or_default());
        shown.eq(block.iter().map(|line| line.trim_end()))
    })
}
