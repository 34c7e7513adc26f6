//! The engine with the least around it that a shell has to do: documents, leases, registers and journals in maps; effects
//! carried out as soon as they arise. Letters are issued without being rendered.

mod draws;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use kaiban_calendar::local_date;
use kaiban_credit::{Class, Reason};
use kaiban_definition::{CaseFacts, Definition, Gravity, Scope, Workflows, branch_name, branch_parts};
use kaiban_engine::{
    Actor, Case, Command, Context, Decision, Documents, Effect, Entry, Filed, Lease, Limits, Parent, RegisterChange,
    RegisterRecord, Registers, StepState, TimerClock, chain_hash, decide, documents_needed, effects, registers_needed,
    started_form,
};
use kaiban_findings::Severity;
use serde_json::{Value, json};

pub use draws::sent;

use crate::credit::{Credit, Standing};
use crate::driver::{Deed, Driver, Refused};
use crate::scenario::Blot;

/// Cases on the engine alone.
#[derive(Debug)]
pub struct EngineDriver<'w> {
    workflows: &'w Workflows,
    limits: Limits,
    now_us: i64,
    /// Operating time is no part of a scenario: it only moves to the end of a back-off.
    operating_us: i64,
    cases: BTreeMap<String, Running>,
    registers: Registers,
    credit: Credit,
    /// Draws that were held.
    draws: u32,
    outbox: VecDeque<(String, Effect)>,
    /// Numbers that were given out: of cases, documents and salts.
    given: u32,
}

#[derive(Debug)]
struct Running {
    def: Arc<Definition>,
    case: Case,
    documents: Documents,
    tasks: BTreeMap<String, Task>,
    /// The epoch under which each step was last handed over.
    granted: BTreeMap<String, i64>,
    journal: Vec<Entry>,
}

/// Row of an open task.
#[derive(Debug)]
struct Task {
    offer: u32,
    lease: Lease,
}

impl<'w> EngineDriver<'w> {
    /// No cases yet, at the beginning of time.
    pub fn new(workflows: &'w Workflows) -> Self {
        Self {
            workflows,
            limits: Limits::default(),
            now_us: i64::MIN / 2,
            operating_us: 0,
            cases: BTreeMap::new(),
            registers: Registers::new(),
            credit: Credit::default(),
            draws: 0,
            outbox: VecDeque::new(),
            given: 0,
        }
    }

