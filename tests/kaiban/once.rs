//! All at once (一次性告知): branches that ask side by side, and a step that asks again for what it could have asked for.

use kaiban_api::v1::{Case, CaseFilter, ClockState, GiveUpCaseRequest, ListCasesRequest, ResubmitCaseRequest};
use kaiban_api::v1::{StepState, WithdrawCaseRequest};
use serde_json::{Value, json};
use tonic_types::StatusExt;

use crate::city::{City, Ending, Terminal, codes, finding, licence, look, step, submitted};
use crate::counter;
use crate::database::Database;
use crate::forms::{company, wire, with};

on_both!(
    two_branches_ask_and_are_answered_in_either_order,
    a_second_correction_needs_a_reason,
    what_the_answer_changed_may_be_asked_for_again,
    a_correction_ends_in_pairs_even_when_the_case_is_taken_back,
    who_waits_for_the_applicant_is_listed,
    only_a_person_gives_up_and_only_in_time,
);

fn asks(pointers: &[&str]) -> Ending {
    let findings = pointers.iter().map(|pointer| finding("UNCLEAR", pointer)).collect();
    Ending { findings, ..Ending::new("correct") }
}

async fn answers(terminal: &mut Terminal, case: &str, correction: &str, form: &Value) -> Case {
    let request = ResubmitCaseRequest {
        request_id: format!("{case}-{correction}"),
        case_id: case.to_owned(),
        correction_id: correction.to_owned(),
        form: wire(form),
    };
    terminal.resubmit_case(request).await.expect("answered").into_inner().case.expect("a case")
}

async fn two_branches_ask_and_are_answered_in_either_order(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    for (request, name, first, second) in
        [("r1", "福州榕光信息技术有限公司", 0, 1), ("r2", "福州榕影信息技术有限公司", 1, 0)]
    {
        let form = with(company("350100"), "/name", json!(name));
        let id = submitted(&mut terminal, request, &form).await;
        let mut identity = city.desk("identity-350100").await;
        for (task, at) in identity.claims().await.iter().zip(0..) {
            assert_eq!(task.item_pointer, format!("/people/{at}"));
            let foreign =
                identity.ends_as(&format!("{id}-{at}"), task, asks(&[&format!("/people/{}/phone", 1 - at)])).await;
            assert_eq!(foreign.unwrap_err().reason, "CORRECTION_INVALID", "a branch asks about its own person");
            identity.ends(task, asks(&[&format!("/people/{at}/phone")])).await.expect("asked");
        }
        city.settles().await;
        let case = look(&mut terminal, &id).await;
        assert_eq!(step(&case, "identity").state(), StepState::Branched);
        assert_eq!(case.corrections.len(), 2);
        let form = with(form, &format!("/people/{first}/phone"), json!("13900000001"));
        answers(&mut terminal, &id, &format!("identity[p{}].1", first + 1), &form).await;
        let task = identity.claims_one().await;
        assert_eq!((task.key.as_str(), task.form_revision), (format!("p{}", first + 1).as_str(), 2));
        let form = with(form, &format!("/people/{second}/phone"), json!("13900000002"));
        answers(&mut terminal, &id, &format!("identity[p{}].1", second + 1), &form).await;
        let other = identity.claims_one().await;
        assert_eq!((other.key.as_str(), other.form_revision), (format!("p{}", second + 1).as_str(), 3));
        for task in [task, other] {
            identity.ends(&task, crate::results::identity()).await.expect("verified");
        }
        let case = look(&mut terminal, &id).await;
        assert_eq!(step(&case, "identity").state(), StepState::Completed);
    }
    city.verify().await;
}

async fn a_second_correction_needs_a_reason(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    let mut registry = city.desk("market-regulation-350100").await;
    registry.does(asks(&["/scope/0/text"])).await;
    let form = with(company("350100"), "/scope/0/text", json!("应用软件开发"));
    answers(&mut terminal, &id, "registration.1", &form).await;
    let task = registry.claims_one().await;
    let again = asks(&["/scope/0/text", "/articles"]);
    let error = registry.ends_as("x", &task, again.clone()).await.unwrap_err();
    assert_eq!(error.reason, "REASON_REQUIRED", "the articles could have been asked for at once");
    let reason = "章程中的住所与申请表不一致，首次审查时遗漏。";
    registry.ends_as("y", &task, Ending { reason, ..again }).await.expect("asked");
    let case = look(&mut terminal, &id).await;
    assert_eq!(case.corrections.iter().map(|asked| asked.breach).collect::<Vec<_>>(), [false, true]);
    assert_eq!(step(&case, "registration").corrections, 2);
    city.verify().await;
}

