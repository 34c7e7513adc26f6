//! Codes of a plain package, of its schemas and of the directory.
//!
//! Each case breaks one thing in the same small sound set of files.

use kaiban_definition::{Files, load, load_package, render};

use crate::golden;
use crate::sound::{sound, with};

const WORKFLOW: &str = "small/workflow.yaml";
const FORM: &str = "small/form.schema.json";

/// One change in workflow.yaml gives one code.
macro_rules! workflow {
    ($($name:ident: $old:literal => $new:literal, $codes:expr;)*) => {
        $(#[test]
        fn $name() {
            golden(stringify!($name), &with(WORKFLOW, $old, $new), &$codes);
        })*
    };
}

workflow! {
    yaml_syntax: "steps:\n" => "steps: [\n", ["YAML_SYNTAX"];
    yaml_tag_instead_of_a_guard: "when: form.paper" => "when: !form.paper", ["YAML_SYNTAX"];
    unknown_key: "counts: true" => "counts: true\n    deadline: 3 days", ["UNKNOWN_KEY"];
    missing_key: "closes: opened\n" => "", ["MISSING_KEY"];
    duplicate_key: "subject: form.name" => "subject: form.name\nsubject: form.name", ["DUPLICATE_KEY"];
    wrong_type: "version: \"1\"" => "version: 1", ["WRONG_TYPE"];
    empty: "version: \"1\"" => "version: \"\"", ["EMPTY"];
    bad_name: "  seal:\n" => "  Seal:\n", ["BAD_NAME", "UNKNOWN_STEP"];
    bad_date: "effective_from: 2020-01-01" => "effective_from: 2020-02-30", ["BAD_DATE"];
    bad_budget: "within: 2 working hours" => "within: 2 Arbeitsstunden", ["BAD_BUDGET"];
    budget_not_working: "within: 2 working hours" => "within: 2 days", ["BUDGET_NOT_WORKING"];
    extension_unit: "within: 2 working hours" => "within: 2 working hours\n    statutory: { within: 3 working days, extend_once: 24 hours, law: 条例 §19 }", ["EXTENSION_UNIT"];
    bad_path: "registrar: form.registrar" => "registrar: case.registrar", ["BAD_PATH"];
    out_of_range: "retries: 3" => "retries: 1000", ["OUT_OF_RANGE"];
    unknown_value: "asks: applicant" => "asks: everybody", ["UNKNOWN_VALUE"];
    workflow_name: "workflow: small" => "workflow: large", ["WORKFLOW_NAME"];
    no_steps: "steps:" => "steps: {}\nunused:", ["NO_STEPS", "UNKNOWN_KEY", "UNUSED_FILE", "UNUSED_LETTER"];
    reserved_step_name: "  seal:\n" => "  intake:\n", ["RESERVED_NAME", "UNKNOWN_STEP"];
    reserved_case_outcome: "closes: refused" => "closes: withdrawn", ["RESERVED_NAME"];

    unknown_step: "needs: [registration]" => "needs: [register]", ["UNKNOWN_STEP"];
    duplicate_need: "needs: [registration]" => "needs: [registration, registration]", ["DUPLICATE_NEED"];
    cycle: "counts: true\n    within" => "needs: [seal]\n    counts: true\n    within", ["CYCLE", "UNREACHABLE"];
    cannot_end: "approve: {}" => "refer: { title: { zh: 转办, en: Refer }, asks: applicant, letter: correction }", ["CANNOT_END"];
    correction_without_letter: "asks: applicant, letter: correction" => "asks: applicant", ["CORRECTION_WITHOUT_LETTER", "UNUSED_LETTER"];

    outcome_effects: "asks: applicant" => "asks: applicant, ends: branch", ["OUTCOME_EFFECTS"];
    outcome_without_title: "approve: {}" => "agree: {}", ["MISSING_KEY"];
    adverse_without_law: ", law: 条例 §20" => "", ["ADVERSE_WITHOUT_LAW"];
    adverse_default: "closes: opened" => "closes: refused", ["ADVERSE_DEFAULT"];
    adverse_correction: "asks: applicant" => "asks: applicant, adverse: true, law: 条例 §19", ["ADVERSE_CORRECTION"];
    ends_not_adverse: "adverse: true, closes" => "closes", ["ENDS_NOT_ADVERSE"];

    unknown_party: "party: carver" => "party: sculptor", ["UNKNOWN_PARTY"];

    promise_conditional: "  - { from: 2020-01-01, within: 1 working day }\n" => "", ["PROMISE_CONDITIONAL"];
    promise_hidden: "promise:\n" => "promise:\n  - { from: 2019-01-01, within: 2 working days }\n", ["PROMISE_HIDDEN"];
    promise_uncounted: "counts: true" => "counts: false", ["PROMISE_UNCOUNTED"];

    guard_syntax: "when: form.paper" => "when: form.paper &&", ["GUARD_SYNTAX"];
    guard_unknown_name: "when: form.paper" => "when: applicant.paper", ["GUARD_UNKNOWN_NAME"];
    guard_unknown_function: "when: form.paper" => "when: form.paper && now() > 1", ["GUARD_UNKNOWN_FUNCTION"];
    guard_too_deep: "when: form.paper" => "when: \"((((((form.paper))))))\"", ["GUARD_TOO_DEEP"];
    guard_not_boolean: "when: form.paper" => "when: form.name", ["GUARD_NOT_BOOLEAN"];
    guard_types: "\"350100\", within" => "350100, within", ["GUARD_TYPES"];
    guard_constant: "when: form.paper" => "when: true", ["GUARD_CONSTANT"];
    guard_never: "    when: form.paper" => "    when: \"false\"", ["GUARD_CONSTANT"];
    unknown_field_in_a_guard: "when: form.paper" => "when: form.papers", ["UNKNOWN_FIELD"];
    unknown_field_of_the_case: "case.registrar ==" => "case.register ==", ["UNKNOWN_FIELD"];
    unknown_field_in_shares: "form.people]" => "form.persons]", ["UNKNOWN_FIELD"];
    unknown_field_in_registrar: "registrar: form.registrar" => "registrar: form.registry", ["UNKNOWN_FIELD"];
    field_may_be_absent: "when: form.paper" => "when: form.note == 'x'", ["FIELD_MAY_BE_ABSENT"];
    contact_elsewhere: "closes: opened" => "contact: form.telephone\ncloses: opened", ["UNKNOWN_FIELD"];
    agent_not_a_text: "closes: opened" => "agent: form.people\ncloses: opened", ["NOT_A_TEXT"];
    identity_unknown: "closes: opened" => "identity: identity\ncloses: opened", ["UNKNOWN_STEP"];
    identity_step: "closes: opened" => "identity: check\ncloses: opened", ["IDENTITY_STEP"];
    not_required: "subject: form.name" => "subject: form.note", ["NOT_REQUIRED"];
    not_a_text: "subject: form.name" => "subject: form.people", ["NOT_A_TEXT"];

    result_may_be_absent: "delivery: # guard" => "delivery:\n    when: results.seal.number != ''", ["RESULT_MAY_BE_ABSENT"];
    result_not_awaited: "when: form.paper" => "when: has(results.delivery)", ["RESULT_NOT_AWAITED", "NO_RESULT"];
    result_in_a_promise: "case.registrar ==" => "results.registration.uscc ==", ["RESULT_NOT_AWAITED"];
    no_result: "form.paper }]\n    counts: false\n    shares: [" => "form.paper }]\n    counts: false\n    shares: [results.check, ", ["NO_RESULT"];
    shares_whole_form: "shares: [form.name]" => "shares: [form]", ["SHARES_WHOLE_FORM"];
    shared_twice: "form.people]" => "form.people, form.people.head]", ["SHARED_TWICE"];

    form_file_missing: "form: form.schema.json" => "form: forms.schema.json", ["FILE_MISSING", "UNUSED_FILE"];
    result_file_missing: "result: seal.schema.json" => "result: sealing.schema.json", ["FILE_MISSING", "UNUSED_FILE"];
}

