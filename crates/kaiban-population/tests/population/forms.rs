//! The sample forms of this repository and the faults that a form can have.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use kaiban_definition::Definition;
use kaiban_population::{Crowd, Habits, Paper};
use serde_json::{Value, json};

use super::stage::{START_US, workflows};

const TODAY: Date = date(2026, 3, 2);

fn definition() -> Arc<Definition> {
    Arc::clone(workflows().definition("business-start").unwrap())
}

fn sample(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/forms/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Codes of what is wrong with a form, with their places.
fn errors(definition: &Definition, form: &Value, on: Date) -> BTreeSet<String> {
    let findings = definition.check_form(form, on);
    for finding in &findings {
        let (zh, en) = (&finding.message.zh, &finding.message.en);
        assert!(zh.chars().any(|c| ('一'..='龥').contains(&c)) && !en.is_empty(), "{finding}");
    }
    findings.iter().filter(|f| f.is_error()).map(|f| format!("{} {}", f.code, f.place)).collect()
}

#[test]
fn there_is_a_good_sample_of_every_kind() {
    let definition = definition();
    let kinds = definition.form.source()["properties"]["kind"]["enum"].as_array().unwrap().clone();
    for kind in &kinds {
        let name = kind.as_str().unwrap();
        let form = sample(if name == "limited-company" { "company" } else { name });
        assert_eq!(form["kind"], *kind);
        assert_eq!(definition.check_form(&form, TODAY), [], "{name}");
    }
    assert_eq!(kinds.len(), 9);
}

#[test]
fn the_samples_name_documents_that_are_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/forms");
    let documents = std::fs::read_dir(folder.join("documents")).unwrap().map(|entry| entry.unwrap().path());
    let known: BTreeSet<String> =
        documents.map(|path| Paper { name: String::new(), bytes: std::fs::read(path).unwrap() }.digest()).collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            for named in text.split('"').filter(|part| part.starts_with("sha256:")) {
                assert!(known.contains(named), "{} names {named}", path.display());
            }
        }
    }
}

#[test]
fn twenty_faults_are_told_at_once() {
    let found = errors(&definition(), &sample("twenty-faults"), TODAY);
    let codes: BTreeSet<&str> = found.iter().filter_map(|line| line.split(' ').next()).collect();
    assert!(found.len() >= 30 && codes.len() >= 20, "{} in {} codes: {found:#?}", found.len(), codes.len());
}