async fn what_the_answer_changed_may_be_asked_for_again(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    let mut registry = city.desk("market-regulation-350100").await;
    registry.does(asks(&["/domicile"])).await;
    let form = with(counter::form("350100"), "/domicile/address", json!("福州市鼓楼区五四路"));
    answers(&mut terminal, &id, "registration.1", &form).await;
    registry.does(asks(&["/domicile/address"])).await;
    let form = with(form, "/domicile/address", json!("福州市鼓楼区五四路100号3层"));
    answers(&mut terminal, &id, "registration.2", &form).await;
    let case = look(&mut terminal, &id).await;
    assert!(case.corrections.iter().all(|asked| !asked.breach));
    registry.does(licence()).await;
    city.verify().await;
}

async fn a_correction_ends_in_pairs_even_when_the_case_is_taken_back(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    city.desk("market-regulation-350100").await.does(asks(&["/domicile/address"])).await;
    let case = look(&mut terminal, &id).await;
    assert_eq!((codes(step(&case, "registration")), case.code), (vec![8, 6], 6));
    let withdraw = WithdrawCaseRequest { request_id: "w".into(), case_id: id.clone(), reason: "另行申请".into() };
    let case = terminal.withdraw_case(withdraw).await.expect("withdrawn").into_inner().case.unwrap();
    assert_eq!((case.outcome.as_str(), case.code), ("withdrawn", 2));
    let case = look(&mut terminal, &id).await;
    assert_eq!(codes(step(&case, "registration"))[..3], [8, 6, 7], "what began has ended");
    assert_eq!(case.promise.as_ref().unwrap().state(), ClockState::Stopped);
    city.verify().await;
}

async fn who_waits_for_the_applicant_is_listed(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let waits = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    city.desk("market-regulation-350100").await.does(asks(&["/domicile/address"])).await;
    let other = counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    let list = async |terminal: &mut Terminal, waiting_for_applicant| {
        let filter = Some(CaseFilter { waiting_for_applicant, ..CaseFilter::default() });
        let page = terminal.list_cases(ListCasesRequest { filter, ..ListCasesRequest::default() }).await;
        let cases = page.expect("a page").into_inner().cases;
        cases.into_iter().map(|case| case.id).collect::<Vec<_>>()
    };
    assert_eq!(list(&mut terminal, true).await, std::slice::from_ref(&waits));
    let mut all = list(&mut terminal, false).await;
    all.sort_unstable();
    let mut both = [waits.clone(), other];
    both.sort_unstable();
    assert_eq!(all, both);
    let form = with(counter::form("350100"), "/domicile/address", json!("福州市鼓楼区五四路100号3层"));
    answers(&mut terminal, &waits, "registration.1", &form).await;
    assert_eq!(list(&mut terminal, true).await, Vec::<String>::new());
    city.verify().await;
}

async fn only_a_person_gives_up_and_only_in_time(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = submitted(&mut terminal, "r1", &company("350100")).await;
    city.prepares("350100").await;
    city.desk("market-regulation-350100").await.does(asks(&["/articles"])).await;
    city.settles().await;
    let officer = city.officer("market-regulation-350100-1").await;
    let mut officer = kaiban_api::v1::case_service_client::CaseServiceClient::new(officer);
    let give_up = |request_id: &str, reason: &str| GiveUpCaseRequest {
        request_id: request_id.into(),
        case_id: id.clone(),
        officer: String::new(),
        reason: reason.into(),
    };
    // Thirty working days after 2 March: Qingming, 4 to 6 April, does not count.
    for (request_id, at) in [("g1", "2026-03-02T09:00:00+08:00"), ("g2", "2026-04-14T17:29:59+08:00")] {
        city.at(at).await;
        let status = officer.give_up_case(give_up(request_id, "逾期未补正")).await.unwrap_err();
        assert_eq!(status.get_details_error_info().unwrap().reason, "NOT_LAPSED", "{at}");
    }
    city.at("2026-04-14T17:30:00+08:00").await;
    city.settles().await;
    let case = look(&mut terminal, &id).await;
    assert_eq!((case.outcome.as_str(), case.corrections[0].reminders), ("", 3), "reminded, and no timer ends it");
    let status = officer.give_up_case(give_up("g3", "")).await.unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "REASON_REQUIRED");
    officer.give_up_case(give_up("g4", "逾期未补正")).await.expect("given up");
    let case = look(&mut terminal, &id).await;
    assert_eq!(case.outcome, "withdrawn");
    let status = officer.give_up_case(give_up("g5", "逾期未补正")).await.unwrap_err();
    assert_eq!(status.get_details_error_info().unwrap().reason, "CASE_CLOSED");
    city.verify().await;
}
