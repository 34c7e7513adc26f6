//! The least that a shell around the engine must do: keep documents, leases and journals, give the engine what it asks
//! for, and apply what it decides. Everything that must be true afterwards is checked here, after every step.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_calendar::local_date;
use kaiban_definition::{CaseFacts, Scope, Work};
use kaiban_engine::{
    Actor, Case, Command, Context, Decision, Documents, Effect, Entry, Event, Filed, GENESIS, Lease, Limits, Phase,
    Registers, StepRun, StepState, chain_hash, decide, documents_needed, effects, invariants, registers_needed,
};
use serde_json::Value;

use super::landscape::Landscape;
use super::package::Package;
use super::{credit, registers};

/// The row of an open task; it goes with the task.
#[derive(Debug)]
pub(super) struct Row {
    /// Number of the offer that the row stands for.
    pub offer: u32,
    pub lease: Lease,
}

/// Something to be done outside of a case, or news of it on the way back.
#[derive(Clone, Debug)]
pub(super) enum Errand {
    /// What the engine wants done.
    Effect(Effect),
    /// The case that a step was to start is there.
    Started { step: String, case: String },
}

/// A case with everything that a shell keeps of it.
#[derive(Debug)]
pub(super) struct Running {
    /// Which of the world's packages it runs on.
    pub package: usize,
    pub case: Case,
    /// The case, from the bytes of the journal alone.
    replayed: Case,
    pub documents: BTreeMap<String, Arc<Value>>,
    pub rows: BTreeMap<String, Row>,
    /// The highest epoch under which anybody ever had a step in hand.
    pub granted: BTreeMap<String, i64>,
    /// Bytes and hash of every entry.
    pub journal: Vec<(String, String)>,
    /// What has still to be done outside, in no order.
    pub errands: Vec<Errand>,
    /// How often an honest officer tried to resolve incidents that come again.
    pub resolved: u32,
}