    /// The case as it stands.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.get(id).map(|running| &running.case)
    }

    fn number(&mut self) -> u32 {
        self.given += 1;
        self.given
    }

    /// A document under a digest that no other has.
    fn file(&mut self, content: Value) -> Filed {
        let salt = format!("document {}", self.number());
        Filed { digest: chain_hash(&salt, &content.to_string()), content: Arc::new(content) }
    }

    /// A text that is only named: nobody reads it again.
    fn text(&mut self, text: &str) -> Option<String> {
        (!text.trim().is_empty()).then(|| self.file(json!(text)).digest)
    }

    fn doubts(&mut self, def: &Definition, form: &Value) -> Option<(String, u32)> {
        let mut doubts = def.check_form(form, local_date(self.now_us));
        doubts.retain(|finding| finding.severity == Severity::Doubt);
        let count = u32::try_from(doubts.len()).unwrap_or(u32::MAX);
        (count > 0).then(|| (self.file(serde_json::to_value(doubts).unwrap_or_default()).digest, count))
    }

    fn create(
        &mut self,
        def: &Arc<Definition>,
        form: Value,
        (organisation, outlet): (String, Option<String>),
        parent: Option<Parent>,
        actor: &Actor,
    ) -> Result<String, Refused> {
        let id = format!("{:06}", self.number());
        let form = self.file(form);
        let doubts = self.doubts(def, &form.content);
        let command = Command::Submit { case: id.clone(), form, doubts, organisation, outlet, parent };
        let running = Running {
            def: Arc::clone(def),
            case: Case::default(),
            documents: Documents::new(),
            tasks: BTreeMap::new(),
            granted: BTreeMap::new(),
            journal: Vec::new(),
        };
        self.cases.insert(id.clone(), running);
        match self.run(&id, &command, actor) {
            Ok(()) => Ok(id),
            Err(refused) => {
                self.cases.remove(&id);
                Err(refused)
            }
        }
    }

    /// One command, from the decision to the journal.
    fn run(&mut self, id: &str, command: &Command, actor: &Actor) -> Result<(), Refused> {
        let salt = format!("salt {}", self.number());
        let running = self.cases.get_mut(id).ok_or_else(unknown)?;
        let mut documents = Documents::new();
        for digest in documents_needed(&running.case, command) {
            documents.extend(running.documents.get(digest).map(|content| (digest.to_owned(), Arc::clone(content))));
        }
        let registers = registers_read(running, &self.registers, command, self.now_us);
        let now_us = self.now_us.max(running.case.last_at_us);
        let signatory = match command {
            Command::Sign { person, .. } => running.person(person),
            _ => None,
        };
        let standing = signatory.map(|person| self.credit.standing(person, local_date(now_us)));
        let context = Context {
            now_us,
            operating_us: self.operating_us,
            actor,
            directory: &self.workflows.directory,
            calendars: &self.workflows.calendars,
            documents: &documents,
            lease: leased_step(command).and_then(|step| running.tasks.get(step)).map(|task| &task.lease),
            registers: &registers,
            credit: standing.as_ref().map(Standing::facts),
            salt: &salt,
            tells: false,
            limits: &self.limits,
        };
        let Decision { events, filed, registers } = decide(&running.def, &running.case, command, &context)?;
        for event in &events {
            running.case.evolve(now_us, event);
        }
        for filed in brought(command).into_iter().cloned().chain(filed.into_iter().map(|written| written.filed)) {
            running.documents.insert(filed.digest, filed.content);
        }
        if !events.is_empty() {
            let seq = i64::try_from(running.journal.len()).unwrap_or(i64::MAX).saturating_add(1);
            let wanted = effects(&running.def, &running.case, seq, &events);
            // Nobody carries messages: what is told lies at the terminal.
            let wanted = wanted.into_iter().map(|(_, effect)| effect);
            let wanted = wanted.filter(|effect| {
                !matches!(effect, Effect::Tell { .. } | Effect::Remind { .. } | Effect::Overdue { .. })
            });
            self.outbox.extend(wanted.map(|effect| (id.to_owned(), effect)));
            let (actor, command) = (actor.clone(), command.name().to_owned());
            running.journal.push(Entry { case: id.to_owned(), seq, at_us: now_us, actor, command, events });
        }
        running.follow_tasks();
        running.grant(command);
        for change in registers {
            match change {
                RegisterChange::Hold { register, key, until_us } => {
                    let record = RegisterRecord { holder: id.to_owned(), until_us };
                    self.registers.insert((register, key), record);
                }
                RegisterChange::Release { register, key } => {
                    self.registers.remove(&(register, key));
                }
            }
        }
        Ok(())
    }

    /// Everything that follows by itself, until nothing does: effects, and back-offs, which are over at once.
    fn settle(&mut self) {
        loop {
            if let Some((id, effect)) = self.outbox.pop_front() {
                // What the case refuses, because it has gone on, is done with as well.
                let _ = self.carry_out(&id, effect);
                continue;
            }
            let over = self.cases.iter().find_map(|(id, running)| {
                let mut timers = running.case.timers().into_iter();
                timers.find(|timer| timer.clock == TimerClock::Operating).map(|timer| (id.clone(), timer))
            });
            let Some((id, timer)) = over else { return };
            self.operating_us = self.operating_us.max(timer.due_us);
            let command = Command::FireTimer { step: timer.step, kind: timer.kind };
            if self.run(&id, &command, &Actor::System).is_err() {
                return;
            }
        }
    }

    fn carry_out(&mut self, id: &str, effect: Effect) -> Result<(), Refused> {
        match effect {
            Effect::Letter { letter, number, step, correction } => {
                let (html, text) = (self.file(json!(number)).digest, self.file(json!(number)).digest);
                let told = Command::Tell { number: number.clone(), correction: correction.clone() };
                let issue = Command::IssueLetter { letter, number, step, correction, html, text };
                self.run(id, &issue, &Actor::System)?;
                self.run(id, &told, &Actor::System)
            }
            Effect::Start { step } => {
                let command = match self.start(id, &step) {
                    Ok(case) => Command::SubCaseStarted { step, case },
                    Err(_) => Command::SubCaseFailed { step },
                };
                self.run(id, &command, &Actor::System)
            }
            Effect::Ended { case, step } => {
                let outcome = self.case(id).and_then(|case| case.outcome.clone()).unwrap_or_default();
                let result = self.file(json!({ "case": id, "outcome": outcome }));
                let command = Command::SubCaseEnded { step: step.clone(), case: id.to_owned(), result };
                self.run(&case, &command, &Actor::System)?;
                self.goes_on_record(&case, &step, &outcome)
            }
            Effect::Tell { .. }
            | Effect::Remind { .. }
            | Effect::Overdue { .. }
            | Effect::Mark { .. }
            | Effect::Reason { .. }
            | Effect::Revoked { .. } => Ok(()),
        }
    }

    /// A promise that a started case found false stands on the record of whoever made it.
    fn goes_on_record(&mut self, case: &str, step: &str, outcome: &str) -> Result<(), Refused> {
        let running = self.cases.get(case).ok_or_else(unknown)?;
        let breaks = running.def.step(step).and_then(|step| step.breaks());
        let Some(breaks) = breaks.filter(|breaks| breaks.after.iter().any(|after| after == outcome)) else {
            return Ok(());
        };
        let promised = running.case.commitment(&breaks.certificate).filter(|run| run.signed.is_some());
        let Some(person) = promised.and_then(|run| running.person(&run.person)) else { return Ok(()) };
        let class = match breaks.class {
            Gravity::Minor => Class::Minor,
            Gravity::General => Class::General,
            Gravity::Serious => Class::Serious,
        };
        self.credit.record(person, (class, Reason::FalseCommitment), local_date(self.now_us))
    }

    fn start(&mut self, id: &str, step: &str) -> Result<String, Refused> {
        let running = self.cases.get(id).ok_or_else(unknown)?;
        let (workflow, filled) =
            started_form(&running.def, &running.case, step, &running.documents).ok_or_else(unknown)?;
        let def = self.workflows.definition(workflow).ok_or_else(unknown)?;
        let by = (running.case.organisation.clone(), running.case.outlet.clone());
        let parent = Parent { case: id.to_owned(), step: step.to_owned() };
        self.create(def, filled, by, Some(parent), &Actor::System)
    }

    /// The office takes what is ready of a step, whichever case it is of.
    fn take(&mut self, office: &str, step: &str) -> Result<(), Refused> {
        let name = branch_parts(step).0;
        let mut ready = Vec::new();
        for (id, running) in &self.cases {
            let tasks = running.case.open_tasks().into_iter();
            let free = tasks.filter(|task| {
                let held = running.tasks.get(&task.step).is_some_and(|row| row.lease.holder.is_some());
                task.office == office
                    && branch_parts(&task.step).0 == name
                    && task.phase == kaiban_engine::TaskPhase::Open
                    && !held
            });
            ready.extend(free.map(|task| (id.clone(), task.step)));
        }
        for (id, step) in ready {
            let actor = Actor::Agency { holder: office.to_owned() };
            self.run(&id, &Command::Claim { step, holder: office.to_owned() }, &actor)?;
        }
        Ok(())
    }

    /// The step's task in its office's hands; gives the office and the epoch.
    fn held(&mut self, id: &str, step: &str) -> Result<(String, i64), Refused> {
        let lease = |driver: &Self| {
            let running = driver.cases.get(id)?;
            let task = running.tasks.get(step)?;
            Some((running.case.steps.get(step)?.office.clone(), task.lease.clone()))
        };
        match lease(self) {
            Some((office, Lease { holder: None, .. })) => self.take(&office, step)?,
            Some(_) => {}
            None => {}
        }
        // Where there is no task any more, its office still has the epoch of the last one, and the engine says why it is too
        // late. A step that was never offered is nobody's, and looks like one that is not there.
        let last = |driver: &Self| {
            let running = driver.cases.get(id)?;
            let office =
                running.case.steps.get(step).map(|run| run.office.clone()).filter(|office| !office.is_empty())?;
            Some((office, running.granted.get(step).copied().unwrap_or(0)))
        };
        let current = lease(self).map(|(office, lease)| (office, lease.epoch));
        current.or_else(|| last(self)).ok_or_else(unknown)
    }

    /// Only whoever's identity was checked has a credential to act with: where the package has no step for it, nobody.
    fn identified(&self, id: &str, person: &str) -> Result<(), Refused> {
        let running = self.cases.get(id).ok_or_else(unknown)?;
        let identity = running.def.identity.as_deref().ok_or_else(unknown)?;
        let run = running.case.steps.get(&branch_name(identity, Some(person))).ok_or_else(unknown)?;
        let outcomes = running.def.step(identity).map(|step| &step.outcomes);
        let outcome = run.outcome.as_ref().and_then(|outcome| outcomes?.get(outcome));
        if run.state != StepState::Completed || outcome.is_none_or(|outcome| outcome.adverse) {
            return Err(Refused { reason: "IDENTITY_NOT_CHECKED".into(), findings: Vec::new() });
        }
        Ok(())
    }

    fn deed(&mut self, id: &str, deed: &Deed) -> Result<(), Refused> {
        let terminal = |driver: &Self| {
            let case = driver.case(id);
            let organisation = case.map(|case| case.organisation.clone()).unwrap_or_default();
            Actor::Terminal { organisation, outlet: case.and_then(|case| case.outlet.clone()) }
        };
        let officer = |officer: &str| Actor::Officer { officer: officer.to_owned() };
        let (command, actor) = match deed.clone() {
            Deed::Take { step } => {
                let office = self.case(id).and_then(|case| case.steps.get(&step)).map(|run| run.office.clone());
                return self.take(&office.ok_or_else(unknown)?, &step);
            }
            Deed::Answer { correction, form } => {
                let form = self.file(form);
                let def = self.cases.get(id).map(|running| Arc::clone(&running.def)).ok_or_else(unknown)?;
                let doubts = self.doubts(&def, &form.content);
                (Command::Resubmit { correction, form, doubts }, terminal(self))
            }
            Deed::Withdraw { reason } => (Command::Withdraw { reason: self.text(&reason) }, terminal(self)),
            Deed::Request { step, form } => {
                let form = form.map(|form| self.file(form));
                (Command::Request { step, form }, terminal(self))
            }
            Deed::WithdrawStep { step, reason } => {
                (Command::WithdrawStep { step, reason: self.text(&reason) }, terminal(self))
            }
            Deed::Complete { step, outcome, result, findings, officer, approver, reason } => {
                let (holder, epoch) = self.held(id, &step)?;
                let result = result.map(|result| self.file(result));
                let filed = self.file(serde_json::to_value(&findings).unwrap_or_default());
                if !findings.is_empty()
                    && let Some(running) = self.cases.get_mut(id)
                {
                    running.documents.insert(filed.digest.clone(), Arc::clone(&filed.content));
                }
                let findings = (!findings.is_empty()).then_some((filed.digest, findings));
                let (officer, reason) = (Some(officer), self.text(&reason));
                let command = Command::Complete { step, epoch, outcome, result, findings, officer, approver, reason };
                (command, Actor::Agency { holder })
            }
            Deed::Defer { step, until_us, code } => {
                let (holder, epoch) = self.held(id, &step)?;
                (Command::Defer { step, epoch, until_us, code }, Actor::Agency { holder })
            }
            Deed::Fail { step, code } => {
                let (holder, epoch) = self.held(id, &step)?;
                (Command::Fail { step, epoch, code }, Actor::Agency { holder })
            }
            Deed::Pause { step, reason, until_us, note, officer: who, approver } => {
                let note = self.text(&note);
                let actor = officer(&who);
                (Command::Pause { step, reason, until_us, note, officer: who, approver }, actor)
            }
            Deed::Resume { step, officer: who } => {
                let actor = officer(&who);
                (Command::Resume { step, officer: who }, actor)
            }
            Deed::Extend { step, officer: who, approver, reason } => {
                let actor = officer(&who);
                let reason = self.file(json!(reason)).digest;
                (Command::Extend { step, officer: who, approver, reason }, actor)
            }
            Deed::ExplainDelay { step, officer: who, reason } => {
                let actor = officer(&who);
                let reason = self.file(json!(reason)).digest;
                (Command::ExplainDelay { step, officer: who, reason }, actor)
            }
            Deed::Cancel { officer: who, reason } => {
                let actor = officer(&who);
                (Command::Cancel { officer: who, reason: self.text(&reason) }, actor)
            }
            Deed::GiveUp { officer: who, reason } => {
                let actor = officer(&who);
                let reason = self.file(json!(reason)).digest;
                (Command::GiveUp { officer: who, reason }, actor)
            }
            Deed::Resolve { step, officer: who } => {
                let actor = officer(&who);
                (Command::Resolve { step, officer: who }, actor)
            }
            Deed::Rate { person, grade, comment } => {
                self.identified(id, &person)?;
                (Command::Rate { grade, comment: self.text(&comment) }, Actor::Applicant { person })
            }
            Deed::Sign { person, step } => {
                self.identified(id, &person)?;
                // Nobody reads the letter here; what is signed is the digest of what would be shown.
                let letter = self.file(json!("letter"));
                let (standing, signature) = (self.file(json!("standing")), self.file(json!("signature")));
                let text_sha256 = letter.digest.clone();
                let (actor, scheme) = (Actor::Applicant { person: person.clone() }, "typed".to_owned());
                (Command::Sign { step, person, letter, text_sha256, standing, signature, scheme }, actor)
            }
            Deed::DeclineCommitment { person, step } => {
                self.identified(id, &person)?;
                let actor = Actor::Applicant { person: person.clone() };
                (Command::DeclineCommitment { step, person }, actor)
            }
            Deed::WithdrawCommitment { person, step, reason } => {
                self.identified(id, &person)?;
                let (actor, reason) = (Actor::Applicant { person: person.clone() }, self.text(&reason));
                (Command::WithdrawCommitment { step, person, reason }, actor)
            }
        };
        self.run(id, &command, &actor)
    }
}

