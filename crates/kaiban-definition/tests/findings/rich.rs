//! Codes of the whole language: a package that uses every construct, broken in one place at a time.

use kaiban_definition::{Effect, Files, Filling, OverdueAction, Work, dot, load, mermaid};

use crate::golden;
use crate::sound::{changed, sound};

const WORKFLOW: &str = include_str!("rich/workflow.yaml");
const FORM: &str = include_str!("rich/form.schema.json");

/// The sound files with two more packages: one that uses everything, and one whose cases it starts.
pub fn rich() -> Files {
    let mut files = sound();
    let result = r#"{ "type": "object", "required": ["numbers"], "properties": { "numbers": { "type": "array", "items": { "type": "string" } } } }"#;
    let checked = r#"{ "type": "object", "required": ["ok"], "properties": { "ok": { "type": "boolean" } } }"#;
    let letter = "<!doctype html>\n<p>{{form.name}}{{#each findings}}{{zh}}{{/each}}</p>\n";
    let text = "通知\n{{form.name}}\n";
    for (path, text) in [
        ("rich/workflow.yaml", WORKFLOW),
        ("rich/form.schema.json", FORM),
        ("rich/seal.schema.json", result),
        ("rich/checked.schema.json", checked),
        ("rich/letters/receipt.html.hbs", letter),
        ("rich/letters/receipt.txt.hbs", text),
        ("rich/letters/correction.html.hbs", letter),
        ("rich/letters/correction.txt.hbs", text),
        ("rich/letters/refusal.html.hbs", letter),
        ("rich/letters/refusal.txt.hbs", text),
        ("follow/workflow.yaml", include_str!("rich/follow.yaml")),
        ("follow/form.schema.json", include_str!("rich/follow.schema.json")),
    ] {
        files.insert(path, text);
    }
    files
}

fn with(old: &str, new: &str) -> Files {
    changed(rich(), "rich/workflow.yaml", old, new)
}

macro_rules! workflow {
    ($($name:ident: $old:literal => $new:literal, $codes:expr;)*) => {
        $(#[test]
        fn $name() {
            golden(stringify!($name), &with($old, $new), &$codes);
        })*
    };
}

