//! `case` and `task`: a case by hand, from the form to the licence and back to the applicant.

use std::path::Path;

use serde_json::{Value, json};

use crate::forms::{company, with};
use crate::server::{Place, Server};
use crate::shows;

#[test]
fn a_case_goes_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("data"));
    let terminal = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    let other = place.token(&["--role", "bank", "--organisation", "b02"]);
    let agency = ["--role", "agency", "--organisation", "market-regulation", "--office", "market-regulation-350100"];
    let registry = place.token(&agency);
    let officer =
        ["--role", "officer", "--organisation", "market-regulation", "--person", "market-regulation-350100-1"];
    let officer = place.token(&officer);
    let server = Server::start(&place);
    let file = |name: &str, content: &Value| write(folder.path(), name, content);

    let form = file("form.json", &company("350100"));
    let submit = ["case", "submit", "--form", &form, "--request-id", "r1"];
    shows!("case_submit", server.asked(&terminal, &submit));
    shows!("case_submit_again", server.asked(&terminal, &submit));
    let changed = file("changed.json", &with(company("350100"), "/seals/count", json!(3)));
    let reused = ["case", "submit", "--form", &changed, "--request-id", "r1"];
    shows!("case_request_id_reused", server.asked(&terminal, &reused));
    let wrong = file("wrong.json", &with(company("350100"), "/delivery/way", json!("pigeon")));
    shows!("case_form_invalid", server.asked(&terminal, &["case", "submit", "--form", &wrong, "--request-id", "r2"]));
    shows!("case_check", server.asked(&terminal, &["case", "submit", "--check", "--form", &wrong]));
    shows!("case_no_form", server.asked(&terminal, &["case", "submit", "--form", "/nowhere.json"]));

    let list = server.asked(&terminal, &["case", "list", "--format", "json"]).fine();
    let case = object(&list)["id"].as_str().expect("a case number").to_owned();
    shows!("case_list", server.asked(&terminal, &["case", "list"]));
    let hidden = server.asked(&other, &["case", "get", &case]);
    let absent = server.asked(&other, &["case", "get", "20260302-7K3QX9M2RT-C"]);
    assert_eq!((&hidden.stdout, &hidden.stderr), (&absent.stdout, &absent.stderr));
    shows!("case_not_found", hidden);

    let claim = ["task", "claim", "--request-id", "c1", "--format", "json"];
    let task = object(&server.asked(&registry, &claim).fine());
    assert_eq!(object(&server.asked(&registry, &claim).fine()), task, "the same lease");
    shows!("task_claim_nothing", server.asked(&registry, &["task", "claim", "--max", "5"]));
    let id = task["id"].as_str().expect("a task id");
    shows!(
        "task_stale_epoch",
        server.asked(&registry, &["task", "complete", id, "--epoch", "7", "--outcome", "approve"])
    );
    shows!(
        "task_no_officer",
        server.asked(&registry, &["task", "complete", id, "--epoch", "1", "--outcome", "refuse"])
    );
    let findings =
        json!([{"code": "NAME_SIMILAR", "pointer": "/name", "zh": "名称与他人近似。", "en": "The name is similar."}]);
    let findings = file("findings.json", &findings);
    let correct = ["task", "complete", id, "--epoch", "1", "--outcome", "correct", "--findings", &findings];
    shows!("task_correct", server.asked(&registry, &[&correct[..], &["--request-id", "d1"]].concat()));
    shows!("case_in_correction", server.asked(&terminal, &["case", "get", &case]));

    let corrected = file("corrected.json", &with(company("350100"), "/name", json!("福州青榕科技有限公司")));
    let resubmit = ["case", "resubmit", &case, "--correction", "registration.1", "--form", &corrected];
    shows!("case_resubmit", server.asked(&terminal, &resubmit));
    let task = object(&server.asked(&registry, &["task", "claim", "--format", "json"]).fine());
    assert_eq!(task["epoch"], 2);
    let licence = file("licence.json", &json!({"uscc": "91350100MA2XN0014K", "issued_on": "2026-03-02"}));
    let by_step = format!("{case}/registration");
    let complete = ["task", "complete", &by_step, "--epoch", "2", "--outcome", "approve", "--result", &licence];
    shows!("task_complete", server.asked(&registry, &complete));
    shows!("case_withdraw", server.asked(&terminal, &["case", "withdraw", &case, "--reason", "改变计划"]));
    let cancel = ["case", "cancel", &case, "--officer", "market-regulation-350100-1", "--reason", "x"];
    shows!("case_cancel_closed", server.asked(&officer, &cancel));

    assert_eq!(server.stop().code, Some(0));
    let report = place.verify();
    assert_eq!((&report["clean"], &report["cases"]), (&json!(true), &json!(1)), "{report}");
}

fn write(folder: &Path, name: &str, content: &Value) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content.to_string()).expect("a file");
    path.to_str().expect("a name").to_owned()
}

fn object(line: &str) -> Value {
    serde_json::from_str(line).expect("one object")
}
