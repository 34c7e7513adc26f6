//! One case with everything that a shell keeps of it: documents, leases, the journal, two clocks. The only door is
//! [`Sim::run`]; after every command it holds the case against all invariants and against the replay of its journal.

pub mod desk;
pub mod trace;
pub mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_calendar::{Calendars, format_instant, local_date, parse_instant};
use kaiban_definition::{CaseFacts, CreditFacts, Definition, Directory, Scope};
use kaiban_engine::{
    Actor, Case, Command, Context, Decision, Documents, Effect, Entry, Event, Filed, GENESIS, Lease, Limits,
    PromiseClock, RegisterChange, RegisterRecord, Registers, Rejection, StepState, TimerClock, chain_hash, decide,
    documents_needed, effects, invariants, registers_needed,
};
use kaiban_findings::Severity;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use desk::{Completion, Desk};

pub const MINUTE_US: i64 = 60_000_000;

/// The terminal's outlet and the bank that it belongs to.
pub const OUTLET: (&str, &str) = ("b01-001", "b01");

/// A case and its shell.
pub struct Sim {
    pub def: Arc<Definition>,
    pub directory: Arc<Directory>,
    pub calendars: Arc<Calendars>,
    pub limits: Limits,
    pub case: Case,
    pub documents: BTreeMap<String, Arc<Value>>,
    /// Records of registers, as the store has them for all cases.
    pub registers: Registers,
    /// What is on record about whoever signs.
    pub credit: CreditFacts<'static>,
    /// Whether letters go out and telling is reported back.
    pub tells: bool,
    /// What has to be done outside because of what happened, in order.
    pub outbox: Vec<Effect>,
    /// Bytes and hash of every entry, as they would be stored.
    pub journal: Vec<(String, String)>,
    pub now_us: i64,
    pub operating_us: i64,
    /// The case, from the bytes of the journal alone.
    replayed: Case,
    tasks: BTreeMap<String, Task>,
    granted: BTreeMap<String, i64>,
    filed: u32,
}

/// Row of an open task.
struct Task {
    offer: u32,
    lease: Lease,
}

impl Sim {
    /// A case that has not been handed in yet.
    pub fn new(def: Arc<Definition>) -> Self {
        let shipped = world::shipped();
        Self {
            def,
            directory: Arc::clone(&shipped.directory),
            calendars: Arc::clone(&shipped.calendars),
            limits: Limits::default(),
            case: Case::default(),
            documents: BTreeMap::new(),
            registers: Registers::new(),
            credit: CreditFacts { minor: 0, general: 0, serious: 0, broken_promises: 0, risk: "A" },
            tells: false,
            outbox: Vec::new(),
            journal: Vec::new(),
            now_us: 0,
            operating_us: 0,
            replayed: Case::default(),
            tasks: BTreeMap::new(),
            granted: BTreeMap::new(),
            filed: 0,
        }
        .at("2026-03-02 09:00")
    }

    /// A business start of a company, at nine on a Monday, that a registrar has just been offered.
    pub fn business_start(registrar: &str) -> Self {
        let mut sim = Self::new(world::package("business-start"));
        sim.submits(world::company(registrar)).unwrap();
        sim
    }

    /// A case of a package that the test writes down, just handed in.
    pub fn small(rest: &str) -> Self {
        let mut sim = Self::new(world::small(rest));
        sim.submits(world::small_form("350100")).unwrap();
        sim
    }

    /// A case of such a package with these people on its form, just handed in.
    pub fn shop(rest: &str, people: &[&str]) -> Self {
        let mut sim = Self::new(world::shop(rest));
        sim.submits(world::shop_form(people)).unwrap();
        sim
    }

    /// The same at another time, earlier or later; for the beginning of a test.
    pub fn at(mut self, time: &str) -> Self {
        (self.now_us, self.operating_us) = (i64::MIN / 2, i64::MIN / 2);
        self.clock_says(time);
        self
    }

    /// Moves both clocks to `2026-03-02 10:30`, or to `10:30` of the day that it is; never back.
    pub fn clock_says(&mut self, time: &str) -> &mut Self {
        let at_us = self.instant(time);
        assert!(at_us >= self.now_us, "{time} is past");
        self.time_passes(at_us - self.now_us)
    }

    fn instant(&self, time: &str) -> i64 {
        let day = format_instant(self.now_us);
        let time = if time.contains(' ') { time.replace(' ', "T") } else { format!("{}T{time}", &day[..10]) };
        let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
        parse_instant(&format!("{time}{seconds}+08:00")).unwrap()
    }

    /// The next deadline on the business clock.
    pub fn next_due_us(&self) -> Option<i64> {
        let mut deadlines = self.case.deadlines(&self.calendars);
        deadlines.retain(|timer| timer.clock == TimerClock::Business);
        deadlines.into_iter().map(|timer| timer.due_us).min()
    }