workflow! {
    step_kinds: "    wait: 3 working days\n" => "    wait: 3 working days\n    party: bureau\n", ["STEP_KINDS"];
    step_without_a_doer: "    wait: 3 working days\n" => "", ["MISSING_KEY"];
    office_step_without_outcomes: "    counts: false\n    shares: [form.name] # visit\n" => "", ["MISSING_KEY"];
    key_not_here: "    wait: 3 working days\n" => "    wait: 3 working days\n    shares: [form.name]\n    outcomes: { done: {} }\n", ["KEY_NOT_HERE"];
    counts_nobody: "    wait: 3 working days\n    counts: false" => "    wait: 3 working days\n    counts: true", ["COUNTS_NOBODY"];

    needs_any_few: "{ of: [photo, visit], cancels: others }" => "[photo]", ["NEEDS_ANY_FEW"];
    needs_any_unknown: "of: [photo, visit]" => "of: [photo, visits]", ["UNKNOWN_STEP"];
    needs_any_itself: "of: [photo, visit]" => "of: [photo, inspection]", ["CYCLE", "UNREACHABLE"];
    needs_any_twice: "of: [photo, visit]" => "of: [photo, visit, photo]", ["DUPLICATE_NEED"];
    needs_any_cancels: "cancels: others" => "cancels: all", ["UNKNOWN_VALUE"];
    result_of_one_of_several: "when: has(results.photo) && results.photo.ok" => "when: results.photo.ok", ["RESULT_MAY_BE_ABSENT"];

    for_each_no_list: "over: form.people" => "over: form.name", ["NOT_A_LIST", "UNKNOWN_FIELD"];
    for_each_texts: "over: form.people" => "over: form.tags", ["NOT_OBJECTS", "UNKNOWN_FIELD"];
    for_each_unbounded: "over: form.people" => "over: form.visitors", ["LIST_UNBOUNDED", "BRANCH_KEY", "UNKNOWN_FIELD"];
    for_each_key_unknown: "key: key }" => "key: id }", ["UNKNOWN_FIELD"];
    branch_key: "key: key }" => "key: phone }", ["BRANCH_KEY"];
    item_without_for_each: "shares: [form.name] # visit" => "shares: [form.name, item.name]", ["ITEM_WITHOUT_FOR_EACH"];
    item_in_a_guard: "requested: form.seal" => "requested: item.seal", ["ITEM_WITHOUT_FOR_EACH"];
    item_unknown_field: "when: item.role != \"child\"" => "when: item.roles != \"child\"", ["UNKNOWN_FIELD"];
    sees_a_result: "{ sees: form.contact }" => "{ sees: results.photo.ok }", ["SEES_A_RESULT"];

    reopens_later: "reopens: [inspection]" => "reopens: [seal]", ["REOPENS_LATER"];
    reopens_unknown: "reopens: [inspection]" => "reopens: [inspections]", ["UNKNOWN_STEP"];
    loop_bound: "reopens: [inspection], at_most: 2" => "reopens: [inspection]", ["LOOP_BOUND"];
    loop_bound_of_a_later_step: "reopens: [inspection], at_most: 2" => "reopens: [seal]", ["LOOP_BOUND", "REOPENS_LATER"];
    overdue_of_an_unknown_kind: "do: remind }\n      - { after: 1 working day, escalate" => "do: explode }\n      - { after: 1 working hour, escalate", ["UNKNOWN_VALUE", "NOT_IN_ORDER"];
    reserves_without_a_letter: "register: names, at: form.name, taken: { zh: 名称已被占用。, en: The name is taken. }, letter: correction }" => "register: labels, at: form.names, taken: { zh: 名称已被占用。, en: The name is taken. } }", ["MISSING_KEY", "UNKNOWN_REGISTER", "UNUSED_REGISTER", "UNKNOWN_FIELD"];
    loop_without_steps: "reopens: [inspection], at_most: 2" => "at_most: 2", ["LOOP_BOUND"];
    loop_too_often: "reopens: [inspection], at_most: 2" => "reopens: [inspection], at_most: 0", ["OUT_OF_RANGE"];
    adverse_reopening: "reopens: [inspection], at_most: 2" => "reopens: [inspection], at_most: 2, adverse: true, law: 条例 §19", ["ADVERSE_REOPENING"];

    automatic_adverse: "outcome: done } # decided" => "outcome: decline }", ["AUTOMATIC_ADVERSE"];
    automatic_not_completing: "outcome: done } # decided" => "outcome: correct }", ["AUTOMATIC_NOT_COMPLETING"];
    automatic_result: "    party: bureau # premises" => "    party: bureau\n    result: checked.schema.json", ["AUTOMATIC_RESULT"];
    unknown_outcome: "outcome: done } # decided" => "outcome: accept }", ["UNKNOWN_OUTCOME"];
    overdue_adverse: "outcome: done } # default" => "outcome: decline }", ["AUTOMATIC_ADVERSE"];
    overdue_order: "after: 1 working day, escalate" => "after: 1 working hour, escalate", ["NOT_IN_ORDER"];
    overdue_after_end: "outcome: done } # default" => "outcome: done }\n      - { after: 4 working days, do: remind }", ["OVERDUE_AFTER_END"];
    overdue_actions: "do: remind }" => "do: remind, escalate: bureau }", ["OVERDUE_ACTIONS"];
    escalate_unknown: "escalate: bureau" => "escalate: mayor", ["UNKNOWN_PARTY"];
    overdue_on_the_wall: "after: 1 working day, escalate" => "after: 1 day, escalate", ["BUDGET_NOT_WORKING"];

    undo_twice: "    requested: form.seal\n" => "    requested: form.seal\n    undo: seal-return\n", ["DUPLICATE_KEY"];
    undo_of_two: "  photo:\n" => "  photo:\n    undo: seal-return\n", ["UNDO_TWICE"];
    undo_unknown: "undo: seal-return" => "undo: seal-back", ["UNKNOWN_STEP"];
    undo_step: "counts: false # return" => "counts: true\n    needs: [seal]", ["UNDO_STEP"];
    undo_step_needed: "needs: [review, cool-off]" => "needs: [review, cool-off, seal-return]", ["UNDO_STEP"];

    requested_closes: "approve: {} # seal" => "approve: {}\n      refuse: { adverse: true, closes: refused, law: 条例 §20 }", ["REQUESTED_CLOSES"];

    unknown_register: "register: names" => "register: labels", ["UNKNOWN_REGISTER", "UNUSED_REGISTER"];
    unused_register: "registers:\n" => "registers:\n  spare: { title: { zh: 备用, en: Spare }, key: form.name, holds: 1 month }\n", ["UNUSED_REGISTER"];
    register_keeps: "keeps: [opened]" => "keeps: [opened, closed]", ["UNKNOWN_OUTCOME"];
    register_key_no_text: "key: case.registrar + \"/\" + name_key(form.name)" => "key: size(form.people)", ["EXPRESSION_NOT_TEXT", "REGISTER_KEY_ELSEWHERE"];
    register_key_elsewhere: "at: form.name, taken" => "at: form.contact, taken", ["REGISTER_KEY_ELSEWHERE"];
    bad_months: "holds: 2 months" => "holds: 2 working days", ["BAD_MONTHS"];

    unknown_letter: "asks: applicant, letter: correction" => "asks: applicant, letter: corrections", ["UNKNOWN_LETTER"];
    letter_number_twice: "number: 补字" => "number: 收字", ["LETTER_NUMBER_TWICE"];
    letter_on_twice: "number: 补字" => "number: 补字, on: receipt", ["LETTER_ON_TWICE"];
    letter_files_missing: "  refusal: { title" => "  refusals: { title", ["FILE_MISSING", "UNKNOWN_LETTER", "UNUSED_LETTER", "UNUSED_FILE"];

    bad_code: "code: PAID_LATE" => "code: paid-late", ["BAD_CODE"];
    bad_period: "until: 2030-12-31" => "until: 2019-12-31", ["BAD_PERIOD"];
    rule_place: "at: item.paid_by" => "at: item.paid_on", ["UNKNOWN_FIELD"];
    rule_no_list: "for_each: form.people # rule" => "for_each: form.contact", ["NOT_A_LIST", "UNKNOWN_FIELD"];
    rule_without_a_list: "    for_each: form.people # rule\n" => "", ["ITEM_WITHOUT_FOR_EACH"];
    evidence_no_text: "at: form.proof" => "at: form.people", ["NOT_A_TEXT"];
    evidence_not_document: "at: form.proof" => "at: form.contact", ["EVIDENCE_NOT_DOCUMENT"];
    guard_types_joined: "size(form.people) == 0" => "form.name + size(form.people) == \"x\"", ["GUARD_TYPES"];
    register_key_text_and_number: "key: case.registrar + \"/\" + name_key(form.name)" => "key: name_key(form.name) + size(form.people)", ["GUARD_TYPES"];
    register_key_two_numbers: "key: case.registrar + \"/\" + name_key(form.name)" => "key: size(form.name) + size(form.people)", ["EXPRESSION_NOT_TEXT"];
    guard_argument: "plus_years(case.date, 5)" => "plus_years(case.date, \"5\")", ["GUARD_ARGUMENT"];
    guard_arguments: "plus_years(case.date, 5)" => "plus_years(case.date)", ["GUARD_ARGUMENT"];

    unknown_workflow: "workflow: follow, form" => "workflow: follows, form", ["UNKNOWN_WORKFLOW"];
    starts_itself: "workflow: follow, form" => "workflow: rich, form", ["STARTS_ITSELF"];
    starts_pointer: "/subject: form.name" => "/subjects: form.name", ["UNKNOWN_FIELD"];
    starts_nowhere: "/registrar: form.registrar, " => "", ["STARTS_NOWHERE"];
    starts_value: "/subject: form.name" => "/subject: form.names", ["UNKNOWN_FIELD"];
    bad_pointer: "/subject: form.name" => "subject: form.name", ["BAD_POINTER"];

    reminders_in_order: "[3 working days, 10 working days]" => "[10 working days, 3 working days]", ["NOT_IN_ORDER"];
}

