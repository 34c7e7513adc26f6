//! How long it takes until one server's clients hear of what another server of the same database committed.

use std::path::Path;
use std::time::{Duration, Instant};

use kaiban_api::to_struct;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{OpenWork, SubmitCaseRequest, WatchCasesRequest};
use kaiban_client::{Client, Heard};
use kaiban_definition::Directory;

use crate::failure::BenchError;
use crate::form::form;
use crate::plan::Storage;
use crate::process::{ServerProcess, Throwaway};
use crate::tokens::Bureau;

/// The office that gets the first task of every case.
const PARTY: &str = "market-regulation";
const OFFICE: &str = "market-regulation-350100";

/// Tasks in hand at most; none is given back, and the stream has room for all.
const WINDOW: i32 = 1_000;

/// How long everything may take together.
const LENGTH: Duration = Duration::from_secs(3_600);

/// Times from the acknowledgement by the one server until the other's client had the message, in the order of the cases.
#[derive(Clone, Debug, Default)]
pub struct Between {
    /// By a watch.
    pub watched: Vec<Duration>,
    /// By a work stream: the task.
    pub streamed: Vec<Duration>,
}

/// Two servers on a PostgreSQL database: cases come to the one, a watch and a work stream are open at the other.
///
/// # Errors
/// [`BenchError`].
pub async fn between(url: &str, cases: usize, program: &Path, directory: &Directory) -> Result<Between, BenchError> {
    let database = Throwaway::new(&Storage::Postgres(url.to_owned())).await?;
    let seen = beside(&database, cases, program, directory).await;
    database.remove().await?;
    seen
}

async fn beside(
    database: &Throwaway,
    cases: usize,
    program: &Path,
    directory: &Directory,
) -> Result<Between, BenchError> {
    let (secret, _) = database.prepare(directory).await?;
    let files = tempfile::tempdir().map_err(|error| BenchError::Database(error.to_string()))?;
    let mut arguments = ["serve", "--listen", "127.0.0.1:0", "--format", "json", "--files"].map(str::to_owned).to_vec();
    arguments.push(files.path().display().to_string());
    let here = ServerProcess::start(program, &arguments, database).await?;
    let there = ServerProcess::start(program, &arguments, database).await?;
    let mut bureau_here = Bureau::new(&here.endpoint, &secret, None, LENGTH).await?;
    let mut bureau_there = Bureau::new(&there.endpoint, &secret, None, LENGTH).await?;

    let outlet = directory.outlets().next().ok_or_else(|| BenchError::Directory("an outlet".to_owned()))?;
    let terminal = bureau_here.terminal_client(&outlet.bank, &outlet.id).await?;
    let watcher = bureau_there.terminal_client(&outlet.bank, &outlet.id).await?;
    let cut = |status: tonic::Status| BenchError::made("WatchCases")(status.into());
    let request = WatchCasesRequest { changes_only: true, ..WatchCasesRequest::default() };
    let mut watch = CaseServiceClient::new(watcher.line()).watch_cases(request).await.map_err(cut)?.into_inner();
    let office = bureau_there.office_client(PARTY, OFFICE).await?;
    let mut work = office.work(OpenWork { office: OFFICE.to_owned(), window: WINDOW, ..OpenWork::default() });

    let mut seen = Between::default();
    let mut in_hand = Vec::new();
    for number in 0..=cases {
        let case = submit(&terminal, number).await?;
        let acknowledged = Instant::now();
        let watched = async {
            while watch.message().await.map_err(cut)?.and_then(|change| change.case).is_none_or(|seen| seen.id != case)
            {
            }
            Ok(acknowledged.elapsed())
        };
        let streamed = async {
            loop {
                match work.next().await.map_err(BenchError::made("WorkTasks"))? {
                    Some(Heard::Task(offer)) if offer.task().case_id == case => {
                        break Ok((acknowledged.elapsed(), offer));
                    }
                    Some(_) => {}
                    None => break Err(BenchError::Ended("the work stream".to_owned())),
                }
            }
        };
        let (watched, (streamed, offer)) = tokio::try_join!(watched, streamed)?;
        in_hand.push(offer);
        // The first one waited for the stream to be open.
        if number > 0 {
            seen.watched.push(watched);
            seen.streamed.push(streamed);
        }
    }
    drop((watch, work, in_hand));
    bureau_here.close().await?;
    bureau_there.close().await?;
    there.stop().await?;
    here.stop().await?;
    Ok(seen)
}

async fn submit(terminal: &Client, number: usize) -> Result<String, BenchError> {
    let form = to_struct(&form("350100")).map_err(|error| BenchError::Ended(error.to_string()))?;
    let request = SubmitCaseRequest {
        request_id: format!("between-{number}"),
        workflow: "six-step".to_owned(),
        form: Some(form),
    };
    let answer = terminal.call(request).await.map_err(BenchError::made("SubmitCase"))?;
    Ok(answer.case.unwrap_or_default().id)
}
