//! Looks at the whole database and says whether it is what its journals say: chains unbroken, replay equal to the
//! snapshot, invariants, open tasks and deadlines equal to what the case says, documents there and unaltered.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_calendar::Calendars;
use kaiban_definition::{CaseFacts, Definition, Scope};
use kaiban_engine::{Case, Entry, GENESIS, TaskPhase, Timer, TimerClock, chain_hash, invariants};
use kaiban_store::{BlobRow, CaseRow, Clock, EntryRow, ErasureRow, Store, StoreError, TaskState, TimerRow};
use serde::Serialize;
use serde_json::Value;

use crate::archive::{Archive, ArchiveError};
use crate::delays;
use crate::draws::{self, verify::Records};
use crate::execute::Working;
use crate::figures::rows;
use crate::heads::{HeadKept, HeadView, Windows};
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
    /// Draws that were held again from their records.
    pub draws: u64,
    /// Cases among them that are in the archive.
    pub archived: u64,
    /// Documents that were erased at the end of their period.
    pub erased: u64,
    /// Heads over all journals that were computed again.
    pub heads: u64,
    /// The newest head, to be kept elsewhere.
    pub last_head: Option<HeadView>,
    /// What is wrong, at most [`PROBLEMS_MAX`] of it.
    pub problems: Vec<Problem>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Case number; of a draw its own, of a head `head` and its number.
    pub case: String,
    /// Which check: `chain`, `sequence`, `snapshot`, `head`, `package`, `tasks`, `timers`, `row`,
    /// `registers`, `delays`, `commitments`, `draw`, `document`, `erasure`, `archive`, `heads`, or an invariant.
    pub check: String,
    /// What is wrong; never personal data.
    pub detail: String,
}

/// Problems that a report lists at most; `clean` is false beyond them too.
pub const PROBLEMS_MAX: usize = 100;

/// Why a database cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database.
    #[error("the database cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The archive was not named.
    #[error(transparent)]
    Archive(ArchiveError),
}

/// What is looked at beside the database.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Where archived cases are.
    pub archive: Archive,
    /// Heads that were kept elsewhere: each must be one of the database's.
    pub heads: Vec<HeadKept>,
}

/// Looks at a database whose cases are all in it; see [`verify_beside`].
///
/// # Errors
/// The database cannot be read.
pub async fn verify(store: &Store, library: &Library) -> Result<VerifyReport, VerifyError> {
    verify_beside(store, library, &Beside::default()).await
}

/// Looks at every case, in the order of their ids. A server may be running: each case is read after its row, so that
/// only what is still changing can look wrong; those are read again.
///
/// # Errors
/// The database cannot be read; cases were archived and nobody said where.
pub async fn verify_beside(store: &Store, library: &Library, beside: &Beside) -> Result<VerifyReport, VerifyError> {
    const PAGE: u64 = 200;
    let mut windows = Windows::load(store).await?;
    let mut report = VerifyReport { clean: true, ..VerifyReport::default() };
    let mut records = Records::default();
    let mut after = String::new();
    loop {
        let rows = store.cases_after(&after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.id);
        for row in &rows {
            report.cases += 1;
            let (mut problems, held) = check(store, library, row, &beside.archive, &mut records, &mut report).await?;
            for entry in &held.entries {
                windows.see(&row.id, entry.seq, entry.at_us, &entry.hash);
            }
            let changed = |again: &CaseRow| again.seq != row.seq || again.is_archived() != row.is_archived();
            if !problems.is_empty()
                && let Some(again) = store.case(&row.id).await?.filter(changed)
            {
                let (mut records, mut report) = (Records::default(), VerifyReport::default());
                (problems, _) = check(store, library, &again, &beside.archive, &mut records, &mut report).await?;
            }
            report.note(problems);
        }
    }
    let mut problems = Vec::new();
    report.draws = draws::verify::verify(store, &mut problems).await?;
    (report.heads, report.last_head) = (windows.count(), windows.last());
    problems.extend(windows.problems(&beside.heads));
    report.note(problems);
    Ok(report)
}

impl VerifyReport {
    fn note(&mut self, problems: Vec<Problem>) {
        self.clean &= problems.is_empty();
        let room = PROBLEMS_MAX.saturating_sub(self.problems.len());
        self.problems.extend(problems.into_iter().take(room));
    }
}

/// What there is of a case beside its row, wherever it is.
#[derive(Default)]
struct Held {
    snapshot: String,
    entries: Vec<EntryRow>,
    documents: Vec<BlobRow>,
    erased: Vec<ErasureRow>,
}

