//! The JSON Schema for editors is current, and takes what the loader takes.

use std::fs;
use std::path::{Path, PathBuf};

use kaiban_definition::{editor_schema, migration_schema};
use serde_json::Value;

fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

#[test]
fn the_files_are_current() {
    for (name, schema) in [("workflow.schema.json", editor_schema()), ("migration.schema.json", migration_schema())] {
        let text = format!("{schema:#}\n");
        let path = workflows().join(name);
        if std::env::var_os("KAIBAN_UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == text, "{name} is old: run this test with KAIBAN_UPDATE=1");
    }
}

#[test]
fn the_schema_of_mappings_takes_a_whole_one_and_marks_mistakes() {
    let validator = jsonschema::draft202012::new(&migration_schema()).unwrap();
    let whole = "{ workflow: small, from: '1', to: '2', renamed: { a: b }, dropped: { c: left, d: withdrawn },
        added: { e: offered, f: { satisfied_once_begun: b } }, outcomes: { a: { done: finished } } }";
    let read = |text: &str| -> Value { serde_saphyr::from_str(text).unwrap() };
    assert!(validator.is_valid(&read(whole)));
    for (old, new) in [("renamed", "rename"), ("c: left", "c: kept"), ("e: offered", "e: skipped"), ("from: '1', ", "")]
    {
        assert!(whole.contains(old), "{old}");
        assert!(!validator.is_valid(&read(&whole.replacen(old, new, 1))), "{new}");
    }
}

/// An editor that marks a sound package as wrong is worse than none.
#[test]
fn it_takes_every_sound_package() {
    let validator = jsonschema::draft202012::new(&editor_schema()).unwrap();
    let rich = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings/rich/workflow.yaml");
    let mut paths = vec![rich];
    for entry in fs::read_dir(workflows()).unwrap() {
        paths.extend(Some(entry.unwrap().path().join("workflow.yaml")).filter(|path| path.exists()));
    }
    assert!(paths.len() > 2);
    for path in paths {
        let package: Value = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&package)
            .map(|error| format!("{}: {}", error.instance_path(), error.masked()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

/// It marks what it can.
#[test]
fn it_marks_mistakes() {
    let validator = jsonschema::draft202012::new(&editor_schema()).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings/rich/workflow.yaml");
    let rich = fs::read_to_string(path).unwrap();
    for (old, new) in [
        ("closes: opened", "close: opened"),
        ("counts: true", "counts: perhaps"),
        ("wait: 3 working days", "waits: 3 working days"),
        ("after: 1 working day", "after: 1 day"),
        ("at_most: 2", "at_most: 0"),
        ("cancels: others", "cancels: all"),
        ("severity: error", "severity: fatal"),
        ("holds: 2 months", "holds: 2 days"),
        ("asks: applicant", "asks: everybody"),
    ] {
        assert!(rich.contains(old), "{old}");
        let package: Value = serde_saphyr::from_str(&rich.replacen(old, new, 1)).unwrap();
        assert!(!validator.is_valid(&package), "{new}");
    }
}
