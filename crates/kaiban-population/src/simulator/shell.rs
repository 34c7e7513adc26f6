//! The least that a shell around the engine must do: keep documents, leases and journals, give the engine what it asks
//! for, and apply what it decides. Everything that must be true afterwards is checked here, after every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_engine::{
    Actor, Case, Command, Context, Documents, Entry, Event, GENESIS, Lease, Limits, Registers, StepState, chain_hash,
    decide, documents_needed, invariants,
};
use serde_json::Value;

use super::landscape::Landscape;
use super::package::Package;

/// The row of an open task; it goes with the task.
#[derive(Debug)]
pub(super) struct Row {
    /// Number of the offer that the row stands for.
    pub offer: u32,
    pub lease: Lease,
}

/// A case with everything that a shell keeps of it.
#[derive(Debug)]
pub(super) struct Running {
    /// Which of the world's packages it runs on.
    pub package: usize,
    pub case: Case,
    pub documents: BTreeMap<String, Arc<Value>>,
    pub rows: BTreeMap<String, Row>,
    /// The highest epoch under which anybody ever had a step in hand.
    pub granted: BTreeMap<String, i64>,
    /// Bytes and hash of every entry.
    pub journal: Vec<(String, String)>,
    /// How often an honest officer tried to resolve its incidents.
    pub resolved: u32,
}

impl Running {
    pub fn new(package: usize) -> Self {
        Self {
            package,
            case: Case::default(),
            documents: BTreeMap::new(),
            rows: BTreeMap::new(),
            granted: BTreeMap::new(),
            journal: Vec::new(),
            resolved: 0,
        }
    }

    /// The form as it stands.
    pub fn form(&self) -> Option<&Arc<Value>> {
        self.documents.get(self.case.form()?)
    }

    /// A digest that no other document of the case has.
    pub fn fresh_digest(&self) -> String {
        format!("{}-{}", self.case.id, self.documents.len() + self.journal.len() * 8)
    }

    /// The lease of a step's open task.
    pub fn lease(&self, step: &str) -> Option<&Lease> {
        self.rows.get(step).map(|row| &row.lease)
    }

    /// Whether somebody has the step's task in hand.
    pub fn is_held(&self, step: &str) -> bool {
        self.lease(step).is_some_and(|lease| lease.holder.is_some())
    }
}

/// What a command did.
#[derive(Debug)]
pub(super) enum Done {
    /// It was decided; so many events happened.
    Events(usize),
    /// It was rejected for this reason.
    Rejected(&'static str),
}

/// What commands are applied with.
#[derive(Debug)]
pub(super) struct Shell<'w> {
    pub land: &'w Landscape,
    pub limits: Limits,
    pub now_us: i64,
    pub operating_us: i64,
}

impl Shell<'_> {
    /// One command from the decision to the journal, with all checks. An error is a defect of the engine.
    pub fn apply(
        &self,
        package: &Package,
        running: &mut Running,
        command: &Command,
        step: Option<&str>,
        actor: Actor,
    ) -> Result<Done, String> {
        let documents: Documents = documents_needed(&running.case, command)
            .into_iter()
            .filter_map(|digest| Some((digest.to_owned(), Arc::clone(running.documents.get(digest)?))))
            .collect();
        let now_us = self.now_us.max(running.case.last_at_us);
        let context = Context {
            now_us,
            operating_us: self.operating_us,
            actor: &actor,
            directory: &self.land.directory,
            calendars: &self.land.calendars,
            documents: &documents,
            lease: step.and_then(|step| running.lease(step)),
            registers: &Registers::default(),
            salt: &running.fresh_digest(),
            tells: false,
            limits: &self.limits,
        };
        let decision = match decide(&package.definition, &running.case, command, &context) {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Done::Rejected(rejection.reason())),
        };
        let count = decision.events.len();
        let written = decision.filed.into_iter().map(|written| written.filed);
        running.documents.extend(written.map(|filed| (filed.digest, filed.content)));
        if count > 0 {
            self.record(running, command, now_us, actor, decision.events)?;
        } else if !matches!(command, Command::Claim { .. }) {
            return Err("a command was accepted and did nothing".into());
        }
        follow_tasks(running);
        grant(running, command)?;
        let broken = invariants::check(&package.definition, &running.case);
        match broken.first() {
            Some((name, reason)) => Err(format!("invariant {name}: {reason}")),
            None => Ok(Done::Events(count)),
        }
    }

    fn record(
        &self,
        running: &mut Running,
        command: &Command,
        at_us: i64,
        actor: Actor,
        events: Vec<Event>,
    ) -> Result<(), String> {
        for event in &events {
            running.case.evolve(at_us, event);
        }
        let entry = Entry {
            case: running.case.id.clone(),
            seq: running.journal.len() as i64 + 1,
            at_us,
            actor,
            command: command.name().to_owned(),
            events,
        };
        let bytes = entry.to_bytes();
        if bytes.is_empty() {
            return Err("an entry has no bytes".into());
        }
        let head = running.journal.last().map_or(GENESIS, |(_, hash)| hash.as_str());
        let hash = chain_hash(head, &bytes);
        running.journal.push((bytes, hash));
        keep_documents(running, command);
        Ok(())
    }
}