impl Driver for EngineDriver<'_> {
    fn now_us(&self) -> i64 {
        self.now_us
    }

    fn time_passes(&mut self, until_us: i64) {
        loop {
            let due = self.cases.iter().flat_map(|(id, running)| {
                let timers = running.case.deadlines(&self.workflows.calendars).into_iter();
                timers.filter(|timer| timer.clock == TimerClock::Business).map(move |timer| (timer.due_us, id, timer))
            });
            let due = due.filter(|(due_us, ..)| *due_us <= until_us);
            let first = due.min_by(|(a, id_a, timer_a), (b, id_b, timer_b)| {
                (a, id_a, &timer_a.step, timer_a.kind).cmp(&(b, id_b, &timer_b.step, timer_b.kind))
            });
            let Some((due_us, id, timer)) = first.map(|(due_us, id, timer)| (due_us, id.clone(), timer)) else { break };
            self.now_us = self.now_us.max(due_us);
            let command = Command::FireTimer { step: timer.step, kind: timer.kind };
            if self.run(&id, &command, &Actor::System).is_err() {
                break;
            }
            self.settle();
        }
        self.now_us = self.now_us.max(until_us);
    }

    fn submit(&mut self, workflow: &str, outlet: &str, form: &Value) -> Result<String, Refused> {
        let def = self.workflows.definition(workflow).ok_or_else(unknown)?;
        let bank = self.workflows.directory.outlet(outlet).map(|outlet| outlet.bank.clone()).unwrap_or_default();
        let actor = Actor::Terminal { organisation: bank.clone(), outlet: Some(outlet.to_owned()) };
        let id = self.create(def, form.clone(), (bank, Some(outlet.to_owned())), None, &actor)?;
        self.settle();
        Ok(id)
    }

    fn act(&mut self, case: &str, deed: &Deed) -> Result<(), Refused> {
        let done = self.deed(case, deed);
        self.settle();
        done
    }

    fn record(&mut self, case: &str, person: &str, blot: Blot) -> Result<(), Refused> {
        let running = self.cases.get(case).ok_or_else(unknown)?;
        let person = running.person(person).ok_or_else(unknown)?;
        self.credit.record(person, blot.kind(), local_date(self.now_us))
    }

    fn list(&mut self, workflow: &str, register: &str, key: &str) -> Result<(), Refused> {
        let def = self.workflows.definition(workflow).ok_or_else(unknown)?;
        if !def.registers.contains_key(register) {
            return Err(unknown());
        }
        let record = RegisterRecord { holder: "bureau".to_owned(), until_us: None };
        self.registers.insert((register.to_owned(), key.to_owned()), record);
        Ok(())
    }

    fn draw(&mut self, pool: &str, cases: &[(String, bool)]) -> Vec<Result<(), Refused>> {
        let done = self.hold(pool, cases);
        self.settle();
        done
    }

    fn checkers(&mut self, case: &str, draw: &str) -> Vec<String> {
        let Some(running) = self.cases.get(case) else { return Vec::new() };
        let result = running.case.steps.get(draw).and_then(|run| running.documents.get(run.result.as_ref()?));
        sent(result.map(AsRef::as_ref))
    }

    fn journal(&mut self, case: &str) -> Vec<Entry> {
        self.cases.get(case).map(|running| running.journal.clone()).unwrap_or_default()
    }
}