#[test]
fn a_circle_of_packages() {
    let back =
        "  back: { title: { zh: 返回, en: Back }, starts: { workflow: rich, form: { /registrar: form.registrar } } }\n";
    let files = changed(rich(), "follow/workflow.yaml", "steps:\n", &format!("steps:\n{back}"));
    golden("starts_in_a_circle", &files, &["STARTS_ITSELF"]);
}

#[test]
fn letters_that_print_what_is_not_there() {
    let html = "<p>{{form.nmae}}{{form.contact}}{{results.seal.numbers}}{{form.people}}{{results.nothing.at}}</p>\n";
    let mut files = rich();
    files.insert("rich/letters/correction.html.hbs", html);
    golden(
        "letter_fields",
        &files,
        &["UNKNOWN_FIELD", "LETTER_FIELD_ABSENT", "RESULT_NOT_AWAITED", "LETTER_FIELD", "UNKNOWN_STEP"],
    );
}

#[test]
fn a_letter_that_reads_a_result_that_may_be_absent() {
    let mut files = rich();
    files.insert("rich/letters/refusal.txt.hbs", "不予通知\n{{results.inspection.ok}}\n");
    golden("letter_result_absent", &files, &["RESULT_MAY_BE_ABSENT"]);
}

/// What is read is what is built.
#[test]
fn everything_is_built() {
    let (workflows, findings) = load(&rich());
    assert_eq!(findings, []);
    let rich = workflows.definition("rich").unwrap();
    assert_eq!(rich.on_receipt.as_deref(), Some("receipt"));
    assert_eq!(rich.letters["refusal"].number, "驳字");
    assert_eq!(rich.corrections.remind_after.len(), 2);
    assert_eq!((rich.registers["names"].hold_months, rich.rules.len(), rich.evidence.len()), (Some(2), 2, 2));
    let step = |name: &str| rich.step(name).unwrap();
    let Work::Reserve { at, .. } = &step("name").work else { panic!("name reserves") };
    assert_eq!(at, "/name");
    let for_each = step("people").for_each.as_ref().unwrap();
    assert_eq!((for_each.over.as_str(), for_each.key.as_str()), ("/people", "key"));
    assert_eq!(step("people").sees.len(), 1);
    assert!(step("inspection").needs_any.as_ref().unwrap().cancels_others);
    assert!(matches!(&step("review").outcomes["again"].effect, Effect::Reopens(loops) if loops.at_most == 2));
    assert!(
        matches!(&step("review").outcomes["rename"].effect, Effect::Corrects { reopens: Some(loops) } if loops.steps == ["name"])
    );
    assert_eq!(step("premises").decide.len(), 1);
    assert_eq!(step("premises").on_overdue[1].action, OverdueAction::Escalate { party: "bureau".into() });
    assert_eq!(step("seal-return").undoes.as_deref(), Some("seal"));
    assert!(step("seal").requested.is_some() && !step("seal-return").is_regular());
    assert!(step("cool-off").outcomes.contains_key("done"));
    let Work::Start { form, waits: true, .. } = &step("follow-up").work else { panic!("follow-up starts") };
    assert!(matches!(&form[2].1, Filling::Text(text) if text == "domicile"));
    let at = |name: &str| rich.order.iter().position(|step| step == name).unwrap();
    assert!(at("seal") < at("seal-return") && at("photo") < at("inspection") && at("inspection") < at("review"));
}

#[test]
fn diagrams_show_everything() {
    let (workflows, _) = load(&rich());
    let rich = workflows.definition("rich").unwrap();
    insta::with_settings!({ snapshot_path => "../goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("diagram_rich_mermaid", mermaid(rich));
        insta::assert_snapshot!("diagram_rich_dot", dot(rich));
    });
}
