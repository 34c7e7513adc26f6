//! The case as it will be once the events decided so far have been applied: just enough of it to decide what follows,
//! without copying the case. Where a decision reaches far back ([`Outlook::settled`]), the case is copied after all.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_calendar::{Calendar, local_date};
use kaiban_definition::{CaseFacts, Definition, Guard, Office, Scope, Step, branch_name, branch_parts};
use serde_json::Value;

use crate::case::{Case, Phase, StepRun, StepState};
use crate::clock;
use crate::command::Filed;
use crate::commands::Written;
use crate::context::{Context, RegisterChange};
use crate::event::{Event, Used};
use crate::marks::BREACH;
use crate::material::{item, put, results_by_step, results_of};
use crate::rejection::Rejection;

/// A decision in the making.
pub(crate) struct Outlook<'a> {
    pub def: &'a Definition,
    pub case: &'a Case,
    pub cx: &'a Context<'a>,
    pub events: Vec<Event>,
    pub phase: Phase,
    /// Number of the case, also while it is only being handed in.
    pub id: &'a str,
    pub division: &'a str,
    pub doubts: u32,
    /// The form that this command brings.
    pub form: Option<Arc<Value>>,
    /// The result that this command brings: the step or branch, and the document.
    pub result: Option<(&'a str, &'a Filed)>,
    /// Documents that the decision wrote itself.
    pub filed: Vec<Written>,
    /// Changes of registers.
    pub registers: Vec<RegisterChange>,
    /// Steps that stand earlier in the order may have something to do again.
    pub again: bool,
    ahead: Vec<(String, StepState)>,
    date: OnceCell<String>,
    results: OnceCell<BTreeMap<String, Value>>,
}

/// A guard could not be evaluated.
pub(crate) struct Undecidable;

/// Why a step cannot be taken further.
pub(crate) enum Halt {
    /// It becomes an incident.
    Undecidable,
    /// The command changes nothing at all.
    Rejected(Rejection),
}

impl From<Undecidable> for Halt {
    fn from(Undecidable: Undecidable) -> Self {
        Self::Undecidable
    }
}

impl From<Rejection> for Halt {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl<'a> Outlook<'a> {
    pub fn new(def: &'a Definition, case: &'a Case, cx: &'a Context<'a>) -> Self {
        Self {
            def,
            case,
            cx,
            // Most decisions have one event or two, and events are large.
            events: Vec::with_capacity(2),
            phase: case.phase,
            id: &case.id,
            division: &case.division,
            doubts: case.doubt_count,
            form: None,
            result: None,
            filed: Vec::new(),
            registers: Vec::new(),
            again: false,
            ahead: Vec::new(),
            date: OnceCell::new(),
            results: OnceCell::new(),
        }
    }

    /// Goes on with a copy of the case to which everything decided so far was applied. Decisions that reach back, to
    /// steps that were finished or to the list that branches come from, are rare and see all of their consequences.
    pub fn settled(&mut self, then: impl FnOnce(&mut Outlook<'_>) -> Result<(), Rejection>) -> Result<(), Rejection> {
        self.settled_under(self.def, then)
    }

    /// The same by another version of the package.
    pub fn settled_under(
        &mut self,
        def: &Definition,
        then: impl FnOnce(&mut Outlook<'_>) -> Result<(), Rejection>,
    ) -> Result<(), Rejection> {
        let mut case = self.case.clone();
        for event in &self.events {
            case.evolve(self.cx.now_us, event);
        }
        let mut next = Outlook::new(def, &case, self.cx);
        (next.id, next.division, next.doubts, next.form) = (self.id, self.division, self.doubts, self.form.clone());
        next.result = self.result;
        next.filed = std::mem::take(&mut self.filed);
        next.registers = std::mem::take(&mut self.registers);
        then(&mut next)?;
        let Outlook { events, phase, filed, registers, .. } = next;
        self.events.extend(events);
        (self.phase, self.filed, self.registers) = (phase, filed, registers);
        Ok(())
    }

    /// Records an event that leaves a step in this state.
    pub fn turn(&mut self, step: &str, state: StepState, event: Event) {
        if state == StepState::Completed {
            self.results.take();
        }
        self.ahead.push((step.to_owned(), state));
        self.events.push(event);
    }

    pub fn state(&self, step: &str) -> StepState {
        let ahead = self.ahead.iter().rev().find(|(name, _)| name == step).map(|(_, state)| *state);
        ahead.unwrap_or_else(|| self.case.step_state(step))
    }

    pub fn run(&self, step: &str) -> Option<&'a StepRun> {
        self.case.steps.get(step)
    }

    /// Was offered, or set about by the system, in this round: its guards were evaluated.
    pub fn has_begun(&self, step: &str) -> bool {
        self.run(step).is_some_and(|run| run.task_offered_at_us.is_some())
    }

    pub fn office(&self, step: &Step) -> Result<&'a Office, Rejection> {
        let office = step.party().and_then(|party| self.cx.directory.office(party, self.division));
        let party = || step.party().unwrap_or("system");
        office.ok_or_else(|| Rejection::DirectoryMismatch { what: format!("{}@{}", party(), self.division) })
    }

