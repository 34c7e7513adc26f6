//! Everything that can be wrong with a package's letters, as its author sees it: all at once, each at its place.

use std::fmt::Write;

use kaiban_documents::{LetterSet, limits};

/// Findings one a line, as `place: CODE: 中文 / English`, with the help below.
fn told(files: &[(&str, &str)]) -> String {
    let (_, findings) = LetterSet::load(files.iter().copied());
    let mut out = String::new();
    for finding in findings {
        let _ =
            writeln!(out, "{}: {}: {}\n    {}", finding.place, finding.code, finding.message.zh, finding.message.en);
        if let Some(help) = &finding.help {
            let _ = writeln!(out, "    → {}\n    → {}", help.zh, help.en);
        }
    }
    out
}

/// What is wrong with a text template whose title is fine.
fn wrong(text: &str) -> String {
    let (_, findings) = LetterSet::load([("letters/a.html.hbs", "<p>"), ("letters/a.txt.hbs", text)]);
    findings.iter().map(|finding| format!("{} {}\n", finding.place, finding.code)).collect()
}

#[test]
fn every_kind_of_mistake_at_once() {
    let html = r#"<!doctype html>
<script>alert(1)</script><img src="x.png" onload="x()">
<p>{{{form.name}}} {{& form.name}} {{lookup form "name"}}</p>
{{#if case.acepted_at_us}}{{date}}{{else if case.id}}{{datetime case.accepted_at_us "x"}}{{/if}}
{{#each findings as |finding|}}{{finding.zh}}{{finding.colour}}{{../office.fax}}{{../../office.title}}{{/each}}
{{findings.zh}} {{office}} {{@index}} {{#each office.title}}{{/each}}
{{> _absent}} {{> _loop}} {{> _head case}}
{{shout form.name}} {{#repeat form.people}}{{/repeat}} {{date letter.issued_at_us style="long"}}
{{#if form.name}}{{#with office}}{{phone}}{{/if}}{{/with}}
"#;
    let text = "{{letter.number}}\n{{#unless next}}\n{{form.name\n";
    let found = told(&[
        ("letters/notice.html.hbs", html),
        ("letters/notice.txt.hbs", text),
        ("letters/_loop.html.hbs", "{{> _pool}}"),
        ("letters/_loop.txt.hbs", ""),
        ("letters/_pool.html.hbs", "\n  {{> _loop}}"),
        ("letters/_pool.txt.hbs", ""),
        ("letters/half.html.hbs", "<p>"),
        ("letters/Upper.txt.hbs", ""),
        ("letters/readme.md", ""),
        ("workflow.yaml", "not a letter"),
    ]);
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(found) });
}

#[test]
fn fields_are_judged_where_blocks_are_sound() {
    let html = r#"{{#if case.acepted_at_us}}{{date}}{{else if case.id}}{{datetime case.accepted_at_us "x"}}{{/if}}
{{#each findings as |finding|}}{{finding.zh}}{{finding.colour}}{{../office.fax}}{{../../office.title}}{{/each}}
{{findings.zh}} {{office}} {{@index}} {{#each office.title}}{{/each}} {{#each next as |line n|}}{{n}}{{#with n}}{{/with}}{{/each}}
{{> _absent}} {{> _loop}} {{> _head case}}
"#;
    let found = told(&[
        ("letters/notice.html.hbs", html),
        ("letters/notice.txt.hbs", "通知\n{{#each next}}{{> _up}}{{/each}}"),
        ("letters/_loop.html.hbs", "{{> _pool}}"),
        ("letters/_loop.txt.hbs", ""),
        ("letters/_pool.html.hbs", "\n  {{> _loop}}"),
        ("letters/_pool.txt.hbs", ""),
        ("letters/_up.html.hbs", ""),
        ("letters/_up.txt.hbs", "{{@index}}{{this}}{{../office.title}}"),
    ]);
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(found) });
}

#[test]
fn syntax_is_pointed_at_to_the_character() {
    for (text, expected) in [
        ("标题\n好 {{form.name", "letters/a.txt.hbs:2:3 LETTER_SYNTAX\n"),
        ("标题\n{{form.name {{form.kind}}", "letters/a.txt.hbs:2:1 LETTER_SYNTAX\n"),
        ("标题\n{{ }}{{~}}", "letters/a.txt.hbs:2:1 LETTER_SYNTAX\nletters/a.txt.hbs:2:6 LETTER_SYNTAX\n"),
        ("标题\n一二{{form..name}}", "letters/a.txt.hbs:2:5 LETTER_SYNTAX\n"),
        ("标题\n{{form.[0].name}}", "letters/a.txt.hbs:2:8 LETTER_SYNTAX\n"),
        ("标题\n{{#if (eq form.kind \"x\"}}{{/if}}", "letters/a.txt.hbs:2:7 LETTER_SYNTAX\n"),
        ("标题\n{{#if (eq form.kind \"x)}}{{/if}}", "letters/a.txt.hbs:2:21 LETTER_SYNTAX\n"),
        ("标题\n{{date form.at ; 1}}", "letters/a.txt.hbs:2:16 LETTER_SYNTAX\n"),
        ("标题\n{{#each next as |a b c|}}{{/each}}", "letters/a.txt.hbs:2:14 LETTER_SYNTAX\n"),
        ("标题\n\\{{form.name}}", "letters/a.txt.hbs:2:1 LETTER_NOT_ALLOWED\n"),
        ("标题\n{{#> _a}}{{/_a}}", "letters/a.txt.hbs:2:1 LETTER_NOT_ALLOWED\nletters/a.txt.hbs:2:10 LETTER_BLOCK\n"),
        ("标题\n{{#*inline \"x\"}}", "letters/a.txt.hbs:2:1 LETTER_NOT_ALLOWED\n"),
        ("标题\n{{{{raw}}}}x{{{{/raw}}}}", "letters/a.txt.hbs:2:1 LETTER_NOT_ALLOWED\n"),
        ("标题\n{{else}}", "letters/a.txt.hbs:2:1 LETTER_BLOCK\n"),
        ("标题\n{{#if next}}{{else}}{{else}}{{/if}}", "letters/a.txt.hbs:2:21 LETTER_BLOCK\n"),
        ("标题\n{{#each (len next)}}{{/each}}", "letters/a.txt.hbs:2:4 LETTER_ARGUMENTS\n"),
        ("标题\n{{!-- {{nothing}} --}}{{! {{ }}", ""),
    ] {
        let found = wrong(text);
        if text.contains("{{{{raw") {
            assert!(found.starts_with(expected), "{text}\n{found}");
        } else {
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn a_title_is_a_line_without_tags() {
    for text in ["", "\n通知", "{{letter.number}}\n"] {
        assert_eq!(wrong(text), "letters/a.txt.hbs:1:1 LETTER_TITLE_MISSING\n");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let large = format!("标题\n{}", "a".repeat(limits::TEMPLATE_BYTES_MAX));
    assert_eq!(wrong(&large), "letters/a.txt.hbs:1:1 LETTER_TOO_LARGE\n");

    let deep = format!("标题\n{}{}", "{{#if next}}".repeat(17), "{{/if}}".repeat(17));
    assert_eq!(wrong(&deep), "letters/a.txt.hbs:2:193 LETTER_TOO_LARGE\n");
    let chain = format!("标题\n{{{{#if next}}}}{}{{{{/if}}}}", "{{else if next}}".repeat(500));
    assert_eq!(wrong(&chain), "letters/a.txt.hbs:2:260 LETTER_TOO_LARGE\n");

    // Each partial names the next one twice: 2^40 parts, refused at the first few thousand.
    let names: Vec<String> = (0..=40).map(|level| format!("_p{level}")).collect();
    let mut files = vec![("letters/a.html.hbs".to_owned(), "{{> _p0}}".to_owned())];
    files.push(("letters/a.txt.hbs".to_owned(), "标题".to_owned()));
    for pair in names.windows(2) {
        files.push((format!("letters/{}.html.hbs", pair[0]), format!("{{{{> {0}}}}}{{{{> {0}}}}}", pair[1])));
        files.push((format!("letters/{}.txt.hbs", pair[0]), String::new()));
    }
    files.push(("letters/_p40.html.hbs".to_owned(), String::new()));
    files.push(("letters/_p40.txt.hbs".to_owned(), String::new()));
    let (letters, findings) = LetterSet::load(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    assert_eq!(letters.iter().count(), 0);
    let codes: Vec<&str> = findings.iter().map(|finding| finding.code.as_ref()).collect();
    assert_eq!(codes, ["LETTER_TOO_LARGE"]);
}
