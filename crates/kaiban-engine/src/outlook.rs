//! The case as it will be once the events decided so far have been applied: just enough of it to decide what follows,
//! without copying the case.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_definition::{CaseFacts, Definition, Guard, Office, Scope, Step};
use serde_json::Value;

use crate::case::{Case, Phase, StepRun, StepState};
use crate::clock;
use crate::context::Context;
use crate::event::{Event, Used};
use crate::rejection::Rejection;

/// A decision in the making.
pub(crate) struct Outlook<'a> {
    pub def: &'a Definition,
    pub case: &'a Case,
    pub cx: &'a Context<'a>,
    pub events: Vec<Event>,
    pub phase: Phase,
    pub division: &'a str,
    pub doubts: u32,
    /// The form that this command brings.
    pub form: Option<Arc<Value>>,
    /// The result that this command brings.
    pub result: Option<(&'a str, Arc<Value>)>,
    ahead: Vec<(&'a str, StepState)>,
}

/// A guard could not be evaluated.
pub(crate) struct Undecidable;

impl<'a> Outlook<'a> {
    pub fn new(def: &'a Definition, case: &'a Case, cx: &'a Context<'a>) -> Self {
        Self {
            def,
            case,
            cx,
            events: Vec::with_capacity(4),
            phase: case.phase,
            division: &case.division,
            doubts: case.doubt_count,
            form: None,
            result: None,
            ahead: Vec::new(),
        }
    }

    /// Records an event that leaves a step in this state.
    pub fn turn(&mut self, step: &'a str, state: StepState, event: Event) {
        self.ahead.push((step, state));
        self.events.push(event);
    }

    pub fn state(&self, step: &str) -> StepState {
        let ahead = self.ahead.iter().rev().find(|(name, _)| *name == step).map(|(_, state)| *state);
        ahead.unwrap_or_else(|| self.case.step_state(step))
    }

    pub fn run(&self, step: &str) -> Option<&'a StepRun> {
        self.case.steps.get(step)
    }

    pub fn office(&self, step: &Step) -> Result<&'a Office, Rejection> {
        let missing = || Rejection::DirectoryMismatch { what: format!("{}@{}", step.party, self.division) };
        self.cx.directory.office(&step.party, self.division).ok_or_else(missing)
    }

    /// Evaluates a guard over form, case and results; an error is never taken for false.
    pub fn holds(&self, guard: &Guard) -> Result<bool, Undecidable> {
        let form = self.form_value().ok_or(Undecidable)?;
        let results = self.results();
        guard.eval(&self.scope(&form, &results)).map_err(|_| Undecidable)
    }

    pub fn scope<'s>(&'s self, form: &'s Value, results: &'s BTreeMap<String, Value>) -> Scope<'s> {
        let workflow = &self.def.workflow;
        Scope { form, case: CaseFacts { registrar: self.division, workflow, doubts: self.doubts }, results }
    }

    pub fn form_value(&self) -> Option<Arc<Value>> {
        match &self.form {
            Some(form) => Some(Arc::clone(form)),
            None => self.cx.documents.get(self.case.form()?).cloned(),
        }
    }

    /// Results of completed steps, the one of this command included.
    pub fn results(&self) -> BTreeMap<String, Value> {
        let earlier = self.case.steps.iter().filter_map(|(step, run)| {
            let value = self.cx.documents.get(run.result.as_ref()?)?;
            Some((step.clone(), value.as_ref().clone()))
        });
        let fresh = self.result.iter().map(|(step, value)| ((*step).to_owned(), value.as_ref().clone()));
        earlier.chain(fresh).collect()
    }

    /// Working time of a step up to now.
    pub fn used(&self, run: &StepRun) -> Result<Used, Rejection> {
        clock::used(&run.ledger, self.cx.calendars, &run.calendar, self.cx.now_us)
            .map_err(|error| Rejection::DirectoryMismatch { what: error.to_string() })
    }

    /// The promise clock stops for good, if it has run at all and is not stopped yet.
    pub fn stop_promise(&mut self) -> Result<(), Rejection> {
        let started = self.case.promise_started();
        if self.case.used.is_none() && started {
            let used = clock::used(&self.case.ledger, self.cx.calendars, &self.case.calendar, self.cx.now_us)
                .map_err(|error| Rejection::DirectoryMismatch { what: error.to_string() })?;
            self.events.push(Event::PromiseStopped { used });
        }
        Ok(())
    }

    /// The case ends.
    pub fn close(&mut self, outcome: &str) -> Result<(), Rejection> {
        if !self.events.iter().any(|event| matches!(event, Event::PromiseStopped { .. })) {
            self.stop_promise()?;
        }
        let without = self.def.order.iter().filter(|step| self.state(step) == StepState::Ended).cloned().collect();
        let mut taken_back = BTreeMap::new();
        let open = self.case.steps.iter().filter(|(step, run)| !run.calendar.is_empty() && self.state(step).is_open());
        for (step, run) in open {
            taken_back.insert(step.clone(), self.used(run)?);
        }
        self.events.push(Event::Closed { outcome: outcome.to_owned(), without, taken_back });
        self.phase = Phase::Closed;
        Ok(())
    }
}
