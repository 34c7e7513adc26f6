//! `kaiban bench`

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use kaiban_api::Tls;
use kaiban_bench::{BenchError, Door, Plan, Report, Stock, Storage, Target};
use kaiban_definition::{Directory, Files, Workflows};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::serve::asked_to_stop;
use crate::database::{Database, URL_VARIABLE};
use crate::failure::Failure;
use crate::output::{Output, say, table};
use crate::packages::Packages;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Way {
    /// WorkTasks: one stream an office.
    Stream,
    /// ClaimTasks and CompleteTasks, in batches.
    Calls,
}

/// How to run it.
#[derive(clap::Args)]
pub struct Args {
    /// Cases in flight: as soon as one is finished the next one is submitted.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    in_flight: u32,
    /// How long to measure, after a warm-up of a second.
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3_600))]
    seconds: u32,
    /// PostgreSQL instead of SQLite: each measurement makes a database of its own beside this one, and drops it; the user
    /// must be allowed to.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Folder in which the throw-away SQLite database is made, and so the disk that is measured.
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<PathBuf>,
    /// A server that is there; its cases stay in it. KAIBAN_TOKEN must be of role security.
    #[arg(long, value_name = "URL", conflicts_with_all = ["database_url", "data", "floor"])]
    endpoint: Option<String>,
    /// For an https endpoint: PEM file with the certificates that may have signed the server's.
    #[arg(long, value_name = "FILE", requires = "endpoint")]
    tls_ca: Option<PathBuf>,
    /// The token that issues the others; better in the environment than on the command line.
    #[arg(long, env = "KAIBAN_TOKEN", hide_env_values = true, hide = true)]
    token: Option<String>,
    /// How the workers take their tasks.
    #[arg(long, value_enum, default_value_t = Way::Stream)]
    door: Way,
    /// Finished cases that the throw-away database holds before: written by the product itself, without the wire.
    #[arg(long, value_name = "CASES", conflicts_with = "endpoint", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    fill: Option<u64>,
    /// First measure the same messages and rows with no engine, and say how close the server comes.
    #[arg(long)]
    floor: bool,
    /// Be the server of `--floor`.
    #[arg(long, hide = true)]
    serve_floor: bool,
    #[command(flatten)]
    packages: Packages,
}

/// Runs it.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let (workflows, files) = args.packages.load()?;
    if args.serve_floor {
        return serve_floor(args, &workflows.directory, output).await;
    }
    // Dropped, a run ends its server and removes its database.
    tokio::select! {
        measured = measure(args, workflows, files, output) => measured,
        () = asked_to_stop() => Err(Failure::local("INTERRUPTED", "测量被中断。", "the measurement was interrupted")),
    }
}

async fn measure(args: Args, workflows: Workflows, files: Files, output: Output) -> Result<(), Failure> {
    if args.floor && matches!(args.door, Way::Calls) {
        return Err(Failure::local("FLOOR", "--floor 已同时测量两种方式。", "--floor measures both doors already")
            .with_hint("leave out --floor or --door calls"));
    }
    let door = match args.door {
        Way::Stream => Door::Stream,
        Way::Calls => Door::Calls,
    };
    let mut rows: Vec<Row> = Vec::new();
    for (server, door, target) in args.runs(door, &workflows, files)? {
        let plan = Plan {
            in_flight: args.in_flight as usize,
            length: Duration::from_secs(args.seconds.into()),
            door,
            pages: server != FLOOR,
        };
        let report = kaiban_bench::run(&plan, &target, &workflows.directory).await.map_err(failed)?;
        let of = |server: &str| {
            let other =
                rows.iter().find(|row| row.server == server && (server == FLOOR || row.report.door == report.door));
            other.map(|other| (1_000.0 * report.cases_s / other.report.cases_s).round() / 1_000.0)
        };
        let of_empty = of(KAIBAN).filter(|_| server != KAIBAN);
        let row = Row { ratio: of(FLOOR), of_empty, server, report };
        if output.is_json() {
            output.line(&row.object()?.to_string())?;
        } else if args.floor || args.fill.is_some() {
            say(&format!("{}, door {}: {:.0} cases/s", row.server, row.report.door, row.report.cases_s));
        }
        rows.push(row);
    }
    if !output.is_json() {
        output.line(&human(&rows))?;
    }
    Ok(())
}

/// What the loop without an engine is called.
const FLOOR: &str = "floor";

/// What the server on an empty database is called.
const KAIBAN: &str = "kaiban";

/// One measurement.
struct Row {
    server: String,
    report: Report,
    /// Of the floor in the same run.
    ratio: Option<f64>,
    /// Of the server on an empty database in the same run, through the same door.
    of_empty: Option<f64>,
}

