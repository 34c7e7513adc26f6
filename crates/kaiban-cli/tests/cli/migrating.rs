//! `workflow migrate`: a server gets a new version of its package, and running cases go on by it.

use serde_json::{Value, json};

use crate::command::Said;
use crate::server::{Place, Server};
use crate::shows;
use crate::town::{form, packages, with};

const MAPPING: &str = "workflow: counter
from: \"1\"
to: \"2\"
renamed: { registration: licence }
added: { photo: offered }
";

#[test]
fn running_cases_are_moved_and_who_is_left_is_told_why() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place::Folder(folder.path().join("data"));
    let workflows = packages(folder.path());
    let at = workflows.to_str().expect("a name");
    let file = |name: &str, text: &str| -> String {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a name").to_owned()
    };
    let terminal = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    let admin = place.token(&["--role", "admin", "--organisation", "bureau", "--person", "wu"]);

    let server = Server::start_with(&place, &["--workflows", at]);
    for seals in [true, false] {
        let form = file("form.json", &with(form(), "/seals", json!(seals)).to_string());
        server.asked(&terminal, &["case", "submit", "--workflow", "counter", &form]).fine();
    }
    server.kill();

    // Its form has to ask for seals now, the registration has another name, and a photo is taken.
    let change = |path: &str, changes: &[(&str, &str)]| {
        let path = workflows.join(path);
        let text = std::fs::read_to_string(&path).expect("a file");
        let changed = changes.iter().fold(text, |text, (old, new)| {
            assert!(text.contains(old), "{old}");
            text.replace(old, new)
        });
        std::fs::write(&path, changed).expect("a file");
    };
    let boolean = "\"Seals are wanted\", \"type\": \"boolean\"";
    change("counter/form.schema.json", &[(boolean, &format!("{boolean}, \"const\": true"))]);
    let photo = "  photo:\n    title: { zh: 现场照片, en: Photo }\n    party: market-regulation\n    counts: false\n    \
                 shares: [form.name]\n    outcomes:\n      done: {}\n  delivery:\n";
    change(
        "counter/workflow.yaml",
        &[
            ("version: \"1\"", "version: \"2\""),
            ("  registration:\n", "  licence:\n"),
            ("needs: [registration]", "needs: [licence]"),
            ("results.registration", "results.licence"),
            ("  delivery:\n", photo),
        ],
    );
    let server = Server::start_with(&place, &["--workflows", at]);
    let mapping = file("1-2.yaml", MAPPING);
    let migrate = ["workflow", "migrate", "--mapping", &mapping];
    let asked = |more: &[&str]| server.asked(&admin, &[&migrate[..], more].concat());
    shows!("workflow_migrate_dry_run", by_what_became(asked(&["--dry-run"])));
    shows!("workflow_migrate", by_what_became(asked(&["--request-id", "m1"])));
    let again = asked(&["--request-id", "m1", "--format", "json"]).fine();
    let lines: Vec<Value> = again.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    assert_eq!(lines.last().expect("a summary")["summary"]["left"], 1, "the rest is looked at again: {again}");
    let mistaken = file("wrong.yaml", &MAPPING.replace("registration: licence", "registration: license"));
    let mistaken = ["workflow", "migrate", "--mapping", &mistaken, "--dry-run"];
    shows!("workflow_migrate_mistaken", server.asked(&admin, &mistaken));
    shows!("workflow_migrate_terminal", server.asked(&terminal, &[&migrate[..], &["--dry-run"]].concat()));
    server.kill();
    assert_eq!(place.verify()["clean"], true);
}

/// Cases are told in the order of their ids, which are drawn: here those that are left come first.
fn by_what_became(said: Said) -> Said {
    let mut cases: Vec<String> = Vec::new();
    for line in said.stdout.lines() {
        match cases.last_mut() {
            // The reasons of the case above.
            Some(case) if line.starts_with(' ') => *case += &format!("{line}\n"),
            _ => cases.push(format!("{line}\n")),
        }
    }
    cases.sort_by_key(|case| case.split_once(' ').map(|(_, became)| became.to_owned()));
    Said { stdout: cases.concat(), ..said }
}
