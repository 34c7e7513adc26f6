//! Fixed seeds, seeds that once failed, and a fresh one in every run.

use std::hash::{BuildHasher, RandomState};

use kaiban_population::{Report, simulate};

fn run(seed: u64, steps: u64) -> Report {
    match simulate(seed, steps) {
        Ok(report) => report,
        Err(failure) => {
            panic!("{failure}\nadd `{seed} {steps}` to crates/kaiban-population/tests/population/regressions.txt")
        }
    }
}

#[test]
fn fixed_seeds_hold() {
    for seed in 1..=6 {
        let report = run(seed, 5_000);
        assert!(report.cases > 100 && report.replays > 100, "{report:?}");
        assert!(report.rejected > report.steps / 10 && report.rejected < report.steps * 6 / 10, "{report:?}");
        assert!(report.trace.len() > 100);
    }
}

#[test]
fn seeds_that_once_failed_hold() {
    let list = include_str!("regressions.txt");
    for line in
        list.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
    {
        let (seed, steps) = line.split_once(' ').unwrap();
        run(seed.parse().unwrap(), steps.parse().unwrap());
    }
}

/// `KAIBAN_SIMULATOR_SEED` repeats a run, `KAIBAN_SIMULATOR_STEPS` lengthens it.
#[test]
fn a_fresh_seed_holds() {
    let given = |name: &str| std::env::var(name).ok().map(|text| text.parse().unwrap());
    let seed = given("KAIBAN_SIMULATOR_SEED").unwrap_or_else(|| RandomState::new().hash_one("seed") % 1_000_000_000);
    let steps = given("KAIBAN_SIMULATOR_STEPS").unwrap_or(20_000);
    eprintln!("KAIBAN_SIMULATOR_SEED={seed}");
    run(seed, steps);
}

#[test]
fn one_seed_is_one_run() {
    assert_eq!(run(11, 3_000), run(11, 3_000));
    assert_ne!(run(11, 3_000).digest, run(12, 3_000).digest);
}