impl Args {
    /// What is measured, one after the other: the floor first, a database that was in use for long last.
    fn runs(&self, door: Door, workflows: &Workflows, files: Files) -> Result<Vec<(String, Door, Target)>, Failure> {
        const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0", "--format", "json"];
        if let Some(endpoint) = &self.endpoint {
            return Ok(vec![(KAIBAN.to_owned(), door, self.there(endpoint)?)]);
        }
        let mut runs = Vec::new();
        if self.floor {
            let floor = self.own(&["bench", "--serve-floor", "--format", "json"], None)?;
            runs.push((FLOOR.to_owned(), door, floor));
        }
        runs.push((KAIBAN.to_owned(), door, self.own(SERVE, None)?));
        if self.floor {
            runs.push((KAIBAN.to_owned(), Door::Calls, self.own(SERVE, None)?));
        }
        if let Some(cases) = self.fill {
            let stock = Stock { cases, workflows: workflows.clone(), files, told };
            runs.push((format!("{KAIBAN}, {cases} stored"), door, self.own(SERVE, Some(stock))?));
        }
        Ok(runs)
    }

    /// This program again, on a database of its own.
    fn own(&self, arguments: &[&str], stock: Option<Stock>) -> Result<Target, Failure> {
        let program = std::env::current_exe()
            .map_err(|error| Failure::local("FILE", "无法找到本程序。", format!("this program: {error}")))?;
        let mut arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        if let Some(folder) = &self.packages.workflows {
            arguments.extend(["--workflows".to_owned(), folder.display().to_string()]);
        }
        let storage = match &self.database_url {
            Some(url) => Storage::Postgres(url.clone()),
            None => Storage::Folder(self.data.clone()),
        };
        Ok(Target::Own { program, arguments, storage, stock })
    }

    fn there(&self, endpoint: &str) -> Result<Target, Failure> {
        let Some(token) = self.token.clone() else {
            return Err(Failure::local("NO_TOKEN", "缺少安全管理员令牌。", "a token of role security is missing")
                .with_hint("put it in KAIBAN_TOKEN"));
        };
        let authorities_pem = match &self.tls_ca {
            None => Vec::new(),
            Some(path) => std::fs::read(path).map_err(|error| {
                let shown = path.display();
                Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}"))
            })?,
        };
        let tls = Tls { authorities_pem, ..Tls::default() };
        Ok(Target::There { endpoint: endpoint.to_owned(), token, tls: Some(tls) })
    }
}

/// The other side of `--floor`, until Ctrl-C or SIGTERM.
async fn serve_floor(args: Args, directory: &Directory, output: Output) -> Result<(), Failure> {
    let database = Database { data: args.data, database_url: std::env::var(URL_VARIABLE).ok() };
    let store = database.open_or_create().await?;
    let cannot = |error: std::io::Error| Failure::local("LISTEN", "无法监听端口。", error.to_string());
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(cannot)?;
    let endpoint = format!("http://{}", listener.local_addr().map_err(cannot)?);
    output.result(&json!({"endpoint": endpoint}), || format!("the floor listens on {endpoint}"))?;
    kaiban_bench::serve_floor(store, directory, listener, asked_to_stop()).await.map_err(failed)
}

fn told(cases: u64) {
    say(&format!("{cases} finished cases are stored"));
}

fn failed(error: BenchError) -> Failure {
    Failure::local("BENCH", "未能完成测量。", error.to_string())
}

impl Row {
    fn object(&self) -> Result<Value, Failure> {
        let mut object = serde_json::to_value(&self.report)
            .map_err(|error| Failure::local("OUTPUT", "无法输出结果。", error.to_string()))?;
        object["server"] = json!(self.server);
        if let Some(ratio) = self.ratio {
            object["ratio"] = json!(ratio);
        }
        if let Some(of_empty) = self.of_empty {
            object["of_empty"] = json!(of_empty);
        }
        Ok(object)
    }
}

fn human(rows: &[Row]) -> String {
    let shown = |value: Option<f64>, scale: f64, digits: usize| match value {
        Some(value) => format!("{:.digits$}", value / scale),
        None => "-".to_owned(),
    };
    let cells = |Row { server, report, ratio, of_empty }: &Row| {
        [
            server.clone(),
            report.door.to_owned(),
            report.in_flight.to_string(),
            format!("{:.0}", report.cases_s),
            shown(*ratio, 1.0, 2),
            shown(*of_empty, 1.0, 2),
            format!("{:.1}", report.p50_ms),
            format!("{:.1}", report.p99_ms),
            shown(report.server_cpu_ms_case, 1.0, 2),
            shown(report.bytes_case, 1_024.0, 1),
            format!("{:.3}", report.flushes_case),
            shown(report.resident_mib, 1.0, 0),
            shown(report.start_ms, 1.0, 0),
            shown(report.page_p99_ms, 1.0, 1),
        ]
    };
    let header = [
        "server",
        "door",
        "in flight",
        "cases/s",
        "of the floor",
        "of an empty one",
        "p50 ms",
        "p99 ms",
        "server CPU ms/case",
        "KiB/case",
        "flushes/case",
        "MiB in memory",
        "start ms",
        "page p99 ms",
    ];
    let mut text = table(header, rows.iter().map(cells));
    if let Some(Row { report: Report { seconds, backend, .. }, .. }) = rows.last() {
        text.push_str(&format!("\n\n{seconds:.0} s each, {backend}"));
    }
    text
}
