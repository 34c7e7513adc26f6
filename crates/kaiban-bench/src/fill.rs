//! Finished cases, many and fast: the product itself in this process, with everything but the wire. What is measured
//! afterwards meets a database that has been in use for years.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kaiban_app::{
    App, Completion, OpenWork, Principal, Role, Settings, Submit, SystemClock, TaskAddress, TaskView, WorkEvent,
};
use kaiban_definition::{Directory, Files, Workflows};
use kaiban_store::Store;
use tokio::task::JoinSet;

use crate::failure::BenchError;
use crate::finish::Finishes;
use crate::floor::PARTIES;
use crate::form::{form, licence};

/// Cases on their way at a time: large transactions, and no office without work.
const IN_FLIGHT: u64 = 512;

/// Tasks in the hands of an office's stream, and completions of it on their way.
const WINDOW: u32 = 1_000;

/// Every how many cases is told how far it is.
const TOLD_EVERY: u64 = 10_000;

/// The package, and the step that records something and the one that ends a case.
const WORKFLOW: &str = "six-step";
const WITH_RESULT: &str = "registration";
const LAST: &str = "delivery";

/// Divisions in turn, as the load has them.
const DIVISIONS: [&str; 2] = ["350100", "350102"];

/// Writes so many finished cases; `told` hears now and then how many there are.
///
/// # Errors
/// [`BenchError`]; what was written until then stays.
pub async fn fill(
    store: Store,
    workflows: Workflows,
    files: &Files,
    cases: u64,
    told: impl Fn(u64) + Send + Sync + 'static,
) -> Result<Duration, BenchError> {
    let begun = Instant::now();
    let directory = workflows.directory.clone();
    let app = App::start(store, workflows, files, Arc::new(SystemClock), Settings::default())
        .await
        .map_err(|error| BenchError::Database(error.to_string()))?;
    let finishes = Arc::new(Finishes::default());
    let mut offices = JoinSet::new();
    for (party, office) in offices_of(&directory)? {
        offices.spawn(work(app.clone(), agency(&directory, party, &office)?, Arc::clone(&finishes)));
    }
    let outlet = directory.outlets().next().ok_or_else(|| BenchError::Directory("an outlet of a bank".into()))?;
    let terminal = Principal {
        token: "fill-terminal".to_owned(),
        role: Role::Terminal,
        organisation: outlet.bank.clone(),
        outlet: Some(outlet.id.clone()),
        offices: Vec::new(),
        person: None,
        divisions: Vec::new(),
        case: None,
    };
    let filling = Arc::new(Filling { app: app.clone(), terminal, finishes, next: AtomicU64::new(0), cases, told });
    let mut slots = JoinSet::new();
    for _ in 0..IN_FLIGHT.min(cases) {
        slots.spawn(Arc::clone(&filling).slot());
    }
    loop {
        tokio::select! {
            ended = slots.join_next() => match ended {
                Some(ended) => ended.map_err(|_| BenchError::Ended("a submitter".into()))??,
                None => break,
            },
            Some(ended) = offices.join_next() => {
                return Err(match ended {
                    Ok(Err(error)) => error,
                    _ => BenchError::Ended("an office".into()),
                });
            }
        }
    }
    offices.shutdown().await;
    app.stop().await;
    Ok(begun.elapsed())
}

struct Filling<F> {
    app: App,
    terminal: Principal,
    finishes: Arc<Finishes>,
    next: AtomicU64,
    cases: u64,
    told: F,
}

impl<F: Fn(u64) + Send + Sync> Filling<F> {
    /// One case after the other, until there are enough.
    async fn slot(self: Arc<Self>) -> Result<(), BenchError> {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.cases {
                return Ok(());
            }
            if number > 0 && number.is_multiple_of(TOLD_EVERY) {
                (self.told)(number);
            }
            let request = Submit {
                request_id: format!("fill-{number}"),
                workflow: WORKFLOW.to_owned(),
                form: form(DIVISIONS[usize::from(number % 8 == 7)]),
            };
            let submitted = self.app.submit(&self.terminal, request).await;
            let case = submitted.map_err(|refusal| refused("a new case", refusal.reason))?.case.id;
            self.finishes.wait(case).await.ok_or_else(|| BenchError::Ended("the offices".into()))?;
        }
    }
}

/// The offices that the cases need, by party.
fn offices_of(directory: &Directory) -> Result<BTreeSet<(&'static str, String)>, BenchError> {
    let mut offices = BTreeSet::new();
    for party in PARTIES {
        for division in DIVISIONS {
            let office = directory.office(party, division);
            let office = office.ok_or_else(|| BenchError::Directory(format!("an office of {party} for {division}")))?;
            offices.insert((party, office.id.clone()));
        }
    }
    Ok(offices)
}

fn agency(directory: &Directory, party: &str, office: &str) -> Result<(Principal, String), BenchError> {
    let officer = directory.office_by_id(office).and_then(|office| office.officers.first());
    let officer = officer.ok_or_else(|| BenchError::Directory(format!("an officer of {office}")))?;
    let agency = Principal {
        token: format!("fill-{office}"),
        role: Role::Agency,
        organisation: party.to_owned(),
        outlet: None,
        offices: vec![office.to_owned()],
        person: None,
        divisions: Vec::new(),
        case: None,
    };
    Ok((agency, officer.id.clone()))
}

/// An office: ends each task as it comes.
async fn work(app: App, (agency, officer): (Principal, String), finishes: Arc<Finishes>) -> Result<(), BenchError> {
    let request = OpenWork { office: String::new(), steps: Vec::new(), window: WINDOW, lease: None };
    let mut work = app.work(&agency, request).await.map_err(|refusal| refused("a stream", refusal.reason))?;
    let mut completing = FuturesUnordered::new();
    loop {
        tokio::select! {
            event = work.events.recv() => match event {
                Some(WorkEvent::Task(task)) => {
                    let (handle, completion) = (work.handle.clone(), completion(&task, &officer));
                    completing.push(async move { (task, handle.complete(completion).await) });
                }
                Some(WorkEvent::Taken { .. } | WorkEvent::Synced(_)) => {}
                _ => return Err(BenchError::Ended("a stream".into())),
            },
            Some((task, answer)) = completing.next() => {
                answer.map_err(|refusal| refused(&task.id, refusal.reason))?;
                if task.step == LAST {
                    finishes.finished(&task.case, Instant::now());
                }
            }
        }
    }
}

fn completion(task: &TaskView, officer: &str) -> Completion {
    Completion {
        request_id: format!("{}-{}", task.id, task.epoch),
        task: TaskAddress { id: task.id.clone(), case: String::new(), step: String::new() },
        epoch: task.epoch,
        outcome: "approve".to_owned(),
        result: (task.step == WITH_RESULT).then(licence),
        findings: Vec::new(),
        officer: officer.to_owned(),
        approver: String::new(),
        reason: String::new(),
    }
}

fn refused(what: &str, reason: &str) -> BenchError {
    BenchError::Refused { task: what.to_owned(), reason: reason.to_owned() }
}
