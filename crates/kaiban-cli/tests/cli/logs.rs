//! Logs hold what an operator needs, and nothing of anybody: the whole of it is looked at, with every level on.

use serde_json::{Value, json};

use crate::server::{Place, Server};
use crate::town::{CHECKER, Town, form, object, with};

/// Everything that our own crates say.
const EVERYTHING: &str = "kaiban_app=trace,kaiban_server=trace,kaiban_store=trace,kaiban_engine=trace,\
    kaiban_definition=trace,kaiban_documents=trace,kaiban_files=trace,kaiban_webhook=trace,kaiban_credit=trace,\
    kaiban_draw=trace,kaiban_calendar=trace,kaiban_identifiers=trace";

/// What belongs to somebody; none of it is anywhere else in the run.
const PERSONAL: [&str; 8] = [
    "欧阳溪月",
    "端木见山",
    "福州溪月见山商贸有限公司",
    "350102199003078313",
    "13860112233",
    "姓名与身份证不符请更换",
    "申请人来电说不办了",
    "dragonfly-bridge",
];

#[test]
fn nothing_of_a_form_a_finding_or_a_secret_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    // Nobody listens there: every message fails.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hook = format!("http://{nobody}/?key=dragonfly-bridge");
    let log = folder.path().join("log");
    let town = Town::start_logging(
        &log,
        &[
            "--log",
            EVERYTHING,
            "--log-format",
            "json",
            "--webhook-url",
            &hook,
            "--webhook-secret-file",
            secret.to_str().unwrap(),
        ],
    );

    let mine = with(with(form(), "/people/0/name", json!("欧阳溪月")), "/people/1/name", json!("端木见山"));
    let mine = with(mine, "/name", json!("福州溪月见山商贸有限公司"));
    let case = town.submit(&mine);
    let file = town.file("mine.json", &mine);
    // Bad input, each with somebody in it.
    let refused =
        |token: &str, arguments: &[&str]| assert_ne!(town.asked(token, arguments).code, Some(0), "{arguments:?}");
    let submit = ["case", "submit", "--workflow", "counter"];
    let bad = town.file("bad.json", &with(mine.clone(), "/people", json!([{"key": "350102199003078313", "name": 5}])));
    refused(&town.terminal, &[&submit[..], &[&bad]].concat());
    refused(&town.terminal, &["case", "get", "欧阳溪月"]);
    refused(&town.terminal, &["case", "get", "13860112233"]);
    refused(&town.stranger, &["case", "get", &case]);
    refused(&town.terminal, &["case", "withdraw", "20260302-0123456789-X", "--reason", "申请人来电说不办了"]);
    refused(&town.terminal, &[&submit[..], &[&file, "--request-id", "欧阳溪月"]].concat());
    town.asked(&town.terminal, &[&submit[..], &[&file, "--request-id", "r-13860112233"]].concat()).fine();
    let other = town.file("other.json", &form());
    refused(&town.terminal, &[&submit[..], &[&other, "--request-id", "r-13860112233"]].concat());
    refused("kb_dragonfly-bridge", &["case", "list"]);

    // A correction, whose letter is told by a web hook that fails.
    let findings = json!([{"code": "NAME_UNCLEAR", "pointer": "/people/0/name", "zh": "姓名与身份证不符请更换", "en": "Change it."}]);
    let findings = town.file("findings.json", &findings);
    town.claim(&town.identity);
    let correct = ["--outcome", "correct", "--findings", &findings];
    town.complete(&town.identity, &format!("{case}/identity[p1]"), 1, CHECKER, &correct).fine();
    refused(
        &town.identity,
        &["task", "complete", &format!("{case}/identity[p1]"), "--epoch", "1", "--outcome", "done"],
    );
    town.asked(&town.terminal, &["case", "withdraw", &case, "--reason", "申请人来电说不办了"]).fine();
    town.close();

    let text = std::fs::read_to_string(&log).unwrap();
    for personal in PERSONAL {
        assert!(!text.contains(personal), "{personal} is in the log:\n{text}");
    }
    assert!(!text.contains("kb_") && !text.contains("whsec_"), "a secret is in the log:\n{text}");

    let lines: Vec<Value> = text.lines().filter(|line| line.starts_with('{')).map(object).collect();
    let find = |message: &str, reason: &str| {
        let found = lines.iter().find(|line| line["message"] == message && line["reason"] == reason);
        found.unwrap_or_else(|| panic!("no line {message} {reason}:\n{text}")).clone()
    };
    // What was asked for under somebody's name or number is not told; the stranger's case is.
    assert_eq!(find("a call was refused", "NOT_FOUND")["case"], "");
    let stranger = lines.iter().find(|line| line["case"] == *case && line["reason"] == "NOT_FOUND").expect("a line");
    assert_eq!(
        (&stranger["case"], &stranger["code"], &stranger["level"]),
        (&json!(case), &json!("NotFound"), &json!("INFO"))
    );
    assert_eq!(stranger["method"], "/kaiban.v1.CaseService/GetCase");
    assert_eq!(stranger["token"].as_str().map(str::len), Some(12), "the token's id");
    let reused = find("a call was refused", "REQUEST_ID_REUSED");
    assert!(reused["request_id"].as_str().unwrap().starts_with("sha256:"), "{reused}");
}

#[test]
fn a_run_without_trouble_leaves_no_line_for_its_calls() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let security = place.token(&["--role", "security", "--person", "lin"]);
    let server = Server::start_with(&place, &["--log", "info", "--log-format", "json"]);
    for _ in 0..3 {
        server.asked(&security, &["token", "list"]).fine();
    }
    let said = server.stop();
    assert!(!said.stderr.contains("\"method\""), "{said}");
    assert!(said.stderr.contains("\"message\":\"serving\""), "{said}");
}
