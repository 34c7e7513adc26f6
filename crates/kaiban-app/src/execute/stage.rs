//! The working set of one batch: cases as they are after the jobs so far, and everything that will have to be written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use kaiban_calendar::{Calendars, local_date};
use kaiban_definition::{CaseFacts, Definition, Scope, branch_parts};
use kaiban_engine::{
    Actor, Case, Command, Context, Decision, Documents, Effect, Entry, Event, GENESIS, Lease, Phase, Registers,
    StepState, TaskPhase, TimerClock, Written, chain_hash, decide, effects, registers_needed,
};
use kaiban_store::{
    BlobRow, CaseOfficeRow, CaseRow, CaseState, Changes, Clock, CredentialRow, EntryRow, Loaded, OutboxRow, RequestRow,
    TaskRow, TaskState, TimerKey, TimerRow,
};

use crate::credit::{Histories, Known, Signatory};
use crate::delays;
use crate::dispatch::{Dispatcher, Reservation};
use crate::documents::{Brought, DocumentCache};
use crate::draws::items;
use crate::figures::rows;
use crate::holder::Holder;
use crate::in_force::{Applying, InForce};
use crate::incidents::is_running_out;
use crate::library::Library;
use crate::limits::Limits;
use crate::present::{TaskDesk, is_overdue};
use crate::principal::Principal;
use crate::records::{self, PersonKey};
use crate::refusal::{Canonical, Refusal};
use crate::view::TaskView;

use super::job::{CaseVerb, EffectVerb, Job, Left, Op, Who};
use super::shelf::Shelf;

/// How long the node that committed an effect has for carrying it out.
pub(crate) const CLAIM_US: i64 = 60_000_000;

/// A case in the working set.
#[derive(Clone)]
pub(crate) struct Working {
    pub case: Case,
    pub def: Arc<Definition>,
    pub seq: i64,
    pub head: String,
    /// What lists show; kept beside the journal, not in it.
    pub subject: String,
    /// Rows of the open tasks, by step.
    pub tasks: BTreeMap<String, TaskRow>,
    /// Length of the snapshot that was read or written last.
    pub snapshot_bytes: usize,
    new: bool,
    dirty: bool,
}

/// What a batch will tell others once it is durable.
#[derive(Default)]
pub(crate) struct News {
    /// Tasks that went straight to a stream.
    pub handed: Vec<(Reservation, TaskView)>,
    /// Tasks that nobody had room for: id and queue.
    pub unserved: HashMap<String, (String, String)>,
    /// Tasks that a stream asked for.
    pub pulled: Vec<Pulled>,
    /// Offices and tokens of tasks that a stream which ended had in hand.
    pub released: BTreeSet<(String, String)>,
    /// Tasks that left somebody's hands.
    pub gone: Vec<Gone>,
    /// Cases that changed.
    pub cases: Vec<CaseRow>,
    /// New deadlines.
    pub deadlines: Vec<(TimerClock, i64)>,
    /// Effects to be carried out, claimed by this node.
    pub effects: Vec<OutboxRow>,
    /// Documents that are on the disk now.
    pub documents: Vec<(String, Arc<serde_json::Value>, usize)>,
}

/// A task that a stream asked for.
pub(crate) struct Pulled {
    pub session: u64,
    pub token: String,
    pub view: TaskView,
}

/// A task that left somebody's hands.
pub(crate) struct Gone {
    pub task: String,
    pub epoch: i64,
    pub why: Why,
}

/// Why a task left somebody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its holder ended it, put it off or gave it back.
    Own,
    /// It was taken back.
    Withdrawn,
    /// The lease ran out and somebody else took it.
    Expired,
    /// Another stream of the holder's has it.
    Reassigned,
}

pub(crate) struct Stage<'a> {
    pub library: &'a Library,
    pub calendars: Arc<Calendars>,
    pub(super) applying: Option<Arc<Applying>>,
    pub limits: &'a Limits,
    pub dispatcher: &'a Dispatcher,
    pub persons: &'a PersonKey,
    pub documents: Documents,
    pub now_us: i64,
    pub operating_us: i64,
    /// Whether somebody carries messages to the applicant.
    pub tells: bool,
    pub(super) shelf: Shelf,
    /// Credit histories, as the jobs so far left them.
    pub credit: Histories,
    pub requests: HashMap<String, RequestRow>,
    /// Credentials of applicants, by hash.
    credentials: HashMap<String, CredentialRow>,
    pub candidates: Vec<Vec<String>>,
    /// For each claim, besides its candidates.
    pub left_in_queues: Vec<Left>,
    pub cases: HashMap<String, Working>,
    /// Cases that are there and cannot be read: their jobs are refused, nobody else's.
    unreadable: HashSet<String>,
    /// Cases that were moved to files: what was asked before is answered again, and nothing else is done.
    pub archived: HashMap<String, CaseRow>,
    pub changes: Changes,
    pub news: News,
    pub(super) tasks_touched: HashSet<(String, String)>,
}

