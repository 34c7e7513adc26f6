//! `draw`: announced, committed to, frozen, revealed, held; and held again by whoever has the record.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::command::{Said, kaiban, run};
use crate::server::{Place, Server};
use crate::shows;
use crate::town::{copy, object};

const OFFICER: &str = "officer:market-regulation-350100-1";
const AUDITOR: &str = "auditor:chen";

/// The package of the draws' tests with the calendars and the directory of the repository.
fn packages(folder: &Path) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workflows = folder.join("workflows");
    for part in ["calendars", "directory"] {
        copy(&root.join("workflows").join(part), &workflows.join(part));
    }
    copy(&root.join("tests/workflows/sampled"), &workflows.join("sampled"));
    workflows
}

/// An instant so many hours from now.
#[expect(clippy::disallowed_methods, reason = "the server under test reads the machine's clock too")]
fn hence(hours: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_micros();
    kaiban_calendar::format_instant(i64::try_from(now).expect("an instant") + hours * 3_600_000_000)
}

/// Looks at a record again, offline.
fn verify(file: &str, more: &[&str]) -> Said {
    run(kaiban(&[&["draw", "verify", file], more].concat()))
}

#[test]
fn a_draw_is_held_and_held_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let place = Place::Folder(folder.path().join("data"));
    let workflows = packages(folder.path());
    let server = Server::start_with(&place, &["--workflows", workflows.to_str().unwrap()]);
    let officer =
        ["--role", "officer", "--organisation", "market-regulation", "--person", "market-regulation-350100-1"];
    let officer = place.token(&officer);
    let auditor = place.token(&["--role", "auditor", "--person", "chen"]);
    let terminal = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    for (at, risk) in ["A", "A", "B"].iter().enumerate() {
        let form = path(&format!("form-{at}.json"));
        let content = json!({ "registrar": "350100", "name": format!("福州榕光副食{at}店"), "risk": risk });
        std::fs::write(&form, content.to_string()).unwrap();
        server.asked(&terminal, &["case", "submit", "--workflow", "sampled", &form]).fine();
    }

    let (commit_by, reveal_by) = (hence(24), hence(48));
    let terms = ["draw", "announce", "shops", "--commit-by", &commit_by, "--reveal-by", &reveal_by, "--party", OFFICER];
    shows!("draw_announce_alone", server.asked(&officer, &terms));
    let announce = [&terms[..], &["--party", AUDITOR, "--share", "A=50", "--share", "B=100"]].concat();
    shows!("draw_announce_terminal", server.asked(&terminal, &announce));
    shows!("draw_announce", server.asked(&officer, &announce));
    shows!("draw_announce_twice", server.asked(&officer, &announce));

    let secret = |token: &str, party: &str, file: &str| {
        server.asked(token, &["draw", "secret", "shops-1", "--party", party, "--keep", file])
    };
    let (first, second) = (path("first"), path("second"));
    let sha256 = secret(&officer, OFFICER, &first).fine();
    shows!("draw_secret_kept", secret(&officer, OFFICER, &first).within(folder.path()));
    shows!("draw_secret_stranger", secret(&officer, "manager:li", &path("third")));
    server.asked(&officer, &["draw", "commit", "shops-1", sha256.trim()]).fine();
    shows!("draw_commit_twice", server.asked(&officer, &["draw", "commit", "shops-1", sha256.trim()]));
    let shown = server.asked(&auditor, &["draw", "show", "shops-1", "--format", "json"]).fine();
    let announcement = object(&shown)["draw"]["announcement_sha256"].as_str().unwrap().to_owned();
    let told = ["draw", "secret", "shops-1", "--party", AUDITOR, "--keep", &second, "--announcement", &announcement];
    let sha256 = run(kaiban(&told)).fine();
    server.asked(&auditor, &["draw", "commit", "shops-1", sha256.trim()]).fine();
    shows!("draw_reveal_early", server.asked(&auditor, &["draw", "reveal", "shops-1", "--secret", &second]));
    shows!("draw_freeze", server.asked(&officer, &["draw", "freeze", "shops-1"]));
    server.asked(&officer, &["draw", "reveal", "shops-1", "--secret", &first]).fine();
    shows!("draw_hold_early", server.asked(&officer, &["draw", "hold", "shops-1"]));
    shows!("draw_publish_unnamed", server.asked(&officer, &["draw", "publish", "shops-1", "123456"]));
    server.asked(&auditor, &["draw", "reveal", "shops-1", "--secret", &second]).fine();
    shows!("draw_hold", server.asked(&officer, &["draw", "hold", "shops-1"]));
    shows!("draw_pools", server.asked(&terminal, &["draw", "pools"]));
    shows!("draw_list", server.asked(&terminal, &["draw", "list", "--pool", "shops", "--state", "held"]));
    shows!("draw_show_unknown", server.asked(&terminal, &["draw", "show", "shops-2"]));

    let record = server.asked(&terminal, &["draw", "show", "shops-1", "--record"]).fine();
    let held = path("record.json");
    std::fs::write(&held, &record).unwrap();
    let frozen = object(&record)["frozen_sha256"].as_str().unwrap().to_owned();
    let hashes = ["--announcement", &announcement, "--frozen", &frozen];
    shows!("draw_verify", verify(&held, &hashes));
    let sound = object(&verify(&held, &["--format", "json"]).fine());
    assert_eq!((&sound["sound"], &sound["items"], &sound["drawn"]), (&json!(true), &json!(3), &json!(2)));
    let other = ["--announcement", &frozen];
    shows!("draw_verify_other", verify(&held, &other));
    let mut changed: Value = object(&record);
    changed["end"]["held"]["drawn"].as_array_mut().unwrap().remove(0);
    let file = path("changed.json");
    std::fs::write(&file, changed.to_string()).unwrap();
    let said = verify(&file, &["--format", "json"]);
    assert_eq!(said.code, Some(1), "{said}");
    let report = object(&said.stdout);
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect();
    assert_eq!(found, ["SHOULD_BE_DRAWN", "HASH_DIFFERS"]);
    std::fs::write(&file, "{}").unwrap();
    shows!("draw_verify_no_record", verify(&file, &[]).within(folder.path()));
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(place.verify()["draws"], 1);
}
