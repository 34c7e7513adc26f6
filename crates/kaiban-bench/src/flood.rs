//! More than a server can take: nobody may write to its database, and callers who never tire hand in cases, and forms as
//! large as a message may be. What that does to its memory, and what the callers are told.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use kaiban_api::v1::{CheckFormRequest, SubmitCaseRequest};
use kaiban_api::{REQUEST_MAX_BYTES, to_struct};
use kaiban_client::CallError;
use kaiban_definition::Directory;
use kaiban_store::{Options, Store};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::failure::BenchError;
use crate::form::form;
use crate::meter;
use crate::plan::Storage;
use crate::process::{ServerProcess, Throwaway};
use crate::tokens::Bureau;

/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Terminals; each has a connection of its own.
const TERMINALS: usize = 8;

/// What was seen. Memory is the server's resident memory, bytes.
#[derive(Clone, Debug)]
pub struct Flooded {
    /// Before anybody called.
    pub bytes_before: u64,
    /// At its highest.
    pub bytes_most: u64,
    /// When the callers had gone.
    pub bytes_after: u64,
    /// Answers by reason; those that were done under `OK`.
    pub answers: BTreeMap<String, u64>,
    /// Refusals that said when to come again.
    pub with_delay: u64,
}

/// Has so many callers, half of them with large forms, call without a pause for a while.
///
/// # Errors
/// [`BenchError`]: the server cannot be used, or did not outlive it.
pub async fn flood(
    callers: usize,
    length: Duration,
    program: &Path,
    directory: &Directory,
) -> Result<Flooded, BenchError> {
    let failed = |error: kaiban_store::StoreError| BenchError::Database(error.to_string());
    let database = Throwaway::new(&Storage::Folder(None)).await?;
    let (secret, _) = database.prepare(directory).await?;
    let url = database.url().to_owned();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--format", "json"].map(str::to_owned);
    let server = ServerProcess::start(program, &arguments, &database).await?;
    let mut bureau = Bureau::new(&server.endpoint, &secret, None, length).await?;
    let mut clients = Vec::new();
    for outlet in directory.outlets().take(TERMINALS) {
        clients.push(bureau.terminal_client(&outlet.bank, &outlet.id).await?);
    }
    let memory = || meter::resident_bytes(server.pid).unwrap_or_default();
    let bytes_before = memory();

    let store = Store::open(&url, Options::default()).await.map_err(failed)?;
    let held = store.begin().await.map_err(failed)?;
    let small = to_struct(&form("350100")).map_err(|error| BenchError::Ended(error.to_string()))?;
    let large = to_struct(&large()).map_err(|error| BenchError::Ended(error.to_string()))?;
    let mut calls = JoinSet::new();
    for caller in 0..callers {
        let client = clients[caller % clients.len()].clone();
        let (small, large) = (small.clone(), large.clone());
        calls.spawn(async move {
            let mut answers: BTreeMap<String, (u64, u64)> = BTreeMap::new();
            let end = tokio::time::Instant::now() + length;
            let mut number = 0;
            while tokio::time::Instant::now() < end {
                number += 1;
                let answer = if caller % 2 == 0 {
                    let request_id = format!("flood-{caller}-{number}");
                    let form = Some(small.clone());
                    let request = SubmitCaseRequest { request_id, workflow: "six-step".to_owned(), form };
                    client.call(request).await.map(drop)
                } else {
                    let request = CheckFormRequest { workflow: "six-step".to_owned(), form: Some(large.clone()) };
                    client.call(request).await.map(drop)
                };
                let (reason, delay) = told(answer);
                let count = answers.entry(reason).or_default();
                count.0 += 1;
                count.1 += u64::from(delay);
            }
            answers
        });
    }
    let mut flooded = Flooded { bytes_before, bytes_most: 0, bytes_after: 0, answers: BTreeMap::new(), with_delay: 0 };
    while !calls.is_empty() {
        tokio::select! {
            Some(ended) = calls.join_next() => {
                for (reason, (count, delays)) in ended.map_err(|_| BenchError::Ended("a caller".to_owned()))? {
                    *flooded.answers.entry(reason).or_default() += count;
                    flooded.with_delay += delays;
                }
            }
            () = tokio::time::sleep(LOOK) => flooded.bytes_most = flooded.bytes_most.max(memory()),
        }
    }
    drop(held);
    store.close().await.map_err(failed)?;
    flooded.bytes_after = memory();
    bureau.close().await?;
    server.stop().await?;
    Ok(flooded)
}

fn told(answer: Result<(), CallError>) -> (String, bool) {
    match answer {
        Ok(()) => ("OK".to_owned(), false),
        // What broke, and how: nobody can act on it, but whoever reads this wants to know.
        Err(error) if error.reason == "CONNECTION_BROKEN" => (error.en.clone(), false),
        Err(error) => (error.reason.clone(), error.retry_after.is_some()),
    }
}

/// As large as a message may be, of many small values: what takes the most memory for its bytes.
fn large() -> Value {
    let mut large = form("350100");
    // On the wire a number takes 11 bytes with its frame.
    large["business_scope"] = Value::Array(vec![json!(1); REQUEST_MAX_BYTES / 12]);
    large
}