impl<'a> Stage<'a> {
    pub fn new(
        library: &'a Library,
        limits: &'a Limits,
        (dispatcher, persons): (&'a Dispatcher, &'a PersonKey),
        (loaded, mut cases, tasks_read): (Loaded, HashMap<String, Working>, bool),
        (now_us, operating_us): (i64, i64),
        tells: bool,
    ) -> Self {
        let (mut unreadable, mut archived) = (HashSet::new(), HashMap::new());
        if tasks_read {
            cases.values_mut().for_each(|working| working.tasks.clear());
        }
        for (id, row) in loaded.cases {
            if row.is_archived() {
                archived.insert(id, row);
                continue;
            }
            match Working::read(library, &row) {
                Ok(working) => {
                    cases.insert(id, working);
                }
                Err(_) => {
                    unreadable.insert(id);
                }
            }
        }
        for task in loaded.tasks {
            if let Some(working) = cases.get_mut(&task.case_id) {
                working.tasks.insert(task.step.clone(), task);
            }
        }
        let left_in_queues = loaded.emptied.into_iter().zip(loaded.passed_over);
        // One look for the whole batch: a publication comes between two batches.
        let InForce { calendars, applying, .. } = library.in_force().as_ref().clone();
        Self {
            library,
            calendars,
            applying,
            limits,
            dispatcher,
            persons,
            documents: Documents::new(),
            now_us,
            operating_us,
            tells,
            shelf: Shelf::default(),
            credit: Histories::new(),
            requests: loaded.requests,
            credentials: loaded.credentials,
            candidates: loaded.candidates,
            left_in_queues: left_in_queues.map(|(emptied, passed_over)| Left { emptied, passed_over }).collect(),
            cases,
            unreadable,
            archived,
            changes: Changes::default(),
            news: News::default(),
            tasks_touched: HashSet::new(),
        }
    }

    /// Takes documents from the cache; gives the digests that have to be read.
    pub fn documents_missing(&mut self, cache: &DocumentCache, jobs: &[Job]) -> Vec<String> {
        let mut missing = Vec::new();
        let unread = self.only_recomputed(jobs);
        for (_, working) in self.cases.iter().filter(|(id, _)| !unread.contains(id.as_str())) {
            for digest in working.case.documents() {
                match cache.get(digest) {
                    Some(value) => {
                        self.documents.insert(digest.to_owned(), value);
                    }
                    None => missing.push(digest.to_owned()),
                }
            }
        }
        missing
    }

