//! Does servers harm: `cargo xtask chaos`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::{Parser, ValueEnum};
use kaiban_chaos::{Database, Plan, run};

/// Runs servers and their clients, does the servers every kind of harm, and checks that nothing acknowledged was lost and
/// nothing was done twice.
#[derive(Parser)]
#[command(name = "cargo xtask chaos")]
struct Arguments {
    /// Faults, one after the other; with --for, in each round.
    #[arg(long, default_value_t = 200, value_name = "N")]
    faults: usize,
    /// Servers on PostgreSQL, 3 without it; SQLite has 1.
    #[arg(long, value_name = "N")]
    nodes: Option<usize>,
    /// Where the servers keep their cases; without it both, one after the other.
    #[arg(long, value_enum)]
    database: Option<Place>,
    /// Repeats the faults of an earlier run; without it a fresh one.
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Rounds with fresh seeds until so long has passed, or something is wrong: 8h, 30m, 90s.
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    length: Option<Duration>,
    /// Cases in flight.
    #[arg(long, default_value_t = 24, value_name = "N")]
    in_flight: usize,
    /// How long a stopped server stands still; leases last 10 s.
    #[arg(long, default_value = "12s", value_name = "LENGTH", value_parser = length)]
    stop: Duration,
    /// Longest silence on a line.
    #[arg(long, default_value = "6s", value_name = "LENGTH", value_parser = length)]
    silence: Duration,
    /// Where the database is: on a small disk that can be filled (a tmpfs; needs root), or below the system's folder for
    /// such things. Without it every other run is on a small disk.
    #[arg(long, value_enum)]
    disk: Option<Disk>,
    /// Folder for databases and logs.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Keep them although nothing was wrong.
    #[arg(long)]
    keep: bool,
    /// The program; without it the one beside this.
    #[arg(long, value_name = "FILE")]
    kaiban: Option<PathBuf>,
    /// How the reports are written.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Place {
    Sqlite,
    Postgres,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Disk {
    Small,
    Usual,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match play(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything was clean.
fn play(arguments: &Arguments) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let databases: &[Database] = match arguments.database {
        Some(Place::Sqlite) => &[Database::Sqlite],
        Some(Place::Postgres) => &[Database::Postgres],
        None => &[Database::Sqlite, Database::Postgres],
    };
    let is_sqlite_alone = arguments.database == Some(Place::Sqlite);
    ensure!(
        !is_sqlite_alone || arguments.nodes.is_none_or(|nodes| nodes == 1),
        "SQLite has one server: leave --nodes out, or take --database postgres"
    );
    let program = arguments.program()?;
    let begun = Instant::now();
    for round in 0_u64.. {
        let seed = arguments.seed.map_or_else(fresh_seed, |seed| seed.wrapping_add(round));
        for database in databases {
            let small_disk = arguments.disk.map_or(seed.is_multiple_of(2), |disk| disk == Disk::Small);
            let nodes = arguments.nodes.unwrap_or(3);
            let plan = Plan {
                in_flight: arguments.in_flight.max(1),
                stop: arguments.stop,
                silence: arguments.silence,
                small_disk,
                folder: arguments.folder.clone(),
                keep: arguments.keep,
                ..Plan::new(program.clone(), *database, nodes, arguments.faults, seed)
            };
            eprintln!("seed {seed}, {database:?}, {} server(s)", plan.nodes);
            let report = runtime.block_on(run(&plan))?;
            match arguments.format {
                Format::Human => println!("{report}"),
                Format::Json => println!("{}", serde_json::to_string(&report)?),
            }
            if !report.clean {
                return Ok(false);
            }
        }
        if arguments.length.is_none_or(|length| begun.elapsed() >= length) {
            break;
        }
    }
    Ok(true)
}

impl Arguments {
    fn program(&self) -> Result<PathBuf> {
        let program = match &self.kaiban {
            Some(program) => program.clone(),
            None => {
                let this = std::env::current_exe().context("cannot tell where this program is")?;
                this.parent().context("this program lies nowhere")?.join("kaiban")
            }
        };
        ensure!(program.is_file(), "there is no {}: run `cargo xtask chaos`, which builds it", program.display());
        Ok(program)
    }
}

/// From the clock: all that is asked of it is to be another one each time.
#[expect(clippy::disallowed_methods, reason = "nothing is decided by the time")]
fn fresh_seed() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_micros() % 1_000_000_007) as u64
}

/// `8h`, `30m`, `90s`.
fn length(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no length: write 8h, 30m or 90s");
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        _ => return Err(wrong()),
    };
    Ok(Duration::from_secs(count.checked_mul(seconds).ok_or_else(wrong)?))
}
