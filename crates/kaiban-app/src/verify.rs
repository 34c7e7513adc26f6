//! Looks at the whole database and says whether it is what its journals say: chains unbroken, replay equal to the
//! snapshot, invariants, open tasks and deadlines equal to what the case says, documents there and unaltered.

use kaiban_engine::{Case, Entry, GENESIS, TaskPhase, TimerClock, chain_hash, invariants};
use kaiban_store::{CaseRow, Clock, Store, StoreError, TaskState};
use serde::Serialize;

use crate::library::Library;

/// What `verify` found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct VerifyReport {
    /// Nothing is wrong.
    pub clean: bool,
    /// Cases looked at.
    pub cases: u64,
    /// Journal entries replayed.
    pub entries: u64,
    /// Events in them.
    pub events: u64,
    /// Documents whose digest was recomputed.
    pub documents: u64,
    /// What is wrong, at most [`PROBLEMS_MAX`] of it.
    pub problems: Vec<Problem>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Case number.
    pub case: String,
    /// Which check: `chain`, `sequence`, `snapshot`, `head`, `package`, `tasks`, `timers`, `document`, or an invariant.
    pub check: String,
    /// What is wrong; never personal data.
    pub detail: String,
}

/// Problems that a report lists at most; `clean` is false beyond them too.
pub const PROBLEMS_MAX: usize = 100;

/// Why a database cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be read: {0}")]
pub struct VerifyError(#[from] StoreError);

/// Looks at every case, in the order of their ids. A server may be running: each case is read after its row, so that
/// only what is still changing can look wrong; those are read again.
///
/// # Errors
/// The database cannot be read.
pub async fn verify(store: &Store, library: &Library) -> Result<VerifyReport, VerifyError> {
    const PAGE: u64 = 200;
    let mut report = VerifyReport { clean: true, ..VerifyReport::default() };
    let mut after = String::new();
    loop {
        let rows = store.cases_after(&after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.id);
        for row in &rows {
            report.cases += 1;
            let mut problems = look(store, library, row, &mut report).await?;
            if !problems.is_empty()
                && let Some(again) = store.case(&row.id).await?.filter(|again| again.seq != row.seq)
            {
                problems = look(store, library, &again, &mut VerifyReport::default()).await?;
            }
            report.clean &= problems.is_empty();
            let room = PROBLEMS_MAX.saturating_sub(report.problems.len());
            report.problems.extend(problems.into_iter().take(room));
        }
    }
    Ok(report)
}

async fn look(
    store: &Store,
    library: &Library,
    row: &CaseRow,
    report: &mut VerifyReport,
) -> Result<Vec<Problem>, VerifyError> {
    let mut problems = Vec::new();
    let mut wrong = |check: &str, detail: String| {
        problems.push(Problem { case: row.id.clone(), check: check.to_owned(), detail });
    };
    let mut case = Case::default();
    let mut head = GENESIS.to_owned();
    let mut seq = 0;
    let entries = store.entries(&row.id, 0, u64::try_from(row.seq).unwrap_or(0)).await?;
    for stored in &entries {
        seq += 1;
        report.entries += 1;
        head = chain_hash(&head, &stored.bytes);
        if head != stored.hash {
            wrong("chain", format!("entry {} does not follow from the one before", stored.seq));
        }
        let Ok(entry) = serde_json::from_str::<Entry>(&stored.bytes) else {
            wrong("chain", format!("entry {} cannot be read", stored.seq));
            continue;
        };
        if stored.seq != seq || entry.seq != seq || entry.case != row.id || entry.at_us != stored.at_us {
            wrong("sequence", format!("entry {} is not number {seq} of this case", stored.seq));
        }
        report.events += entry.events.len() as u64;
        for event in &entry.events {
            case.evolve(entry.at_us, event);
        }
    }
    if seq != row.seq || head != row.head {
        wrong("head", format!("the journal ends at {seq}, the case says {}", row.seq));
    }
    match serde_json::from_str::<Case>(&row.snapshot) {
        Ok(snapshot) if snapshot == case => {}
        Ok(_) => wrong("snapshot", "replay gives another state".into()),
        Err(_) => wrong("snapshot", "cannot be read".into()),
    }
    if case.outcome != row.outcome || case.closed_at_us != row.closed_at_us || case.accepted_at_us != row.accepted_at_us
    {
        wrong("row", "the case's columns differ from its state".into());
    }
    match library.pinned(&case.digest) {
        None => wrong("package", "the package that it is pinned to is not there".into()),
        Some(def) => {
            for (name, reason) in invariants::check(def, &case) {
                wrong(name, reason);
            }
        }
    }
    if let Some(detail) = tasks_differ(store, &case).await? {
        wrong("tasks", detail);
    }
    if let Some(detail) = timers_differ(store, &case).await? {
        wrong("timers", detail);
    }
    let digests: Vec<String> = documents(&case, &entries);
    let blobs = store.blobs(&digests).await?;
    for digest in &digests {
        match blobs.iter().find(|blob| blob.digest == *digest) {
            None => wrong("document", "a document that the journal names is missing".into()),
            Some(blob) if crate::documents::digest(&blob.salt, &blob.bytes) != *digest => {
                wrong("document", "a document was altered".into());
            }
            Some(_) => report.documents += 1,
        }
    }
    Ok(problems)
}

/// Every document that the journal names.
fn documents(case: &Case, entries: &[kaiban_store::EntryRow]) -> Vec<String> {
    let mut digests: Vec<String> = case.forms.iter().chain(&case.doubts).cloned().collect();
    digests.extend(case.corrections.iter().map(|correction| correction.findings.clone()));
    digests.extend(case.steps.values().filter_map(|run| run.result.clone()));
    for stored in entries {
        let Ok(entry) = serde_json::from_str::<Entry>(&stored.bytes) else { continue };
        digests.extend(entry.events.iter().filter_map(|event| event.reason()).map(str::to_owned));
    }
    digests.sort_unstable();
    digests.dedup();
    digests
}

async fn tasks_differ(store: &Store, case: &Case) -> Result<Option<String>, VerifyError> {
    let rows = store.tasks_of(&case.id).await?;
    let open = case.open_tasks();
    if rows.len() != open.len() {
        return Ok(Some(format!("{} rows, the case has {} open tasks", rows.len(), open.len())));
    }
    for task in &open {
        let fits = rows.iter().any(|row| {
            let phase = match row.state {
                TaskState::Ready | TaskState::Leased => TaskPhase::Open,
                TaskState::Deferred => TaskPhase::Deferred,
                TaskState::Retrying => TaskPhase::Retrying,
                TaskState::Held => return false,
            };
            row.id == task.id && row.office == task.office && phase == task.phase
        });
        if !fits {
            return Ok(Some(format!("no row fits the task of {}", task.step)));
        }
    }
    Ok(None)
}

async fn timers_differ(store: &Store, case: &Case) -> Result<Option<String>, VerifyError> {
    let rows = store.timers_of(&case.id).await?;
    let running = case.timers();
    let same = rows.len() == running.len()
        && running.iter().all(|timer| {
            let clock = match timer.clock {
                TimerClock::Business => Clock::Business,
                TimerClock::Operating => Clock::Operating,
            };
            rows.iter().any(|row| {
                row.step == timer.step
                    && row.kind == timer.kind.name()
                    && row.due_us == timer.due_us
                    && row.clock == clock
            })
        });
    Ok((!same).then(|| format!("{} rows, the case has {} deadlines", rows.len(), running.len())))
}