    pub fn calendar_of(&self, id: &str) -> Result<&'a Calendar, Rejection> {
        let calendar = self.cx.calendars.get(id).map(AsRef::as_ref);
        calendar.ok_or_else(|| Rejection::DirectoryMismatch { what: id.to_owned() })
    }

    /// The registering division's calendar.
    pub fn calendar(&self) -> Result<&'a Calendar, Rejection> {
        let missing = || Rejection::DirectoryMismatch { what: self.division.to_owned() };
        self.calendar_of(&self.cx.directory.division(self.division).ok_or_else(missing)?.calendar)
    }

    /// Evaluates a guard for a step or branch over form, case, results and element; an error is never taken for false.
    pub fn holds(&self, guard: &Guard, step: &Step, branch: &str) -> Result<bool, Undecidable> {
        let form = self.form_value().ok_or(Undecidable)?;
        let results =
            if guard.source().contains("results") { self.results_for(branch) } else { Cow::Owned(BTreeMap::new()) };
        let item = item(step, branch, &form).map(|(_, item)| item);
        guard.eval(&self.scope(&form, &results, item)).map_err(|_| Undecidable)
    }

    pub fn scope<'s>(
        &'s self,
        form: &'s Value,
        results: &'s BTreeMap<String, Value>,
        item: Option<&'s Value>,
    ) -> Scope<'s> {
        let date = self.date.get_or_init(|| local_date(self.cx.now_us).to_string());
        let case = CaseFacts { registrar: self.division, workflow: &self.def.workflow, doubts: self.doubts, date };
        Scope { form, case, results, item, credit: None }
    }

    pub fn form_value(&self) -> Option<Arc<Value>> {
        match &self.form {
            Some(form) => Some(Arc::clone(form)),
            None => self.cx.documents.get(self.case.form()?).cloned(),
        }
    }

    /// Results of finished steps, the one of this command included. Those of a group are there once it has ended.
    pub fn results(&self) -> &BTreeMap<String, Value> {
        self.results.get_or_init(|| {
            let mut results = results_by_step(self.case, self.cx.documents);
            if let Some((branch, filed)) = self.result {
                put(&mut results, branch, &filed.content);
            }
            for (branch, digest) in self.results_named().filter(|_| !self.filed.is_empty()) {
                if let Some(written) = self.filed.iter().find(|written| written.filed.digest == digest) {
                    put(&mut results, branch, &written.filed.content);
                }
            }
            let grouped = |step: &str| self.def.step(step).is_some_and(|step| step.for_each.is_some());
            results.retain(|step, _| !grouped(step) || self.state(step) == StepState::Completed);
            results
        })
    }

    /// Steps with the digests of their results: those of the case, then those that end with this command.
    fn results_named(&self) -> impl Iterator<Item = (&str, &str)> {
        let before = self.case.steps.iter().filter_map(|(branch, run)| Some((branch.as_str(), run.result.as_deref()?)));
        before.chain(self.events.iter().filter_map(|event| match event {
            Event::StepCompleted { step, result: Some(result), .. } => Some((step.as_str(), result.as_str())),
            _ => None,
        }))
    }

    /// The results that a branch sees: one that undoes something sees what it undoes.
    fn results_for(&self, branch: &str) -> Cow<'_, BTreeMap<String, Value>> {
        match self.run(branch).filter(|run| run.undoes.is_some()) {
            Some(run) => Cow::Owned(results_of(self.case, run, self.cx.documents)),
            None => Cow::Borrowed(self.results()),
        }
    }

    /// Keys of the branches that a group is divided into.
    pub fn branches(&self, step: &str) -> &'a [String] {
        self.run(step).and_then(|run| run.branches.as_deref()).unwrap_or_default()
    }

    /// Working time of a step up to now.
    pub fn used(&self, run: &StepRun) -> Result<Used, Rejection> {
        clock::used(&run.ledger, self.cx.calendars, &run.calendar, run.budget_us, self.cx.now_us)
            .map_err(Rejection::from)
    }

    /// The same of the case.
    pub fn used_by_case(&self) -> Result<Used, Rejection> {
        let Case { ledger, calendar, budget_us, .. } = self.case;
        Ok(clock::used(ledger, self.cx.calendars, calendar, *budget_us, self.cx.now_us)?)
    }

    /// That of a step, where it has been anywhere at all.
    pub fn used_by(&self, branch: &str) -> Result<Option<Used>, Rejection> {
        self.run(branch).filter(|run| !run.calendar.is_empty()).map(|run| self.used(run)).transpose()
    }

    /// Epoch of the lease of the task that the command names; what is known of it otherwise.
    pub fn epoch(&self, branch: &str) -> i64 {
        self.cx.lease.map_or_else(|| self.run(branch).map_or(0, |run| run.epoch), |lease| lease.epoch)
    }

    /// The promise clock stops for good, if it has run at all and is not stopped yet.
    pub fn stop_promise(&mut self) -> Result<(), Rejection> {
        let started = self.case.promise_started();
        if self.case.used.is_none() && started {
            let used = self.used_by_case()?;
            if used.breached_at_us.is_some() && self.case.mark < BREACH {
                self.events.push(Event::MarkReached { step: None, percent: BREACH, used: used.clone() });
            }
            self.events.push(Event::PromiseStopped { used });
        }
        Ok(())
    }

    /// The case ends; `by` is the step whose outcome ends it.
    pub fn close(&mut self, outcome: &str, by: Option<&str>) -> Result<(), Rejection> {
        if !self.events.iter().any(|event| matches!(event, Event::PromiseStopped { .. })) {
            self.stop_promise()?;
        }
        let mut without = Vec::new();
        for step in &self.def.order {
            if self.state(step) == StepState::Ended {
                without.push(step.clone());
            }
            let branches = self.branches(step).iter().map(|key| branch_name(step, Some(key)));
            without.extend(branches.filter(|branch| self.state(branch) == StepState::Ended));
        }
        let mut taken_back = BTreeMap::new();
        let open = self.case.steps.iter().filter(|(step, run)| !run.calendar.is_empty() && self.state(step).is_open());
        for (step, run) in open {
            taken_back.insert(step.clone(), self.used(run)?);
        }
        let released = self.let_go(outcome)?;
        let (outcome, by) = (outcome.to_owned(), by.map(str::to_owned));
        self.events.push(Event::Closed { outcome, by, without, taken_back, released });
        self.phase = Phase::Closed;
        Ok(())
    }
}

/// The definition of a branch's step where the package has one; the intake is none of them.
pub(crate) fn regular<'a>(def: &'a Definition, branch: &str) -> Option<&'a Step> {
    def.steps.get(branch_parts(branch).0).map(AsRef::as_ref)
}
