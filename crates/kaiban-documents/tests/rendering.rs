//! Rendering: strict, escaped, bounded, and silent about the data.

use kaiban_documents::limits::OUTPUT_BYTES_MAX;
use kaiban_documents::{Facts, Letter, RenderError, sample};
use proptest::prelude::*;
use serde_json::json;

fn letter(html: &str, text: &str) -> Letter {
    Letter::compile("a", html, &format!("标题\n{text}"), &[]).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn with_name(name: &str) -> Facts {
    Facts { form: json!({ "name": name }), ..sample::company() }
}

#[test]
fn the_words_of_letters() {
    let facts = Facts {
        form: json!({ "fen": 123_456_700, "id": "350102199003078313", "day": "2026-01-05", "kind": "branch" }),
        ..sample::company()
    };
    let text = "{{date letter.issued_at_us}} {{isodate letter.issued_at_us}} {{datetime letter.issued_at_us}}\n\
        {{date form.day}}\n{{money form.fen}}\n{{yuan form.fen}} {{capital form.fen}}\n{{mask form.id}}\n{{laws letter.law}}\n\
        {{choose form.kind branch=\"分支机构\" other=\"其他\"}}{{choose case.id other=\"其他\"}}\n\
        {{#each decision.reasons}}{{number @index}}{{numeral @index}}{{#if @last}}。{{else}}、{{/if}}{{/each}}\n\
        {{#if (and (eq form.kind \"branch\") (gt (len findings) 1))}}是{{/if}}\n";
    let expected = "标题\n2020年11月18日 2020-11-18 2020年11月18日10时00分\n2026年1月5日\n\
        1,234,567.00元（人民币壹佰贰拾叁万肆仟伍佰陆拾柒元整）\n\
        1,234,567.00元 人民币壹佰贰拾叁万肆仟伍佰陆拾柒元整\n350102********8313\n《市场主体登记管理条例》第十九条\n\
        分支机构其他\n1一、2二。\n是\n";
    assert_eq!(letter("<p>", text).render(&facts).unwrap().text, expected);
}

#[test]
fn what_is_missing_or_does_not_fit_stops_the_letter_at_its_place() {
    let facts = with_name("王小明 13805915678");
    for (text, expected) in [
        ("一\n {{form.agent}}", "letters/a.txt.hbs:3:2: form.agent is missing"),
        ("{{mask form.agent}}", "letters/a.txt.hbs:2:1: form.agent is missing"),
        ("{{date form.name}}", "letters/a.txt.hbs:2:1: not an instant in microseconds UTC or a date like 2026-11-22"),
        ("{{money form.name}}", "letters/a.txt.hbs:2:1: not an amount in fen, not negative"),
        ("{{choose form.name a=\"甲\"}}", "letters/a.txt.hbs:2:1: not a value that the letter has a text for"),
        ("{{#each form.name}}{{x}}{{/each}}", "letters/a.txt.hbs:2:1: form.name is missing"),
        ("{{#if (eq form.agent \"x\")}}{{/if}}", "letters/a.txt.hbs:2:1: a value of `eq` is missing"),
    ] {
        let error = letter("<p>", text).render(&facts).unwrap_err();
        assert_eq!(error.to_string(), expected, "{text}");
        assert!(!format!("{error:?}").contains("王小明"), "{error:?}");
    }
    assert_eq!(
        letter("<p>", "{{#if form.agent}}{{form.agent}}{{/if}}没有").render(&facts).unwrap().text,
        "标题\n没有\n"
    );
}

#[test]
fn a_letter_that_grows_too_long_is_refused() {
    let facts = with_name(&"证".repeat(OUTPUT_BYTES_MAX / 30));
    let long = letter("<p>", &"{{form.name}}".repeat(11));
    let error = long.render(&facts).unwrap_err();
    assert!(matches!(error, RenderError::TooLarge { .. }), "{error}");
    assert!(error.to_string().starts_with("letters/a.txt.hbs:2:"), "{error}");
}

proptest! {
    #[test]
    fn whatever_a_form_holds_html_stays_what_it_was(name in any::<String>()) {
        let letter = letter("<p title=\"{{form.name}}\">{{form.name}}</p>", "{{form.name}}。");
        let rendered = letter.render(&with_name(&name)).unwrap();
        prop_assert_eq!(rendered.html.matches('<').count(), 2);
        prop_assert_eq!(rendered.html.matches('>').count(), 2);
        prop_assert_eq!(rendered.html.matches('"').count(), 2);
        let one_line = !rendered.text.chars().any(|c| c.is_control() && c != '\n');
        prop_assert!(one_line);
    }

    #[test]
    fn no_template_makes_the_compiler_fail_otherwise_than_by_findings(
        parts in proptest::collection::vec(prop_oneof![
            Just("{{".to_owned()), Just("}}".to_owned()), Just("{{#if ".to_owned()), Just("{{/if}}".to_owned()),
            Just("{{else if ".to_owned()), Just("{{else}}".to_owned()), Just("{{#each form.a as |x|}}".to_owned()),
            Just("{{/each}}".to_owned()), Just("~".to_owned()), Just("(eq ".to_owned()), Just(")".to_owned()),
            Just("../".to_owned()), Just("\"".to_owned()), Just("form.a".to_owned()), Just("\\".to_owned()),
            Just("{{!--".to_owned()), Just("--}}".to_owned()), Just("@root.".to_owned()), Just("= ".to_owned()),
            "\\PC{0,3}",
        ], 0..24)
    ) {
        let text = format!("标题\n{}", parts.concat());
        if let Err(findings) = Letter::compile("a", "<p>", &text, &[]) {
            prop_assert!(!findings.is_empty());
        }
    }
}
