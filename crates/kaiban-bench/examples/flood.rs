//! What more calls than a server can take do to it: `cargo run --release -p kaiban-bench --example flood -- [CALLERS] [SECONDS] [PROGRAM]`.
//!
//! A server process of its own on a throw-away SQLite file that another transaction holds, so that nothing is written.

use std::time::Duration;

use kaiban_bench::{flood, packages};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |otherwise| arguments.next().map_or(Ok(otherwise), |text| text.parse::<usize>());
    let (callers, seconds) = (number(4_000)?, number(20)?);
    let program = match arguments.next() {
        Some(program) => program.into(),
        None => std::env::current_exe()?.with_file_name("../kaiban"),
    };
    let (workflows, _) = packages()?;
    let length = Duration::from_secs(seconds as u64);
    let seen = flood(callers, length, &program, &workflows.directory).await?;
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    println!("before   {:8.1} MiB", mib(seen.bytes_before));
    println!("at most  {:8.1} MiB, {callers} callers for {seconds} s", mib(seen.bytes_most));
    println!("after    {:8.1} MiB", mib(seen.bytes_after));
    for (reason, count) in &seen.answers {
        println!("{count:8} {reason}");
    }
    println!("{:8} of these said when to come again", seen.with_delay);
    Ok(())
}
