//! What is done with single steps: paused and resumed, asked for later, taken back; refused by two; rated at the end.

use serde_json::json;

use crate::shows;
use crate::town::{OFFICER, SECOND_OFFICER, Town, form, with};

#[test]
fn a_step_is_paused_and_resumed() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    town.identify(&case);
    let pause = |more: &[&str]| {
        let pause = ["case", "pause", &case, "registration", "--note", "专家评审"];
        town.asked(&town.officer, &[&pause[..], more].concat())
    };
    let special = ["--reason", "special-procedure"];
    shows!("case_pause_no_end", pause(&special));
    let until = ["--until", "2020-01-01T09:00:00+08:00"];
    shows!("case_pause_not_approved", pause(&[&special[..], &until].concat()));
    let approved = ["--approver", SECOND_OFFICER];
    shows!("case_pause_in_the_past", pause(&[&special[..], &until, &approved].concat()));
    shows!("case_pause", pause(&["--reason", "litigation", "--approver", SECOND_OFFICER]));
    shows!("case_explain_paused", town.asked(&town.terminal, &["case", "explain", &case]));
    shows!("case_resume", town.asked(&town.officer, &["case", "resume", &case, "registration"]));
    shows!("case_resume_twice", town.asked(&town.officer, &["case", "resume", &case, "registration"]));
    town.close();
}

#[test]
fn a_step_is_asked_for_later_and_taken_back() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    town.register(&case);
    assert_eq!(town.state(&case, "seal"), "STEP_STATE_NOT_REQUESTED");
    assert_eq!(town.state(&case, "delivery"), "STEP_STATE_OFFERED");
    let wanted = town.file("wanted.json", &with(form(), "/seals", json!(true)));
    let request = ["case", "request-step", &case, "seal", &wanted];
    shows!("case_request_step", town.asked(&town.terminal, &request));
    shows!("case_request_step_twice", town.asked(&town.terminal, &request));
    shows!("case_withdraw_step_needed", town.asked(&town.terminal, &["case", "withdraw-step", &case, "delivery"]));
    shows!("case_withdraw_step", town.asked(&town.terminal, &["case", "withdraw-step", &case, "seal"]));
    town.close();
}

#[test]
fn two_officers_refuse() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    town.identify(&case);
    assert_eq!(town.claim(&town.registry).len(), 1);
    let refuse = |more: &[&str]| {
        let task = format!("{case}/registration");
        town.complete(&town.registry, &task, 1, OFFICER, &[&["--outcome", "refuse"], more].concat())
    };
    shows!("task_refuse_no_reason", refuse(&["--approver", SECOND_OFFICER]));
    let reason = ["--reason", "申请的名称属于禁止使用的名称。"];
    shows!("task_refuse_alone", refuse(&reason));
    shows!("task_refuse_by_one", refuse(&[&reason[..], &["--approver", OFFICER]].concat()));
    shows!("task_refuse", refuse(&[&reason[..], &["--approver", SECOND_OFFICER]].concat()));
    shows!("case_explain_refused", town.asked(&town.terminal, &["case", "explain", &case]));
    let refused = town.object(&town.terminal, &["case", "get", &case]);
    assert_eq!((&refused["outcome"], &refused["code"]), (&json!("refused"), &json!(13)));
    town.close();
}

#[test]
fn an_applicant_rates_the_service() {
    let town = Town::start();
    let case = town.submit(&form());
    town.identify(&case);
    let applicant = credential(&town, &case);
    let rate = ["case", "rate", &case, "--grade", "5", "--comment", "很快"];
    shows!("case_rate_too_early", town.asked(&applicant, &rate));
    town.object(&town.terminal, &["case", "withdraw", &case]);
    shows!("case_rate_terminal", town.asked(&town.terminal, &rate));
    shows!("case_rate_grade", town.asked(&applicant, &["case", "rate", &case, "--grade", "6"]));
    let rated = town.object(&applicant, &rate);
    assert_eq!(rated["grade"], 5);
    town.close();
}

/// What the real-name service gives to a person whom it has checked.
fn credential(town: &Town, case: &str) -> String {
    let issued = town.object(&town.identity, &["token", "credential", case, "p1"]);
    issued["secret"].as_str().expect("a secret").to_owned()
}
