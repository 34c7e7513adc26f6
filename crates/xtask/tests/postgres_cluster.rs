//! The throw-away PostgreSQL of `cargo xtask`: durable by default, and gone however its user ends.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

/// `None`, having said so, when the tests that need PostgreSQL are left out.
fn xtask() -> Option<Command> {
    if std::env::var("KAIBAN_TEST_WITHOUT_POSTGRES").is_ok_and(|value| value == "1") {
        eprintln!("skipped: KAIBAN_TEST_WITHOUT_POSTGRES=1");
        return None;
    }
    assert!(
        std::env::var_os("KAIBAN_TEST_POSTGRES_URL").is_some(),
        "this test needs PostgreSQL: run it with `cargo xtask test`"
    );
    Some(Command::new(env!("CARGO_BIN_EXE_xtask")))
}

fn folder_of(url: &str) -> &Path {
    Path::new(url.trim_end().split_once("?host=").expect("a URL with a socket folder").1)
}

#[test]
fn a_command_gets_a_server_with_default_durability_that_is_gone_afterwards() {
    let Some(mut xtask) = xtask() else { return };
    let script = r#"
        psql "$KAIBAN_TEST_POSTGRES_URL" --no-align --tuples-only --no-psqlrc --set ON_ERROR_STOP=1 \
            --command 'CREATE DATABASE another' \
            --command "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings
                       WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')" &&
        echo "$KAIBAN_TEST_POSTGRES_URL""#;
    let output = xtask.args(["postgres", "--", "sh", "-c", script]).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");

    let lines: Vec<&str> = stdout.lines().collect();
    let [created, durability, url] = lines.as_slice() else { panic!("{stdout}") };
    assert_eq!((*created, *durability), ("CREATE DATABASE", "on on on"));
    assert!(stderr.contains(url), "the URL is told on standard error: {stderr}");
    assert!(!folder_of(url).exists(), "the folder is removed");
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let Some(mut xtask) = xtask() else { return };
    let output =
        xtask.args(["postgres", "--", "sh", "-c", "echo \"$KAIBAN_TEST_POSTGRES_URL\"; exit 7"]).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert!(!folder_of(&String::from_utf8(output.stdout).unwrap()).exists());
}

#[test]
fn a_killed_xtask_leaves_no_server_and_no_folder() {
    let Some(mut xtask) = xtask() else { return };
    let script = "echo \"$KAIBAN_TEST_POSTGRES_URL\"; exec cat";
    let mut child = xtask
        .args(["postgres", "--", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(folder_of(&url).join("data/postmaster.pid").exists());

    let mut errors = child.stderr.take().unwrap();
    let hold = child.stdin.take();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(hold);
    // The guardian holds the same standard error: its end is the guardian's end.
    errors.read_to_string(&mut String::new()).unwrap();
    assert!(!folder_of(&url).exists());
}