#[test]
fn the_sound_files_are_sound() {
    let (workflows, findings) = load(&sound());
    assert_eq!(findings, []);
    assert!(workflows.definition("small").is_some());
}

/// A doubt lets the package pass, an error does not.
#[test]
fn doubts_do_not_keep_a_package_out() {
    let loaded = |files: &Files| load(files).0.definition("small").is_some();
    assert!(loaded(&with(WORKFLOW, "when: form.paper", "when: form.note == 'x'")));
    assert!(!loaded(&with(WORKFLOW, "when: form.paper", "when: form.nothing == 'x'")));
}

/// Whatever is left of a file, loading and rendering come to an end.
#[test]
fn mutilated_files_are_findings_too() {
    let files = sound();
    let (workflows, _) = load(&files);
    let package = files.folder("small");
    for (path, text) in package.iter() {
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let cut = ends.iter().step_by(11).map(|&end| text[..end].to_owned());
        let holed = ends.windows(4).step_by(7).map(|end| format!("{}{}", &text[..end[0]], &text[end[3]..]));
        for broken in cut.chain(holed) {
            let mut package = package.clone();
            package.insert(path, broken.as_str());
            let mut shown = Files::new();
            package.iter().for_each(|(path, text)| shown.insert(format!("small/{path}"), text));
            let (definition, findings) = load_package("small", &package, &workflows.directory, &workflows.calendars);
            assert!(definition.is_some() || findings.iter().any(|finding| finding.is_error()), "{broken}");
            render(&findings, &shown);
        }
    }
}

