//! What idle watches cost a server: `cargo run --release -p kaiban-bench --example watchers -- [CONNECTIONS] [STREAMS] [PROGRAM]`.
//!
//! A server process of its own on a throw-away SQLite file, 100 connections with 100 watches each unless it is said
//! otherwise, then ten changes, each heard of by the hundred that watch that outlet. PROGRAM is `kaiban`, beside this
//! example's folder where it is not named.

use kaiban_bench::{packages, watch};

/// Cases that are handed in.
const CHANGES: usize = 10;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| arguments.next().map_or(Ok(otherwise), |text| text.parse::<usize>());
    let (connections, streams) = (number(100)?, number(100)?);
    let program = match arguments.next() {
        Some(program) => program.into(),
        None => std::env::current_exe()?.with_file_name("../kaiban"),
    };
    let (workflows, _) = packages()?;
    let seen = watch(connections, streams, CHANGES, &program, &workflows.directory).await?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let watches = (connections * streams).max(1) as u64;
    println!("server alone          {:8.1} MiB", mib(seen.bytes_before));
    println!("{connections} connections       {:8.1} MiB", mib(seen.bytes_connected));
    println!(
        "{watches} watches         {:8.1} MiB, opened in {:.1} s",
        mib(seen.bytes_watching),
        seen.opened_in.as_secs_f64()
    );
    println!("bytes a watch         {:8}", seen.bytes_watching.saturating_sub(seen.bytes_connected) / watches);
    println!("after {CHANGES} changes      {:8.1} MiB", mib(seen.bytes_after));
    println!("processor while idle  {:8.1} % of a core", 100.0 * seen.idle_cpu_share);
    let mut heard: Vec<f64> = seen.heard_in.iter().map(|heard| 1_000.0 * heard.as_secs_f64()).collect();
    heard.sort_by(f64::total_cmp);
    println!(
        "a change reaches its {streams} watchers: median {:.1} ms, longest {:.1} ms",
        heard[heard.len() / 2],
        heard[heard.len() - 1]
    );
    Ok(())
}
