//! One run: start the server, put everybody in place, warm up, measure, bring every case to its end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kaiban_app::{Clock, SystemClock};
use kaiban_definition::Directory;
use kaiban_store::Backend;
use tokio::task::{JoinError, JoinSet};

use crate::desk::Desk;
use crate::failure::BenchError;
use crate::figures::{Report, Sample, millis};
use crate::finish::Finishes;
use crate::floor::PARTIES;
use crate::meter::{self, Reading};
use crate::pages;
use crate::plan::{Door, Plan, Stock, Target};
use crate::process::{ServerProcess, Throwaway};
use crate::slot::Slot;
use crate::tokens::Bureau;

/// Load before anything is measured: caches fill, statements are prepared, the streams are known to be idle.
const WARM_UP: Duration = Duration::from_secs(1);

/// How long the cases in flight may take to end once no more are submitted.
const DRAIN_MAX: Duration = Duration::from_secs(60);

/// Where cases register. Most in the city, so that its streams are busy; every eighth in a district, whose steps go to
/// the district's own offices or to the same ones.
const DIVISIONS: [&str; 8] = ["350100", "350100", "350100", "350100", "350100", "350100", "350100", "350102"];

/// Terminals at most; each has a connection of its own.
const TERMINALS_MAX: usize = 8;

/// Measures a plan on a target. `directory` is the one that the server uses.
///
/// # Errors
/// [`BenchError`]; a server process that was started is ended in any case.
pub async fn run(plan: &Plan, target: &Target, directory: &Directory) -> Result<Report, BenchError> {
    match target {
        Target::Own { program, arguments, storage, stock } => {
            let database = Throwaway::new(storage).await?;
            let report = own(plan, program, arguments, &database, stock.as_ref(), directory).await;
            database.remove().await?;
            report
        }
        Target::There { endpoint, token, tls } => {
            let bureau = Bureau::new(endpoint, token, tls.clone(), plan.length).await?;
            measure(plan, bureau, Seen { pid: None, writes: false }, directory).await
        }
    }
}

async fn own(
    plan: &Plan,
    program: &Path,
    arguments: &[String],
    database: &Throwaway,
    stock: Option<&Stock>,
    directory: &Directory,
) -> Result<Report, BenchError> {
    let (secret, backend) = database.prepare(directory).await?;
    if let Some(stock) = stock {
        database.fill(stock).await?;
    }
    let begun = Instant::now();
    let server = ServerProcess::start(program, arguments, database).await?;
    let mut bureau = Bureau::new(&server.endpoint, &secret, None, plan.length).await?;
    bureau.server().await?;
    let started_in = begun.elapsed();
    let seen = Seen { pid: Some(server.pid), writes: backend == Backend::Sqlite };
    let report = measure(plan, bureau, seen, directory).await?;
    server.stop().await?;
    Ok(Report { start_ms: Some(millis(started_in)), ..report })
}

/// What can be seen of the server from outside.
#[derive(Clone, Copy)]
struct Seen {
    pid: Option<u32>,
    /// Whether it writes the database itself.
    writes: bool,
}

async fn measure(plan: &Plan, mut bureau: Bureau, seen: Seen, directory: &Directory) -> Result<Report, BenchError> {
    let in_flight = plan.in_flight.max(1);
    let mut load = Load::new(in_flight);
    load.workers(plan.door, &mut bureau, directory).await?;
    load.submitters(&mut bureau, directory).await?;

    load.go_on(WARM_UP).await?;
    let (from, _) = read(&mut bureau, seen).await?;
    load.go_on(plan.length).await?;
    let (to, backend) = read(&mut bureau, seen).await?;
    let samples = load.drain().await?;
    let pages = if plan.pages { pages::read(&bureau.manager().await?).await? } else { Vec::new() };
    bureau.close().await?;
    let report = Report::new(plan, backend, &samples, &from, &to).ok_or(BenchError::Nothing)?;
    Ok(report.with_pages(&pages))
}

async fn read(bureau: &mut Bureau, seen: Seen) -> Result<(Reading, String), BenchError> {
    let server = bureau.server().await?;
    let reading = Reading {
        at: Instant::now(),
        commits: server.commits,
        cpu: seen.pid.and_then(meter::cpu),
        resident: seen.pid.and_then(meter::resident_bytes),
        bytes: seen.pid.filter(|_| seen.writes).and_then(meter::bytes_written),
    };
    Ok((reading, server.backend))
}