impl Running {
    pub fn new(package: usize) -> Self {
        Self {
            package,
            case: Case::default(),
            replayed: Case::default(),
            documents: BTreeMap::new(),
            rows: BTreeMap::new(),
            granted: BTreeMap::new(),
            journal: Vec::new(),
            errands: Vec::new(),
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

    /// Whether another case has still to be told that this one has ended.
    pub fn is_awaited(&self) -> bool {
        self.errands.iter().any(|errand| matches!(errand, Errand::Effect(Effect::Ended { .. })))
    }

    /// Whether a case that it started may still take back what it granted.
    pub fn may_be_revoked(&self, package: &Package) -> bool {
        let begun = |(step, run): (&String, &StepRun)| {
            let waits_on = run.sub_case.is_some() && run.sub_outcome.is_none() && run.state == StepState::Completed;
            let work = package.definition.step(step).map(|step| &step.work);
            waits_on && matches!(work, Some(Work::Start { waits: false, revokes: Some(_), .. }))
        };
        self.case.steps.iter().any(begun)
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
    /// Whether letters go out and telling is reported back.
    pub tells: bool,
    /// Records of all cases.
    pub registers: Registers,
}

impl Shell<'_> {
    /// One command from the decision to the journal, with all checks. An error is a defect of the engine.
    pub fn apply(
        &mut self,
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
        let registers = self.registers_read(package, running, command, &documents, now_us);
        let context = Context {
            now_us,
            operating_us: self.operating_us,
            actor: &actor,
            directory: &self.land.directory,
            calendars: &self.land.calendars,
            documents: &documents,
            lease: step.and_then(|step| running.lease(step)),
            registers: &registers,
            credit: match command {
                Command::Sign { person, .. } => Some(credit::facts(&running.case.id, person, now_us)),
                _ => None,
            },
            salt: &running.fresh_digest(),
            tells: self.tells,
            limits: &self.limits,
        };
        let decision = match decide(&package.definition, &running.case, command, &context) {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Done::Rejected(rejection.reason())),
        };
        let Decision { events, filed, registers } = decision;
        let count = events.len();
        running.documents.extend(filed.into_iter().map(|written| (written.filed.digest, written.filed.content)));
        if count > 0 {
            record(package, running, command, now_us, actor, events)?;
        } else if !matches!(command, Command::Claim { .. }) {
            return Err("a command was accepted and did nothing".into());
        }
        registers::write(&mut self.registers, &running.case.id, registers, now_us)?;
        follow_tasks(running);
        grant(running, command)?;
        let def = match command {
            Command::Migrate { to, .. } => to,
            _ => &package.definition,
        };
        if running.case.phase == Phase::Closed && !matches!(command, Command::Rate { .. }) {
            registers::at_rest(&self.registers, def, &running.case, now_us)?;
        }
        let broken = invariants::check(def, &running.case);
        match broken.first() {
            Some((name, reason)) => Err(format!("invariant {name}: {reason}")),
            None => Ok(Done::Events(count)),
        }
    }

    /// The records of the keys that the engine asks for.
    fn registers_read(
        &self,
        package: &Package,
        running: &Running,
        command: &Command,
        documents: &Documents,
        now_us: i64,
    ) -> Registers {
        let def = &package.definition;
        let submits = matches!(command, Command::Submit { .. });
        if def.registers.is_empty() || (documents.is_empty() && !submits) {
            return Registers::default();
        }
        let before = running.form();
        let Some(after) = brought(command, true).map(|form| &form.content).or(before) else {
            return Registers::default();
        };
        let registrar = after.pointer(&def.registrar).and_then(Value::as_str).unwrap_or_default();
        let date = local_date(now_us).to_string();
        let doubts = running.case.doubt_count;
        let case = CaseFacts { registrar, workflow: &def.workflow, doubts, date: &date };
        let scope = Scope { form: before.unwrap_or(after), case, results: &BTreeMap::new(), item: None, credit: None };
        let keys = registers_needed(def, after, &scope).into_iter();
        keys.filter_map(|key| Some((key.clone(), self.registers.get(&key)?.clone()))).collect()
    }
}

/// The form, or any document, that a command brings.
fn brought(command: &Command, form_only: bool) -> Option<&Filed> {
    match command {
        Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(form),
        Command::Request { form, .. } => form.as_ref(),
        _ if form_only => None,
        Command::Complete { result, .. } => result.as_ref(),
        Command::SubCaseEnded { result, .. } | Command::Drawn { result, .. } => Some(result),
        _ => None,
    }
}

/// Applies the events, once as they were decided and once as they are read back from the entry's bytes: the two cases
/// must be equal after every command.
fn record(
    package: &Package,
    running: &mut Running,
    command: &Command,
    at_us: i64,
    actor: Actor,
    events: Vec<Event>,
) -> Result<(), String> {
    for event in &events {
        running.case.evolve(at_us, event);
    }
    let seq = running.journal.len() as i64 + 1;
    let wanted = effects(&package.definition, &running.case, seq, &events).into_iter();
    running.errands.extend(wanted.map(|(_, effect)| Errand::Effect(effect)));
    let (case, command_name) = (running.case.id.clone(), command.name().to_owned());
    let entry = Entry { case, seq, at_us, actor, command: command_name, events };
    let bytes = entry.to_bytes();
    let stored: Entry = serde_json::from_str(&bytes).map_err(|error| format!("an entry cannot be read: {error}"))?;
    for event in &stored.events {
        running.replayed.evolve(stored.at_us, event);
    }
    if running.replayed != running.case {
        return Err(format!("replay differs:\n  replayed {:?}\n  state    {:?}", running.replayed, running.case));
    }
    let head = running.journal.last().map_or(GENESIS, |(_, hash)| hash.as_str());
    let hash = chain_hash(head, &bytes);
    running.journal.push((bytes, hash));
    if let Some(filed) = brought(command, false) {
        running.documents.insert(filed.digest.clone(), Arc::clone(&filed.content));
    }
    Ok(())
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
