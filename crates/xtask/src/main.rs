//! The chores of this repository: run every test, or any command, beside a throw-away PostgreSQL; do harm to servers and see
//! whether they bear it. It is never part of the product and nothing in the product may depend on it.
//!
//! `cargo xtask` without arguments prints the verbs.

mod python;
mod suite;

use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};

use anyhow::{Context, Result, bail, ensure};

use xtask::cluster::Cluster;
use xtask::postgres;

/// URL of the maintenance database of a superuser, for tests that create databases of their own.
const POSTGRES_URL: &str = "KAIBAN_TEST_POSTGRES_URL";
/// Set to `1`, it lets tests that need PostgreSQL skip themselves.
const WITHOUT_POSTGRES: &str = "KAIBAN_TEST_WITHOUT_POSTGRES";

const USAGE: &str = "\
usage: cargo xtask test [--without-postgres] [-- ARGUMENTS OF cargo test]
           run every test of the workspace, on SQLite and on PostgreSQL
       cargo xtask postgres -- COMMAND [ARGUMENTS]
           run COMMAND with KAIBAN_TEST_POSTGRES_URL naming a throw-away PostgreSQL
       cargo xtask chaos [--release] [--faults N] [--nodes 1|3] [--database sqlite|postgres] [--seed S] [--for 8h] …
           run servers and their clients, do them every kind of harm, and check that nothing acknowledged is lost;
           `cargo xtask chaos --help` has all options";

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
        ["chaos", ..] if !theirs.is_empty() => bail!("give chaos its options without `--`\n{USAGE}"),
        ["chaos", options @ ..] => chaos(options),
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

/// Builds the server and what does it harm, and lets it.
fn chaos(options: &[&str]) -> Result<ExitCode> {
    let release = options.contains(&"--release");
    let profile: &[&str] = if release { &["--release"] } else { &[] };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let packages = ["--package", "kaiban-cli", "--package", "kaiban-chaos", "--bins"];
    let built = Command::new(cargo).args(["build", "--locked"]).args(profile).args(packages).status();
    ensure!(built.context("cannot run cargo")?.success(), "the server does not build");
    // This program lies in the folder of its profile, and the others in theirs beside it.
    let this = std::env::current_exe().context("cannot tell where this program is")?;
    let profiles = this.parent().and_then(Path::parent).context("this program lies in no target folder")?;
    let program = profiles.join(if release { "release" } else { "debug" }).join("kaiban-chaos");
    let options = options.iter().filter(|option| **option != "--release");
    let status = Command::new(&program).args(options).status();
    Ok(code_of(status.with_context(|| format!("cannot run {}", program.display()))?))
}

/// The exit code of a child, to be passed on; a child ended by a signal counts as a plain failure.
fn code_of(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    ExitCode::from(code)
}