/// Files the documents that an accepted command brought.
fn keep_documents(running: &mut Running, command: &Command) {
    let filed = match command {
        Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(form),
        Command::Complete { result, .. } => result.as_ref(),
        _ => None,
    };
    if let Some(filed) = filed {
        running.documents.insert(filed.digest.clone(), Arc::clone(&filed.content));
    }
}

/// Makes the rows follow the case: a new offer begins in nobody's hands, under the epoch that the last one ended with.
fn follow_tasks(running: &mut Running) {
    for (step, run) in &running.case.steps {
        if !run.state.has_task() {
            running.rows.remove(step);
            continue;
        }
        match running.rows.get_mut(step) {
            Some(row) if row.offer == run.offers => {
                // Whoever failed has no claim to the next attempt.
                if run.state == StepState::Retrying {
                    row.lease.holder = None;
                }
            }
            _ => {
                let lease = Lease { epoch: run.epoch, holder: None };
                running.rows.insert(step.clone(), Row { offer: run.offers, lease });
            }
        }
    }
}

/// A claim by somebody else raises the epoch; no epoch of a step is ever granted twice.
fn grant(running: &mut Running, command: &Command) -> Result<(), String> {
    let Command::Claim { step, holder } = command else { return Ok(()) };
    let Some(row) = running.rows.get_mut(step) else { return Err(format!("{step} was claimed and has no task")) };
    if row.lease.holder.as_ref() == Some(holder) {
        return Ok(());
    }
    row.lease.epoch += 1;
    row.lease.holder = Some(holder.clone());
    let before = running.granted.insert(step.clone(), row.lease.epoch).unwrap_or(0);
    if before < row.lease.epoch { Ok(()) } else { Err(format!("epoch {before} of {step} was granted twice")) }
}

/// Checks the chain of a journal and builds the case anew from its bytes alone; the result must be the case.
pub(super) fn replay(running: &Running) -> Result<(), String> {
    let mut case = Case::default();
    let mut head = GENESIS.to_owned();
    for (index, (bytes, hash)) in running.journal.iter().enumerate() {
        head = chain_hash(&head, bytes);
        if head != *hash {
            return Err(format!("the chain breaks at entry {}", index + 1));
        }
        let entry: Entry = serde_json::from_str(bytes).map_err(|error| format!("an entry cannot be read: {error}"))?;
        if entry.seq != index as i64 + 1 || entry.at_us < case.last_at_us {
            return Err(format!("entry {} is out of order", index + 1));
        }
        for event in &entry.events {
            case.evolve(entry.at_us, event);
        }
    }
    if case != running.case {
        return Err(format!("replay differs:\n  replayed {case:?}\n  state    {:?}", running.case));
    }
    let snapshot = serde_json::to_string(&running.case).map_err(|error| error.to_string())?;
    let restored: Case = serde_json::from_str(&snapshot).map_err(|error| error.to_string())?;
    if restored == running.case { Ok(()) } else { Err("a snapshot does not read back as the case".into()) }
}