impl Held {
    async fn read(store: &Store, archive: &Archive, row: &CaseRow) -> Result<Self, ArchiveError> {
        let most = u64::try_from(row.seq).unwrap_or(0);
        let entries = store.entries(&row.id, 0, most).await?;
        // Moved meanwhile, or long ago: all of it at once.
        let moved = if entries.is_empty() { archive.member(store, &row.id).await? } else { None };
        let mut held = match moved {
            Some(member) => Self {
                snapshot: member.snapshot,
                entries: member.entries,
                documents: member.documents,
                ..Self::default()
            },
            None => {
                let documents = store.blobs(&crate::archive::documents(&entries)).await?;
                Self { snapshot: row.snapshot.clone(), entries, documents, ..Self::default() }
            }
        };
        held.erased = store.erasures(&row.id).await?;
        Ok(held)
    }
}

/// Reads a case and looks at it. A file of the archive that cannot be read is what is wrong with its cases.
async fn check(
    store: &Store,
    library: &Library,
    row: &CaseRow,
    archive: &Archive,
    records: &mut Records,
    report: &mut VerifyReport,
) -> Result<(Vec<Problem>, Held), VerifyError> {
    match Held::read(store, archive, row).await {
        Ok(held) => {
            report.archived += u64::from(row.is_archived());
            let row = CaseRow { snapshot: held.snapshot.clone(), ..row.clone() };
            Ok((look(store, library, &row, &held, records, report).await?, held))
        }
        Err(ArchiveError::Store(error)) => Err(error.into()),
        Err(error @ ArchiveError::NotNamed) => Err(VerifyError::Archive(error)),
        Err(error) => {
            let (case, check) = (row.id.clone(), "archive".to_owned());
            Ok((vec![Problem { case, check, detail: error.to_string() }], Held::default()))
        }
    }
}