/// One fault at a time: the sample it is made in, where, with what, and what must be found.
#[test]
fn every_fault_is_found_where_it_is() {
    let adult = |key: &str| json!({"key": key, "name": "林小满", "id": {"kind": "citizen-id", "number": "350122198801130353"}, "phone": "13800000009", "roles": ["investor"]});
    let child = "350112201801010017";
    let faults: Vec<(&str, &str, Value, &str)> = vec![
        ("company", "/registrar", json!("350103"), "REGISTRAR_NOT_COMPETENT /registrar"),
        ("company", "/domicile/division", json!("330106"), "DOMICILE_OUTSIDE_CITY /domicile/division"),
        ("joint-stock-company", "/registrar", json!("350102"), "JSC_AT_CITY_LEVEL /registrar"),
        ("company", "/name", json!("福州榕光信息技术股份有限公司"), "NAME_OF_COMPANY /name"),
        ("joint-stock-company", "/name", json!("福州榕光信息技术有限公司"), "NAME_OF_COMPANY /name"),
        ("sole-proprietorship", "/name", json!("福州市台江区榕溪贸易有限公司"), "NAME_OF_SOLE_PROPRIETORSHIP /name"),
        (
            "general-partnership",
            "/name",
            json!("福州市仓山区海宁投资合伙企业（有限合伙）"),
            "NAME_OF_PARTNERSHIP /name",
        ),
        (
            "special-general-partnership",
            "/name",
            json!("福州市仓山区海宁会计师事务所（普通合伙）"),
            "NAME_OF_PARTNERSHIP /name",
        ),
        (
            "limited-partnership",
            "/name",
            json!("福州市仓山区海宁商务咨询中心（普通合伙）"),
            "NAME_OF_PARTNERSHIP /name",
        ),
        ("individual-business", "/name", json!("福清市念慈食品有限公司"), "NAME_OF_INDIVIDUAL_BUSINESS /name"),
        ("cooperative", "/name", json!("永泰县青云茶业有限公司"), "NAME_OF_COOPERATIVE /name"),
        ("branch", "/name", json!("福州云山信息技术有限公司福州分公司"), "NAME_OF_BRANCH /name"),
        ("company", "/name", json!("鼓楼区榕光信息技术公司A"), "NAME_CHARACTER /name"),
        (
            "company",
            "/people/0/roles",
            json!(["director", "investor", "liaison"]),
            "LEGAL_REPRESENTATIVE_MISSING /people",
        ),
        (
            "company",
            "/people/1/roles",
            json!(["legal-representative", "supervisor", "investor", "finance", "tax-handler"]),
            "LEGAL_REPRESENTATIVE_TWICE /people",
        ),
        (
            "company",
            "/people/0/roles",
            json!(["legal-representative", "director", "investor"]),
            "LIAISON_MISSING /people",
        ),
        (
            "company",
            "/people/0/roles",
            json!(["legal-representative", "investor", "liaison"]),
            "DIRECTOR_MISSING /people",
        ),
        (
            "company",
            "/people/1/roles",
            json!(["supervisor", "director", "investor", "finance", "tax-handler"]),
            "DIRECTOR_IS_SUPERVISOR /people/1/roles",
        ),
        (
            "company",
            "/people/1/roles",
            json!(["supervisor", "investor", "tax-handler"]),
            "FINANCE_OFFICER_MISSING /people",
        ),
        ("company", "/people/1/roles", json!(["supervisor", "investor", "finance"]), "TAX_HANDLER_MISSING /people"),
        ("individual-business", "/people/1/roles", json!(["agent"]), "FAMILY_MEMBER_MISSING /people"),
        ("company", "/people/0/id/number", json!(child), "UNDER_AGE /people/0/id/number"),
        ("company", "/people/1/id/number", json!("350102199003078313"), "SAME_PERSON_TWICE /people/1/id/number"),
        ("company", "/people/1/id/number", json!("350103198506150025"), "BAD_CHECK /people/1/id/number"),
        ("company", "/people/1/key", json!("p1"), "DUPLICATE_KEY /people/1/key"),
        ("company", "/people/0/phone", json!("0591-87654321"), "WRONG_SHAPE /people/0/phone"),
        (
            "company",
            "/people/0/id",
            json!({"kind": "passport", "number": "E12345678"}),
            "EVIDENCE_MISSING /people/0/id/copy",
        ),
        ("company", "/investors/0/person", json!("p9"), "INVESTOR_NOT_AMONG_PEOPLE /investors/0/person"),
        ("company", "/investors/0/amount_fen", json!(1), "SHARES_DO_NOT_ADD_UP /capital/amount_fen"),
        (
            "joint-stock-company",
            "/investors/0/paid_fen",
            json!(2_000_000_000_i64),
            "PAID_MORE_THAN_SUBSCRIBED /investors/0/paid_fen",
        ),
        ("company", "/investors/0/pay_by", json!("2031-03-03"), "LLC_PAID_IN_FIVE_YEARS /investors/0/pay_by"),
        ("joint-stock-company", "/investors/0/paid_fen", json!(5), "JSC_PAID_BEFORE /investors/0/paid_fen"),
        ("company", "/investors/0/method", json!("labour"), "LABOUR_AS_CONTRIBUTION /investors/0/method"),
        ("company", "/investors/1/uscc", json!("91350100M000100Y4Y"), "BAD_CHECK /investors/1/uscc"),
        ("limited-partnership", "/investors/0/liability", json!("limited"), "GENERAL_PARTNER_MISSING /investors"),
        (
            "general-partnership",
            "/investors/1/liability",
            json!("limited"),
            "LIMITED_PARTNER_NOT_ALLOWED /investors/1/liability",
        ),
        (
            "limited-partnership",
            "/partnership/executive",
            json!("i2"),
            "EXECUTIVE_PARTNER_UNKNOWN /partnership/executive",
        ),
        ("cooperative", "/investors/0/farmer", json!(false), "COOPERATIVE_FARMERS_TOO_FEW /investors"),
        (
            "company",
            "/beneficial_owners",
            json!({"exempt": true}),
            "BENEFICIAL_OWNERS_NOT_EXEMPT /beneficial_owners/exempt",
        ),
        (
            "company",
            "/beneficial_owners",
            json!({"exempt": false}),
            "BENEFICIAL_OWNER_NOT_NAMED /beneficial_owners/owners",
        ),
        ("company", "/domicile/purpose", json!("residential"), "NEIGHBOURS_CONSENT_MISSING /domicile/neighbours_agree"),
        ("company", "/domicile/lease/until", json!("2026-03-01"), "LEASE_ENDED /domicile/lease/until"),
        ("company", "/domicile/lease", json!({"until": "2029-03-01"}), "EVIDENCE_MISSING /domicile/lease/document"),
        ("company", "/invoices/paper", json!(true), ""),
        ("company", "/seals/kinds", json!(["official"]), ""),
        ("company", "/employees/0/citizen_id", json!(child), "EMPLOYEE_UNDER_AGE /employees/0/citizen_id"),
        ("company", "/housing_fund/ratio", json!(13), "TOO_LARGE /housing_fund/ratio"),
        ("company", "/scope/0/industry", json!("I9999"), "UNKNOWN_INDUSTRY /scope/0/industry"),
        (
            "company",
            "/scope/0",
            json!({"text": "危险化学品经营", "industry": "F5169", "prior_approval": true}),
            "EVIDENCE_MISSING /scope/0/approval",
        ),
        ("company", "/delivery", json!({"way": "mail"}), "REQUIRED /delivery/address"),
        ("company", "/requests/consultation", json!(true), "REQUIRED /consultation"),
        (
            "company",
            "/people/1/roles",
            json!(["supervisor", "investor", "finance", "tax-handler", "agent"]),
            "EVIDENCE_MISSING /agent/authority",
        ),
        ("sole-proprietorship", "/investors/0/kind", json!("organisation"), "NOT_IN_LIST /investors/0/kind"),
        (
            "branch",
            "/branch",
            json!({"parent_name": "杭州湖山信息技术有限公司", "parent_uscc": "91330106673959654P", "decided_on": "2026-02-20"}),
            "EVIDENCE_MISSING /branch/parent_licence",
        ),
    ];
    let definition = definition();
    for (name, pointer, value, expected) in faults {
        let mut form = sample(name);
        *form.pointer_mut(pointer).unwrap_or_else(|| panic!("{name} has no {pointer}")) = value;
        let found = errors(&definition, &form, TODAY);
        assert!(
            if expected.is_empty() { found.is_empty() } else { found.contains(expected) },
            "{name} {pointer}: {found:#?}"
        );
    }

    let mut form = sample("company");
    form["invoices"]["paper"] = json!(true);
    form["seals"]["kinds"] = json!(["official"]);
    assert!(errors(&definition, &form, TODAY).contains("INVOICE_SEAL_MISSING /invoices/paper"));
    let mut form = sample("company");
    form.as_object_mut().unwrap().remove("articles");
    form["employees"] = json!([form["employees"][0], form["employees"][0]]);
    let found = errors(&definition, &form, TODAY);
    assert!(
        found.contains("EVIDENCE_MISSING /articles") && found.contains("EMPLOYEE_TWICE /employees/0/citizen_id"),
        "{found:#?}"
    );
    let mut form = sample("cooperative");
    form["investors"].as_array_mut().unwrap().truncate(4);
    assert!(errors(&definition, &form, TODAY).contains("COOPERATIVE_MEMBERS_TOO_FEW /investors"));
    let mut form = sample("general-partnership");
    form["investors"].as_array_mut().unwrap().truncate(1);
    assert!(errors(&definition, &form, TODAY).contains("PARTNERS_TOO_FEW /investors"));
    let mut form = sample("joint-stock-company");
    form["investors"][0]["abroad"] = json!(true);
    form["investors"][1]["abroad"] = json!(true);
    assert!(errors(&definition, &form, TODAY).contains("JSC_RESIDENT_PROMOTERS /investors"));
    let mut form = sample("company");
    let people: Vec<Value> = (10..61).map(|nth| adult(&format!("p{nth}"))).collect();
    form["people"].as_array_mut().unwrap().extend(people);
    let investor = |nth: i32| json!({"key": format!("i{nth}"), "kind": "person", "person": format!("p{nth}"), "amount_fen": 1, "pay_by": "2028-01-01", "method": "money"});
    form["investors"].as_array_mut().unwrap().extend((10..61).map(investor));
    assert!(errors(&definition, &form, TODAY).contains("LLC_TOO_MANY_SHAREHOLDERS /investors"));
}

