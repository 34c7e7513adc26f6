//! `token`: on the database itself for the first one, through the server afterwards.

use crate::command::run;
use crate::server::{Place, Server};
use crate::shows;

#[test]
fn the_first_token_comes_from_the_database_and_the_others_from_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let first = run(place.command(&["token", "issue", "--role", "security", "--person", "lin", "--label", "first"]));
    shows!("token_first", first);
    let security = first.stdout.trim().to_owned();

    let server = Server::start(&place);
    let terminal = ["token", "issue", "--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"];
    let issued = server.asked(&security, &terminal);
    shows!("token_terminal", issued);
    let terminal = issued.stdout.trim().to_owned();
    let agency = ["token", "issue", "--role", "agency", "--organisation", "tax", "--office", "tax-350100"];
    shows!(
        "token_agency",
        server.asked(&security, &[&agency[..], &["--expires-in", "12h", "--format", "json"]].concat())
    );

    let elsewhere = ["token", "issue", "--role", "agency", "--organisation", "tax", "--office", "housing-fund-350100"];
    shows!("token_scope", server.asked(&security, &elsewhere));
    let bank = ["token", "issue", "--role", "bank", "--organisation", "b01", "--expires-in", "401d"];
    shows!("token_too_long", server.asked(&security, &bank));
    let admin = ["token", "issue", "--role", "admin", "--person"];
    shows!("token_role_conflict", server.asked(&security, &[&admin[..], &["lin"]].concat()));
    shows!("token_by_terminal", server.asked(&terminal, &["token", "list"]));
    shows!("token_wrong", server.asked("kb_00000000000000000000000000000000", &["token", "list"]));

    let list = server.asked(&security, &["token", "list", "--format", "json"]).fine();
    let mut labels: Vec<String> = list.lines().map(|line| field(line, "role")).collect();
    labels.sort();
    assert_eq!(labels, ["ROLE_AGENCY", "ROLE_SECURITY", "ROLE_TERMINAL"]);
    let of_terminal = list.lines().find(|line| field(line, "role") == "ROLE_TERMINAL").expect("the terminal's");
    let id = field(of_terminal, "id");
    shows!("token_revoke", server.asked(&security, &["token", "revoke", &id]));
    shows!("token_revoked", server.asked(&terminal, &["case", "list"]));
    shows!("token_revoke_unknown", server.asked(&security, &["token", "revoke", "NOSUCHTOKEN1"]));
}

#[test]
fn offline_verbs_refuse_what_the_server_would() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    place.token(&["--role", "security", "--person", "lin", "--label", "first"]);
    shows!(
        "token_offline_scope",
        run(place.command(&["token", "issue", "--role", "terminal", "--organisation", "b99"]))
    );
    shows!("token_offline_list", run(place.command(&["token", "list"])));
    shows!("token_offline_revoke_unknown", run(place.command(&["token", "revoke", "NOSUCHTOKEN1"])));
}

fn field(line: &str, name: &str) -> String {
    let object: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
    object[name].as_str().expect("a text").to_owned()
}