async fn look(
    store: &Store,
    library: &Library,
    row: &CaseRow,
    held: &Held,
    records: &mut Records,
    report: &mut VerifyReport,
) -> Result<Vec<Problem>, VerifyError> {
    let mut problems = Vec::new();
    let mut wrong = |check: &str, detail: String| {
        problems.push(Problem { case: row.id.clone(), check: check.to_owned(), detail });
    };
    let mut case = Case::default();
    let mut head = GENESIS.to_owned();
    let mut seq = 0;
    // A case may have gone on by other versions of its package.
    let mut versions: Vec<String> = Vec::new();
    let Held { entries, documents: blobs, erased, .. } = held;
    for stored in entries {
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
        if versions.last() != Some(&case.digest) {
            versions.push(case.digest.clone());
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
    match library.pinned(&case.digest) {
        None => wrong("package", "the package that it is pinned to is not there".into()),
        Some(def) => {
            for (name, reason) in invariants::check(&def, &case) {
                wrong(name, reason);
            }
            for column in columns_that_differ(library, row, &case) {
                wrong("row", format!("column {column} differs from the case's state"));
            }
            if store.commitments_of(&case.id).await? != rows::rows(&def, &case) {
                wrong("commitments", "the rows of its certificates are not what the case says".into());
            }
            let versions: Vec<_> = versions.iter().filter_map(|digest| library.pinned(digest)).collect();
            if let Some(detail) = refusals_differ(store, &versions, &case).await? {
                wrong("commitments", detail);
            }
            if let Some(detail) = registers_differ(store, &def, &case, held).await? {
                wrong("registers", detail);
            }
        }
    }
    if let Some(detail) = tasks_differ(store, &case).await? {
        wrong("tasks", detail);
    }
    if let Some(detail) = timers_differ(store, library, &case).await? {
        wrong("timers", detail);
    }
    if store.delays_of(&case.id).await? != delays::rows(&case) {
        wrong("delays", "the rows of late steps are not what the case says".into());
    }
    if !erased.is_empty() && case.closed_at_us.is_none() {
        wrong("erasure", "documents of an open case were erased".into());
    }
    for digest in &crate::archive::documents(entries) {
        match blobs.iter().find(|blob| blob.digest == *digest) {
            None if erased.iter().any(|row| row.digest == *digest) => report.erased += 1,
            None => wrong("document", "a document that the journal names is missing".into()),
            Some(_) if erased.iter().any(|row| row.digest == *digest) => {
                wrong("erasure", "a document that is said to be erased is still there".into());
            }
            Some(blob) if crate::documents::digest(&blob.salt, &blob.bytes) != *digest => {
                wrong("document", "a document was altered".into());
            }
            Some(_) => report.documents += 1,
        }
    }
    if let Some(def) = library.pinned(&case.digest) {
        for detail in records.look(store, &def, &case, blobs).await? {
            wrong("draw", detail);
        }
    }
    Ok(problems)
}

/// Columns of the case's row that are not what its state says. The due time is left out: it follows the calendars, which
/// may have got a new version since the row was written.
fn columns_that_differ(library: &Library, row: &CaseRow, case: &Case) -> Vec<&'static str> {
    let Ok(mut working) = Working::read(library, row) else { return vec!["snapshot"] };
    working.case.clone_from(case);
    let derived = working.row(&library.calendars(), case.last_at_us);
    let pairs = [
        ("workflow", derived.workflow == row.workflow),
        ("version", derived.version == row.version),
        ("digest", derived.digest == row.digest),
        ("division", derived.division == row.division),
        ("organisation", derived.organisation == row.organisation),
        ("outlet", derived.outlet == row.outlet),
        ("state", derived.state == row.state),
        ("outcome", derived.outcome == row.outcome),
        ("received_at_us", derived.received_at_us == row.received_at_us),
        ("accepted_at_us", derived.accepted_at_us == row.accepted_at_us),
        ("closed_at_us", derived.closed_at_us == row.closed_at_us),
        ("waiting", derived.waiting == row.waiting),
        ("troubled", derived.troubled == row.troubled),
        ("parent", derived.parent == row.parent),
        ("visited", derived.visited == row.visited),
    ];
    pairs.into_iter().filter(|(_, same)| !same).map(|(column, _)| column).collect()
}

/// A case that ended and keeps a key has the record for good. The reservation of an open case may have run out and be
/// another's by now.
async fn registers_differ(
    store: &Store,
    def: &Definition,
    case: &Case,
    documents: &Held,
) -> Result<Option<String>, VerifyError> {
    let ended = case.closed_at_us.is_some();
    let held: Vec<&str> = case.steps.values().filter(|_| ended).filter_map(|run| run.holds.as_deref()).collect();
    let (false, Some(form)) = (held.is_empty(), case.form()) else { return Ok(None) };
    if documents.erased.iter().any(|row| row.digest == form) {
        return Ok(None);
    }
    let stored = documents.documents.iter().find(|blob| blob.digest == form);
    let Some(form) = stored.and_then(|blob| serde_json::from_str::<Value>(&blob.bytes).ok()) else {
        return Ok(Some("the form that its keys come from cannot be read".into()));
    };
    let facts = CaseFacts { registrar: &case.division, workflow: &case.workflow, doubts: case.doubt_count, date: "" };
    let scope = Scope { form: &form, case: facts, results: &BTreeMap::new(), item: None, credit: None };
    for register in held {
        let key = def.registers.get(register).and_then(|register| register.key.eval(&scope).ok());
        let Some(key) = key else { return Ok(Some(format!("the key in {register} cannot be computed"))) };
        let records = store.register(register, &[key]).await?;
        if !records.iter().any(|record| record.holder == case.id) {
            return Ok(Some(format!("the record in {register} is not there")));
        }
    }
    Ok(None)
}

/// Refusals to let somebody sign change nothing in a case; they can only be of a certificate that it may need, and on
/// grounds that a version of its package has by which it went.
async fn refusals_differ(
    store: &Store,
    versions: &[Arc<Definition>],
    case: &Case,
) -> Result<Option<String>, VerifyError> {
    for row in store.commitment_refusals_of(&case.id).await? {
        let certificates = versions.iter().filter_map(|def| def.step(&row.step)?.certificate());
        let grounds: Vec<_> = certificates.filter_map(|certificate| certificate.commitment.as_ref()).collect();
        let codes: Vec<String> = serde_json::from_str(&row.codes).unwrap_or_default();
        let known = |code: &String| {
            code == "EXCLUSION_UNDECIDED"
                || grounds.iter().any(|said| said.unless.iter().any(|unless| unless.code == *code))
        };
        let of_case = row.workflow == case.workflow && row.division == case.division;
        if !of_case || codes.is_empty() || !codes.iter().all(known) {
            return Ok(Some(format!("a refusal at {} is on grounds that the package does not have", row.step)));
        }
    }
    Ok(None)
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
            };
            row.id == task.id && row.office == task.office && phase == task.phase
        });
        if !fits {
            return Ok(Some(format!("no row fits the task of {}", task.step)));
        }
    }
    Ok(None)
}

async fn timers_differ(store: &Store, library: &Library, case: &Case) -> Result<Option<String>, VerifyError> {
    let rows = store.timers_of(&case.id).await?;
    let in_force = library.in_force();
    let running = case.deadlines(&in_force.calendars);
    // A publication that is being applied may not have come to the case yet.
    let before = in_force.applying.as_ref().filter(|applying| applying.concerns(case));
    let before = before.map(|applying| case.deadlines(applying.before.as_deref().unwrap_or(&Calendars::default())));
    let same = is_rows(&running, &rows) || before.is_some_and(|timers| is_rows(&timers, &rows));
    Ok((!same).then(|| format!("{} rows, the case has {} deadlines", rows.len(), running.len())))
}

fn is_rows(timers: &[Timer], rows: &[TimerRow]) -> bool {
    let is_row = |timer: &Timer| {
        let clock = match timer.clock {
            TimerClock::Business => Clock::Business,
            TimerClock::Operating => Clock::Operating,
        };
        rows.iter().any(|row| {
            row.step == timer.step && row.kind == timer.kind.name() && row.due_us == timer.due_us && row.clock == clock
        })
    };
    rows.len() == timers.len() && timers.iter().all(is_row)
}
