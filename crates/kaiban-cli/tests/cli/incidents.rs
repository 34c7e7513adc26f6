//! `incident`: a step that failed too often is found, understood, and tried afresh.

use crate::shows;
use crate::town::{Town, form};

#[test]
fn an_incident_is_found_and_resolved() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    town.identify(&case);
    shows!("incident_none", town.asked(&town.officer, &["incident", "list"]));
    assert_eq!(town.claim(&town.registry).len(), 1);
    let task = format!("{case}/registration");
    let fail = ["task", "fail", &task, "--epoch", "1", "--code", "DATABASE_DOWN"];
    shows!("task_fail", town.asked(&town.registry, &fail));

    shows!("incident_list", town.asked(&town.officer, &["incident", "list"]));
    shows!("incident_show", town.asked(&town.officer, &["incident", "show", &task]));
    shows!("incident_show_unknown", town.asked(&town.officer, &["incident", "show", &format!("{case}/seal")]));
    shows!("incident_list_terminal", town.asked(&town.terminal, &["incident", "list"]));
    shows!("case_explain_incident", town.asked(&town.terminal, &["case", "explain", &case]));
    let line = town.object(&town.officer, &["incident", "list", "--case", &case]);
    assert_eq!((&line["id"], &line["code"]), (&task.clone().into(), &"RETRIES_EXHAUSTED".into()));

    shows!("incident_retry", town.asked(&town.officer, &["incident", "retry", &task]));
    shows!("incident_resolve_twice", town.asked(&town.officer, &["incident", "resolve", &task]));
    assert_eq!(town.claim(&town.registry)[0]["attempt"], 0, "tried afresh");
    town.close();
}