    /// Moves the clocks on, and every deadline on the way comes at its time.
    pub fn runs_until(&mut self, time: &str) -> &mut Self {
        let until_us = self.instant(time);
        while let Some(due_us) = self.next_due_us().filter(|due_us| *due_us <= until_us) {
            let ahead_us = (due_us - self.now_us).max(0);
            self.time_passes(ahead_us).timers_fire();
        }
        self.time_passes(until_us - self.now_us)
    }

    /// The journal.
    pub fn entries(&self) -> Vec<Entry> {
        self.journal.iter().map(|(bytes, _)| serde_json::from_str(bytes).unwrap()).collect()
    }

    /// Moves both clocks on.
    pub fn time_passes(&mut self, us: i64) -> &mut Self {
        self.now_us += us;
        self.operating_us += us;
        self
    }

    /// Files a document under a salted digest.
    pub fn file(&mut self, content: Value) -> Filed {
        self.filed += 1;
        let digest = chain_hash(&format!("salt {}", self.filed), &content.to_string());
        Filed { digest, content: Arc::new(content) }
    }

    /// The terminal hands in a form; doubts are found and filed on the way.
    pub fn submits(&mut self, form: Value) -> Result<Vec<Event>, Rejection> {
        let form = self.file(form);
        let doubts = self.doubts(&form.content);
        self.run(Command::Submit {
            case: "350100-20260302-000001".into(),
            form,
            doubts,
            organisation: OUTLET.1.into(),
            outlet: Some(OUTLET.0.into()),
            parent: None,
        })
    }

    /// The terminal answers a correction with a new form.
    pub fn resubmits(&mut self, correction: &str, form: Value) -> Result<Vec<Event>, Rejection> {
        let form = self.file(form);
        let doubts = self.doubts(&form.content);
        self.run(Command::Resubmit { correction: correction.into(), form, doubts })
    }

    /// The same, with the form as it stands and one place changed.
    pub fn corrects(&mut self, correction: &str, pointer: &str, part: Value) -> Result<Vec<Event>, Rejection> {
        let form = world::with(self.form(), pointer, part);
        self.resubmits(correction, form)
    }

    fn doubts(&mut self, form: &Value) -> Option<(String, u32)> {
        let mut doubts = self.def.form.check(form);
        doubts.retain(|finding| finding.severity == Severity::Doubt);
        let count = u32::try_from(doubts.len()).unwrap();
        let filed = (count > 0).then(|| self.file(serde_json::to_value(doubts).unwrap()));
        filed.map(|filed| (filed.digest, count))
    }

    /// Fires every deadline that has come, earliest first, until none is left; gives their names.
    pub fn timers_fire(&mut self) -> Vec<String> {
        let mut fired = Vec::new();
        loop {
            let mut due = self.case.deadlines(&self.calendars);
            due.retain(|timer| match timer.clock {
                TimerClock::Business => timer.due_us <= self.now_us,
                TimerClock::Operating => timer.due_us <= self.operating_us,
            });
            let Some(timer) = due.into_iter().min_by_key(|timer| timer.due_us) else { return fired };
            fired.push(format!("{} {}", timer.step, timer.kind.name()));
            self.run(Command::FireTimer { step: timer.step, kind: timer.kind }).unwrap();
        }
    }