#[test]
fn guard_too_long() {
    let long = format!("when: \"form.name == '{}'\"", "长".repeat(1_000));
    golden("guard_too_long", &with(WORKFLOW, "when: form.paper", &long), &["GUARD_TOO_LONG"]);
}

#[test]
fn too_many_steps() {
    let step = |n| format!("  s{n}: {{ title: {{ zh: 环节, en: Step }}, wait: 1 hour }}\n");
    let more: String = (0..200).map(step).collect();
    golden(
        "too_many_steps",
        &with(WORKFLOW, "steps:\n", &format!("steps:\n{more}")),
        &["TOO_MANY_STEPS", "PROMISE_UNCOUNTED", "UNUSED_FILE", "UNUSED_LETTER"],
    );
}

#[test]
fn workflow_file_missing() {
    let mut files = sound();
    files.insert("empty/form.schema.json", "{}");
    golden("workflow_file_missing", &files, &["FILE_MISSING"]);
}

#[test]
fn schema_syntax() {
    golden("schema_syntax", &with(FORM, "\"required\":", "\"required\""), &["SCHEMA_SYNTAX"]);
}

#[test]
fn schema_invalid() {
    golden("schema_invalid", &with(FORM, "\"type\": \"boolean\"", "\"type\": \"yes-or-no\""), &["SCHEMA_INVALID"]);
}

#[test]
fn schema_draft() {
    golden("schema_draft", &with(FORM, "2020-12", "2019-09"), &["SCHEMA_DRAFT"]);
}

#[test]
fn schema_remote_ref() {
    let reference = "\"$ref\": \"https://example.com/yes-or-no.json\"";
    golden("schema_remote_ref", &with(FORM, "\"type\": \"boolean\"", reference), &["SCHEMA_REMOTE_REF"]);
}

#[test]
fn schema_unknown_format() {
    golden("schema_unknown_format", &with(FORM, "\"division\"", "\"county\""), &["SCHEMA_UNKNOWN_FORMAT"]);
}

/// One field of the form, described in another way, gives one code.
macro_rules! field {
    ($($name:ident: $field:literal, $codes:expr;)*) => {
        $(#[test]
        fn $name() {
            golden(stringify!($name), &with(FORM, "\"note\": { \"type\": \"string\" }", $field), &$codes);
        })*
    };
}

field! {
    public_value: r#""note": { "type": "string", "x-public": "yes" }"#, ["UNKNOWN_VALUE"];
    schema_unknown_keyword: r#""note": { "type": "string", "x-pubic": true }"#, ["SCHEMA_UNKNOWN_KEYWORD"];
    never_public: r#""note": { "type": "string", "format": "citizen-id", "x-public": true }"#, ["NEVER_PUBLIC"];
    public_object: r#""note": { "type": "object", "x-public": true }"#, ["NEVER_PUBLIC"];
    public_number_as_a_name: r#""note": { "type": "integer", "x-public": "business-name" }"#, ["NEVER_PUBLIC"];
    public_below_a_choice: r#""note": { "type": "string", "anyOf": [{ "x-public": true }] }"#, ["NEVER_PUBLIC"];
}

#[test]
fn schema_not_object() {
    let files = with("small/seal.schema.json", "\"type\": \"object\"", "\"type\": \"array\"");
    golden("schema_not_object", &files, &["SCHEMA_NOT_OBJECT"]);
}

#[test]
fn schema_duplicate_key() {
    let files = with(FORM, "\"name\": {", "\"name\": {}, \"name\": {");
    golden("schema_duplicate_key", &files, &["DUPLICATE_KEY"]);
}

#[test]
fn no_office() {
    let divisions = "divisions: [\"350100\"] } # carver";
    let files = with("directory/agencies.yaml", "divisions: all } # carver", divisions);
    golden("no_office", &files, &["NO_OFFICE"]);
}

#[test]
fn unknown_calendar() {
    let files = with("directory/divisions.yaml", "kind: city, calendar: office", "kind: city, calendar: moon");
    golden("unknown_calendar", &files, &["UNKNOWN_CALENDAR"]);
}

#[test]
fn unknown_calendar_of_an_outlet() {
    let files =
        with("directory/banks.yaml", "division: \"350100\", calendar: office", "division: \"350100\", calendar: moon");
    golden("unknown_calendar_of_an_outlet", &files, &["UNKNOWN_CALENDAR"]);
}