impl Running {
    fn form(&self) -> Option<&Value> {
        self.documents.get(self.case.form()?).map(Arc::as_ref)
    }

    /// What the form says of the person of this key.
    fn person(&self, key: &str) -> Option<&Value> {
        let each = self.def.step(self.def.identity.as_deref()?)?.for_each.as_ref()?;
        let mut list = self.form()?.pointer(&each.over)?.as_array()?.iter();
        list.find(|item| item.get(&each.key).and_then(Value::as_str) == Some(key))
    }

    /// Rows follow the case: a new offer begins in nobody's hands, under the epoch that the last one ended with.
    fn follow_tasks(&mut self) {
        let open = self.case.open_tasks();
        let runs = &self.case.steps;
        let offers = |step: &str| runs.get(step).map_or(0, |run| run.offers);
        self.tasks.retain(|step, task| open.iter().any(|open| open.step == *step) && offers(step) == task.offer);
        for task in open {
            let Some(run) = runs.get(&task.step) else { continue };
            let fresh = || Task { offer: run.offers, lease: Lease { epoch: run.epoch, holder: None } };
            let row = self.tasks.entry(task.step).or_insert_with(fresh);
            // Whoever failed has no claim to the next attempt.
            if run.state == StepState::Retrying {
                row.lease.holder = None;
            }
        }
    }

