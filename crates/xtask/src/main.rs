//! The chores of this repository: run every test, or any command, beside a throw-away PostgreSQL. It is never part
//! of the product and nothing in the product may depend on it.
//!
//! `cargo xtask` without arguments prints the verbs.

mod cluster;
mod postgres;
mod python;
mod root;
mod suite;

use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result, bail};

use crate::cluster::Cluster;

/// URL of the maintenance database of a superuser, for tests that create databases of their own.
const POSTGRES_URL: &str = "KAIBAN_TEST_POSTGRES_URL";
/// Set to `1`, it lets tests that need PostgreSQL skip themselves.
const WITHOUT_POSTGRES: &str = "KAIBAN_TEST_WITHOUT_POSTGRES";

const USAGE: &str = "\
usage: cargo xtask test [--without-postgres] [-- ARGUMENTS OF cargo test]
           run every test of the workspace, on SQLite and on PostgreSQL
       cargo xtask postgres -- COMMAND [ARGUMENTS]
           run COMMAND with KAIBAN_TEST_POSTGRES_URL naming a throw-away PostgreSQL";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let (ours, theirs) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[][..]),
    };
    let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
    match ours.as_slice() {
        ["test"] => test(theirs, true),
        ["test", "--without-postgres"] => test(theirs, false),
        ["postgres"] => match theirs {
            [] => bail!("a command is missing after `--`\n{USAGE}"),
            [program, rest @ ..] => beside_postgres(program, rest),
        },
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("cannot read these arguments\n{USAGE}"),
    }
}

fn test(cargo_arguments: &[String], with_postgres: bool) -> Result<ExitCode> {
    python::install_if_missing();
    if with_postgres {
        let cluster = Cluster::start(&postgres::find_or_install()?)?;
        return suite::run(cargo_arguments, (POSTGRES_URL, cluster.url()));
    }
    let warn =
        || eprintln!("\nWARNING: --without-postgres: the tests that need PostgreSQL are LEFT OUT of this run.\n");
    warn();
    let code = suite::run(cargo_arguments, (WITHOUT_POSTGRES, "1"));
    warn();
    code
}

fn beside_postgres(program: &str, arguments: &[String]) -> Result<ExitCode> {
    let cluster = Cluster::start(&postgres::find_or_install()?)?;
    eprintln!("{POSTGRES_URL}={}", cluster.url());
    let status = Command::new(program)
        .args(arguments)
        .env_remove(WITHOUT_POSTGRES)
        .env(POSTGRES_URL, cluster.url())
        .status()
        .with_context(|| format!("cannot run `{program}`"))?;
    Ok(code_of(status))
}

/// The exit code of a child, to be passed on; a child ended by a signal counts as a plain failure.
fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    ExitCode::from(code)
}
