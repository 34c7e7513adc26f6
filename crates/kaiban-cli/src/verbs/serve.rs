//! `kaiban serve`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use kaiban_app::files::{Clamd, ClamdScanner};
use kaiban_app::{App, Clock, ENDING_DAYS, Files, Settings, SystemClock, said_of_ending};
use kaiban_server::{ServerSettings, TlsIdentity};
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, is_watched, say};
use crate::packages::Packages;
use crate::webhook::Hook;

/// How long a document may take to be scanned.
const SCAN_MAX: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people.
    Human,
    /// One object a line.
    Json,
}

/// How to serve.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    database: Database,
    /// Address and port; port 0 takes a free one and says which.
    #[arg(long, default_value = "127.0.0.1:50051", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// PEM file with the server's certificate and those between it and its root.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM file with its private key.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Allow an address that others can reach without TLS: tokens and forms then travel in the clear.
    #[arg(long)]
    insecure: bool,
    /// Folder for documents; without it beside the SQLite file. On PostgreSQL it must be named (and be the same for all
    /// servers) before documents are taken.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
    /// Folder with archived cases; without it beside the SQLite file. On PostgreSQL it must be named, and be the same for all
    /// servers, once `kaiban archive` has moved something.
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// Bytes that the SQLite file may have; beyond them calls are refused with RESOURCE_EXHAUSTED (STORAGE_FULL). Without it
    /// as many as the disk has room for.
    #[arg(long, value_name = "BYTES", conflicts_with = "database_url")]
    max_database_bytes: Option<u64>,
    /// A ClamAV daemon that scans documents: tcp://host:port or unix:///path.
    #[arg(long, value_name = "URL")]
    clamd: Option<Clamd>,
    #[command(flatten)]
    hook: Hook,
    #[command(flatten)]
    packages: Packages,
    /// Check arguments, certificates, web hook and packages, and serve nothing.
    #[arg(long)]
    check_config: bool,
    /// How logs are written to standard error; RUST_LOG says which.
    #[arg(long, value_enum, default_value_t = LogFormat::Human)]
    log_format: LogFormat,
}

/// Serves until Ctrl-C or SIGTERM.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let tls = args.tls()?;
    if tls.is_none() && !args.insecure && !args.listen.ip().is_loopback() {
        return Err(Failure::local(
            "INSECURE",
            "未启用 TLS，不能在本机以外的地址提供服务。",
            format!("without TLS {} would send tokens and forms in the clear", args.listen),
        )
        .with_hint("give --tls-cert and --tls-key, or --insecure if something before it speaks TLS"));
    }
    let notifier = args.hook.open()?;
    let (workflows, files) = args.packages.load()?;
    if args.check_config {
        let packages: Vec<_> = workflows.definitions.iter().map(|found| found.workflow.clone()).collect();
        let ending = workflows.calendars.ending_within(ENDING_DAYS, SystemClock.operating_us());
        for text in ending.iter().map(said_of_ending) {
            say(&format!("warning: {}\n  {}", text.en, text.zh));
        }
        let ending: Vec<_> = ending
            .iter()
            .map(|ending| json!({"calendar": ending.calendar, "until": ending.last.to_string()}))
            .collect();
        let report = json!({
            "listen": args.listen.to_string(),
            "tls": tls.is_some(),
            "webhook": notifier.is_some(),
            "workflows": packages,
            "calendars_ending": ending,
        });
        return output.result(&report, || format!("the configuration is sound; packages: {}", packages.join(", ")));
    }
    log_to_stderr(args.log_format);
    allow_open_files();
    bear_file_limits();

    let stop = asked_to_stop();

    let store = args.database.open_or_create_within(args.max_database_bytes).await?;
    let no_token = store.tokens().await.is_ok_and(|tokens| tokens.is_empty());
    let archive = args.database.archive(args.archive.as_deref());
    let settings = Settings { files: args.open_files()?, archive, notifier, ..Settings::default() };
    let app = App::start(store, workflows, &files, Arc::new(SystemClock), settings)
        .await
        .map_err(|error| Failure::local("START", "服务无法启动。", error.to_string()))?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| listening(args.listen, &error))?;
    let address = listener.local_addr().map_err(|error| listening(args.listen, &error))?;

    let endpoint = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    output
        .result(&json!({"endpoint": endpoint}), || format!("kaiban {} serves {endpoint}", env!("CARGO_PKG_VERSION")))?;
    if no_token {
        say("hint: nobody can call yet; issue the first token in another terminal with");
        say(&format!("      kaiban token issue --role security --person NAME {}", args.database.arguments()));
    }
    let settings = ServerSettings { tls, ..ServerSettings::default() };
    kaiban_server::serve(app, listener, settings, stop)
        .await
        .map_err(|error| Failure::local("SERVE", "服务异常终止。", error.to_string()))
}

impl Args {
    /// Where documents are kept, and who scans them.
    fn open_files(&self) -> Result<Files, Failure> {
        let files = self.database.open_files(self.files.as_deref())?;
        Ok(match &self.clamd {
            Some(clamd) => files.scanned_by(Arc::new(ClamdScanner { clamd: clamd.clone(), patience: SCAN_MAX })),
            None => files,
        })
    }

    fn tls(&self) -> Result<Option<TlsIdentity>, Failure> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        Ok(Some(TlsIdentity { certificate_pem: read_pem(certificate)?, key_pem: read_pem(key)? }))
    }
}

fn read_pem(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    if !bytes.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(Failure::local(
            "NOT_PEM",
            format!("{shown} 不是 PEM 文件。"),
            format!("{shown} is not a PEM file"),
        ));
    }
    Ok(bytes)
}

fn listening(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::local("LISTEN", format!("无法监听 {address}。"), format!("{address}: {error}"))
        .with_hint("another server may use the port; choose one with --listen 127.0.0.1:PORT")
}

fn log_to_stderr(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sea_orm_migration=warn"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_watched());
    match format {
        LogFormat::Human => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
}

/// Raises the number of open files from the usual 1024 as far as the system lets a process do that itself: every client
/// is a connection, and every connection is a file.
#[cfg(unix)]
fn allow_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};

    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the number of open files cannot be raised");
    }
}

#[cfg(not(unix))]
fn allow_open_files() {}

/// A file that may not grow (RLIMIT_FSIZE) is a failed write like one on a full disk, not the end of the process.
#[cfg(unix)]
fn bear_file_limits() {
    use rustix::process::Signal;
    use tokio::signal::unix::{SignalKind, signal};

    // A signal that is listened for once does not end the process any more.
    if let Err(error) = signal(SignalKind::from_raw(Signal::XFSZ.as_raw())) {
        tracing::warn!(%error, "a limit on the size of files would end the server");
    }
}

#[cfg(not(unix))]
fn bear_file_limits() {}

/// Returns at the first Ctrl-C or SIGTERM from the call on, not from the first poll; the second one ends the process at
/// once.
pub fn asked_to_stop() -> impl Future<Output = ()> + Send {
    let mut signals = Signals::listen();
    async move {
        signals.next().await;
        say("stopping; once more to end at once");
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(1);
        });
    }
}

/// What a person or a supervisor ends a program with.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        // Where a signal cannot be listened for it ends the process by itself.
        Self(
            [SignalKind::interrupt(), SignalKind::terminate()]
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
        )
    }

    async fn next(&mut self) {
        let signals = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures::future::select_all(signals).await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