    fn grant(&mut self, command: &Command) {
        let Command::Claim { step, holder } = command else { return };
        let Some(task) = self.tasks.get_mut(step) else { return };
        if task.lease.holder.as_ref() != Some(holder) {
            task.lease = Lease { epoch: task.lease.epoch + 1, holder: Some(holder.clone()) };
            self.granted.insert(step.clone(), task.lease.epoch);
        }
    }
}

/// The step whose lease a command is decided with.
fn leased_step(command: &Command) -> Option<&str> {
    match command {
        Command::Claim { step, .. }
        | Command::Complete { step, .. }
        | Command::Defer { step, .. }
        | Command::Fail { step, .. }
        | Command::Pause { step, .. }
        | Command::WithdrawStep { step, .. }
        | Command::FireTimer { step, .. } => Some(step),
        _ => None,
    }
}

/// The documents that come with a command.
fn brought(command: &Command) -> Option<&Filed> {
    match command {
        Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(form),
        Command::Request { form, .. } => form.as_ref(),
        Command::Complete { result, .. } => result.as_ref(),
        Command::SubCaseEnded { result, .. } | Command::Drawn { result, .. } => Some(result),
        _ => None,
    }
}

/// The records that a decision may read.
fn registers_read(running: &Running, registers: &Registers, command: &Command, now_us: i64) -> Registers {
    let before = running.form();
    let brought = match command {
        Command::Complete { .. } | Command::SubCaseEnded { .. } | Command::Drawn { .. } => None,
        command => brought(command).map(|filed| filed.content.as_ref()),
    };
    let Some(after) = brought.or(before) else { return Registers::new() };
    let registrar = after.pointer(&running.def.registrar).and_then(Value::as_str).unwrap_or_default();
    let date = local_date(now_us).to_string();
    let case = CaseFacts { registrar, workflow: &running.def.workflow, doubts: 0, date: &date };
    let scope = Scope { form: before.unwrap_or(after), case, results: &BTreeMap::new(), item: None, credit: None };
    let keys = registers_needed(&running.def, after, &scope).into_iter();
    keys.filter_map(|key| Some((key.clone(), registers.get(&key)?.clone()))).collect()
}

fn unknown() -> Refused {
    Refused { reason: "NOT_FOUND".into(), findings: Vec::new() }
}
