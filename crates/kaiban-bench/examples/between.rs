//! How long a commit of one server takes to reach the clients of another one:
//! `cargo run --release -p kaiban-bench --example between -- URL [CASES] [PROGRAM]`.
//!
//! Two server processes on a PostgreSQL database of their own beside the one at URL. PROGRAM is `kaiban`, beside this
//! example's folder where it is not named.

use std::time::Duration;

use kaiban_bench::{between, packages};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("the URL of a PostgreSQL database is missing")?;
    let cases = arguments.next().map_or(Ok(500), |text| text.parse::<usize>())?;
    let program = match arguments.next() {
        Some(program) => program.into(),
        None => std::env::current_exe()?.with_file_name("../kaiban"),
    };
    let (workflows, _) = packages()?;
    let seen = between(&url, cases, &program, &workflows.directory).await?;
    say("watch", seen.watched);
    say("work stream", seen.streamed);
    Ok(())
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let share = |share: f64| {
        let at = (times.len() as f64 * share) as usize;
        1_000.0 * times.get(at.min(times.len().saturating_sub(1))).copied().unwrap_or_default().as_secs_f64()
    };
    println!("{what:<12} median {:6.1} ms, p99 {:6.1} ms, longest {:6.1} ms", share(0.5), share(0.99), share(1.0));
}