/// Everybody at work.
struct Load {
    divisions: Vec<&'static str>,
    run: String,
    finishes: Arc<Finishes>,
    stop: Arc<AtomicBool>,
    workers: JoinSet<Result<(), BenchError>>,
    slots: JoinSet<Result<Vec<Sample>, BenchError>>,
}

impl Load {
    fn new(in_flight: usize) -> Self {
        Self {
            divisions: DIVISIONS.into_iter().cycle().take(in_flight).collect(),
            // Two runs on one database do not begin in the same microsecond.
            run: format!("{:x}", SystemClock.operating_us()),
            finishes: Arc::default(),
            stop: Arc::default(),
            workers: JoinSet::new(),
            slots: JoinSet::new(),
        }
    }

    /// Every office that the cases need, each with a connection of its own.
    async fn workers(&mut self, door: Door, bureau: &mut Bureau, directory: &Directory) -> Result<(), BenchError> {
        let mut offices: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        for party in PARTIES {
            for division in &self.divisions {
                let office = directory
                    .office(party, division)
                    .ok_or_else(|| BenchError::Directory(format!("an office of {party} for {division}")))?;
                offices.entry(&office.id).or_insert((party, 0)).1 += 1;
            }
        }
        for (office, (party, cases)) in offices {
            let line = bureau.office(party, office).await?;
            let officer = directory.office_by_id(office).and_then(|office| office.officers.first());
            let officer = officer.ok_or_else(|| BenchError::Directory(format!("an officer of {office}")))?;
            let (office, officer) = (office.to_owned(), officer.id.clone());
            let desk = Desk { office, officer, line, finishes: Arc::clone(&self.finishes) };
            match door {
                Door::Stream => {
                    for stream in desk.on_streams(cases).await? {
                        self.workers.spawn(stream.run());
                    }
                }
                Door::Calls => {
                    for poller in 0..Desk::pollers(cases) {
                        self.workers.spawn(desk.clone().poll(format!("{}-{}-{poller}", self.run, desk.office)));
                    }
                }
            }
        }
        Ok(())
    }

    /// A slot for each case in flight, shared out over some terminals.
    async fn submitters(&mut self, bureau: &mut Bureau, directory: &Directory) -> Result<(), BenchError> {
        let wanted = self.divisions.len().min(TERMINALS_MAX);
        let outlets = directory.outlets().take(wanted);
        let mut lines = Vec::with_capacity(wanted);
        for outlet in outlets {
            lines.push(bureau.terminal(&outlet.bank, &outlet.id).await?);
        }
        if lines.is_empty() {
            return Err(BenchError::Directory("an outlet of a bank".into()));
        }
        for (number, division) in self.divisions.iter().enumerate() {
            let slot = Slot {
                line: lines[number % lines.len()].clone(),
                division: (*division).to_owned(),
                name: format!("{}-{number}", self.run),
                finishes: Arc::clone(&self.finishes),
                stop: Arc::clone(&self.stop),
            };
            self.slots.spawn(slot.run());
        }
        Ok(())
    }

    /// Lets them work for a while; the first to fail ends the run.
    async fn go_on(&mut self, length: Duration) -> Result<(), BenchError> {
        tokio::select! {
            () = tokio::time::sleep(length) => Ok(()),
            Some(ended) = self.workers.join_next() => Err(too_early(ended, "a worker")),
            Some(ended) = self.slots.join_next() => Err(too_early(ended, "a submitter")),
        }
    }

    /// No more cases; those in flight are brought to their end.
    async fn drain(mut self) -> Result<Vec<Sample>, BenchError> {
        self.stop.store(true, Ordering::Relaxed);
        let deadline = tokio::time::sleep(DRAIN_MAX);
        tokio::pin!(deadline);
        let mut samples = Vec::new();
        loop {
            tokio::select! {
                ended = self.slots.join_next() => match ended {
                    Some(ended) => samples.extend(ended.map_err(|_| BenchError::Ended("a submitter".into()))??),
                    None => return Ok(samples),
                },
                Some(ended) = self.workers.join_next() => return Err(too_early(ended, "a worker")),
                () = &mut deadline => return Err(BenchError::Lost(self.slots.len())),
            }
        }
    }
}

fn too_early<T>(ended: Result<Result<T, BenchError>, JoinError>, who: &str) -> BenchError {
    match ended {
        Ok(Err(error)) => error,
        _ => BenchError::Ended(who.to_owned()),
    }
}