#[test]
fn no_calendar() {
    let files = with("directory/agencies.yaml", "calendar: office", "calendar: moon");
    golden("no_calendar", &files, &["UNKNOWN_CALENDAR", "NO_CALENDAR"]);
}

#[test]
fn office_overlap() {
    let more = "- { id: carver-2, title: { zh: 二, en: Two }, calendar: office, divisions: [\"350102\"] }\n      -";
    let files = with("directory/agencies.yaml", "- { id: carver-1", &format!("{more} {{ id: carver-1"));
    golden("office_overlap", &files, &["OFFICE_OVERLAP"]);
}

#[test]
fn duplicate_id() {
    let files = with("directory/banks.yaml", "b01-002", "b01-001");
    golden("duplicate_id", &files, &["DUPLICATE_ID"]);
}

#[test]
fn unknown_division() {
    let files = with("directory/banks.yaml", "\"350102\"", "\"350199\"");
    golden("unknown_division", &files, &["UNKNOWN_DIVISION"]);
}

#[test]
fn directory_file_missing() {
    let files: Files = sound()
        .iter()
        .filter(|(path, _)| !path.ends_with("banks.yaml"))
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect();
    golden("directory_file_missing", &files, &["FILE_MISSING"]);
}

/// Loading does not stop at the first problem, of whatever kind.
#[test]
fn many_problems_at_once() {
    let mut files = with(
        WORKFLOW,
        "counts: true\n    within: 2 working hours",
        "counts: perhaps\n    within: soon\n    colour: red",
    );
    for (old, new) in [
        ("when: form.paper", "when: form.papers"),
        ("party: carver", "party: sculptor"),
        (", law: 条例 §20", ""),
        ("closes: opened\n", ""),
    ] {
        let text = files.get(WORKFLOW).unwrap().replacen(old, new, 1);
        files.insert(WORKFLOW, text);
    }
    let form = files.get(FORM).unwrap().replace("\"division\"", "\"county\"");
    files.insert(FORM, form);
    golden(
        "many_problems_at_once",
        &files,
        &[
            "WRONG_TYPE",
            "BAD_BUDGET",
            "UNKNOWN_KEY",
            "UNKNOWN_PARTY",
            "ADVERSE_WITHOUT_LAW",
            "MISSING_KEY",
            "SCHEMA_UNKNOWN_FORMAT",
            "UNKNOWN_FIELD",
        ],
    );
}

/// What is wrong with a schema hides nothing of what is wrong with whoever reads it.
#[test]
fn a_bad_schema_hides_nothing() {
    let broken = [
        ("\"division\"", "\"county\""),
        ("\"note\": { \"type\": \"string\" }", "\"note\": { \"type\": \"integer\" }"),
        ("\"type\": \"boolean\"", "\"type\": \"yes-or-no\""),
    ];
    let mut files = with(
        WORKFLOW,
        "    when: form.paper",
        "    when: form.note == \"x\"\n    for_each: { over: form.name, key: id }",
    );
    for (old, new) in [
        ("subject: form.name", "subject: form.note"),
        ("form.people]", "form.persons]"),
        ("step: registration, when: form.paper }", "step: registration, when: form.paper == 3 }"),
    ] {
        files = crate::sound::changed(files, WORKFLOW, old, new);
    }
    for (old, new) in broken {
        files = crate::sound::changed(files, FORM, old, new);
    }
    golden(
        "a_bad_schema_hides_nothing",
        &files,
        &[
            "SCHEMA_UNKNOWN_FORMAT",
            "SCHEMA_INVALID",
            "GUARD_TYPES",
            "FIELD_MAY_BE_ABSENT",
            "NOT_A_LIST",
            "NOT_REQUIRED",
            "NOT_A_TEXT",
            "UNKNOWN_FIELD",
        ],
    );
}

/// Nor does a circle: what stands behind it is checked as well.
#[test]
fn a_circle_hides_nothing() {
    let mut files = with(WORKFLOW, "counts: true\n    within", "needs: [seal]\n    counts: true\n    within");
    for (old, new) in [
        ("delivery: # guard", "delivery:\n    when: has(results.check)"),
        (
            "correct: { asks: applicant, letter: correction }",
            "correct: { asks: applicant, letter: correction, reopens: [delivery] }",
        ),
        ("shares: [results.registration.uscc]", "shares: [results.registration.ucss]"),
    ] {
        files = crate::sound::changed(files, WORKFLOW, old, new);
    }
    golden(
        "a_circle_hides_nothing",
        &files,
        &["CYCLE", "UNREACHABLE", "NO_RESULT", "LOOP_BOUND", "REOPENS_LATER", "UNKNOWN_FIELD"],
    );
}
