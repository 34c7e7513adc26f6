//! Names of businesses: one case has it, whoever comes later asks for another; what is refused gives it back, what is
//! opened keeps it.

use kaiban_api::v1::{Case, CheckFormRequest, ResubmitCaseRequest, Severity, StepState};
use serde_json::{Value, json};

use crate::city::{City, Ending, Terminal, finding, licence, look, refusal, step, submitted};
use crate::database::Database;
use crate::forms::{company, wire, with};
use crate::results;

on_both!(
    the_later_one_takes_another_name,
    a_name_is_given_back_or_kept,
    a_reservation_runs_out,
    who_renames_gives_the_old_name_back,
);

const NAME: &str = "福州榕光信息技术有限公司";
const OTHER: &str = "福州榕影信息技术有限公司";

fn named(name: &str) -> Value {
    with(company("350100"), "/name", json!(name))
}

async fn renames(terminal: &mut Terminal, case: &str, correction: &str, form: &Value) -> Result<Case, tonic::Status> {
    let request = ResubmitCaseRequest {
        request_id: format!("{case}-{correction}-{}", form["name"]).replace(|c: char| !c.is_ascii_graphic(), ""),
        case_id: case.to_owned(),
        correction_id: correction.to_owned(),
        form: wire(form),
    };
    terminal.resubmit_case(request).await.map(|answer| answer.into_inner().case.expect("a case"))
}

/// Whether the name of a case is reserved, or another one was asked for.
async fn has_name(terminal: &mut Terminal, case: &str) -> bool {
    match step(&look(terminal, case).await, "name").state() {
        StepState::Completed => true,
        StepState::Correction => false,
        other => panic!("{other:?}"),
    }
}

async fn the_later_one_takes_another_name(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let mut rival = city.terminal_of("b02", "b02-001").await;
    let first = submitted(&mut terminal, "r1", &named(NAME)).await;
    let check = CheckFormRequest { workflow: "business-start".into(), form: wire(&named(NAME)) };
    let check = rival.check_form(check).await.expect("a check").into_inner();
    let doubts: Vec<_> = check.findings.iter().map(|f| (f.code.as_str(), f.severity(), f.pointer.as_str())).collect();
    assert_eq!(doubts, [("NAME_TAKEN", Severity::Doubt, "/name")]);
    assert!(check.acceptable && check.same_subject.is_empty(), "whose it is stays with the other bank");
    let second = submitted(&mut rival, "r1", &named(NAME)).await;
    let elsewhere = submitted(&mut rival, "r2", &with(company("350102"), "/name", json!(NAME))).await;
    assert!(has_name(&mut terminal, &first).await);
    assert!(has_name(&mut rival, &elsewhere).await, "another registrar has names of its own");

    let case = look(&mut rival, &second).await;
    let [correction] = case.corrections.as_slice() else { panic!("{:?}", case.corrections) };
    assert_eq!((correction.step.as_str(), correction.told_at), ("name", correction.asked_at));
    let [taken] = correction.findings.as_slice() else { panic!("{correction:?}") };
    assert_eq!((taken.code.as_str(), taken.pointer.as_str()), ("NAME_TAKEN", "/name"));
    city.prepares("350100").await;
    let case = look(&mut rival, &second).await;
    assert_eq!(step(&case, "identity").state(), StepState::Completed, "the others do not wait for the name");
    assert_eq!(step(&case, "registration").state(), StepState::Pending);

    renames(&mut rival, &second, "name.1", &named(NAME)).await.expect("it may be free by now");
    assert!(!has_name(&mut rival, &second).await, "it is not");
    renames(&mut rival, &second, "name.2", &named(OTHER)).await.expect("renamed");
    assert!(has_name(&mut rival, &second).await);
    let mut registry = city.desk("market-regulation-350100").await;
    assert_eq!(registry.claims().await.len(), 2);
    city.verify().await;
}

