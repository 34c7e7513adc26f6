//! Runs tests one after the other, in the words of the usual harness.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// How a test that did not fail ended.
pub enum Ended {
    Passed,
    /// What it needs is not here.
    LeftOut(String),
}

/// A test with its name; it fails by panicking.
pub type Test = (&'static str, fn() -> Ended);

/// Runs those that the arguments ask for.
pub fn run(tests: &[Test], arguments: impl Iterator<Item = String>) -> ExitCode {
    let (mut filters, mut skips, mut exact, mut list, mut ignored_only) = (Vec::new(), Vec::new(), false, false, false);
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--skip" => skips.extend(arguments.next()),
            "--exact" => exact = true,
            "--list" => list = true,
            "--ignored" => ignored_only = true,
            "--test-threads" | "--format" | "--color" | "--logfile" | "-Z" => drop(arguments.next()),
            other if other.starts_with('-') => {}
            _ => filters.push(argument),
        }
    }
    let named = |name: &str, by: &String| if exact { name == by } else { name.contains(by.as_str()) };
    let wanted = |name: &str| {
        !ignored_only
            && (filters.is_empty() || filters.iter().any(|by| named(name, by)))
            && !skips.iter().any(|by| named(name, by))
    };
    let chosen: Vec<&Test> = tests.iter().filter(|(name, _)| wanted(name)).collect();
    if list {
        chosen.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    println!("\nrunning {} tests", chosen.len());
    let (mut passed, mut failed, mut left_out) = (0, 0, 0);
    for (name, test) in &chosen {
        match catch_unwind(AssertUnwindSafe(test)) {
            Ok(Ended::Passed) => {
                passed += 1;
                println!("test {name} ... ok");
            }
            Ok(Ended::LeftOut(why)) => {
                left_out += 1;
                println!("test {name} ... ignored, {why}");
                eprintln!("\nWARNING: {name} was LEFT OUT of this run: {why}\n");
            }
            Err(_) => {
                failed += 1;
                println!("test {name} ... FAILED");
            }
        }
    }
    let word = if failed == 0 { "ok" } else { "FAILED" };
    let (others, seconds) = (tests.len() - chosen.len(), began.elapsed().as_secs_f64());
    println!(
        "\ntest result: {word}. {passed} passed; {failed} failed; {left_out} ignored; 0 measured; {others} filtered out; \
         finished in {seconds:.2}s\n"
    );
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