#[test]
fn the_law_of_the_day_holds() {
    let definition = definition();
    let mut form = sample("company");
    form["investors"][0]["pay_by"] = json!("2040-01-01");
    form["investors"][1]["pay_by"] = json!("2028-01-01");
    form["investors"][2]["pay_by"] = json!("2028-01-01");
    form.as_object_mut().unwrap().remove("beneficial_owners");
    form["domicile"]["lease"]["until"] = json!("2030-01-01");
    assert!(errors(&definition, &form, date(2024, 6, 30)).is_empty());
    let since: Vec<String> = errors(&definition, &form, date(2024, 11, 1)).into_iter().collect();
    assert_eq!(since, ["BENEFICIAL_OWNERS_MISSING /beneficial_owners", "LLC_PAID_IN_FIVE_YEARS /investors/0/pay_by"]);
    let mut form = sample("company");
    form["people"][1]["roles"] = json!(["investor", "finance", "tax-handler"]);
    form["investors"][0]["pay_by"] = json!("2027-01-01");
    assert_eq!(errors(&definition, &form, date(2024, 7, 1)).len(), 2, "five years, for the other two");
    assert!(errors(&definition, &form, date(2024, 6, 30)).contains("SUPERVISOR_MISSING /people"));
}

#[test]
fn a_crowd_has_every_kind_and_hands_in_forms_without_a_fault() {
    let (definition, workflows) = (definition(), workflows());
    let crowd = Crowd::new(4, 750, START_US, &workflows.directory, &workflows.calendars, Habits::default()).unwrap();
    let (mut kinds, mut names) = (BTreeSet::new(), BTreeSet::new());
    for application in crowd.applications() {
        let on = kaiban_calendar::local_date(application.at_us);
        assert_eq!(errors(&definition, &application.form, on), BTreeSet::new(), "{:#}", application.form);
        kinds.insert(application.form["kind"].as_str().unwrap().to_owned());
        names.insert((application.registrar, application.form["name"].as_str().unwrap().to_owned()));
        let text = application.form.to_string();
        let named = text.split('"').filter(|part| part.starts_with("sha256:")).count();
        assert_eq!(named, application.papers.len());
        assert!(application.papers.iter().all(|paper| text.contains(&paper.digest())));
    }
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    assert!((720..750).contains(&names.len()), "{} names: a few are wanted twice", names.len());
}
