//! Many who watch and hear nothing: what that costs the server, and whether the right ones hear of a change, and when.

use std::path::Path;
use std::time::{Duration, Instant};

use futures::stream::{self, TryStreamExt};
use kaiban_api::to_struct;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{SubmitCaseRequest, WatchCasesRequest};
use kaiban_client::{Client, Policy};
use kaiban_definition::Directory;
use tokio::sync::mpsc;

use crate::failure::BenchError;
use crate::form::form;
use crate::meter;
use crate::plan::Storage;
use crate::process::{ServerProcess, Throwaway};
use crate::tokens::Bureau;

/// Streams that are being opened at a time.
const OPENING: usize = 64;

/// For how long the processor time of a server is measured that has nothing to do.
const IDLE: Duration = Duration::from_secs(10);

/// How long the watchers of one change may take to hear of it.
const HEARD_MAX: Duration = Duration::from_secs(30);

/// What was seen. Memory is the server's resident memory, bytes.
#[derive(Clone, Debug)]
pub struct Watched {
    /// With nobody connected but who gives out the tokens.
    pub bytes_before: u64,
    /// With all connections, before any watch.
    pub bytes_connected: u64,
    /// With all watches.
    pub bytes_watching: u64,
    /// Once the changes were told.
    pub bytes_after: u64,
    /// Opening all watches took so long.
    pub opened_in: Duration,
    /// Processor time of the idle server for each second.
    pub idle_cpu_share: f64,
    /// From a change's acknowledgement to the last of its watchers; negative ones count as none.
    pub heard_in: Vec<Duration>,
}

/// Opens so many watches over each of so many connections, every connection another outlet's, and hands in `changes`
/// cases, each at another outlet: its watchers hear of it, and nobody else.
///
/// # Errors
/// [`BenchError`]; [`BenchError::Lost`] where watchers did not hear of a change, or others did.
pub async fn watch(
    connections: usize,
    streams: usize,
    changes: usize,
    program: &Path,
    directory: &Directory,
) -> Result<Watched, BenchError> {
    let database = Throwaway::new(&Storage::Folder(None)).await?;
    let (secret, _) = database.prepare(directory).await?;
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--format", "json"].map(str::to_owned);
    let server = ServerProcess::start(program, &arguments, &database).await?;
    let mut bureau = Bureau::new(&server.endpoint, &secret, None, IDLE + HEARD_MAX).await?;
    let memory = || meter::resident_bytes(server.pid).unwrap_or_default();

    let bytes_before = memory();
    let mut lines = Vec::with_capacity(connections);
    for outlet in directory.outlets().take(connections) {
        // Opening is not what is measured: a server that asks for a moment gets it.
        lines.push(bureau.terminal_client(&outlet.bank, &outlet.id).await?.with_policy(Policy::default()));
    }
    if lines.len() < connections {
        return Err(BenchError::Directory(format!("{connections} outlets")));
    }
    let bytes_connected = memory();

    let (heard, mut hears) = mpsc::unbounded_channel();
    let begun = Instant::now();
    let watches = lines.iter().enumerate().flat_map(|(at, line)| (0..streams).map(move |_| (at, line.clone())));
    stream::iter(watches.map(Ok))
        .try_for_each_concurrent(OPENING, |(at, line)| {
            let heard = heard.clone();
            async move { open(at, line, heard).await }
        })
        .await?;
    let opened_in = begun.elapsed();
    let bytes_watching = memory();

    let cpu_before = meter::cpu(server.pid).unwrap_or_default();
    tokio::time::sleep(IDLE).await;
    let idle_cpu = meter::cpu(server.pid).unwrap_or_default().saturating_sub(cpu_before);

    let mut heard_in = Vec::with_capacity(changes);
    for change in 0..changes {
        let at = change * connections / changes.max(1);
        heard_in.push(told(at, &lines[at], change, streams, &mut hears).await?);
    }
    let bytes_after = memory();
    bureau.close().await?;
    server.stop().await?;
    let idle_cpu_share = idle_cpu.as_secs_f64() / IDLE.as_secs_f64();
    Ok(Watched { bytes_before, bytes_connected, bytes_watching, bytes_after, opened_in, idle_cpu_share, heard_in })
}

/// Somebody heard of a case: on which connection, of which, when.
type Hears = (usize, String, Instant);

async fn open(at: usize, client: Client, heard: mpsc::UnboundedSender<Hears>) -> Result<(), BenchError> {
    let request = WatchCasesRequest { changes_only: true, ..WatchCasesRequest::default() };
    let watch = |line| {
        let request = request.clone();
        async move { CaseServiceClient::new(line).watch_cases(request).await }
    };
    let mut changes = client.retry(true, watch).await.map_err(BenchError::made("WatchCases"))?;
    tokio::spawn(async move {
        while let Ok(Some(change)) = changes.message().await {
            let _ = heard.send((at, change.case.unwrap_or_default().id, Instant::now()));
        }
    });
    Ok(())
}

/// Hands a case in on one connection, and waits until all that watch there have heard of it.
async fn told(
    at: usize,
    client: &Client,
    change: usize,
    streams: usize,
    hears: &mut mpsc::UnboundedReceiver<Hears>,
) -> Result<Duration, BenchError> {
    let wrong = |error: kaiban_api::StructError| BenchError::Ended(error.to_string());
    let request = SubmitCaseRequest {
        request_id: format!("watched-{change}"),
        workflow: "six-step".to_owned(),
        form: Some(to_struct(&form("350100")).map_err(wrong)?),
    };
    let answer = client.call(request).await.map_err(BenchError::made("SubmitCase"))?;
    let acknowledged = Instant::now();
    let id = answer.case.unwrap_or_default().id;
    let (mut missing, mut last) = (streams, Duration::ZERO);
    while missing > 0 {
        let heard = tokio::time::timeout(HEARD_MAX, hears.recv()).await;
        let Ok(Some((by, case, when))) = heard else { return Err(BenchError::Lost(missing)) };
        if by != at || case != id {
            return Err(BenchError::Ended("a watch of another outlet's cases".to_owned()));
        }
        missing -= 1;
        last = last.max(when.saturating_duration_since(acknowledged));
    }
    Ok(last)
}
