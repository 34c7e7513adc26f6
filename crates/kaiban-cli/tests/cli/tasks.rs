//! `task`: claimed, kept, put off and ended, by those who may.

use kaiban_calendar::{format_instant, parse_instant};
use serde_json::json;

use crate::shows;
use crate::town::{OFFICER, Town, form};

#[test]
fn a_task_is_worked_on_by_hand() {
    let town = Town::start();
    let case = town.submit(&form());
    town.told(&case, 1);
    town.identify(&case);
    let claim = ["task", "claim", "--request-id", "c1"];
    shows!("task_claim", town.asked(&town.registry, &claim));
    let task = town.object(&town.registry, &claim);
    assert_eq!(town.object(&town.registry, &claim), task, "the same lease");
    shows!("task_claim_nothing", town.asked(&town.registry, &["task", "claim", "--max", "5"]));
    let id = task["id"].as_str().unwrap();
    let ended = |more: &[&str]| town.asked(&town.registry, &[&["task", "complete", id, "--epoch"], more].concat());
    shows!("task_stale_epoch", ended(&["7", "--outcome", "approve", "--officer", OFFICER]));
    shows!("task_no_officer", ended(&["1", "--outcome", "approve"]));
    shows!("task_unknown_outcome", ended(&["1", "--outcome", "aprove", "--officer", OFFICER]));
    shows!("task_no_result", ended(&["1", "--outcome", "approve", "--officer", OFFICER]));
    let broken = ["1", "--outcome", "approve", "--officer", OFFICER, "--result", "{uscc}"];
    shows!("task_result_not_json", ended(&broken));
    shows!("task_foreign", town.asked(&town.carver, &["task", "get", id]));

    shows!("task_heartbeat", town.asked(&town.registry, &["task", "heartbeat", id, "--epoch", "1", "--lease", "2h"]));
    let defer = ["task", "defer", id, "--epoch", "1", "--code", "ON_LEAVE", "--until"];
    shows!("task_defer_not_a_time", town.asked(&town.registry, &[&defer[..], &["tomorrow"]].concat()));
    shows!("task_defer_past", town.asked(&town.registry, &[&defer[..], &["2020-01-01T09:00:00+08:00"]].concat()));
    // Put off until tomorrow, it stays in the same hands.
    let offered_us = parse_instant(task["offered_at"].as_str().unwrap()).unwrap();
    let tomorrow = format_instant(offered_us + 86_400_000_000);
    shows!("task_defer", town.asked(&town.registry, &[&defer[..], &[&tomorrow]].concat()));

    let licence = town.file("licence.json", &json!({"uscc": "91350100MA2XN0014K"}));
    let approve = ["--outcome", "approve", "--officer", OFFICER, "--result", &licence, "--request-id", "d1"];
    let by_step = format!("{case}/registration");
    let complete = [&["task", "complete", &by_step, "--epoch", "1"], &approve[..]].concat();
    shows!("task_complete", town.asked(&town.registry, &complete));
    let again = town.asked(&town.registry, &complete);
    assert_eq!(again.code, Some(0), "the same answer: {again}");

    assert_eq!(town.claim(&town.desk).len(), 1);
    let delivery = format!("{case}/delivery");
    town.complete(&town.desk, &delivery, 1, "delivery-350100-1", &["--outcome", "done"]).fine();
    shows!("case_get_opened", town.asked(&town.terminal, &["case", "get", &case]));
    town.close();
}
