//! The packages that come with kaiban are sound.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::date;
use kaiban_definition::{
    CaseFacts, Effect, Files, Material, Scope, Workflows, dot, load, load_package, mermaid, render,
};
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

fn company() -> Value {
    json!({
        "registrar": "350102",
        "kind": "limited-company",
        "name": "福州市鼓楼区榕溪茶业有限公司",
        "business_scope": ["食品销售", "茶具销售"],
        "capital_fen": 100_000_000,
        "domicile": { "division": "350102", "address": "福州市鼓楼区东街口 1 号 302 室", "use": "rented" },
        "legal_representative": { "name": "林舒", "citizen_id": "350102199003078313", "phone": "13900000000" },
        "investors": [
            { "kind": "person", "name": "林舒", "citizen_id": "350102199003078313", "amount_fen": 60_000_000 },
            { "kind": "organisation", "name": "福州榕溪投资有限公司", "uscc": "91350100MA2XN0014K", "amount_fen": 40_000_000 }
        ],
        "contact": { "name": "陈知远", "phone": "13700000000", "email": "zhiyuan@example.com" },
        "seals": { "count": 4 },
        "invoices": { "paper": false, "kinds": ["vat-ordinary"], "monthly": 25 },
        "social_insurance": { "employees": 3 },
        "housing_fund": { "ratio": 8, "bank": "榕荫银行" },
        "delivery": { "way": "counter" }
    })
}

/// Codes and places of what is found when one part of the company's form is replaced.
fn found(workflows: &Workflows, pointer: &str, part: Value) -> Vec<String> {
    let mut form = company();
    *form.pointer_mut(pointer).unwrap() = part;
    let definition = workflows.definition("business-start").unwrap();
    definition.form.check(&form).iter().map(|finding| format!("{} {}", finding.code, finding.place)).collect()
}

#[test]
fn they_load_without_a_finding() {
    let (files, workflows) = shipped();
    let names: Vec<&str> = workflows.definitions.iter().map(|definition| definition.workflow.as_str()).collect();
    assert_eq!(names, ["business-start", "six-step"]);
    for name in names {
        let (again, findings) = load_package(name, &files.folder(name), &workflows.directory, &workflows.calendars);
        assert_eq!(findings, []);
        assert_eq!(again.unwrap().digest, workflows.definition(name).unwrap().digest);
    }
}

#[test]
fn both_take_the_same_form() {
    let (files, workflows) = shipped();
    assert_eq!(files.get("business-start/form.schema.json"), files.get("six-step/form.schema.json"));
    for definition in &workflows.definitions {
        assert_eq!(definition.form.check(&company()), []);
        assert_eq!(definition.registrar, "/registrar");
        assert_eq!(definition.subject, "/name");
    }
}

#[test]
fn the_form_knows_the_kinds_of_business() {
    let (_, workflows) = shipped();
    let found = |pointer, part| found(&workflows, pointer, part);
    assert_eq!(
        found("/kind", json!("partnership")),
        ["NOT_IN_LIST /kind", "TOO_MANY /investors", "NOT_IN_LIST /investors/1/kind"]
    );
    assert_eq!(found("/kind", json!("sole-proprietorship")), ["TOO_MANY /investors", "NOT_IN_LIST /investors/1/kind"]);
    assert_eq!(found("/investors", json!([])), ["TOO_FEW /investors"]);
    assert_eq!(
        found(
            "/investors/1",
            json!({ "kind": "organisation", "name": "某公司", "citizen_id": "350102", "amount_fen": 1 })
        ),
        ["BAD_LENGTH /investors/1/citizen_id", "REQUIRED /investors/1/uscc", "NOT_ALLOWED /investors/1/citizen_id"]
    );
    assert_eq!(found("/delivery", json!({ "way": "mail" })), ["REQUIRED /delivery/address"]);
    assert_eq!(found("/housing_fund/ratio", json!(4)), ["TOO_SMALL /housing_fund/ratio"]);
    assert_eq!(
        found("/legal_representative/phone", json!("0591-1234567")),
        ["WRONG_SHAPE /legal_representative/phone"]
    );
    // A code of Fujian's pilot of 2015 is lawful: a doubt for the registrar, no error.
    assert_eq!(found("/investors/1/uscc", json!("91350100M0001TGQXM")), ["FUJIAN_PILOT /investors/1/uscc"]);
}

#[test]
fn business_start_promises_by_registrar() {
    let (_, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let within = |registrar, on| {
        let case = CaseFacts { registrar, workflow: "business-start", doubts: 0, date: "2026-11-22" };
        let scope = Scope { form: &company(), case, results: &BTreeMap::new(), item: None };
        definition.promise_at(on, &scope).unwrap().map(|promise| promise.within.to_string())
    };
    assert_eq!(within("350100", date(2026, 3, 2)).as_deref(), Some("5 working hours"));
    assert_eq!(within("350102", date(2026, 3, 2)).as_deref(), Some("1 working day"));
    assert_eq!(within("350102", date(2019, 12, 31)), None);
}

#[test]
fn only_registration_can_refuse_the_case() {
    let (_, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    for step in definition.steps.values() {
        let closes = step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Closes(_)));
        assert_eq!(closes, step.name == "registration", "{}", step.name);
        assert!(
            step.outcomes.values().any(|outcome| matches!(outcome.effect, Effect::Corrects { .. })),
            "{}",
            step.name
        );
    }
    assert_eq!(definition.order, ["registration", "seal", "invoices", "social-insurance", "housing-fund", "delivery"]);
    assert_eq!(definition.intake.as_ref().unwrap().deemed_within.to_string(), "5 working days");
    assert_eq!(definition.step("intake").unwrap().outcomes["decline"].effect, Effect::Closes("not_accepted".into()));
}

#[test]
fn an_agency_never_sees_a_citizen_number_that_it_has_no_use_for() {
    let (_, workflows) = shipped();
    let definition = workflows.definition("business-start").unwrap();
    let results = BTreeMap::from([("registration".to_owned(), json!({ "uscc": "91350100MA2XN0014K" }))]);
    for (name, sees) in
        [("registration", true), ("seal", false), ("invoices", true), ("housing-fund", false), ("delivery", false)]
    {
        let shared = definition.steps[name].shared(Material { form: &company(), results: &results, item: None });
        assert_eq!(shared.value.to_string().contains("350102199003078313"), sees, "{name}");
    }
}

#[test]
fn the_directory_covers_the_city() {
    let (_, workflows) = shipped();
    let directory = &workflows.directory;
    assert_eq!(directory.divisions().count(), 14);
    assert_eq!(directory.banks().count(), 12);
    assert_eq!(directory.outlets().count(), 239);
    for division in directory.divisions() {
        for party in directory.parties() {
            let office = directory.office(&party.id, &division.code).unwrap();
            assert_eq!(directory.office_by_id(&office.id), Some(office));
        }
    }
    let counts: Vec<(&str, usize)> =
        directory.parties().map(|party| (party.id.as_str(), party.offices.len())).collect();
    let expected = [
        ("market-regulation", 14),
        ("tax", 14),
        ("social-insurance", 14),
        ("delivery", 14),
        ("seal-carver", 3),
        ("housing-fund", 1),
    ];
    assert_eq!(counts, expected);
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
