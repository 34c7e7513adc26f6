//! Calendars of a server: published, listed, and spoken of before they end.

use serde_json::{Value, json};

use crate::command::{kaiban, run};
use crate::server::{Place, Server};
use crate::town::{object, packages};

const CLOSURE: &str = "closures:
  - { from: 2026-08-11T14:00:00+08:00, to: 2026-08-12, published_at: 2026-08-11T11:00:00+08:00,
      reason: { zh: 台风, en: Typhoon } }
";

#[test]
fn an_administrator_publishes_a_closure() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("data"));
    let server = Server::start(&place);
    let token = place.token(&["--role", "admin", "--person", "an-admin"]);
    let versions = || -> Vec<Value> {
        let said = server.asked(&token, &["calendar", "versions", "--format", "json"]).fine();
        said.lines().map(object).collect()
    };
    let before = versions();
    let names: Vec<_> = before.iter().filter_map(|calendar| calendar["name"].as_str()).collect();
    assert_eq!(names, ["fujian-province", "fuzhou-city", "hall"]);

    let shipped = packages(folder.path()).join("calendars/hall.yaml");
    let text = std::fs::read_to_string(&shipped).unwrap();
    let file = folder.path().join("hall.yaml");
    let publish = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        server.asked(&token, &["calendar", "publish", path, "--source", "榕防汛〔2026〕8号", "--format", "json"])
    };
    let closed = text.replace("closures: []\n", CLOSURE);
    let said = object(&publish(&closed).fine());
    assert_eq!((&said["publication"], said.get("finished_at").is_some()), (&json!(2), true), "{said}");
    assert_eq!(object(&publish(&closed).fine()), said, "the same again");
    let after = versions();
    assert_eq!((&after[0], &after[1]), (&before[0], &before[1]));
    assert_ne!(after[2]["version"], before[2]["version"]);
    assert_eq!(after[2]["published_until"], before[2]["published_until"]);

    let refused = publish(&text);
    assert_eq!(refused.code, Some(1), "{refused}");
    let error = &object(&refused.stderr)["error"];
    assert_eq!(error["reason"], "CALENDAR_HISTORY_CHANGED");
    assert_eq!(error["findings"][0]["where"], "calendars/hall.yaml:1:1");
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.verify()["clean"], true);
}

#[test]
fn a_calendar_that_ends_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let workflows = packages(folder.path());
    let cn = workflows.join("calendars/cn.yaml");
    let text = std::fs::read_to_string(&cn).unwrap();
    std::fs::write(&cn, text.split_once("  - year: 2025").unwrap().0).unwrap();
    let mut command = kaiban(&["serve", "--check-config", "--format", "json"]);
    command.arg("--workflows").arg(&workflows);
    let said = run(command);
    let warning = "the calendar hall ended on 2024-12-31, and due times past it are provisional";
    assert!(said.stderr.contains(warning) && said.stderr.contains("日历“hall”只公布到 2024-12-31"), "{said}");
    let ending = json!({"calendar": "hall", "until": "2024-12-31"});
    assert!(object(&said.fine())["calendars_ending"].as_array().unwrap().contains(&ending));
}
