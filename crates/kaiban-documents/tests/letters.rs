//! The letters of business-start: every letter × every sample, as files that a person can open
//! (`tests/letters/html/*.html`, `tests/letters/text/*.txt`), and what holds for all of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use kaiban_documents::limits::TEXT_COLUMNS;
use kaiban_documents::{Facts, LetterSet, sample};
use unicode_width::UnicodeWidthStr;

mod schemas;

const LETTERS: [&str; 11] = [
    "acceptance",
    "approval",
    "correction",
    "decline",
    "domicile-commitment",
    "extension",
    "joint-extension",
    "not-accepted",
    "receipt",
    "refusal",
    "revocation",
];

fn package() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows/business-start")
}

fn letters() -> LetterSet {
    let mut files = BTreeMap::new();
    // Its own, and the parts that all packages share.
    for folder in [package().join("letters"), package().join("../letters")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("letters/{}", path.file_name().unwrap().to_str().unwrap());
            files.insert(name, fs::read_to_string(path).unwrap());
        }
    }
    let (letters, findings) = LetterSet::load(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    letters
}

fn samples() -> [(&'static str, Facts); 3] {
    [
        ("company", sample::company()),
        ("individual-business", sample::individual_business()),
        ("hostile", sample::hostile()),
    ]
}

#[test]
fn every_letter_of_every_sample() {
    let letters = letters();
    let names: Vec<&str> = letters.iter().map(|letter| letter.name()).collect();
    assert_eq!(names, LETTERS);
    for letter in letters.iter() {
        for (sample, facts) in samples() {
            let facts = if sample == "hostile" { facts } else { sample::fitting(letter.name(), facts) };
            let rendered = letter.render(&facts).unwrap();
            let name = format!("{}-{sample}", letter.name());
            let golden = |folder: &str, file: String, bytes: Vec<u8>| {
                insta::with_settings!({
                    snapshot_path => folder,
                    prepend_module_to_snapshot => false,
                    omit_expression => true,
                }, { insta::assert_binary_snapshot!(&file, bytes) });
            };
            golden("letters/html", format!("{name}.html"), rendered.html.into_bytes());
            golden("letters/text", format!("{name}.txt"), rendered.text.into_bytes());
        }
    }
}

#[test]
fn titles() {
    let letters = letters();
    let titles: Vec<&str> = letters.iter().map(|letter| letter.title()).collect();
    assert_eq!(
        titles,
        [
            "受理通知书",
            "准予登记通知书",
            "补正告知书",
            "不予办理通知书",
            "住所（经营场所）使用证明告知承诺书",
            "延长期限告知书",
            "联合办理延长期限告知书",
            "不予受理通知书",
            "收件凭证",
            "不予登记通知书",
            "撤销登记决定书"
        ]
    );
}

#[test]
fn every_field_exists_and_what_may_be_missing_is_asked_for_first() {
    let schemas = schemas::Schemas::read(&package(), &[("registration", "licence.schema.json")]);
    let letters = letters();
    let wrong: Vec<String> = letters
        .iter()
        .flat_map(|letter| letter.fields())
        .filter_map(|field| schemas.judge(field).err().map(|why| format!("{}:{}: {why}", field.file, field.line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    let named: Vec<String> = letters.get("approval").unwrap().fields().iter().map(|field| field.dotted()).collect();
    for field in ["form.name", "form.domicile.address", "results.registration.uscc", "office.title", "next"] {
        assert!(named.iter().any(|name| name == field), "{field}");
    }
}

#[test]
fn nothing_that_a_form_holds_becomes_markup_or_a_line_of_its_own() {
    let plain = sample::company();
    for letter in letters().iter() {
        let rendered = letter.render(&sample::hostile()).unwrap();
        for mark in ["<script", "<h1>{{", "<img", "onclick=\"", "<!--", "</table><", "<br>", "<i>"] {
            assert!(!rendered.html.contains(mark), "{}: {mark}", letter.name());
        }
        let hidden = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}');
        assert!(!rendered.html.contains(hidden) && !rendered.text.contains(hidden), "{}", letter.name());
        // A template's tag in a value is text, not a tag.
        assert!(!rendered.text.contains("13805910003") || letter.name() == "receipt", "{}", letter.name());
        let lines = |text: &str| text.lines().filter(|line| *line == "准予登记通知书").count();
        assert_eq!(lines(&rendered.text), lines(&letter.render(&plain).unwrap().text), "{}", letter.name());
    }
}

#[test]
fn text_fits_forty_characters_and_html_is_whole() {
    for letter in letters().iter() {
        for (_, facts) in samples() {
            let rendered = letter.render(&facts).unwrap();
            assert_eq!(rendered.text.lines().next(), Some(letter.title()));
            for line in rendered.text.lines() {
                assert!(line.width() <= TEXT_COLUMNS, "{}: {line}", letter.name());
            }
            assert!(rendered.html.starts_with("<!DOCTYPE html>\n<html lang=\"zh-CN\">"));
            assert!(rendered.html.ends_with("</html>\n"));
            assert!(!rendered.html.contains("{{") || facts.form["kind"] == "{{kind}}", "{}", letter.name());
            assert_eq!(letter.render(&facts).unwrap(), rendered);
        }
    }
}

#[test]
fn an_adverse_letter_without_remedies_is_not_sent() {
    let letters = letters();
    for name in ["refusal", "not-accepted"] {
        let letter = letters.get(name).unwrap();
        let error = letter.render(&Facts { remedies: None, ..sample::company() }).unwrap_err();
        assert!(error.to_string().ends_with("remedies.reconsideration_days is missing"), "{error}");
        let error = letter.render(&Facts { decision: None, ..sample::company() }).unwrap_err();
        assert!(error.to_string().contains("decision.reasons"), "{error}");
    }
}