    /// The office that a step is with.
    pub fn office(&mut self, step: &str) -> Desk<'_> {
        Desk::new(self, step)
    }

    /// Runs a command as the one who usually sends it.
    pub fn run(&mut self, command: Command) -> Result<Vec<Event>, Rejection> {
        let actor = self.actor(&command);
        self.run_as(actor, command)
    }

    /// Runs a command as anybody.
    pub fn run_as(&mut self, actor: Actor, command: Command) -> Result<Vec<Event>, Rejection> {
        let documents: Documents = documents_needed(&self.case, &command)
            .into_iter()
            .filter_map(|digest| Some((digest.to_owned(), Arc::clone(self.documents.get(digest)?))))
            .collect();
        let registers = self.registers_read(&command);
        let now_us = self.now_us.max(self.case.last_at_us);
        let lease = match &command {
            Command::Claim { step, .. }
            | Command::Complete { step, .. }
            | Command::Defer { step, .. }
            | Command::Fail { step, .. }
            | Command::Pause { step, .. }
            | Command::WithdrawStep { step, .. }
            | Command::FireTimer { step, .. } => self.lease(step),
            _ => None,
        };
        let context = Context {
            now_us,
            operating_us: self.operating_us,
            actor: &actor,
            directory: &self.directory,
            calendars: &self.calendars,
            documents: &documents,
            lease,
            registers: &registers,
            credit: Some(self.credit),
            salt: &format!("salt of {}", self.journal.len()),
            tells: self.tells,
            limits: &self.limits,
        };
        let Decision { events, filed, registers } = decide(&self.def, &self.case, &command, &context)?;
        let claims = matches!(command, Command::Claim { .. });
        assert!(!events.is_empty() || claims, "{command:?} was accepted and did nothing");
        for written in filed {
            let salted = format!("{}{}", written.salt, written.bytes);
            assert_eq!(written.filed.digest, sha256(&salted), "a document is not named by its digest");
            assert_eq!(*written.filed.content, serde_json::from_str::<Value>(&written.bytes).unwrap());
            self.documents.insert(written.filed.digest, written.filed.content);
        }
        if !events.is_empty() {
            self.record(now_us, actor, &command, &events);
        }
        if let Command::Migrate { to, .. } = &command {
            self.def = Arc::clone(to);
        }
        self.write_registers(registers);
        self.follow_tasks();
        self.grant(&command);
        assert_eq!(invariants::check(&self.def, &self.case), [], "after {command:?}\n{:#?}", self.case);
        Ok(events)
    }

    fn actor(&self, command: &Command) -> Actor {
        match command {
            Command::Submit { .. }
            | Command::Resubmit { .. }
            | Command::Request { .. }
            | Command::WithdrawStep { .. }
            | Command::Withdraw { .. } => {
                Actor::Terminal { organisation: OUTLET.1.into(), outlet: Some(OUTLET.0.into()) }
            }
            Command::Claim { holder, .. } => Actor::Agency { holder: holder.clone() },
            Command::Complete { step, .. } | Command::Defer { step, .. } | Command::Fail { step, .. } => {
                let holder = self.lease(step).and_then(|lease| lease.holder.clone());
                Actor::Agency { holder: holder.unwrap_or_else(|| "nobody".into()) }
            }
            Command::Pause { officer, .. } | Command::Resume { officer, .. } | Command::GiveUp { officer, .. } => {
                Actor::Officer { officer: officer.clone() }
            }
            Command::ExplainDelay { officer, .. } | Command::Extend { officer, .. } => {
                Actor::Officer { officer: officer.clone() }
            }
            Command::Rate { .. } => Actor::Applicant { person: "head".into() },
            Command::Sign { person, .. }
            | Command::DeclineCommitment { person, .. }
            | Command::WithdrawCommitment { person, .. } => Actor::Applicant { person: person.clone() },
            Command::Cancel { .. } | Command::Resolve { .. } | Command::Migrate { .. } => {
                Actor::Admin { holder: "bureau".into() }
            }
            Command::IssueLetter { .. }
            | Command::Tell { .. }
            | Command::SubCaseStarted { .. }
            | Command::SubCaseFailed { .. }
            | Command::SubCaseEnded { .. }
            | Command::Drawn { .. }
            | Command::Recompute { .. }
            | Command::FireTimer { .. } => Actor::System,
        }
    }

    /// The records of the keys that the engine asks for, as a shell reads them.
    fn registers_read(&self, command: &Command) -> Registers {
        let brought = match command {
            Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(&form.content),
            Command::Request { form, .. } => form.as_ref().map(|form| &form.content),
            _ => None,
        };
        let before = self.case.form().and_then(|digest| self.documents.get(digest));
        let Some(after) = brought.or(before) else { return Registers::new() };
        let registrar = after.pointer(&self.def.registrar).and_then(Value::as_str).unwrap_or_default();
        let date = local_date(self.now_us).to_string();
        let case = CaseFacts { registrar, workflow: &self.def.workflow, doubts: 0, date: &date };
        let scope = Scope { form: before.unwrap_or(after), case, results: &BTreeMap::new(), item: None, credit: None };
        let keys = registers_needed(&self.def, after, &scope).into_iter();
        keys.filter_map(|key| Some((key.clone(), self.registers.get(&key)?.clone()))).collect()
    }

    fn write_registers(&mut self, changes: Vec<RegisterChange>) {
        for change in changes {
            match change {
                RegisterChange::Hold { register, key, until_us } => {
                    let record = RegisterRecord { holder: self.case.id.clone(), until_us };
                    self.registers.insert((register, key), record);
                }
                RegisterChange::Release { register, key } => {
                    let gone = self.registers.remove(&(register, key)).expect("only what is there is released");
                    assert_eq!(gone.holder, self.case.id, "only its holder gives a key back");
                }
            }
        }
    }

    fn record(&mut self, at_us: i64, actor: Actor, command: &Command, events: &[Event]) {
        for event in events {
            self.case.evolve(at_us, event);
        }
        let seq = self.journal.len() as i64 + 1;
        self.outbox.extend(effects(&self.def, &self.case, seq, events).into_iter().map(|(_, effect)| effect));
        let entry = Entry {
            case: self.case.id.clone(),
            seq,
            at_us,
            actor,
            command: command.name().into(),
            events: events.to_vec(),
        };
        let bytes = entry.to_bytes();
        let stored: Entry = serde_json::from_str(&bytes).unwrap();
        for event in &stored.events {
            self.replayed.evolve(stored.at_us, event);
        }
        assert_eq!(self.replayed, self.case, "replay differs after {command:?}");
        let snapshot = serde_json::to_string(&self.case).unwrap();
        assert_eq!(
            serde_json::from_str::<Case>(&snapshot).unwrap(),
            self.case,
            "a snapshot reads back as something else"
        );
        let head = self.journal.last().map_or(GENESIS, |(_, hash)| hash);
        let hash = chain_hash(head, &bytes);
        self.journal.push((bytes, hash));
        let brought = match command {
            Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(form),
            Command::Request { form, .. } => form.as_ref(),
            Command::Complete { result, .. } => result.as_ref(),
            Command::SubCaseEnded { result, .. } | Command::Drawn { result, .. } => Some(result),
            _ => None,
        };
        if let Some(filed) = brought {
            self.documents.insert(filed.digest.clone(), Arc::clone(&filed.content));
        }
    }

    /// Rows follow the case: a new offer begins in nobody's hands, under the epoch that the last one ended with.
    fn follow_tasks(&mut self) {
        let open = self.case.open_tasks();
        self.tasks
            .retain(|step, task| open.iter().any(|o| o.step == *step && self.case.steps[step].offers == task.offer));
        for task in open {
            let run = &self.case.steps[&task.step];
            let row = self
                .tasks
                .entry(task.step)
                .or_insert_with(|| Task { offer: run.offers, lease: Lease { epoch: run.epoch, holder: None } });
            if run.state == StepState::Retrying {
                row.lease.holder = None;
            }
        }
    }

    /// A claim by somebody else raises the epoch; no epoch of a step is ever granted twice.
    fn grant(&mut self, command: &Command) {
        let Command::Claim { step, holder } = command else { return };
        let task = self.tasks.get_mut(step).expect("a claimed step has a task");
        if task.lease.holder.as_ref() != Some(holder) {
            task.lease = Lease { epoch: task.lease.epoch + 1, holder: Some(holder.clone()) };
            let before = self.granted.insert(step.clone(), task.lease.epoch).unwrap_or(0);
            assert!(before < task.lease.epoch, "epoch {before} of {step} was granted twice");
        }
    }

    /// The lease of a step's open task.
    pub fn lease(&self, step: &str) -> Option<&Lease> {
        self.tasks.get(step).map(|task| &task.lease)
    }

    /// The form as it stands.
    pub fn form(&self) -> Value {
        self.documents[self.case.form().unwrap()].as_ref().clone()
    }

    /// All documents, as a decision gets them.
    pub fn all_documents(&self) -> Documents {
        self.documents.iter().map(|(digest, content)| (digest.clone(), Arc::clone(content))).collect()
    }

    /// Where a step stands.
    pub fn state(&self, step: &str) -> StepState {
        self.case.step_state(step)
    }

    /// The steps that offices have or will have, by name.
    pub fn open(&self) -> Vec<String> {
        self.case.open_tasks().into_iter().map(|task| task.step).collect()
    }

    /// The case's promise clock as it is now.
    pub fn clock(&self) -> PromiseClock {
        self.case.promise_clock(&self.calendars, self.now_us).unwrap()
    }

    /// A step's promise clock as it is now.
    pub fn step_clock(&self, step: &str) -> PromiseClock {
        self.case.steps[step].promise_clock(&self.calendars, self.now_us).unwrap().expect("the step was offered")
    }
}

/// The bureau ends a case, and says why.
pub fn cancel() -> Command {
    Command::Cancel { officer: desk::OFFICER.into(), reason: Some("digest of why".into()) }
}

/// The end of a case by itself, with nothing under way.
pub fn closed(outcome: &str, without: &[&str]) -> Event {
    Event::Closed {
        outcome: outcome.into(),
        by: None,
        without: without.iter().map(|step| (*step).to_owned()).collect(),
        taken_back: BTreeMap::new(),
        released: Vec::new(),
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `1:30`, or `1:30:05` where there are seconds.
pub fn hours(us: i64) -> String {
    let (sign, seconds) = if us < 0 { ("-", -us / 1_000_000) } else { ("", us / 1_000_000) };
    let text = format!("{sign}{}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 == 0 { text } else { format!("{text}:{:02}", seconds % 60) }
}

/// `2020-11-23 09:30`, with seconds where there are any.
pub fn local(at_us: i64) -> String {
    let text = format_instant(at_us).replace('T', " ").replace("+08:00", "");
    text.strip_suffix(":00").map_or(text.clone(), str::to_owned)
}
