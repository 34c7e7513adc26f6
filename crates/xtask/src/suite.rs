//! Runs `cargo test` and counts what it says, without changing or holding back a byte of it.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

/// Runs the tests with one variable set; `arguments` go to `cargo test`, on the whole workspace unless they name
/// packages. The closing line is `N passed, N failed, N skipped` over all test programmes.
pub fn run(arguments: &[String], (variable, value): (&str, &str)) -> Result<ExitCode> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["test", "--locked", "--no-fail-fast"]);
    if !names_packages(arguments) {
        cargo.arg("--workspace");
    }
    cargo.args(arguments).current_dir(workspace()).env(variable, value).stdout(Stdio::piped());
    for other in [crate::POSTGRES_URL, crate::WITHOUT_POSTGRES] {
        if other != variable {
            cargo.env_remove(other);
        }
    }

    let mut child = cargo.spawn().context("cannot run cargo")?;
    let mut tally = Tally::default();
    if let Some(output) = child.stdout.take() {
        tally.pass_through(output, std::io::stdout().lock())?;
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        eprintln!("error: no test reported a failure, but cargo did: something did not build, or a test crashed");
    }
    println!("\n{} passed, {} failed, {} skipped", tally.passed, tally.failed, tally.skipped);
    Ok(crate::code_of(status))
}

fn workspace() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn names_packages(arguments: &[String]) -> bool {
    arguments.iter().take_while(|argument| *argument != "--").any(|argument| {
        let option = argument.split('=').next().unwrap_or_default();
        matches!(option, "--package" | "--workspace" | "--manifest-path") || option.starts_with("-p")
    })
}

/// What the `test result:` lines add up to.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    passed: u64,
    failed: u64,
    skipped: u64,
    line: Vec<u8>,
}

impl Tally {
    fn pass_through(&mut self, mut from: impl Read, mut to: impl Write) -> std::io::Result<()> {
        let mut buffer = [0; 8192];
        loop {
            let length = from.read(&mut buffer)?;
            if length == 0 {
                return Ok(());
            }
            to.write_all(&buffer[..length])?;
            to.flush()?;
            for byte in &buffer[..length] {
                self.line.push(*byte);
                if *byte == b'\n' {
                    let line = std::mem::take(&mut self.line);
                    self.count(&String::from_utf8_lossy(&line));
                }
            }
        }
    }

    /// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.02s`
    fn count(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split(';') {
            match count.trim().split_once(' ').map(|(number, what)| (number.parse().unwrap_or(0u64), what)) {
                Some((number, "passed")) => self.passed += number,
                Some((number, "failed")) => self.failed += number,
                Some((number, "ignored")) => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_summed_and_nothing_is_changed() {
        let output = "running 2 tests\ntest a ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.00s\n\
            a test that prints: test result: ok. 100 passed; 0 failed\n\
            test result: FAILED. 10 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.25s\n";
        let mut shown = Vec::new();
        let mut tally = Tally::default();
        tally.pass_through(output.as_bytes(), &mut shown).unwrap();
        assert_eq!(shown, output.as_bytes());
        assert_eq!(tally, Tally { passed: 12, failed: 3, skipped: 1, line: Vec::new() });
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_named() {
        let words = |line: &str| line.split(' ').map(String::from).collect::<Vec<_>>();
        assert!(!names_packages(&words("ledger -- --nocapture")));
        assert!(!names_packages(&words("ledger -- -p")));
        assert!(names_packages(&words("-p kaiban-store")));
        assert!(names_packages(&words("--package=kaiban-store")));
    }
}