async fn a_name_is_given_back_or_kept(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &named(NAME)).await;
    city.prepares("350100").await;
    let mut registry = city.desk("market-regulation-350100").await;
    registry.does(refusal()).await;
    let mut form = named(NAME);
    for (what, wanted) in [("seals", false), ("invoices", false), ("enrolment", false), ("housing_fund", false)] {
        form["requests"][what] = json!(wanted);
    }
    form["requests"]["bank_account"] = json!(false);
    let opens = submitted(&mut terminal, "r2", &form).await;
    assert!(has_name(&mut terminal, &opens).await, "what was refused gave it back");
    city.prepares("350100").await;
    registry.does(licence()).await;
    city.desk("tax-350100").await.does(results::tax()).await;
    city.desk("social-insurance-350100").await.does(results::insurance()).await;
    city.desk("medical-insurance-350100").await.does(results::insurance()).await;
    city.desk("delivery-350100").await.does(results::handed_over()).await;
    assert_eq!(look(&mut terminal, &opens).await.outcome, "opened");
    // Longer than any reservation lasts.
    city.at("2026-12-01T09:00:00+08:00").await;
    let late = submitted(&mut terminal, "r3", &named(NAME)).await;
    assert!(!has_name(&mut terminal, &late).await, "it is the name of a business");
    city.verify().await;
}

async fn a_reservation_runs_out(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    submitted(&mut terminal, "r1", &named(NAME)).await;
    city.at("2026-05-02T08:59:59+08:00").await;
    let early = submitted(&mut terminal, "r2", &named(NAME)).await;
    assert!(!has_name(&mut terminal, &early).await);
    city.at("2026-05-02T09:00:00+08:00").await;
    let late = submitted(&mut terminal, "r3", &named(NAME)).await;
    assert!(has_name(&mut terminal, &late).await, "two months have passed");
    city.verify().await;
}

async fn who_renames_gives_the_old_name_back(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let first = submitted(&mut terminal, "r1", &named(NAME)).await;
    city.prepares("350100").await;
    let mut registry = city.desk("market-regulation-350100").await;
    let task = registry.claims_one().await;
    let asks = |outcome| Ending { findings: vec![finding("NAME_MISLEADS", "/name")], ..Ending::new(outcome) };
    let error = registry.ends_as("x", &task, asks("correct")).await.unwrap_err();
    assert_eq!(error.reason, "POINTER_IN_USE", "the name is reserved: only what reserves it anew may change it");
    assert_eq!(error.findings[0].pointer, "/findings/0/pointer");
    registry.ends(&task, asks("rename")).await.expect("asked");
    let waiting = submitted(&mut terminal, "r2", &named(NAME)).await;
    assert!(!has_name(&mut terminal, &waiting).await, "not before the answer");
    renames(&mut terminal, &first, "registration.1", &named(OTHER)).await.expect("renamed");
    assert!(has_name(&mut terminal, &first).await);
    let third = submitted(&mut terminal, "r3", &named(NAME)).await;
    assert!(has_name(&mut terminal, &third).await, "the old one is free");
    let fourth = submitted(&mut terminal, "r4", &named(OTHER)).await;
    assert!(!has_name(&mut terminal, &fourth).await, "the new one is not");

    // The package lets this happen three times.
    let names = ["福州榕一信息技术有限公司", "福州榕二信息技术有限公司"];
    for (name, number) in names.into_iter().zip(2..) {
        let again = registry.claims().await.into_iter().find(|task| task.case_id == first).expect("offered again");
        registry.ends(&again, asks("rename")).await.expect("asked");
        renames(&mut terminal, &first, &format!("registration.{number}"), &named(name)).await.expect("renamed");
    }
    let again = registry.claims().await.into_iter().find(|task| task.case_id == first).expect("offered again");
    assert_eq!(registry.ends(&again, asks("rename")).await.unwrap_err().reason, "LOOP_EXHAUSTED");
    registry.ends_as("well", &again, licence()).await.expect("registered");
    city.verify().await;
}
