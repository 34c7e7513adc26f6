//! Published records, kept as a reader would find them. `KAIBAN_UPDATE=1` writes them anew; then the method's name has to change too.

use std::fs;
use std::path::{Path, PathBuf};

use kaiban_draw::{Draw, read, verify};

use crate::scene::*;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records")
}

pub fn golden(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.json"))).unwrap()
}

fn small_pool() -> Vec<kaiban_draw::Item> {
    pool(12)
}

#[test]
fn records_are_what_they_were() {
    let drawn: [(&str, Draw); 4] = [
        ("announced", announced(terms())),
        ("held", held(terms(), small_pool())),
        ("held-with-lottery", held(terms_with_lottery(), small_pool())),
        ("void", void(terms(), small_pool(), TAX)),
    ];
    for (name, draw) in drawn {
        let text = serde_json::to_string_pretty(&draw).unwrap() + "\n";
        if std::env::var_os("KAIBAN_UPDATE").is_some() {
            fs::write(folder().join(format!("{name}.json")), &text).unwrap();
        }
        assert!(golden(name) == text, "{name}: the record changed\n{text}");
        assert_eq!(read(&text).as_ref(), Ok(&draw));
        assert_eq!(verify(&draw), []);
    }
}
