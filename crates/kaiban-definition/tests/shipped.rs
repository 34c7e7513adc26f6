//! The packages that come with kaiban are sound.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, date};
use kaiban_definition::{
    CaseFacts, Effect, Files, Material, Needed, Scope, Workflows, dot, load, load_package, mermaid, render,
};
use kaiban_findings::Finding;
use serde_json::{Value, json};

fn read(folder: &Path, below: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(folder, &path, files);
        } else {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn shipped() -> (Files, Workflows) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let mut files = Files::new();
    read(&folder, &folder, &mut files);
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{}", render(&findings, &files));
    (files, workflows)
}

/// The company of the package's scenarios.
fn company(files: &Files) -> Value {
    serde_json::from_str(files.get("business-start/scenarios/forms/company.json").unwrap()).unwrap()
}

const DAY: Date = date(2026, 3, 2);

/// Codes and places of the errors that are found when one part of the company's form is replaced.
fn found(pointer: &str, part: Value) -> Vec<String> {
    let (files, workflows) = shipped();
    let mut form = company(&files);
    *form.pointer_mut(pointer).unwrap() = part;
    let findings = workflows.definition("business-start").unwrap().check_form(&form, DAY);
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
}

#[test]
fn they_load_without_a_finding() {
    let (files, workflows) = shipped();
    let names: Vec<&str> = workflows.definitions.iter().map(|definition| definition.workflow.as_str()).collect();
    assert_eq!(
        names,
        [
            "approval-check",
            "business-start",
            "commitment-check",
            "machine-notice",
            "machine-report",
            "restaurant-chain-permit",
            "restaurant-outlet",
            "six-step",
            "sole-proprietor",
            "special-drug-purchase",
            "vending-permit"
        ]
    );
    for name in names {
        let (again, findings) = load_package(name, &files.package(name), &workflows.directory, &workflows.calendars);
        assert_eq!(findings, []);
        assert_eq!(again.unwrap().digest, workflows.definition(name).unwrap().digest);
    }
}

