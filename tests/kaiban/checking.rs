//! Before a form is handed in: everything that is wrong with it, what it will lead to, what it needs.

use kaiban_api::v1::{CheckFormRequest, CheckFormResponse, Needed, Severity};
use serde_json::{Value, json};

use crate::city::{City, Terminal, submit, submitted};
use crate::database::Database;
use crate::forms::{company, wire, with};

on_both!(
    twenty_faults_are_told_at_once,
    a_form_foretells_its_steps,
    documents_are_asked_for_with_a_reason,
    a_case_of_the_same_name_is_shown_to_its_own_bank,
);

async fn check(terminal: &mut Terminal, form: &Value) -> CheckFormResponse {
    let request = CheckFormRequest { workflow: "business-start".into(), form: wire(form) };
    terminal.check_form(request).await.expect("a check").into_inner()
}

async fn twenty_faults_are_told_at_once(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let form: Value = serde_json::from_str(include_str!("../forms/twenty-faults.json")).expect("a form");
    let checked = check(&mut terminal, &form).await;
    assert!(!checked.acceptable);
    assert!(checked.findings.iter().all(|finding| {
        let message = finding.message.as_ref().expect("a message");
        !message.zh.is_empty() && !message.en.is_empty()
    }));
    let told: Vec<String> =
        checked.findings.iter().map(|finding| format!("{} {}", finding.pointer, finding.code)).collect();
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("twenty_faults", told.join("\n"));
    });
    let status = submit(&mut terminal, "r1", &form).await.unwrap_err();
    // A status has room for the first of them, and says that there are more.
    let mut refused = tonic_types::StatusExt::get_details_bad_request(&status).expect("violations").field_violations;
    assert!(refused.pop().is_some_and(|last| last.description.starts_with("MORE_FINDINGS: ")));
    let errors = checked.findings.iter().filter(|finding| finding.severity() == Severity::Error);
    let errors: Vec<&str> = errors.map(|finding| finding.pointer.as_str()).collect();
    let fields: Vec<&str> = refused.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, errors[..fields.len()], "SubmitCase says the same");
}

async fn a_form_foretells_its_steps(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let checked = check(&mut terminal, &company("350100")).await;
    assert!(checked.acceptable);
    let needed = |checked: &CheckFormResponse, name: &str| {
        let step = checked.steps.iter().find(|step| step.step == name).expect("a step").clone();
        assert!(step.why.as_ref().is_some_and(|why| !why.zh.is_empty()), "{step:?}");
        step.needed()
    };
    for (step, expected) in [
        ("name", Needed::Yes),
        ("registration", Needed::Yes),
        ("housing-fund", Needed::Yes),
        ("enrolment", Needed::Later),
        ("consultation", Needed::No),
    ] {
        assert_eq!(needed(&checked, step), expected, "{step}");
    }
    let later = with(company("350100"), "/requests/housing_fund", json!(false));
    assert_eq!(needed(&check(&mut terminal, &later).await, "housing-fund"), Needed::No, "not asked for");
}

async fn documents_are_asked_for_with_a_reason(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let asked = |checked: &CheckFormResponse| -> Vec<(String, bool)> {
        assert!(checked.documents.iter().all(|asked| !asked.why.as_ref().expect("why").zh.is_empty()));
        checked.documents.iter().map(|asked| (asked.pointer.clone(), asked.given)).collect()
    };
    let all = check(&mut terminal, &company("350100")).await;
    assert_eq!(asked(&all), [("/domicile/lease/document".to_owned(), true), ("/articles".to_owned(), true)]);
    // Without the title's number the registrar cannot look the domicile up: a certificate is asked for, which can be
    // promised. And the articles are missing.
    let mut form = company("350100");
    form["domicile"].as_object_mut().unwrap().remove("real_estate_number");
    form.as_object_mut().unwrap().remove("articles");
    let some = check(&mut terminal, &form).await;
    assert_eq!(asked(&some), [("/domicile/lease/document".to_owned(), true), ("/articles".to_owned(), false)]);
    let certificate =
        some.certificates.iter().find(|asked| asked.evidence == "/domicile/proof").expect("a certificate");
    assert!(!certificate.given && certificate.commitment.is_some(), "{certificate:?}");
    let missing: Vec<_> = some.findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
    assert_eq!(missing, [("EVIDENCE_MISSING", "/articles")]);
    // A document that another bank handed in is none.
    let mut stranger = city.town.terminal("b02", "b02-001").await.map(Terminal::new).expect("a terminal");
    let foreign = check(&mut stranger, &company("350100")).await;
    let codes: Vec<_> = foreign.findings.iter().map(|f| (f.code.as_str(), f.pointer.as_str())).collect();
    assert_eq!(codes, [("DOCUMENT_MISSING", "/articles"), ("DOCUMENT_MISSING", "/domicile/lease/document")]);
    assert!(!foreign.acceptable);
}

async fn a_case_of_the_same_name_is_shown_to_its_own_bank(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    let same = |checked: CheckFormResponse| checked.same_subject.into_iter().map(|case| case.id).collect::<Vec<_>>();
    assert_eq!(same(check(&mut terminal, &company("350100")).await), [id]);
    assert!(same(check(&mut terminal, &company("350102")).await).is_empty(), "at another registrar");
    let mut other = city.terminal_of("b02", "b02-001").await;
    assert!(same(check(&mut other, &company("350100")).await).is_empty(), "another bank's");
}
