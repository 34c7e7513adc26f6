//! Runs seeds of the simulator and prints how fast: `simulator [first seed] [seeds] [steps]`.

use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut next = |usual: u64| match numbers.next() {
        None => Some(usual),
        Some(number) => number.ok(),
    };
    let (Some(first), Some(seeds), Some(steps)) = (next(1), next(1), next(1_000_000)) else {
        eprintln!("usage: simulator [first seed] [seeds] [steps]");
        return ExitCode::from(2);
    };
    for seed in first..first.saturating_add(seeds) {
        let begun = Instant::now();
        match kaiban_population::simulate(seed, steps) {
            Ok(report) => {
                let rate = report.steps as f64 / begun.elapsed().as_secs_f64();
                println!(
                    "seed {seed}: {} steps, {} rejected, {} events, {} cases, {} replays, {rate:.0} steps/s, {}",
                    report.steps, report.rejected, report.events, report.cases, report.replays, report.digest
                );
            }
            Err(failure) => {
                eprintln!("{failure}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
