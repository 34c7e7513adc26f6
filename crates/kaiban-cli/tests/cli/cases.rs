//! `case`: looked at before it is handed in, handed in once, listed, watched, withdrawn or cancelled.

use serde_json::{Value, json};

use crate::shows;
use crate::town::{Town, form, with};

#[test]
fn a_form_is_checked_before_it_is_handed_in() {
    let town = Town::start();
    let check = |file: &str| town.asked(&town.terminal, &["case", "check", file, "--workflow", "counter"]);
    let mut wrong = with(form(), "/rented", json!(true));
    wrong["name"] = json!("榕");
    wrong["people"] = json!([{"key": "p1"}]);
    let wrong = town.file("wrong.json", &wrong);
    shows!("case_check_wrong", check(&wrong));
    let right = town.file("right.json", &form());
    shows!("case_check", check(&right));
    shows!("case_check_agency", town.asked(&town.registry, &["case", "check", &right, "--workflow", "counter"]));

    let found = town.asked(&town.terminal, &["case", "check", &wrong, "--workflow", "counter", "--format", "json"]);
    assert_eq!(found.code, Some(1));
    let found: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!((&found["acceptable"], &found["documents"][0]["given"]), (&json!(false), &json!(false)));

    town.submit(&form());
    let again = check(&right).fine();
    assert!(again.contains("open cases for the same name at the same registrar:\nCASE "), "{again}");
    town.close();
}

#[test]
fn a_case_is_handed_in_once() {
    let town = Town::start();
    let right = town.file("right.json", &form());
    let submit = ["case", "submit", "--workflow", "counter", "--request-id", "r1"];
    let submit = |file: &str| town.asked(&town.terminal, &[&submit[..], &[file]].concat());
    shows!("case_submit", submit(&right));
    shows!("case_submit_again", submit(&right));
    shows!("case_request_id_reused", submit(&town.file("other.json", &with(form(), "/seals", json!(true)))));
    let wrong = town.file("wrong.json", &with(form(), "/rented", json!(true)));
    let wrong = ["case", "submit", "--workflow", "counter", "--request-id", "r2", &wrong];
    shows!("case_form_invalid", town.asked(&town.terminal, &wrong));
    shows!("case_no_form", submit("/nowhere.json"));

    let list = town.asked(&town.terminal, &["case", "list", "--format", "json"]).fine();
    assert_eq!(list.lines().count(), 1, "{list}");
    shows!("case_list", town.asked(&town.terminal, &["case", "list"]));
    shows!("case_list_waiting_none", town.asked(&town.terminal, &["case", "list", "--waiting"]));
    shows!("case_list_not_a_time", town.asked(&town.terminal, &["case", "list", "--from", "yesterday"]));
    town.close();
}

#[test]
fn a_case_is_seen_by_whom_it_concerns() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    shows!("case_get", town.asked(&town.terminal, &["case", "get", &case]));
    shows!("case_explain", town.asked(&town.terminal, &["case", "explain", &case]));
    shows!("case_get_agency", town.asked(&town.identity, &["case", "get", &case]));
    for verb in ["get", "explain"] {
        let hidden = town.asked(&town.stranger, &["case", verb, &case]);
        let absent = town.asked(&town.stranger, &["case", verb, "20260302-7K3QX9M2RT-C"]);
        assert_eq!((&hidden.stdout, &hidden.stderr), (&absent.stdout, &absent.stderr));
    }
    shows!("case_not_found", town.asked(&town.stranger, &["case", "get", &case]));

    let account = town.object(&town.terminal, &["case", "explain", &case]);
    assert_eq!(account["ball"][0]["class"], "AGENCY");
    assert_eq!(account["ball"][1]["step"], "identity[p2]");
    assert_eq!(account["waits"][0], json!({"step": "registration", "on": ["identity"]}));
    assert_eq!(account["case"]["form"], Value::Null, "nobody needs the form for that");
    town.close();
}

#[test]
fn a_case_ends_before_its_time() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    shows!("case_withdraw", town.asked(&town.terminal, &["case", "withdraw", &case, "--reason", "改变计划"]));
    shows!("case_explain_withdrawn", town.asked(&town.terminal, &["case", "explain", &case]));
    shows!("case_cancel_closed", town.asked(&town.officer, &["case", "cancel", &case, "--reason", "重复申请"]));

    let case = town.submit(&form());
    town.told(&case, 1);
    let cancel = ["case", "cancel", &case, "--reason", "重复申请"];
    shows!("case_cancel_terminal", town.asked(&town.terminal, &cancel));
    let cancelled = town.object(&town.officer, &cancel);
    assert_eq!(cancelled["outcome"], "cancelled");

    let case = town.submit(&form());
    town.register(&case);
    shows!("case_withdraw_decided", town.asked(&town.terminal, &["case", "withdraw", &case]));
    town.close();
}
