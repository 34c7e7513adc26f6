//! Which fields a letter reads, with the scope that Handlebars gives them; checked against Handlebars itself.

use kaiban_documents::{Field, Letter, Partial, Read, sample};
use serde_json::{Value, json};

fn letter(text: &str, partials: &[Partial<'_>]) -> Letter {
    match Letter::compile("a", "<p>", &format!("标题\n{text}"), partials) {
        Ok(letter) => letter,
        Err(findings) => panic!("{findings:#?}"),
    }
}

/// `path reading [lists]`, in the order of reading.
fn reads(text: &str) -> Vec<String> {
    letter(text, &[]).fields().iter().map(described).collect()
}

fn described(field: &Field) -> String {
    let lists: Vec<String> = field.lists.iter().map(|length| field.path[..*length].join(".")).collect();
    let lists = if lists.is_empty() { String::new() } else { format!(" in {}", lists.join(", ")) };
    format!("{} {:?}{lists}", field.dotted(), field.read)
}

#[test]
fn a_condition_on_a_field_that_does_not_exist_is_seen() {
    assert_eq!(
        reads("{{#if form.missing}}{{form.name}}{{else}}{{results.other.thing}}{{/if}}"),
        ["form.missing Condition", "form.name Value", "results.other.thing Value"]
    );
    assert_eq!(
        reads("{{#if (and form.a (eq form.b \"x\"))}}{{/if}}{{#unless form.c}}{{/unless}}"),
        ["form.a Value", "form.b Value", "form.c Condition"]
    );
}

#[test]
fn loops_name_their_elements_fields() {
    assert_eq!(
        reads("{{#each form.people}}{{name}}{{this.phone}}{{@index}}{{@root.case.id}}{{../office.phone}}{{/each}}"),
        [
            "form.people List",
            "form.people.name Value in form.people",
            "form.people.phone Value in form.people",
            "case.id Value",
            "office.phone Value"
        ]
    );
    assert_eq!(reads("{{#each form.tags}}{{this}}{{/each}}"), ["form.tags List", "form.tags Value in form.tags"]);
    assert_eq!(
        reads("{{#each form.a as |x n|}}{{#each x.b as |y|}}{{x.c}}{{y.d}}{{n}}{{e}}{{../f}}{{/each}}{{/each}}"),
        [
            "form.a List",
            "form.a.b List in form.a",
            "form.a.c Value in form.a",
            "form.a.b.d Value in form.a, form.a.b",
            "form.a.b.e Value in form.a, form.a.b",
            "form.a.f Value in form.a",
        ]
    );
    assert_eq!(
        reads("{{#with form.domicile}}{{address}}{{#if ../office}}{{../case.id}}{{/if}}{{/with}}"),
        ["form.domicile Object", "form.domicile.address Value", "office Condition", "case.id Value"]
    );
}

#[test]
fn partials_read_from_where_they_stand() {
    let partial = |text| Partial { name: "_person", html: "", text };
    let letter = letter("{{#each form.people}}\n{{> _person}}\n{{/each}}", &[partial("{{name}}{{@root.case.id}}")]);
    let places: Vec<(String, &str, u32, u32)> =
        letter.fields().iter().map(|field| (described(field), field.file.as_str(), field.line, field.column)).collect();
    assert_eq!(
        places,
        [
            ("form.people List".to_owned(), "letters/a.txt.hbs", 2, 9),
            ("form.people.name Value in form.people".to_owned(), "letters/_person.txt.hbs", 1, 3),
            ("case.id Value".to_owned(), "letters/_person.txt.hbs", 1, 11),
        ]
    );
}

#[test]
fn a_condition_around_a_field_ensures_it() {
    let text = "{{#if form.agent}}{{form.agent.name}}{{else}}{{form.agent.id}}{{/if}}{{#each form.list}}{{x}}{{else}}{{/each}}";
    let letter = letter(text, &[]);
    let ensured: Vec<(String, bool, bool)> = letter
        .fields()
        .iter()
        .filter(|field| field.read != Read::Condition)
        .map(|field| (field.dotted(), field.is_ensured(2), field.is_ensured(field.path.len())))
        .collect();
    assert_eq!(
        ensured,
        [
            ("form.agent.name".to_owned(), true, false),
            ("form.agent.id".to_owned(), false, false),
            ("form.list".to_owned(), true, true),
            ("form.list.x".to_owned(), true, false),
        ]
    );
}

/// Every template prints what its fields say: a form in which each named place holds its own path renders to the paths.
#[test]
fn handlebars_reads_what_the_fields_say() {
    let form: Value = json!({
        "a": [{ "b": [{ "d": "form.a.b.d", "e": "form.a.b.e" }], "c": "form.a.c", "f": "form.a.f" }],
        "o": { "p": { "q": "form.o.p.q" }, "r": "form.o.r" },
        "s": "form.s",
    });
    let facts = kaiban_documents::Facts { form, ..sample::company() };
    let partial = Partial { name: "_p", html: "", text: "{{#each b}}{{d}} {{/each}}{{c}} {{@root.form.s}} " };
    for text in [
        "{{form.s}} {{#each form.a}}{{c}} {{#each b}}{{d}} {{../f}} {{@root.form.s}} {{../../form.o.r}} {{/each}}{{/each}}",
        "{{#each form.a as |x|}}{{#each x.b as |y|}}{{x.c}} {{y.d}} {{e}} {{this.d}} {{./e}} {{/each}}{{/each}}",
        "{{#with form.o}}{{#with p}}{{q}} {{../r}} {{../../form.s}} {{/with}}{{r}} {{/with}}",
        "{{#with form.o as |o|}}{{#each @root.form.a}}{{o.r}} {{f}} {{o.p.q}} {{/each}}{{/with}}",
        "{{#each form.a}}{{> _p}}{{#if c}}{{f}} {{/if}}{{/each}}",
        "{{#if form.none}}{{else if form.s}}{{form.s}} {{#with form.o.p}}{{q}} {{/with}}{{/if}}",
        "{{#each form.none}}{{else}}{{form.s}} {{/each}}",
        "{{@root/form/s}} {{form/o/r}} {{this.form.s}} ",
    ] {
        let letter = letter(text, &[partial]);
        let rendered = letter.render(&facts).unwrap().text;
        let printed: Vec<&str> = rendered.split_whitespace().skip(1).collect();
        let named: Vec<String> =
            letter.fields().iter().filter(|field| field.read == Read::Value).map(Field::dotted).collect();
        let mut printed_once: Vec<&str> = printed.clone();
        printed_once.sort_unstable();
        printed_once.dedup();
        let mut named_once: Vec<&str> = named.iter().map(String::as_str).collect();
        named_once.sort_unstable();
        named_once.dedup();
        assert_eq!(printed_once, named_once, "{text}");
    }
}
