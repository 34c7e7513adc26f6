//! `kaiban serve`

mod check;
mod log;
mod signals;
mod tls;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use kaiban_app::files::{Clamd, ClamdScanner};
use kaiban_app::{App, Files, Limits, Settings, SystemClock};
use kaiban_server::ServerSettings;
use serde_json::json;
use tokio::net::TcpListener;

use crate::config::{self, Config, Effective};
use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::packages::Packages;
use crate::webhook::Hook;

pub use log::{LOG, LogFormat};
pub use signals::asked_to_stop;

/// Where a server listens unless it is said.
pub const LISTEN: &str = "127.0.0.1:50051";

/// How to serve.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Configuration file (TOML); what a flag or a variable says holds before it. --print-config shows every key.
    #[arg(long, value_name = "FILE", env = "KAIBAN_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub database: Database,
    /// Address and port, 127.0.0.1:50051 unless it is said; port 0 takes a free one and says which.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    #[command(flatten)]
    pub tls: tls::Tls,
    /// Allow an address that others can reach without TLS: tokens and forms then travel in the clear.
    #[arg(long)]
    pub insecure: bool,
    /// Folder for documents; without it beside the SQLite file. On PostgreSQL it must be named (and be the same for all
    /// servers) before documents are taken.
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Folder with archived cases; without it beside the SQLite file. On PostgreSQL it must be named, and be the same for all
    /// servers, once `kaiban archive` has moved something.
    #[arg(long, value_name = "DIR")]
    pub archive: Option<PathBuf>,
    /// A ClamAV daemon that scans documents: tcp://host:port or unix:///path.
    #[arg(long, value_name = "URL")]
    pub clamd: Option<Clamd>,
    #[command(flatten)]
    pub hook: Hook,
    #[command(flatten)]
    pub packages: Packages,
    /// Check configuration, certificates, web hook, packages and database, and serve nothing; nothing is written or migrated.
    #[arg(long)]
    pub check_config: bool,
    /// Print the configuration in effect with every key's meaning, passwords masked, and serve nothing.
    #[arg(long, conflicts_with = "check_config")]
    pub print_config: bool,
    /// How logs are written to standard error; human unless it is said.
    #[arg(long, value_enum)]
    pub log_format: Option<LogFormat>,
    /// Which logs are written: a level, or levels by module (`warn,kaiban_app=debug`).
    #[arg(long, value_name = "FILTER", env = "RUST_LOG")]
    pub log: Option<String>,
}

/// Serves until Ctrl-C or SIGTERM.
pub async fn run(mut args: Args, output: Output) -> Result<(), Failure> {
    let config = args.config.as_deref().map(config::read).transpose()?.unwrap_or_default();
    let taken = config.complete(&mut args);
    if args.print_config {
        return print(&args, &config, &taken, output);
    }
    let listen = args.listen();
    let filter = log::filter(args.log.as_deref())?;
    let tls = args.tls.read()?;
    if tls.is_none() && !args.insecure && !listen.ip().is_loopback() {
        return Err(Failure::local(
            "INSECURE",
            "未启用 TLS，不能在本机以外的地址提供服务。",
            format!("without TLS {listen} would send tokens and forms in the clear"),
        )
        .with_hint("give --tls-cert and --tls-key, or --insecure if something before it speaks TLS"));
    }
    let server = ServerSettings { tls };
    let notifier = args.hook.open(config.limits.webhook_attempt_max)?;
    let (workflows, files) = args.packages.load()?;
    if args.check_config {
        let checked = check::Checked { args: &args, listen, server: &server, workflows: &workflows };
        return check::run(checked, output).await;
    }
    log::to_stderr(filter, args.log_format.unwrap_or(LogFormat::Human));
    allow_open_files();

    let stop = asked_to_stop();

    let store = args.database.open_or_create().await?;
    let no_token = store.tokens().await.is_ok_and(|tokens| tokens.is_empty());
    let files_kept = args.open_files(&config.limits)?;
    let archive = args.database.archive(args.archive.as_deref());
    let settings = Settings { limits: config.limits, files: files_kept, archive, notifier, ..Settings::default() };
    let app = App::start(store, workflows, &files, Arc::new(SystemClock), settings)
        .await
        .map_err(|error| Failure::local("START", "服务无法启动。", error.to_string()))?;
    let listener = TcpListener::bind(listen).await.map_err(|error| listening(listen, &error))?;
    let address = listener.local_addr().map_err(|error| listening(listen, &error))?;

    let endpoint = format!("{}://{address}", if server.tls.is_some() { "https" } else { "http" });
    output
        .result(&json!({"endpoint": endpoint}), || format!("kaiban {} serves {endpoint}", env!("CARGO_PKG_VERSION")))?;
    if no_token {
        say("hint: nobody can call yet; issue the first token in another terminal with");
        say(&format!("      kaiban token issue --role security --person NAME {}", args.database.arguments()));
    }
    kaiban_server::serve(app, listener, server, stop)
        .await
        .map_err(|error| Failure::local("SERVE", "服务异常终止。", error.to_string()))
}

fn print(args: &Args, config: &Config, taken: &BTreeSet<&'static str>, output: Output) -> Result<(), Failure> {
    let effective = Effective { args, config, taken };
    output.result(&config::json(&effective), || config::human(&effective))
}

impl Args {
    /// Where to listen.
    fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 50_051)))
    }

    /// Where documents are kept: as it is said, or beside the SQLite file.
    fn folder_of_files(&self) -> Option<PathBuf> {
        self.files.clone().or_else(|| self.database.files())
    }

    /// Where documents are kept, and who scans them.
    fn open_files(&self, limits: &Limits) -> Result<Files, Failure> {
        let files = self.database.open_files(self.files.as_deref())?;
        Ok(match &self.clamd {
            Some(clamd) => files.scanned_by(Arc::new(ClamdScanner { clamd: clamd.clone(), patience: limits.scan_max })),
            None => files,
        })
    }
}

fn listening(address: SocketAddr, error: &std::io::Error) -> Failure {
    Failure::local("LISTEN", format!("无法监听 {address}。"), format!("{address}: {error}"))
        .with_hint("another server may use the port; choose one with --listen 127.0.0.1:PORT")
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

#[cfg(test)]
mod tests {
    #[test]
    fn the_default_address_is_the_one_that_is_told() {
        assert_eq!(super::Args::default().listen().to_string(), super::LISTEN);
    }
}
