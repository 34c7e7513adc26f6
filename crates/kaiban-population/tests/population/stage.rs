//! The least that a driver of the crowd has to do: carry messages between the engine and the actors, and move the clock
//! to whatever comes next.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use kaiban_calendar::local_date;
use kaiban_definition::{Definition, Files, Workflows, load};
use kaiban_engine::{
    Actor, Case, Command, Context, Documents, Filed, Lease, Limits, PauseReason, Phase, RegisterChange, RegisterRecord,
    Registers, Sheet, StepState, TimerClock, decide, invariants,
};
use kaiban_findings::Finding;
use kaiban_population::{Applicants, BackOffice, Crowd, Decision, Element, Habits, Task};
use serde_json::Value;

/// 2026-03-02T09:00:00+08:00.
pub const START_US: i64 = 1_772_413_200_000_000;

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The folder `workflows/` of this repository.
pub fn workflows() -> Workflows {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let mut files = Files::new();
    read(&root, &root, &mut files);
    let (workflows, findings) = load(&files);
    let errors: Vec<String> = findings.iter().filter(|f| f.is_error()).map(Finding::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    workflows
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Call {
    Arrives(u64),
    Withdraws(u64),
    Answers(u64, usize),
    Requests(u64),
    /// A registration is held up until then, or goes on.
    HoldsUp(u64, i64),
    GoesOn(u64),
}

struct Playing {
    case: Case,
    documents: Documents,
    epochs: BTreeMap<String, i64>,
    /// Corrections that the applicant was told of.
    told: Vec<String>,
    /// Tasks that offices have: step → office and task.
    tasks: BTreeMap<String, (String, String)>,
    /// When its next deadline is due.
    alarm_us: Option<i64>,
}

/// Everything that runs.
pub struct Stage {
    workflows: Workflows,
    definition: Arc<Definition>,
    pub crowd: Arc<Crowd>,
    applicants: Applicants,
    offices: BTreeMap<String, BackOffice>,
    cases: BTreeMap<u64, Playing>,
    calls: BTreeSet<(i64, Call)>,
    /// When the next deadline of each case is due.
    alarms: BTreeSet<(i64, u64)>,
    registers: Registers,
    commands: u64,
    now_us: i64,
    /// What every office decided, in order: one line each.
    pub record: Vec<String>,
}

impl Stage {
    pub fn new(seed: u64, cases: u64, habits: Habits) -> Self {
        let workflows = workflows();
        let definition = Arc::clone(workflows.definition("business-start").unwrap());
        let (directory, calendars) = (&workflows.directory, &workflows.calendars);
        let crowd = Arc::new(Crowd::new(seed, cases, START_US, directory, calendars, habits).unwrap());
        let mut offices = BTreeMap::new();
        for office in directory.offices() {
            let steps: Vec<&str> = definition
                .steps
                .values()
                .filter(|step| step.party() == Some(office.party.as_str()))
                .map(|step| step.name.as_str())
                .collect();
            let clerks = crowd.clerks(office, &steps);
            let calendar = Arc::clone(calendars.find(&office.calendar).unwrap());
            let back = BackOffice::new(Arc::clone(&crowd), Arc::clone(&definition), calendar, &office.officers, clerks);
            offices.insert(office.id.clone(), back);
        }
        let mut calls = BTreeSet::new();
        let applicants = Applicants::new(Arc::clone(&crowd));
        for index in 0..cases {
            calls.insert((crowd.arrival_us(index), Call::Arrives(index)));
            calls.extend(applicants.withdrawal_us(index).map(|at_us| (at_us, Call::Withdraws(index))));
            calls.extend(applicants.later_request(index).map(|request| (request.at_us, Call::Requests(index))));
            let procedure = crowd.special_procedure(index);
            calls.extend(procedure.map(|procedure| (procedure.at_us, Call::HoldsUp(index, procedure.until_us))));
        }
        let (cases, record, now_us) = (BTreeMap::new(), Vec::new(), START_US);
        let (registers, commands) = (Registers::new(), 0);
        Self {
            workflows,
            definition,
            crowd,
            applicants,
            offices,
            cases,
            calls,
            alarms: BTreeSet::new(),
            registers,
            commands,
            now_us,
            record,
        }
    }

    /// Plays until nobody has anything to do.
    pub fn play(&mut self) {
        while let Some(next_us) = self.next_us() {
            self.now_us = self.now_us.max(next_us);
            let now_us = self.now_us;
            while let Some((at_us, call)) = self.calls.first().copied().filter(|(at_us, _)| *at_us <= now_us) {
                self.calls.remove(&(at_us, call));
                self.call(call);
            }
            let timers: Vec<(u64, Command, String)> = self.timers(now_us);
            for (index, command, step) in timers {
                self.send(index, &command, Some(&step), Actor::System).unwrap();
            }
            let decisions: Vec<Decision> =
                self.offices.values_mut().flat_map(|office| office.due(now_us).unwrap()).collect();
            for decision in decisions {
                // Another office may have ended the case, or taken the step back, at the same instant.
                let held = self.cases[&decision.case].tasks.get(&decision.step);
                if held.is_none_or(|(_, task)| *task != decision.task) {
                    continue;
                }
                self.record.push(format!("{} {} {}", decision.at_us, decision.task, decision.outcome));
                self.complete(decision);
            }
        }
    }

    fn next_us(&self) -> Option<i64> {
        let offices = self.offices.values().filter_map(|office| office.next_due_us().unwrap());
        let calls = self.calls.first().map(|(at_us, _)| *at_us);
        offices.chain(calls).chain(self.alarms.first().map(|(at_us, _)| *at_us)).min()
    }

    fn timers(&self, now_us: i64) -> Vec<(u64, Command, String)> {
        let due = self.alarms.iter().take_while(|(at_us, _)| *at_us <= now_us);
        let due = due.flat_map(|(_, index)| {
            self.cases[index].case.deadlines(&self.workflows.calendars).into_iter().map(move |t| (*index, t))
        });
        due.filter(|(_, timer)| timer.due_us <= now_us && timer.clock == TimerClock::Business)
            .map(|(index, timer)| {
                (index, Command::FireTimer { step: timer.step.clone(), kind: timer.kind }, timer.step)
            })
            .collect()
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::Arrives(index) => self.submit(index),
            Call::Withdraws(index) => {
                let withdrawn = self.send(index, &Command::Withdraw { reason: None }, None, terminal());
                assert!(matches!(withdrawn, Ok(()) | Err("CASE_CLOSED" | "ALREADY_DECIDED")), "{withdrawn:?}");
            }
            Call::Answers(index, nth) => {
                let playing = &self.cases[&index];
                let correction = playing.told[nth].clone();
                let open = playing.case.corrections.iter().find(|open| open.id == correction).unwrap();
                let form = &playing.documents[playing.case.form().unwrap()];
                let told_at_us = open.told_at_us.unwrap();
                let answer = self.applicants.answer(index, &correction, &open.pointers, form, told_at_us);
                let (form, doubts) = self.file(index, answer.form);
                let sent = self.send(index, &Command::Resubmit { correction, form, doubts }, None, terminal());
                assert!(matches!(sent, Ok(()) | Err("CASE_CLOSED" | "NO_OPEN_CORRECTION")), "case {index}: {sent:?}");
            }
            Call::Requests(index) => {
                let step = self.applicants.later_request(index).unwrap().step;
                let playing = &self.cases[&index];
                let Some(form) = playing.case.form() else { return };
                let form = self.applicants.later_form(index, step, &playing.documents[form]);
                let (form, _) = self.file(index, form);
                let command = Command::Request { step: step.to_owned(), form: Some(form) };
                let sent = self.send(index, &command, None, terminal());
                assert!(matches!(sent, Ok(()) | Err("CASE_CLOSED" | "NOT_ACCEPTED_YET")), "case {index}: {sent:?}");
            }
            Call::HoldsUp(index, until_us) => {
                let (officer, approver) = ("market-regulation-1".to_owned(), Some("market-regulation-2".to_owned()));
                let (step, reason) = (Crowd::HELD_UP.to_owned(), PauseReason::SpecialProcedure);
                let command = Command::Pause { step, reason, until_us: Some(until_us), note: None, officer, approver };
                // The registration may not have begun, or may be over.
                if self.send(index, &command, Some(Crowd::HELD_UP), officer_of("market-regulation-1")).is_ok() {
                    self.calls.insert((until_us, Call::GoesOn(index)));
                }
            }
            Call::GoesOn(index) => {
                let command = Command::Resume { step: Crowd::HELD_UP.into(), officer: "market-regulation-1".into() };
                let sent = self.send(index, &command, Some(Crowd::HELD_UP), officer_of("market-regulation-1"));
                assert!(matches!(sent, Ok(()) | Err("CASE_CLOSED")), "case {index}: {sent:?}");
            }
        }
    }

    fn submit(&mut self, index: u64) {
        let application = self.crowd.application(index);
        assert_eq!(application.at_us, self.now_us, "whoever comes, comes on time");
        let playing = Playing {
            case: Case::default(),
            documents: Documents::default(),
            epochs: BTreeMap::new(),
            told: Vec::new(),
            tasks: BTreeMap::new(),
            alarm_us: None,
        };
        self.cases.insert(index, playing);
        let (form, doubts) = self.file(index, application.form);
        let (organisation, outlet) = (application.organisation, Some(application.outlet));
        let command = Command::Submit { case: format!("c{index}"), form, doubts, organisation, outlet, parent: None };
        self.send(index, &command, None, terminal()).unwrap();
    }

    fn file(&self, index: u64, form: Value) -> (Filed, Option<(String, u32)>) {
        let findings = self.definition.check_form(&form, local_date(self.now_us));
        assert!(!findings.iter().any(Finding::is_error), "case {index}: {findings:#?}\n{form:#}");
        let digest = format!("f{index}-{}", self.cases[&index].documents.len());
        let doubts = (!findings.is_empty()).then(|| (format!("{digest}d"), findings.len() as u32));
        (Filed { digest, content: Arc::new(form) }, doubts)
    }

    fn complete(&mut self, decision: Decision) {
        let Decision { case: index, step, epoch, outcome, result, findings, officer, approver, reason, .. } = decision;
        let digest = format!("d{index}-{step}-{epoch}");
        let command = Command::Complete {
            step: step.clone(),
            epoch,
            outcome,
            result: result.map(|content| Filed { digest: digest.clone(), content: Arc::new(content) }),
            findings: (!findings.is_empty()).then(|| (format!("{digest}c"), findings)),
            officer,
            approver,
            reason: reason.map(|_| format!("{digest}w")),
        };
        self.send(index, &command, Some(&step), Actor::Agency { holder: "office".into() }).unwrap();
    }

    /// Decides, evolves, and hands on what follows.
    fn send(&mut self, index: u64, command: &Command, step: Option<&str>, actor: Actor) -> Result<(), &'static str> {
        self.commands += 1;
        let salt = format!("salt {}", self.commands);
        let playing = self.cases.get_mut(&index).unwrap();
        let lease = step
            .and_then(|step| playing.epochs.get(step))
            .map(|epoch| Lease { epoch: *epoch, holder: Some("office".into()) });
        let context = Context {
            now_us: self.now_us,
            operating_us: self.now_us,
            actor: &actor,
            directory: &self.workflows.directory,
            calendars: &self.workflows.calendars,
            documents: &playing.documents,
            lease: lease.as_ref(),
            registers: &self.registers,
            credit: None,
            salt: &salt,
            tells: false,
            limits: &Limits::default(),
        };
        let decision = decide(&self.definition, &playing.case, command, &context).map_err(|rejection| {
            assert!(rejection.findings().is_empty(), "case {index}: {rejection:#?} to {command:#?}");
            rejection.reason()
        })?;
        for event in &decision.events {
            playing.case.evolve(self.now_us, event);
        }
        let broken = invariants::check(&self.definition, &playing.case);
        assert!(broken.is_empty(), "case {index}: {broken:?} after {:#?}", decision.events);
        let filed = match command {
            Command::Submit { form, .. } | Command::Resubmit { form, .. } => Some(form),
            Command::Request { form, .. } => form.as_ref(),
            Command::Complete { result, .. } => result.as_ref(),
            _ => None,
        };
        let written = decision.filed.into_iter().map(|written| written.filed);
        let filed = filed.cloned().into_iter().chain(written);
        playing.documents.extend(filed.map(|filed| (filed.digest, filed.content)));
        let holder = playing.case.id.clone();
        for change in decision.registers {
            match change {
                RegisterChange::Hold { register, key, until_us } => {
                    let record = RegisterRecord { holder: holder.clone(), until_us };
                    self.registers.insert((register, key), record);
                }
                RegisterChange::Release { register, key } => {
                    self.registers.remove(&(register, key));
                }
            }
        }
        let alarm_us = playing.case.deadlines(&self.workflows.calendars).into_iter().map(|timer| timer.due_us).min();
        if let Some(before_us) = std::mem::replace(&mut playing.alarm_us, alarm_us) {
            self.alarms.remove(&(before_us, index));
        }
        self.alarms.extend(alarm_us.map(|alarm_us| (alarm_us, index)));
        self.take_back(index);
        self.hand_on(index);
        Ok(())
    }

    /// Takes from offices what is no longer theirs to do.
    fn take_back(&mut self, index: u64) {
        let playing = self.cases.get_mut(&index).unwrap();
        let (case, offices) = (&playing.case, &mut self.offices);
        playing.tasks.retain(|step, (office, task)| {
            let run = &case.steps[step];
            let open = run.state.has_task() && kaiban_engine::task_id(&case.id, step, run.offers) == *task;
            if !open {
                offices.get_mut(office).unwrap().forget(task);
            }
            open
        });
    }

    /// Leases every new offer to its office, and tells the applicant of every new correction.
    fn hand_on(&mut self, index: u64) {
        let offered: Vec<String> = {
            let steps = self.cases[&index].case.steps.iter();
            steps.filter(|(_, run)| run.state == StepState::Offered).map(|(step, _)| step.clone()).collect()
        };
        for step in offered {
            let playing = self.cases.get_mut(&index).unwrap();
            if playing.case.step_state(&step) != StepState::Offered {
                continue;
            }
            *playing.epochs.entry(step.clone()).or_insert(0) += 1;
            let command = Command::Claim { step: step.clone(), holder: "office".into() };
            self.send(index, &command, Some(&step), Actor::Agency { holder: "office".into() }).unwrap();
            let playing = self.cases.get_mut(&index).unwrap();
            let run = &playing.case.steps[&step];
            let sheet = Sheet::of(&self.definition, &playing.case, &step, &playing.documents).unwrap();
            let mut shared = sheet.shared().value;
            let id = kaiban_engine::task_id(&playing.case.id, &step, run.offers);
            let task = Task {
                id: id.clone(),
                case: index,
                step: step.clone(),
                round: run.offers - 1,
                epoch: playing.epochs[&step],
                offered_at_us: self.now_us,
                element: sheet.item_at().map(|at| Element { at: at.to_owned(), value: shared["item"].take() }),
                form: shared["form"].take(),
            };
            self.offices.get_mut(&run.office).unwrap().receive(task);
            playing.tasks.insert(step, (run.office.clone(), id));
        }
        let playing = self.cases.get_mut(&index).unwrap();
        if playing.case.phase == Phase::Closed {
            return;
        }
        for correction in playing.case.corrections.iter().filter(|correction| correction.is_open()) {
            if !playing.told.contains(&correction.id) {
                let told_at_us = correction.told_at_us.unwrap();
                let at_us = self.applicants.answer_us(index, &correction.id, told_at_us);
                playing.told.push(correction.id.clone());
                self.calls.insert((at_us, Call::Answers(index, playing.told.len() - 1)));
            }
        }
    }

    /// The cases as they stand.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values().map(|playing| &playing.case)
    }
}

fn terminal() -> Actor {
    Actor::Terminal { organisation: "b01".into(), outlet: None }
}

fn officer_of(officer: &str) -> Actor {
    Actor::Officer { officer: officer.into() }
}
