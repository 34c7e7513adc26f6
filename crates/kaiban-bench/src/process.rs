//! A server process on a throw-away database.

use std::collections::VecDeque;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kaiban_app::{IssueToken, Role, issue_token_offline};
use kaiban_definition::Directory;
use kaiban_store::{Backend, Options, Store, StoreError, create_database, drop_database};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::failure::BenchError;
use crate::fill::fill;
use crate::plan::{Stock, Storage};
use crate::tokens::LABEL;

/// How long a server may take to start, and to stop after the signal.
const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(30);

/// Lines of the server's standard error that are kept, to be shown if it fails.
const LAST_LINES: usize = 20;

/// A database of its own for a measurement.
pub(crate) struct Throwaway {
    url: String,
    place: Place,
}

enum Place {
    /// A folder; it does not outlive this.
    Folder(TempDir),
    /// Beside the database that this URL names.
    Postgres { maintenance: String, name: String },
}

impl Throwaway {
    /// An empty one.
    pub async fn new(storage: &Storage) -> Result<Self, BenchError> {
        match storage {
            Storage::Postgres(maintenance) => {
                static COUNT: AtomicU32 = AtomicU32::new(0);
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                let name = format!("kaiban_bench_{}_{count}", std::process::id());
                let url = create_database(maintenance, &name).await.map_err(unusable)?;
                Ok(Self { url, place: Place::Postgres { maintenance: maintenance.clone(), name } })
            }
            Storage::Folder(below) => {
                let folder = match below {
                    Some(below) => tempfile::Builder::new().prefix("kaiban-bench-").tempdir_in(below),
                    None => tempfile::Builder::new().prefix("kaiban-bench-").tempdir(),
                };
                let folder = folder.map_err(|error| BenchError::Database(error.to_string()))?;
                let url = format!("sqlite://{}", folder.path().join("kaiban.db").display());
                Ok(Self { url, place: Place::Folder(folder) })
            }
        }
    }

    /// Its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes it away; nobody uses it any more.
    pub async fn remove(self) -> Result<(), BenchError> {
        match self.place {
            Place::Folder(folder) => folder.close().map_err(|error| BenchError::Database(error.to_string())),
            Place::Postgres { maintenance, name } => drop_database(&maintenance, &name).await.map_err(unusable),
        }
    }

    /// Makes the schema, and the secret of a token that issues the others.
    pub async fn prepare(&self, directory: &Directory) -> Result<(String, Backend), BenchError> {
        let store = Store::open(&self.url, Options::default()).await.map_err(unusable)?;
        let request = IssueToken::new(Role::Security, "bench").of_person("bench-security").called(LABEL);
        let (_, secret) = issue_token_offline(&store, directory, request)
            .await
            .map_err(|refusal| BenchError::Database(refusal.message.en))?;
        let backend = store.backend();
        store.close().await.map_err(unusable)?;
        Ok((secret, backend))
    }

    /// Writes finished cases.
    pub async fn fill(&self, stock: &Stock) -> Result<(), BenchError> {
        let store = Store::open(&self.url, Options::default()).await.map_err(unusable)?;
        fill(store.clone(), stock.workflows.clone(), &stock.files, stock.cases, stock.told).await?;
        store.close().await.map_err(unusable)
    }
}

fn unusable(error: StoreError) -> BenchError {
    BenchError::Database(error.to_string())
}

/// A running server process. It does not outlive this.
pub(crate) struct ServerProcess {
    pub endpoint: String,
    pub pid: u32,
    child: Child,
    last_lines: Arc<Mutex<VecDeque<String>>>,
    _out: Lines<BufReader<ChildStdout>>,
}

impl ServerProcess {
    /// Starts a program and waits until it says where it listens.
    pub async fn start(program: &Path, arguments: &[String], database: &Throwaway) -> Result<Self, BenchError> {
        let failed = |error: std::io::Error| BenchError::Process(format!("{}: {error}", program.display()));
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // What the caller's environment says to a server is not what is measured.
        for variable in [DATABASE_URL, "KAIBAN_CONFIG", "KAIBAN_WEBHOOK_SECRET", "RUST_LOG"] {
            command.env_remove(variable);
        }
        // Not on the command line, where others could read a password.
        match &database.place {
            Place::Folder(folder) => command.arg("--data").arg(folder.path()),
            Place::Postgres { .. } => command.env(DATABASE_URL, &database.url),
        };
        let mut child = command.spawn().map_err(failed)?;
        let (Some(out), Some(err), Some(pid)) = (child.stdout.take(), child.stderr.take(), child.id()) else {
            return Err(BenchError::Process("it has no output".into()));
        };
        let last_lines = keep_last_lines(err);
        let mut out = BufReader::new(out).lines();
        let first = tokio::time::timeout(START_MAX, out.next_line()).await;
        let endpoint = match first {
            Ok(Ok(Some(line))) => {
                serde_json::from_str::<Value>(&line).ok().and_then(|line| Some(line["endpoint"].as_str()?.to_owned()))
            }
            _ => None,
        };
        let mut server = Self { endpoint: String::new(), pid, child, last_lines, _out: out };
        match endpoint {
            Some(endpoint) => server.endpoint = endpoint,
            None => return Err(server.failed("it did not say where it listens").await),
        }
        Ok(server)
    }

    /// Asks it to stop, and waits until it has.
    pub async fn stop(mut self) -> Result<(), BenchError> {
        terminate(self.pid, &mut self.child);
        match tokio::time::timeout(STOP_MAX, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.failed(&format!("it ended with {status}")).await),
            Ok(Err(error)) => Err(BenchError::Process(error.to_string())),
            Err(_) => Err(self.failed("it did not stop").await),
        }
    }

    async fn failed(&mut self, what: &str) -> BenchError {
        // Its last words are complete only when it is gone.
        let _ = self.child.kill().await;
        let lines = self.last_lines.lock().unwrap_or_else(PoisonError::into_inner);
        BenchError::Process(
            std::iter::once(what).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>().join("\n  "),
        )
    }
}

/// The variable that `serve` takes a database's URL from.
pub(crate) const DATABASE_URL: &str = "KAIBAN_DATABASE_URL";

fn keep_last_lines(err: tokio::process::ChildStderr) -> Arc<Mutex<VecDeque<String>>> {
    let kept = Arc::new(Mutex::new(VecDeque::new()));
    let lines = Arc::clone(&kept);
    tokio::spawn(async move {
        let mut err = BufReader::new(err).lines();
        while let Ok(Some(line)) = err.next_line().await {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == LAST_LINES {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    });
    kept
}

#[cfg(unix)]
fn terminate(pid: u32, child: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process};

    let told =
        i32::try_from(pid).ok().and_then(Pid::from_raw).is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
    if !told {
        let _ = child.start_kill();
    }
}

#[cfg(not(unix))]
fn terminate(_: u32, child: &mut Child) {
    let _ = child.start_kill();
}
