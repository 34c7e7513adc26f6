//! One server: a process that is started, killed, stopped and started again, and the line that leads to it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

use crate::book::Book;
use crate::proxy::Proxy;

/// How long a server may take to start, and to end after SIGTERM: longer than it lets calls go on.
const START_MAX: Duration = Duration::from_secs(60);
const END_MAX: Duration = Duration::from_secs(60);

/// What the program takes from the environment; a run says all of it itself.
pub(crate) fn deaf(program: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    for variable in ["KAIBAN_CONFIG", "KAIBAN_DATABASE_URL", "KAIBAN_WEBHOOK_SECRET", "RUST_LOG"] {
        command.env_remove(variable);
    }
    command
}

/// A server's place, whether or not it runs.
pub(crate) struct Node {
    /// From 1.
    pub number: usize,
    /// Its clients' way to it.
    pub proxy: Proxy,
    /// `serve` with everything but what changes from start to start.
    command: NodeCommand,
    running: Option<Running>,
    book: Arc<Book>,
}

/// How a server is started.
#[derive(Clone, Debug)]
pub(crate) struct NodeCommand {
    /// The program.
    pub program: PathBuf,
    /// Arguments and variables that name its database and documents.
    pub arguments: Vec<String>,
    pub variables: Vec<(String, String)>,
    /// Where what it logs is added to.
    pub log: PathBuf,
}

struct Running {
    child: Child,
    pid: Pid,
    address: SocketAddr,
    out: Lines<BufReader<ChildStdout>>,
    logging: JoinHandle<()>,
}

impl Node {
    pub async fn new(number: usize, command: NodeCommand, book: Arc<Book>) -> Result<Self> {
        Ok(Self { number, proxy: Proxy::open().await?, command, running: None, book })
    }

    /// Starts it, with more arguments, and leads its clients to it once it says where it listens.
    pub async fn start(&mut self, more: &[String]) -> Result<()> {
        self.spawn(more)?;
        self.ready().await
    }

    /// Starts the process and does not wait until it serves.
    pub fn spawn(&mut self, more: &[String]) -> Result<()> {
        let mut command = Command::from(deaf(&self.command.program));
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--format", "json"])
            .args(&self.command.arguments)
            .args(more)
            .envs(self.command.variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot run {}", self.command.program.display()))?;
        let (Some(out), Some(err), Some(pid)) = (child.stdout.take(), child.stderr.take(), child.id()) else {
            bail!("a server without output");
        };
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process id")?;
        let logging = tokio::spawn(log(self.number, err, self.command.log.clone(), Arc::clone(&self.book)));
        let out = BufReader::new(out).lines();
        self.running = Some(Running { child, pid, address: ([127, 0, 0, 1], 0).into(), out, logging });
        Ok(())
    }

    /// Waits until the process says where it listens.
    pub async fn ready(&mut self) -> Result<()> {
        let number = self.number;
        let running = self.running.as_mut().context("it was not started")?;
        let line = tokio::time::timeout(START_MAX, running.out.next_line()).await;
        let line = line.with_context(|| format!("server {number} does not say where it listens"))??;
        let line: Value = serde_json::from_str(&line.with_context(|| format!("server {number} ended as it started"))?)?;
        let address = line["endpoint"].as_str().and_then(|endpoint| endpoint.strip_prefix("http://"));
        running.address = address.context("an endpoint")?.parse()?;
        self.proxy.lead_to(Some(running.address));
        Ok(())
    }

    /// `http://host:port`, past the proxy.
    pub fn endpoint(&self) -> Option<String> {
        self.running.as_ref().map(|running| format!("http://{}", running.address))
    }

    /// SIGKILL.
    pub async fn kill(&mut self) -> Result<()> {
        self.proxy.lead_to(None);
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.child.kill().await?;
        running.logging.await?;
        Ok(())
    }

    /// SIGTERM; it has to end by itself, and with 0.
    pub async fn end(&mut self) -> Result<()> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        rustix::process::kill_process(running.pid, Signal::TERM)?;
        let ended = tokio::time::timeout(END_MAX, running.child.wait()).await;
        self.proxy.lead_to(None);
        let status = match ended {
            Ok(status) => status?,
            Err(_) => {
                running.child.kill().await?;
                bail!("server {} did not end within {} s of SIGTERM", self.number, END_MAX.as_secs());
            }
        };
        running.logging.await?;
        ensure!(status.success(), "server {} ended with {status} after SIGTERM", self.number);
        Ok(())
    }

    /// Whether the process still runs; one that ended by itself says how.
    pub fn ended_by_itself(&mut self) -> Option<String> {
        let ended = self.running.as_mut()?.child.try_wait().ok()??;
        Some(ended.to_string())
    }

    /// SIGSTOP and SIGCONT.
    pub fn stand_still(&self, still: bool) -> Result<()> {
        let running = self.running.as_ref().context("it does not run")?;
        let signal = if still { Signal::STOP } else { Signal::CONT };
        Ok(rustix::process::kill_process(running.pid, signal)?)
    }

    /// Bounds the size of every file that it writes; none = as large as it likes.
    pub fn limit_files(&self, bytes: Option<u64>) -> Result<()> {
        let running = self.running.as_ref().context("it does not run")?;
        let limit = Rlimit { current: bytes, maximum: None };
        rustix::process::prlimit(Some(running.pid), Resource::Fsize, limit)?;
        Ok(())
    }
}

/// Adds what a server logs to a file, and notes what no server should ever say.
async fn log(number: usize, err: tokio::process::ChildStderr, file: PathBuf, book: Arc<Book>) {
    let Ok(mut file) = tokio::fs::OpenOptions::new().create(true).append(true).open(file).await else { return };
    let mut lines = BufReader::new(err).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.contains("panicked") {
            book.violation(format!("server {number} panicked: {line}"));
        }
        let _ = file.write_all(format!("{line}\n").as_bytes()).await;
    }
    let _ = file.flush().await;
}
