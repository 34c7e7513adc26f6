//! What people do at an office's desk with the task of one step.

use kaiban_calendar::parse_instant;
use kaiban_definition::Effect;
use kaiban_engine::{Command, Event, Filed, Rejection};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use super::{Sim, world};

/// The staff number of whoever decides.
pub const OFFICER: &str = "FZ-0591";

/// The staff number of whoever approves.
pub const APPROVER: &str = "FZ-0001";

/// The desk of the office that has a step. A desk takes its task before it does anything with it; whatever is rejected
/// fails the test.
pub struct Desk<'s> {
    sim: &'s mut Sim,
    step: String,
}

impl<'s> Desk<'s> {
    pub fn new(sim: &'s mut Sim, step: &str) -> Self {
        Self { sim, step: step.into() }
    }

    /// Somebody takes the task.
    pub fn is_taken_by(&mut self, holder: &str) -> &mut Self {
        self.sim.run(Command::Claim { step: self.step.clone(), holder: holder.into() }).unwrap();
        self
    }

    /// The office's programme takes the task, unless it is in its hands already.
    pub fn takes(&mut self) -> &mut Self {
        if self.sim.lease(&self.step).is_some_and(|lease| lease.holder.is_some()) {
            return self;
        }
        let office = self.sim.case.steps[&self.step].office.clone();
        self.is_taken_by(&office)
    }

    /// Epoch of the lease.
    pub fn epoch(&self) -> i64 {
        self.sim.lease(&self.step).map_or(0, |lease| lease.epoch)
    }

    /// Ends the task as the step usually ends, with a sample result.
    pub fn approves(&mut self) -> Vec<Event> {
        let step = self.sim.def.step(&self.step).unwrap();
        let (outcome, _) = step.outcomes.iter().find(|(_, outcome)| outcome.effect == Effect::Completes).unwrap();
        let outcome = outcome.clone();
        self.decides(&outcome)
    }

    /// Ends the task with this outcome, with all that such an outcome takes.
    pub fn decides(&mut self, outcome: &str) -> Vec<Event> {
        self.takes();
        let step = self.sim.def.step(&self.step).unwrap().clone();
        let declared = &step.outcomes[outcome];
        let mut completion = Completion::of(&self.step, outcome).epoch(self.epoch());
        if declared.effect == Effect::Completes
            && let Some(result) = world::result_of(&self.sim.def, &self.step)
        {
            completion = completion.result(self.sim.file(result));
        }
        if declared.adverse {
            let reason = self.sim.file(Value::from("理由见附件。"));
            completion = completion.approver(APPROVER).reason(&reason.digest);
        }
        self.sim.run(completion.into()).unwrap()
    }

    /// Asks the applicant to correct these places.
    pub fn asks_for(&mut self, pointers: &[&str]) -> Vec<Event> {
        self.takes();
        let step = self.sim.def.step(&self.step).unwrap();
        let (outcome, _) =
            step.outcomes.iter().find(|(_, outcome)| matches!(outcome.effect, Effect::Corrects { .. })).unwrap();
        let completion = Completion::of(&self.step, outcome).epoch(self.epoch()).findings(pointers);
        self.sim.run(completion.into()).unwrap()
    }

    /// Puts the task off.
    pub fn defers_until(&mut self, time: &str) -> Vec<Event> {
        self.takes();
        let until_us = parse_instant(&format!("{}:00+08:00", time.replace(' ', "T"))).unwrap();
        let (step, epoch) = (self.step.clone(), self.epoch());
        self.sim.run(Command::Defer { step, epoch, until_us, code: "SYSTEM_DOWN".into() }).unwrap()
    }

    /// Reports that an attempt failed.
    pub fn fails(&mut self) -> Vec<Event> {
        self.takes();
        let (step, epoch) = (self.step.clone(), self.epoch());
        self.sim.run(Command::Fail { step, epoch, code: "TIMEOUT".into() }).unwrap()
    }

    /// Tries to end the task, with exactly what the completion says.
    pub fn tries(&mut self, completion: Completion) -> Result<Vec<Event>, Rejection> {
        self.takes();
        let completion = completion.epoch(self.epoch());
        self.sim.run(completion.into())
    }
}

/// A `Complete` in the making.
#[derive(Clone)]
pub struct Completion {
    step: String,
    epoch: i64,
    outcome: String,
    result: Option<Filed>,
    findings: Option<(String, Vec<Finding>)>,
    officer: Option<String>,
    approver: Option<String>,
    reason: Option<String>,
}

impl Completion {
    pub fn of(step: &str, outcome: &str) -> Self {
        let (step, outcome) = (step.into(), outcome.into());
        let officer = Some(OFFICER.into());
        Self { step, epoch: 1, outcome, result: None, findings: None, officer, approver: None, reason: None }
    }

    pub fn epoch(self, epoch: i64) -> Self {
        Self { epoch, ..self }
    }

    pub fn result(self, result: Filed) -> Self {
        Self { result: Some(result), ..self }
    }

    /// One finding for each pointer.
    pub fn findings(self, pointers: &[&str]) -> Self {
        let finding = |pointer: &&str| {
            Finding::error("WRONG", Place::Pointer((*pointer).into()), "请核对此处。", "Check this place.")
        };
        self.list(pointers.iter().map(finding).collect())
    }

    pub fn list(self, findings: Vec<Finding>) -> Self {
        let digest = kaiban_engine::chain_hash("findings", &serde_json::to_string(&findings).unwrap());
        Self { findings: Some((digest, findings)), ..self }
    }

    pub fn officer(self, officer: &str) -> Self {
        Self { officer: Some(officer.into()), ..self }
    }

    pub fn nobody(self) -> Self {
        Self { officer: None, ..self }
    }

    pub fn approver(self, approver: &str) -> Self {
        Self { approver: Some(approver.into()), ..self }
    }

    pub fn reason(self, digest: &str) -> Self {
        Self { reason: Some(digest.into()), ..self }
    }
}

impl From<Completion> for Command {
    fn from(completion: Completion) -> Self {
        let Completion { step, epoch, outcome, result, findings, officer, approver, reason } = completion;
        Command::Complete { step, epoch, outcome, result, findings, officer, approver, reason }
    }
}
