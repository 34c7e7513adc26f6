//! The configuration file of `serve`: what it may say, what it must not, and what holds in the end.

use std::path::Path;

use serde_json::Value;

use crate::command::{Said, kaiban, run};
use crate::server::{Place, Server};
use crate::shows;

/// Compares to the letter: lengths of time, which other goldens leave out, are what matters here.
macro_rules! exactly {
    ($name:literal, $said:expr) => {
        insta::with_settings!({
            snapshot_path => "goldens",
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!($name, $said.to_string().replace(env!("CARGO_PKG_VERSION"), "[version]")) })
    };
}

fn written(folder: &Path, text: &str) -> String {
    let path = folder.join("kaiban.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// `serve` with this file and these arguments.
fn serve(text: &str, arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), text);
    run(kaiban(&[&["serve", "--config", &path], arguments].concat())).within(folder.path())
}

#[test]
fn every_key_is_printed_with_what_it_means() {
    exactly!("config_defaults", run(kaiban(&["serve", "--print-config"])));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_its_line() {
    let text = r#"lisen = "127.0.0.1:1"
listen = "nonsense"
insecure = "yes"
data = "d"
database_url = "postgres://u:dragonfly@h/d"
log = "kaiban=nonsense=2"

[tls]
client_auth = "never"
cert = 5

[limits]
queue_max = 3
lease_min = "30"
lease_default = "61d"
token_life_default = "900d"
page-max = 700
request_max_bytes = "2 MB"
reason_max = 5000
"#;
    let said = serve(text, &["--check-config"]);
    assert!(!said.to_string().contains("dragonfly"), "{said}");
    exactly!("config_faults", said);
    shows!("config_not_toml", serve("listen = \n[limits\n", &["--check-config"]));
    shows!("config_missing", run(kaiban(&["serve", "--config", "/nowhere/kaiban.toml", "--check-config"])));
    let pair = serve("[tls]\ncert = \"server.pem\"\n", &["--check-config"]);
    shows!("config_half_a_pair", pair);
}

#[test]
fn a_flag_holds_before_a_variable_and_that_before_the_file() {
    let text = "listen = \"127.0.0.1:7001\"\ndata = \"there\"\nlog_format = \"json\"\n[limits]\nclaim_max = 200\n";
    let value = |said: Said, key: &str| {
        let printed: Value = serde_json::from_str(&said.fine()).expect("one object");
        let all = ["settings", "limits"].map(|part| printed[part].as_array().expect("a list").clone()).concat();
        let found = all.iter().find(|found| found["key"] == key).expect("a key").clone();
        (found["value"].as_str().unwrap_or_default().to_owned(), found["source"].as_str().unwrap().to_owned())
    };
    let print = ["--print-config", "--format", "json"];
    let pair = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(value(serve(text, &print), "listen"), pair("127.0.0.1:7001", "file"));
    assert_eq!(value(serve(text, &print), "data"), pair("[folder]/there", "file"));
    assert_eq!(value(serve(text, &print), "log_format"), pair("json", "file"));
    assert_eq!(value(serve(text, &print), "limits.claim_max"), pair("200", "file"));
    let flags = [&print[..], &["--listen", "127.0.0.1:7002", "--data", "here"]].concat();
    assert_eq!(value(serve(text, &flags), "listen"), pair("127.0.0.1:7002", "given"));
    assert_eq!(value(serve(text, &flags), "data"), pair("here", "given"));

    // A database that is named by a variable is the whole answer; its password is not shown.
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), text);
    let with_variable = || {
        let mut command = kaiban(&[&["serve", "--config", &path], &print[..]].concat());
        command.env("KAIBAN_DATABASE_URL", "postgres://kaiban:dragonfly@db.example/kaiban");
        run(command)
    };
    assert!(!with_variable().stdout.contains("dragonfly"));
    assert_eq!(value(with_variable(), "database_url"), pair("postgres://…@db.example/…", "given"));
    assert_eq!(value(with_variable(), "data"), pair("", "default"));
}

#[test]
fn what_is_printed_can_be_read_again() {
    let text = "listen = \"127.0.0.1:7001\"\n[limits]\nclaim_max = 200\nlease_default = \"10m\"\nfile_bytes_max = \"64 MiB\"\n";
    let once = serve(text, &["--print-config"]).fine();
    let twice = serve(&once, &["--print-config"]).fine();
    assert_eq!(once, twice);
    for line in
        ["listen = \"127.0.0.1:7001\"", "claim_max = 200", "lease_default = \"10m\"", "file_bytes_max = \"64 MiB\""]
    {
        assert!(once.lines().any(|printed| printed == line), "{line}\n{once}");
    }
}

#[test]
fn a_bound_of_the_file_is_the_one_that_holds() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "listen = \"127.0.0.1:0\"\ndata = \"data\"\n[limits]\ntoken_life_max = \"2d\"\ntoken_life_default = \"1d\"\n";
    let path = written(folder.path(), text);
    let place = Place::Folder(folder.path().join("data"));
    let security = place.token(&["--role", "security", "--person", "lin", "--expires-in", "1d"]);
    let server = Server::start_of(&["--config", &path]);
    let issue = |length| {
        let bank = ["token", "issue", "--role", "bank", "--organisation", "b01", "--expires-in", length];
        server.asked(&security, &bank)
    };
    issue("47h").fine();
    shows!("config_limit_holds", issue("49h"));
    assert_eq!(server.stop().code, Some(0));
}

#[test]
fn a_database_is_looked_at_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().to_owned());
    let state = || {
        let said = run(place.command(&["serve", "--check-config", "--format", "json"]));
        let report: Value = serde_json::from_str(&said.fine()).expect("one object");
        report["database"].as_str().expect("a word").to_owned()
    };
    assert_eq!(state(), "absent");
    place.token(&["--role", "security", "--person", "lin"]);
    assert_eq!(state(), "current");
    std::fs::write(folder.path().join("kaiban.db"), "this is no database, and long enough to be looked at".repeat(99))
        .unwrap();
    let said = run(place.command(&["serve", "--check-config"]));
    assert_eq!(said.code, Some(1), "{said}");
}