    /// Keys of registers that the jobs' decisions may read: by the forms that their cases have, and the ones they bring.
    pub fn registers_wanted(&self, jobs: &[Job]) -> Vec<(String, String)> {
        let mut wanted = Vec::new();
        let date = local_date(self.now_us).to_string();
        for job in jobs {
            let (def, division, brought) = match &job.op {
                Op::Submit(op) => {
                    let Some(def) = self.library.current(&op.workflow, self.now_us) else { continue };
                    let form = op.form.filed.content.as_ref();
                    let division = form.pointer(&def.registrar).and_then(serde_json::Value::as_str);
                    (def, division.unwrap_or_default(), Some(form))
                }
                Op::OnCase { case, verb } => {
                    let Some(working) = self.cases.get(case) else { continue };
                    let brought = match verb {
                        CaseVerb::Resubmit { form, .. } | CaseVerb::Request { form: Some(form), .. } => {
                            Some(form.filed.content.as_ref())
                        }
                        _ => None,
                    };
                    (Arc::clone(&working.def), working.case.division.as_str(), brought)
                }
                Op::OnTask { case, .. }
                | Op::FireTimer { case, .. }
                | Op::Drawn { case, .. }
                | Op::Effect { case, .. } => {
                    let Some(working) = self.cases.get(case) else { continue };
                    (Arc::clone(&working.def), working.case.division.as_str(), None)
                }
                Op::Migrate { case, plan, .. } => {
                    let Some(working) = self.cases.get(case) else { continue };
                    (Arc::clone(&plan.to), working.case.division.as_str(), None)
                }
                Op::Register(op) => {
                    wanted.push((op.register.clone(), op.key.clone()));
                    continue;
                }
                Op::Claim(_) | Op::Heartbeat { .. } | Op::Recompute { .. } | Op::InHand { .. } | Op::Credit(_) => {
                    continue;
                }
            };
            if def.registers.is_empty() {
                continue;
            }
            let stored = job.op.case().and_then(|case| self.documents.get(self.cases.get(case)?.case.form()?));
            for form in brought.into_iter().chain(stored.map(AsRef::as_ref)) {
                let facts = CaseFacts { registrar: division, workflow: &def.workflow, doubts: 0, date: &date };
                let scope = Scope { form, case: facts, results: &BTreeMap::new(), item: None, credit: None };
                wanted.extend(registers_needed(&def, form, &scope));
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Subjects whose credit history the jobs read or add to.
    pub fn credit_wanted(&self, jobs: &[Job]) -> Vec<String> {
        let mut wanted: Vec<String> = jobs.iter().flat_map(|job| self.subjects_of(job)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    fn subjects_of(&self, job: &Job) -> Vec<String> {
        let signatory = match (&job.op, &job.who) {
            (Op::Credit(op), _) => return vec![op.subject.clone()],
            (Op::OnCase { case, verb: CaseVerb::Sign(verb) }, Who::Caller(who)) => {
                who.person.as_deref().and_then(|person| self.signatory(case, &verb.step, person))
            }
            (Op::Effect { case, verb, .. }, _) => match verb.as_ref() {
                EffectVerb::Ended { step, .. } => self.promised(case, step),
                _ => None,
            },
            _ => None,
        };
        signatory.map(|signatory| signatory.subjects().cloned().collect()).unwrap_or_default()
    }

    fn signatory(&self, case: &str, step: &str, person: &str) -> Option<Signatory> {
        let working = self.cases.get(case)?;
        let form = self.documents.get(working.case.form()?)?;
        Signatory::of(&working.def, form, step, person, self.persons)
    }

    /// Who signed the promise that a started case checks, where it may break it.
    pub fn promised(&self, case: &str, step: &str) -> Option<Signatory> {
        let working = self.cases.get(case)?;
        let certificate = &working.def.step(step)?.breaks()?.certificate;
        let run = working.case.commitment(certificate).filter(|run| run.signed.is_some())?;
        self.signatory(case, certificate, &run.person)
    }

    /// What is on record about who would promise, today; none where the person has no number, or a record cannot be
    /// read. What cannot be known is no leave to promise.
    pub fn known(&self, case: &str, step: &str, person: &str) -> Option<Known> {
        let signatory = self.signatory(case, step, person)?;
        Known::of(&signatory, |subject| self.credit.get(subject)?.as_deref(), local_date(self.now_us))
    }

    /// Puts a new case into the working set.
    pub fn create(&mut self, id: &str, def: &Arc<Definition>) {
        let working = Working {
            case: Case::default(),
            def: Arc::clone(def),
            seq: 0,
            head: GENESIS.to_owned(),
            subject: String::new(),
            tasks: BTreeMap::new(),
            snapshot_bytes: 0,
            new: true,
            dirty: false,
        };
        self.cases.insert(id.to_owned(), working);
    }

    /// Takes a case out again whose first command was rejected.
    pub fn forget(&mut self, id: &str) {
        self.cases.remove(id);
    }

    /// Whether an applicant's credential is still good for an act; everybody else's need not be.
    ///
    /// # Errors
    /// `CREDENTIAL_USED` when it was used for another act, and when it has run out meanwhile.
    pub fn can_spend(&self, who: &Who) -> Result<(), Refusal> {
        let Who::Caller(principal) = who else { return Ok(()) };
        let good = |row: &CredentialRow| row.used_at_us.is_none() && self.operating_us < row.expires_at_us;
        if principal.case.is_none() || self.credentials.get(&principal.token).is_some_and(good) {
            return Ok(());
        }
        Err(Refusal::new(
            Canonical::FailedPrecondition,
            "CREDENTIAL_USED",
            "该凭证已使用或已失效，请重新进行实名认证后办理。",
            "This credential has been used or has run out: have your identity checked again for a new one.",
        ))
    }

    /// Uses an applicant's credential up with what it was used for.
    pub fn spend(&mut self, who: &Who) {
        let Who::Caller(principal) = who else { return };
        if let Some(row) = self.credentials.get_mut(&principal.token) {
            row.used_at_us = Some(self.operating_us);
            self.changes.credentials_used.push((row.hash.clone(), self.operating_us));
        }
    }

    pub fn working(&self, id: &str) -> Result<&Working, Refusal> {
        self.cases.get(id).ok_or_else(|| self.absent(id))
    }

    /// Why a case is not in the working set.
    fn absent(&self, id: &str) -> Refusal {
        match id {
            id if self.unreadable.contains(id) => unreadable(),
            id if self.archived.contains_key(id) => crate::archive::archived(),
            _ => Refusal::not_found(),
        }
    }

    /// What lists show for the case from now on, by its form, and whose data it holds.
    pub fn set_subject(&mut self, id: &str, form: &serde_json::Value) {
        if let Some(working) = self.cases.get_mut(id) {
            working.subject = working.def.subject_of(form);
            self.changes.case_persons.extend(self.persons.persons(id, form));
        }
    }

    /// Shows a document that a job brings to its decision.
    pub fn see(&mut self, brought: &Brought) {
        self.documents.insert(brought.filed.digest.clone(), Arc::clone(&brought.filed.content));
    }

    /// Files a document that a decision wrote itself.
    fn file(&mut self, case: &str, written: Written) {
        let Written { filed, salt, bytes, kind } = written;
        let (digest, length) = (filed.digest.clone(), bytes.len());
        self.documents.insert(digest.clone(), Arc::clone(&filed.content));
        self.news.documents.push((digest.clone(), filed.content, length));
        let (case_id, kind) = (case.to_owned(), kind.to_owned());
        self.changes.blobs.push(BlobRow { digest, case_id, kind, salt, bytes, created_at_us: self.now_us });
    }

    /// A document that a job brings; it is written with the batch if the job succeeds.
    pub fn bring(&mut self, case: &str, step: Option<&str>, brought: &Brought) {
        self.documents.insert(brought.filed.digest.clone(), Arc::clone(&brought.filed.content));
        self.changes.blobs.push(brought.row(case, self.now_us));
        if matches!(brought.kind, "form" | "result") {
            let attached = crate::files::attached(case, step.unwrap_or_default(), &brought.filed.content);
            self.changes.case_files.extend(attached);
        }
        let (digest, content) = (brought.filed.digest.clone(), Arc::clone(&brought.filed.content));
        self.news.documents.push((digest, content, brought.bytes.len()));
    }

    /// Decides a command, evolves the case, writes the journal entry, hands out what it opened. Nothing is changed when
    /// it is rejected.
    pub fn apply(&mut self, id: &str, actor: &Actor, step: Option<&str>, command: &Command) -> Result<(), Refusal> {
        if !self.cases.contains_key(id) {
            return Err(self.absent(id));
        }
        let known = match command {
            Command::Sign { step, person, .. } => self.known(id, step, person),
            _ => None,
        };
        let working = self.cases.get_mut(id).ok_or_else(Refusal::not_found)?;
        let at_us = self.now_us.max(working.case.last_at_us);
        let lease = step.and_then(|step| working.tasks.get(step)).map(lease_of);
        let cx = Context {
            now_us: at_us,
            operating_us: self.operating_us,
            actor,
            directory: &self.library.directory,
            calendars: &self.calendars,
            documents: &self.documents,
            lease: lease.as_ref(),
            registers: self.shelf.records(),
            credit: known.as_ref().map(Known::facts),
            salt: &crate::ids::salt(),
            tells: self.tells,
            limits: self.limits,
        };
        let Decision { mut events, filed, registers } = decide(&working.def, &working.case, command, &cx)?;
        // What a decision wrote itself may be read by the hand-over that follows.
        let cx = Context { registers: &Registers::new(), ..cx };
        let timers_before = working.case.deadlines(&self.calendars);
        let items_before = items::waiting(&working.def, &working.case);
        let certificates_before = rows::rows(&working.def, &working.case);
        for event in &events {
            working.case.evolve(at_us, event);
        }
        if let Command::Migrate { to, .. } = command {
            working.def = Arc::clone(to);
        }
        let form = working.case.form().and_then(|digest| self.documents.get(digest)).map(AsRef::as_ref);
        let entered = items::entered(&working.def, &working.case, &events, form, &self.library.directory);
        let reservations = Self::hand_out(self.dispatcher, self.library, working, &mut events, &cx, at_us);
        debug_assert_eq!(kaiban_engine::invariants::check(&working.def, &working.case), Vec::new());
        self.write(id, at_us, actor, command.name(), events);
        self.shelf.change(id, self.now_us, registers);
        for written in filed {
            self.file(id, written);
        }
        self.reconcile_timers(id, &timers_before);
        self.reconcile_items(id, &items_before, entered);
        self.reconcile_certificates(id, &certificates_before);
        // A timer acts on a step too, but does not hold its task.
        let ended = step.filter(|_| matches!(actor, Actor::Agency { .. } | Actor::Officer { .. }));
        self.reconcile_tasks(id, ended, at_us);
        for reservation in reservations {
            self.lease_to(id, reservation);
        }
        Ok(())
    }

    /// Writes the events of one command into the journal, with the effects and the delays that follow from them.
    pub(super) fn write(&mut self, id: &str, at_us: i64, actor: &Actor, command: &str, events: Vec<Event>) {
        let Some(working) = self.cases.get_mut(id) else { return };
        let seq = working.seq + 1;
        let effects = effects(&working.def, &working.case, seq, &events);
        let wanted = effects.into_iter().filter(|(_, effect)| self.tells || !is_message(effect));
        let orders: Vec<OutboxRow> =
            wanted.map(|(at, effect)| order(id, seq, at, &effect, self.operating_us)).collect();
        for row in delays::changed(&working.case, &events) {
            self.changes.delays.retain(|earlier| earlier.id != row.id);
            self.changes.delays.push(row);
        }
        working.write_entry(at_us, actor, command, events, &mut self.changes);
        self.changes.outbox.extend(orders.iter().cloned());
        self.news.effects.extend(orders);
    }

    /// Tasks that this command opened go to streams with room, in the same entry and commit.
    fn hand_out(
        dispatcher: &Dispatcher,
        library: &Library,
        working: &mut Working,
        events: &mut Vec<Event>,
        cx: &Context<'_>,
        at_us: i64,
    ) -> Vec<Reservation> {
        let mut reservations = Vec::new();
        let opened: Vec<String> = events
            .iter()
            .filter_map(|event| match event {
                Event::StepOffered { step, .. } => Some(step.clone()),
                _ => None,
            })
            .collect();
        for step in opened {
            let Some(run) = working.case.steps.get(&step).filter(|run| run.state == StepState::Offered) else {
                continue;
            };
            debug_assert!(library.directory.office_by_id(&run.office).is_some());
            let Some(reservation) = dispatcher.reserve(&run.office, &step) else { continue };
            let claim = Command::Claim { step: step.clone(), holder: reservation.holder.token.clone() };
            // A hand-over that cannot be decided leaves the task in its queue: nothing is lost.
            let Ok(more) = decide(&working.def, &working.case, &claim, cx) else { continue };
            for event in &more.events {
                working.case.evolve(at_us, event);
            }
            events.extend(more.events);
            reservations.push(reservation);
        }
        reservations
    }

    fn lease_to(&mut self, id: &str, reservation: Reservation) {
        let until_us = self.operating_us + reservation.lease_us;
        if let Ok(view) = self.lease(id, &reservation.step, (&reservation.holder, Some(reservation.session)), until_us)
        {
            self.news.handed.push((reservation, view));
        }
    }

    /// A case and its last entry as this batch leaves them so far; none where it wrote no entry.
    pub fn left(&self, id: &str) -> Option<Box<(Case, EntryRow)>> {
        let working = self.cases.get(id)?;
        let entry = self.changes.entries.iter().rev().find(|entry| entry.case_id == id)?;
        Some(Box::new((working.case.clone(), entry.clone())))
    }

    /// Gives the task of a step to a holder, and to which of its streams, under the next epoch; nothing is changed where it
    /// cannot be shown.
    pub fn lease(
        &mut self,
        id: &str,
        step: &str,
        (holder, session): (&Principal, Option<u64>),
        until_us: i64,
    ) -> Result<TaskView, Refusal> {
        let working = self.cases.get_mut(id).ok_or_else(Refusal::not_found)?;
        let task = working.tasks.get_mut(step).ok_or_else(Refusal::not_found)?;
        let desk = TaskDesk {
            def: &working.def,
            case: &working.case,
            calendars: &self.calendars,
            documents: &self.documents,
            now_us: self.now_us.max(working.case.last_at_us),
        };
        let view = desk.view(step, task.epoch + 1, Some(until_us))?;
        if task.state == TaskState::Leased {
            self.news.gone.push(Gone { task: task.id.clone(), epoch: task.epoch, why: Why::Expired });
        }
        task.epoch += 1;
        task.state = TaskState::Leased;
        task.holder = Some(match session {
            Some(session) => self.dispatcher.holder(&holder.token, session).to_string(),
            None => holder.token.clone(),
        });
        task.lease_until_us = Some(until_us);
        self.news.unserved.remove(&task.id);
        self.tasks_touched.insert((id.to_owned(), step.to_owned()));
        // Whatever shows personal data says so in the same transaction.
        self.changes.access_records.push(records::of_hand_over(holder, &view, self.now_us));
        Ok(view)
    }

    /// The task of a step as its holder has it, shown once more.
    pub fn show_again(&mut self, id: &str, step: &str, who: &Principal, until_us: i64) -> Result<TaskView, Refusal> {
        let working = self.working(id)?;
        let desk = TaskDesk {
            def: &working.def,
            case: &working.case,
            calendars: &self.calendars,
            documents: &self.documents,
            now_us: self.now_us.max(working.case.last_at_us),
        };
        let epoch = working.tasks.get(step).map_or(0, |task| task.epoch);
        let view = desk.view(step, epoch, Some(until_us))?;
        self.changes.access_records.push(records::of_hand_over(who, &view, self.now_us));
        Ok(view)
    }

    /// A leased task comes into other hands of its holder's.
    pub fn hold(&mut self, id: &str, step: &str, holder: &Holder, until_us: Option<i64>) {
        if let Some(task) = self.cases.get_mut(id).and_then(|working| working.tasks.get_mut(step)) {
            task.holder = Some(holder.to_string());
            task.lease_until_us = until_us.or(task.lease_until_us);
            self.tasks_touched.insert((id.to_owned(), step.to_owned()));
        }
    }

    /// Prolongs a lease.
    pub fn prolong(&mut self, id: &str, step: &str, until_us: i64) {
        if let Some(task) = self.cases.get_mut(id).and_then(|working| working.tasks.get_mut(step)) {
            task.lease_until_us = Some(until_us);
            if task.state == TaskState::Ready {
                task.state = TaskState::Leased;
            }
            self.tasks_touched.insert((id.to_owned(), step.to_owned()));
        }
    }

    /// Makes the rows of open tasks follow the case; `ended` is the step whose holder acted.
    fn reconcile_tasks(&mut self, id: &str, ended: Option<&str>, at_us: i64) {
        let Some(working) = self.cases.get_mut(id) else { return };
        let open = working.case.open_tasks();
        let gone: Vec<String> = working
            .tasks
            .iter()
            .filter(|(_, row)| !open.iter().any(|task| task.id == row.id))
            .map(|(s, _)| s.clone())
            .collect();
        for step in gone {
            if let Some(row) = working.tasks.remove(&step) {
                let why = if ended == Some(step.as_str()) { Why::Own } else { Why::Withdrawn };
                self.news.gone.push(Gone { task: row.id.clone(), epoch: row.epoch, why });
                self.tasks_touched.remove(&(id.to_owned(), step.clone()));
                self.changes.tasks.retain(|task| task.id != row.id);
                self.changes.tasks_gone.push(row.id);
            }
        }
        if open.is_empty() {
            return;
        }
        let clock = working.case.promise_clock(&self.calendars, at_us);
        let due_at_us = clock.ok().and_then(|clock| clock.due_us).unwrap_or(i64::MAX);
        for task in open {
            let key = (id.to_owned(), task.step.clone());
            let Some(row) = working.tasks.get_mut(&task.step) else {
                let queue = (task.office.clone(), queue_of(&task.step));
                let id_of_task = task.id.clone();
                let row = TaskRow {
                    id: task.id,
                    case_id: id.to_owned(),
                    step: task.step.clone(),
                    office: task.office.clone(),
                    division: working.case.division.clone(),
                    state: TaskState::Ready,
                    due_at_us,
                    offered_at_us: task.offered_at_us,
                    epoch: working.case.steps.get(&task.step).map_or(0, |run| run.epoch),
                    holder: None,
                    lease_until_us: None,
                };
                working.tasks.insert(task.step, row);
                self.changes.case_offices.push(CaseOfficeRow { case_id: id.to_owned(), office: task.office });
                self.tasks_touched.insert(key);
                // Taken out again by `lease` where somebody takes it in the same commit.
                self.news.unserved.insert(id_of_task, queue);
                continue;
            };
            let state = match (task.phase, row.state) {
                (TaskPhase::Deferred, _) => TaskState::Deferred,
                (TaskPhase::Retrying, _) => TaskState::Retrying,
                (TaskPhase::Open, TaskState::Leased) => TaskState::Leased,
                (TaskPhase::Open, _) => TaskState::Ready,
            };
            if state != row.state {
                if state == TaskState::Ready {
                    self.news.unserved.insert(row.id.clone(), (row.office.clone(), queue_of(&task.step)));
                }
                if matches!(state, TaskState::Deferred | TaskState::Retrying) {
                    // It leaves the holder's window; holder and epoch stay for a deferral.
                    self.news.gone.push(Gone { task: row.id.clone(), epoch: row.epoch, why: Why::Own });
                }
                row.state = state;
                row.lease_until_us = None;
                if state == TaskState::Retrying {
                    row.holder = None;
                }
                self.tasks_touched.insert(key);
            }
        }
    }

    pub(super) fn reconcile_timers(&mut self, id: &str, before: &[kaiban_engine::Timer]) {
        let Some(working) = self.cases.get(id) else { return };
        let after = working.case.deadlines(&self.calendars);
        let key = |timer: &kaiban_engine::Timer| TimerKey {
            case_id: id.to_owned(),
            step: timer.step.clone(),
            kind: timer.kind.name().to_owned(),
        };
        for timer in before.iter().filter(|old| !after.iter().any(|new| new.step == old.step && new.kind == old.kind)) {
            let key = key(timer);
            self.changes
                .timers
                .retain(|row| (&row.case_id, &row.step, &row.kind) != (&key.case_id, &key.step, &key.kind));
            self.changes.timers_gone.push(key);
        }
        for timer in after.iter().filter(|new| !before.contains(new)) {
            let TimerKey { case_id, step, kind } = key(timer);
            self.changes.timers_gone.retain(|gone| (&gone.case_id, &gone.step, &gone.kind) != (&case_id, &step, &kind));
            self.changes.timers.retain(|row| (&row.case_id, &row.step, &row.kind) != (&case_id, &step, &kind));
            let clock = match timer.clock {
                TimerClock::Business => Clock::Business,
                TimerClock::Operating => Clock::Operating,
            };
            self.changes.timers.push(TimerRow { case_id, step, kind, due_us: timer.due_us, clock });
            self.news.deadlines.push((timer.clock, timer.due_us));
        }
    }

    /// Everything that has to be written, what to tell once it is, and the cases under way as they are then.
    pub fn finish(mut self) -> (Changes, News, Vec<(String, Working)>) {
        for (id, step) in &self.tasks_touched {
            if let Some(row) = self.cases.get(id).and_then(|working| working.tasks.get(step)) {
                self.changes.tasks.push(row.clone());
            }
        }
        for working in self.cases.values_mut().filter(|working| working.dirty) {
            let row = working.row(&self.calendars, self.now_us);
            working.snapshot_bytes = row.snapshot.len();
            self.news.cases.push(row.clone());
            if working.new {
                self.changes.cases_new.push(row)
            } else {
                self.changes.cases_changed.push(row)
            }
            (working.new, working.dirty) = (false, false);
        }
        self.shelf.finish(&mut self.changes);
        self.changes.case_offices.sort();
        self.changes.case_offices.dedup();
        self.changes.case_persons.sort();
        self.changes.case_persons.dedup();
        let under_way = self.cases.into_iter().filter(|(_, working)| working.case.phase != Phase::Closed);
        (self.changes, self.news, under_way.collect())
    }
}

impl Working {
    /// Reads a stored case.
    pub fn read(library: &Library, row: &CaseRow) -> Result<Self, Refusal> {
        let def = library.pinned(&row.digest).ok_or_else(|| corrupt("package"))?;
        let case: Case = serde_json::from_str(&row.snapshot).map_err(|_| corrupt("snapshot"))?;
        Ok(Self {
            case,
            def,
            seq: row.seq,
            head: row.head.clone(),
            subject: row.subject.clone(),
            tasks: BTreeMap::new(),
            snapshot_bytes: row.snapshot.len(),
            new: false,
            dirty: false,
        })
    }

    fn write_entry(&mut self, at_us: i64, actor: &Actor, command: &str, events: Vec<Event>, changes: &mut Changes) {
        if events.is_empty() {
            return;
        }
        self.seq += 1;
        let entry = Entry {
            case: self.case.id.clone(),
            seq: self.seq,
            at_us,
            actor: actor.clone(),
            command: command.to_owned(),
            events,
        };
        let bytes = entry.to_bytes();
        self.head = chain_hash(&self.head, &bytes);
        self.dirty = true;
        let (case_id, hash) = (self.case.id.clone(), self.head.clone());
        changes.entries.push(EntryRow { case_id, seq: self.seq, at_us, bytes, hash });
    }

    /// The row as it stands now.
    pub fn row(&self, calendars: &Calendars, now_us: i64) -> CaseRow {
        let case = &self.case;
        let clock = case.promise_clock(calendars, now_us.max(case.last_at_us));
        CaseRow {
            id: case.id.clone(),
            workflow: case.workflow.clone(),
            version: self.def.version.clone(),
            digest: case.digest.clone(),
            division: case.division.clone(),
            organisation: case.organisation.clone(),
            outlet: case.outlet.clone(),
            subject: self.subject.clone(),
            state: match case.phase {
                Phase::New | Phase::Intake => CaseState::Intake,
                Phase::Open => CaseState::Open,
                Phase::Closed => CaseState::Closed,
            },
            outcome: case.outcome.clone(),
            seq: self.seq,
            head: self.head.clone(),
            received_at_us: case.received_at_us,
            accepted_at_us: case.accepted_at_us,
            promise_due_us: clock.ok().and_then(|clock| clock.due_us),
            closed_at_us: case.closed_at_us,
            snapshot: serde_json::to_string(case).unwrap_or_default(),
            waiting: case.corrections.iter().any(kaiban_engine::CorrectionRun::is_open) && case.phase != Phase::Closed,
            troubled: case.phase != Phase::Closed
                && (case.promise_undecided
                    || is_running_out(&case.ledger, case.mark)
                    || case.steps.values().any(|run| {
                        run.state == StepState::Incident || is_overdue(run) || is_running_out(&run.ledger, run.mark)
                    })),
            parent: case.parent.as_ref().map(|parent| parent.case.clone()),
            visited: rows::visited(&self.def, case),
        }
    }
}

/// A branch is in the queue of its step.
fn queue_of(branch: &str) -> String {
    branch_parts(branch).0.to_owned()
}

/// Effects that only carry a message.
fn is_message(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Tell { .. }
            | Effect::Remind { .. }
            | Effect::Overdue { .. }
            | Effect::Mark { .. }
            | Effect::Reason { .. }
            | Effect::Revoked { .. }
    )
}

/// The row of an effect. It is born claimed: the node that commits it carries it out, and any other if that one dies.
fn order(case: &str, seq: i64, at: usize, effect: &Effect, operating_us: i64) -> OutboxRow {
    let payload = serde_json::to_value(effect).unwrap_or_default();
    OutboxRow {
        id: format!("{case}/{seq}/{at}"),
        case_id: case.to_owned(),
        kind: payload["effect"].as_str().unwrap_or_default().to_owned(),
        payload: payload.to_string(),
        due_us: operating_us,
        attempts: 0,
        claimed_until_us: Some(operating_us + CLAIM_US),
        failed_code: None,
        created_at_us: operating_us,
    }
}

fn lease_of(row: &TaskRow) -> Lease {
    Lease { epoch: row.epoch, holder: row.holder.clone() }
}

fn corrupt(what: &'static str) -> Refusal {
    tracing::error!(what, "a stored case cannot be read");
    unreadable()
}

pub(crate) fn unreadable() -> Refusal {
    Refusal::new(
        Canonical::Internal,
        "STORED_CASE_UNREADABLE",
        "存储的办件无法读取，请联系管理员运行 verify。",
        "A stored case cannot be read: tell the administrator to run verify.",
    )
}