#[test]
fn a_sound_form_has_no_error() {
    let (files, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let findings = definition.check_form(&company(&files), DAY);
    assert!(!findings.iter().any(Finding::is_error), "{findings:#?}");
    assert_eq!((definition.registrar.as_str(), definition.subject.as_str()), ("/registrar", "/name"));
}

/// Schema, rules, keys and documents, told together and in the order of the form.
#[test]
fn the_form_knows_the_law() {
    assert_eq!(found("/capital/amount_fen", json!(1)), ["SHARES_DO_NOT_ADD_UP /capital/amount_fen"]);
    assert_eq!(found("/people/1/key", json!("p1"))[0], "DUPLICATE_KEY /people/1/key");
    assert_eq!(found("/investors/0/pay_by", json!("2032-01-01")), ["LLC_PAID_IN_FIVE_YEARS /investors/0/pay_by"]);
    assert_eq!(
        found("/delivery", json!({ "way": "mail" })),
        ["REQUIRED /delivery/recipient", "REQUIRED /delivery/phone", "REQUIRED /delivery/address"]
    );
    assert_eq!(found("/housing_fund/ratio", json!(4)), ["TOO_SMALL /housing_fund/ratio"]);
    assert!(found("/articles", json!("")).contains(&"EVIDENCE_MISSING /articles".to_owned()));
}

#[test]
fn business_start_promises_by_registrar() {
    let (files, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let form = company(&files);
    let within = |registrar, on: Date| {
        let date = on.to_string();
        let case = CaseFacts { registrar, workflow: "business-start", doubts: 0, date: &date };
        let scope = Scope { form: &form, case, results: &BTreeMap::new(), item: None, credit: None };
        definition.promise_at(on, &scope).unwrap().map(|promise| promise.within.to_string())
    };
    assert_eq!(within("350100", DAY).as_deref(), Some("3 working hours"));
    assert_eq!(within("350100", date(2022, 10, 31)).as_deref(), Some("5 working hours"));
    assert_eq!(within("350102", DAY).as_deref(), Some("1 working day"));
    assert_eq!(within("350102", date(2019, 12, 31)), None);
}

#[test]
fn only_registration_can_refuse_the_case() {
    let (_, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    for step in definition.steps.values() {
        let closes = step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Closes(_)));
        assert_eq!(closes, step.name == "registration", "{}", step.name);
    }
    assert_eq!(definition.intake.as_ref().unwrap().deemed_within.to_string(), "5 working days");
    assert_eq!(definition.step("intake").unwrap().outcomes["decline"].effect, Effect::Closes("not_accepted".into()));
    assert_eq!(definition.on_receipt.as_deref(), Some("receipt"));
    assert!(definition.step("identity[p1]").unwrap().for_each.is_some());
}

/// What the applicant is told before handing anything in.
#[test]
fn a_preview_of_business_start() {
    let (files, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let mut form = company(&files);
    form["requests"]["seals"] = json!(false);
    form["employees"] = json!([]);
    let preview = definition.preview(&form, "350100", DAY);
    let needed = |name: &str| preview.iter().find(|one| one.step == name).unwrap().needed;
    assert_eq!([needed("identity"), needed("registration"), needed("tax-registration")], [Needed::Yes; 3]);
    // Invoices come only after a tax registration that was not declined.
    assert_eq!(needed("invoices"), Needed::Later);
    assert_eq!([needed("seal"), needed("consultation")], [Needed::No; 2]);
    assert_ne!(needed("enrolment"), Needed::Yes, "there is nobody to enrol");
    let asked = definition.asked(&form, DAY);
    assert!(!asked.is_empty() && asked.iter().all(|document| document.given), "{asked:#?}");
}

#[test]
fn an_agency_never_sees_a_citizen_number_that_it_has_no_use_for() {
    let (files, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let results = BTreeMap::from([("registration".to_owned(), json!({ "uscc": "91350100MA2XN0014K" }))]);
    let form = company(&files);
    for (name, sees) in [("registration", true), ("seal", false), ("housing-fund", false), ("delivery", false)] {
        let shared = definition.steps[name].shared(Material { form: &form, results: &results, item: None });
        assert_eq!(shared.value.to_string().contains("350102199003078313"), sees, "{name}");
    }
    let item = form.pointer("/people/1").unwrap();
    let material = Material { form: &form, results: &results, item: Some(("/people/1", item)) };
    let shared = definition.steps["identity"].shared(material).value.to_string();
    assert!(shared.contains("350103198506150024") && !shared.contains("350102199003078313"));
}

#[test]
fn the_directory_covers_the_city() {
    let (_, workflows) = shipped();
    let directory = &workflows.directory;
    assert_eq!(directory.divisions().count(), 14);
    assert_eq!(directory.banks().count(), 12);
    assert_eq!(directory.outlets().count(), 239);
    let divisions = directory.divisions().map(|division| &division.calendar);
    let offices = directory.offices().map(|office| &office.calendar);
    for calendar in divisions.chain(offices).chain(directory.outlets().map(|outlet| &outlet.calendar)) {
        assert!(workflows.calendars.get(calendar).is_some(), "{calendar}");
    }
    // The four central districts keep the city's hours, the other bureaus the province's.
    for division in directory.divisions() {
        let central = ["350100", "350102", "350103", "350104", "350111"].contains(&division.code.as_str());
        let expected = if central { "fuzhou-city" } else { "fujian-province" };
        assert_eq!(division.calendar, expected);
        assert_eq!(directory.office("market-regulation", &division.code).unwrap().calendar, expected);
    }
    for division in directory.divisions() {
        for party in directory.parties() {
            let office = directory.office(&party.id, &division.code).unwrap();
            assert_eq!(directory.office_by_id(&office.id), Some(office));
        }
    }
    assert_eq!(directory.outlet("b01-001").unwrap().bank, "b01");
    assert_eq!(directory.office("seal-carver", "350181").unwrap().id, "seal-carver-east");
}

#[test]
fn diagrams() {
    let (_, workflows) = shipped();
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        for definition in &workflows.definitions {
            insta::assert_snapshot!(format!("diagram_{}_mermaid", definition.workflow), mermaid(definition));
            insta::assert_snapshot!(format!("diagram_{}_dot", definition.workflow), dot(definition));
        }
    });
}
