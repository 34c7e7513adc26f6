//! All letters of a package.

use std::collections::{BTreeMap, BTreeSet};

use kaiban_findings::{Finding, Place};

use crate::letter::{Letter, Partial};
use crate::limits::LETTERS_MAX;
use crate::problems::codes;

/// The letters of a package, by name.
#[derive(Clone, Debug, Default)]
pub struct LetterSet {
    letters: BTreeMap<String, Letter>,
}

/// The two halves of a letter or a partial.
#[derive(Default)]
struct Pair<'a> {
    html: Option<&'a str>,
    text: Option<&'a str>,
}

impl LetterSet {
    /// Reads the files below `letters/` of a package, paths relative to the package; other files are none of its
    /// business. Answers every letter that can be rendered, and everything that is wrong with all of them, by file and
    /// place.
    pub fn load<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut pairs: BTreeMap<&str, Pair<'_>> = BTreeMap::new();
        let files: BTreeMap<&str, &str> = files.into_iter().collect();
        for (path, text) in &files {
            let Some(file) = path.strip_prefix("letters/") else { continue };
            let (name, half) = match (file.strip_suffix(".html.hbs"), file.strip_suffix(".txt.hbs")) {
                (Some(name), _) => (name, Half::Html),
                (_, Some(name)) => (name, Half::Text),
                _ => (file, Half::Neither),
            };
            if half == Half::Neither || !is_name(name) {
                findings.push(misnamed(path));
                continue;
            }
            let pair = pairs.entry(name).or_default();
            match half {
                Half::Html => pair.html = Some(text),
                _ => pair.text = Some(text),
            }
        }
        if pairs.len() > LETTERS_MAX {
            findings.push(Finding::error(
                codes::TOO_LARGE,
                Place::Whole,
                format!("文书和公共片段超过 {LETTERS_MAX} 个。"),
                format!("More than {LETTERS_MAX} letters and partials."),
            ));
            return (Self::default(), findings);
        }
        for (name, pair) in &pairs {
            findings.extend(half_missing(name, pair));
        }
        let partials: Vec<Partial<'_>> = pairs
            .iter()
            .filter(|(name, _)| name.starts_with('_'))
            .map(|(name, pair)| Partial {
                name,
                html: pair.html.unwrap_or_default(),
                text: pair.text.unwrap_or_default(),
            })
            .collect();
        let mut letters = BTreeMap::new();
        for (name, pair) in pairs.iter().filter(|(name, _)| !name.starts_with('_')) {
            let (Some(html), Some(text)) = (pair.html, pair.text) else { continue };
            match Letter::compile(name, html, text, &partials) {
                Ok(letter) => {
                    letters.insert((*name).to_owned(), letter);
                }
                Err(found) => findings.extend(found),
            }
        }
        // A partial is wrong for every letter that has it, but only once for its author.
        let mut seen = BTreeSet::new();
        findings.retain(|finding| seen.insert((finding.place.to_string(), finding.to_string())));
        (Self { letters }, findings)
    }

    /// A letter by its name.
    pub fn get(&self, name: &str) -> Option<&Letter> {
        self.letters.get(name)
    }

    /// All letters, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Letter> {
        self.letters.values()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Html,
    Text,
    Neither,
}

fn is_name(name: &str) -> bool {
    let rest = name.strip_prefix('_').unwrap_or(name);
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn misnamed(path: &str) -> Finding {
    Finding::error(
        codes::FILE_NAME,
        Place::File { path: path.to_owned(), line: 1, column: 1 },
        "文书目录中的文件应命名为“名称.html.hbs”和“名称.txt.hbs”。",
        "Files of letters are named `<name>.html.hbs` and `<name>.txt.hbs`.",
    )
    .with_help(
        "名称只用小写字母、数字和连字符；公共片段以“_”开头。",
        "A name has lower-case letters, digits and hyphens; a partial's name begins with `_`.",
    )
}

fn half_missing(name: &str, pair: &Pair<'_>) -> Option<Finding> {
    let (there, missing) = match (pair.html, pair.text) {
        (Some(_), None) => ("html", "txt"),
        (None, Some(_)) => ("txt", "html"),
        _ => return None,
    };
    let place = Place::File { path: format!("letters/{name}.{there}.hbs"), line: 1, column: 1 };
    Some(
        Finding::error(
            codes::HALF_MISSING,
            place,
            format!("缺少与之成对的“letters/{name}.{missing}.hbs”。"),
            format!("Its other half `letters/{name}.{missing}.hbs` is missing."),
        )
        .with_help("每份文书都有网页和文本两种形式。", "Every letter has an HTML and a text form."),
    )
}
