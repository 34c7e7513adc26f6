//! Corrections by hand: two branches at once, each answered by itself.

use serde_json::{Value, json};

use crate::shows;
use crate::town::{CHECKER, Town, form, with};

#[test]
fn two_branches_are_in_correction_at_once() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    let tasks = town.claim(&town.identity);
    assert_eq!(tasks.iter().map(|task| &task["key"]).collect::<Vec<_>>(), ["p1", "p2"]);
    let branch = |key: &str| format!("{case}/identity[{key}]");
    shows!("task_get_branch", town.asked(&town.identity, &["task", "get", &branch("p2")]));

    let first = town.file("findings.json", &asked("/people/0/name"));
    let correct = |key: &str, findings: &str| {
        let correct = ["--outcome", "correct", "--findings", findings];
        town.complete(&town.identity, &branch(key), 1, CHECKER, &correct)
    };
    shows!("task_correct_nothing", correct("p1", "[]"));
    shows!("task_correct_elsewhere", correct("p1", &asked("/people/1/name").to_string()));
    shows!("task_correct_not_findings", correct("p1", r#"{"code": "UNCLEAR"}"#));
    shows!("task_correct", correct("p1", &first));
    correct("p2", &asked("/people/1/name").to_string()).fine();
    town.told(&case, 3);

    shows!("case_list_waiting", town.asked(&town.terminal, &["case", "list", "--waiting"]));
    shows!("case_in_correction", town.asked(&town.terminal, &["case", "get", &case]));
    shows!("case_explain_in_correction", town.asked(&town.terminal, &["case", "explain", &case]));
    shows!("case_give_up_too_early", town.asked(&town.officer, &["case", "give-up", &case, "--reason", "逾期未补正"]));

    let answer = |correction: &str, form: &Value| {
        let form = town.file("answer.json", form);
        town.asked(&town.terminal, &["case", "resubmit", &case, &form, "--correction", correction])
    };
    let second = with(form(), "/people/1/name", json!("陈一凡"));
    shows!("case_resubmit_elsewhere", answer("identity[p1].1", &second));
    shows!("case_resubmit", answer("identity[p2].1", &second));
    shows!("case_resubmit_twice", answer("identity[p2].1", &second));
    let both = with(second, "/people/0/name", json!("林晓州"));
    answer("identity[p1].1", &both).fine();
    assert_eq!(town.asked(&town.terminal, &["case", "list", "--waiting", "--format", "json"]).fine(), "");
    let tasks = town.claim(&town.identity);
    assert_eq!(tasks[0]["corrected"][0]["pointer"], "/people/1/name", "the first answer is the first in the queue");
    town.close();
}

fn asked(pointer: &str) -> Value {
    let (zh, en) = ("姓名与证件不符。", "The name is not the one on the document.");
    json!([{"code": "NAME_UNCLEAR", "pointer": pointer, "zh": zh, "en": en}])
}
