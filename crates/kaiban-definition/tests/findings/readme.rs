//! `workflows/README.md` teaches by examples; every one of them loads without a finding.
//!
//! A block with `file=` is a whole file. A block with `part=` is laid over that package's `workflow.yaml`: its keys replace
//! the package's, its steps those of the same name. A block with `same=` says that files of one package stand in another.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kaiban_definition::{Files, load, render};

struct Block {
    info: String,
    text: String,
}

impl Block {
    fn word(&self, name: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

fn blocks() -> Vec<Block> {
    let readme = fs::read_to_string(workflows().join("README.md")).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in readme.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    blocks
}

fn workflows() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

/// The directory and the calendars, which examples use like every package.
fn surroundings() -> Files {
    let mut files = Files::new();
    for folder in ["directory", "calendars"] {
        for entry in fs::read_dir(workflows().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
    files
}

/// All whole files of the page.
fn whole(blocks: &[Block]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for block in blocks {
        if let Some(path) = block.word("file") {
            files.insert(path.to_owned(), block.text.clone());
        }
        for path in block.word("same").into_iter().flat_map(|same| same.split(',')) {
            let (_, name) = path.split_once('/').unwrap();
            let text = files[path].clone();
            files.insert(format!("{}/{name}", block.word("as").unwrap()), text);
        }
    }
    files
}

/// A YAML text cut at the lines with so many spaces before them.
fn chunks(text: &str, indent: usize) -> Vec<(String, String)> {
    let mut chunks: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let spaces = line.len() - line.trim_start().len();
        let begins = spaces == indent && !line.trim().is_empty() && !line.trim_start().starts_with('#');
        if begins {
            let name = line.trim_start().split(':').next().unwrap_or_default();
            chunks.push((name.to_owned(), String::new()));
        }
        if let Some((_, chunk)) = chunks.last_mut() {
            chunk.push_str(line);
            chunk.push('\n');
        }
    }
    chunks
}

fn laid_over(base: &str, part: &str) -> String {
    let merge = |base: Vec<(String, String)>, part: Vec<(String, String)>| {
        let kept = base.into_iter().filter(|(name, _)| !part.iter().any(|(other, _)| other == name));
        kept.chain(part.clone()).collect::<Vec<_>>()
    };
    let steps = |chunks: &[(String, String)]| {
        let found = chunks.iter().find(|(name, _)| name == "steps");
        found.map(|(_, text)| self::chunks(text, 2)).unwrap_or_default()
    };
    let (base, part) = (chunks(base, 0), chunks(part, 0));
    let merged = merge(steps(&base), steps(&part));
    let is_key = |(name, _): &(String, String)| name != "steps";
    let keys = merge(base.into_iter().filter(is_key).collect(), part.into_iter().filter(is_key).collect());
    let text = |chunks: Vec<(String, String)>| chunks.into_iter().map(|(_, text)| text).collect::<String>();
    format!("{}steps:\n{}", text(keys), text(merged))
}

fn assert_sound(files: &Files, package: &str, example: &str) {
    let (workflows, findings) = load(files);
    assert!(findings.is_empty(), "{example}\n{}", render(&findings, files));
    assert!(workflows.definition(package).is_some(), "{example}");
}

#[test]
fn whole_packages_load() {
    let whole = whole(&blocks());
    for package in ["food-stall", "kitchen", "canteen"] {
        let mut files = surroundings();
        let below = whole.iter().filter(|(path, _)| path.starts_with(&format!("{package}/")));
        below.for_each(|(path, text)| files.insert(path, text));
        if package == "canteen" {
            files.insert("canteen/form.schema.json", &whole["shop/form.schema.json"]);
        }
        if package != "food-stall" {
            let letters = whole.iter().filter_map(|(path, text)| Some((path.strip_prefix("shop/letters/")?, text)));
            letters.for_each(|(name, text)| files.insert(format!("{package}/letters/{name}"), text));
        }
        assert_sound(&files, package, package);
    }
}

#[test]
fn every_example_loads() {
    let blocks = blocks();
    let whole = whole(&blocks);
    let parts: Vec<&Block> = blocks.iter().filter(|block| block.word("part").is_some()).collect();
    assert!(parts.len() > 15);
    for part in parts {
        let package = part.word("part").unwrap();
        let workflow = laid_over(&whole[&format!("{package}/workflow.yaml")], &part.text);
        // Whoever asks for corrections has the letter that another part declares.
        let workflow = match workflow.contains("letter: correction") || workflow.contains("correction: correction") {
            true if !workflow.contains("\nletters:") => {
                let letter = "letters:\n  correction: { title: { zh: 补正告知书, en: Corrections }, number: 补字 }";
                workflow.replacen("\nsteps:", &format!("\n{letter}\nsteps:"), 1)
            }
            _ => workflow,
        };
        let mut files = surroundings();
        for (path, text) in &whole {
            let name = path.strip_prefix(package).map(|rest| rest.trim_start_matches('/'));
            let used = match name {
                // Another package: some steps start its cases.
                None => path.starts_with("food-stall/"),
                Some(name) if name.starts_with("letters/") => workflow.contains("\nletters:"),
                Some(name) => workflow.contains(name),
            };
            if used {
                files.insert(path, text);
            }
        }
        files.insert(format!("{package}/workflow.yaml"), workflow.clone());
        assert_sound(&files, package, &workflow);
    }
}

/// Whatever is written as YAML is tried.
#[test]
fn no_example_is_left_out() {
    for block in blocks().iter().filter(|block| block.info.starts_with("yaml")) {
        assert!(block.word("file").is_some() || block.word("part").is_some(), "{}", block.text);
    }
}
