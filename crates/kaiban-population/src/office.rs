//! A back office: takes tasks in, has some clerks who work while it is open, and hands decisions out when they are
//! done. What it decides, and when, depends on the seed, the tasks and the instants they were offered; not on the order
//! in which tasks reach it at one instant, nor on how often it is asked.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kaiban_calendar::{Calendar, CalendarError, Horizon};
use kaiban_definition::{Definition, Effect, INTAKE, Officer, Outcome, Step, branch_parts};
use kaiban_findings::Finding;
use serde_json::Value;

use crate::crowd::{Crowd, MINUTE_US};
use crate::results;
use crate::slips;

/// Why a step asks for corrections again.
const AGAIN: &str = "补正后复核时发现，首次审查未能查明，特此说明。";
/// Corrections that a step asks for at most.
const CORRECTIONS_MAX: u32 = 2;

/// A task as its office gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Id, as the server gave it.
    pub id: String,
    /// Index of the case in the crowd.
    pub case: u64,
    /// The step; of a step with branches the branch, such as `identity[p1]`.
    pub step: String,
    /// How often the step was offered before: 0 for the first offer.
    pub round: u32,
    /// Epoch of the lease.
    pub epoch: i64,
    /// When it was offered, µs; a task goes into the queue by this instant, not by when it arrived.
    pub offered_at_us: i64,
    /// The form as far as the step shares it; objections are raised to places that are in it.
    pub form: Value,
    /// For a branch: the element of the list that it stands for.
    pub element: Option<Element>,
}

/// An element of a list in the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// JSON pointer into the form.
    pub at: String,
    /// The element, as far as the step shares it.
    pub value: Value,
}

/// What an officer decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Id of the task.
    pub task: String,
    /// Index of the case in the crowd.
    pub case: u64,
    /// The step.
    pub step: String,
    /// Epoch of the lease.
    pub epoch: i64,
    /// When it was decided, µs.
    pub at_us: i64,
    /// Outcome, as the package names it.
    pub outcome: String,
    /// The result, where the outcome has one.
    pub result: Option<Value>,
    /// The objections of a correction; empty otherwise.
    pub findings: Vec<Finding>,
    /// Staff number.
    pub officer: Option<String>,
    /// Staff number of a second officer, for a decision against the applicant.
    pub approver: Option<String>,
    /// Reason of a decision against the applicant, or of asking for corrections again.
    pub reason: Option<String>,
}

/// Where a task stands in a queue: by the instant it was offered, then by case and step.
type Place = (i64, u64, String);

/// One simulated back office.
#[derive(Debug)]
pub struct BackOffice {
    crowd: Arc<Crowd>,
    definition: Arc<Definition>,
    calendar: Arc<Calendar>,
    officers: Vec<String>,
    /// When each clerk is free again, µs.
    clerks: Vec<i64>,
    waiting: BTreeMap<Place, Task>,
    /// Tasks that somebody works on or that lie finished, by the instant at which they are handed out.
    begun: BTreeMap<Place, Task>,
    /// Task id → its place, and whether it was begun.
    places: HashMap<String, (Place, bool)>,
}

impl BackOffice {
    /// An office with so many clerks, who keep the hours of `calendar`.
    pub fn new(
        crowd: Arc<Crowd>,
        definition: Arc<Definition>,
        calendar: Arc<Calendar>,
        officers: &[Officer],
        clerks: u32,
    ) -> Self {
        let officers = officers.iter().map(|officer| officer.id.clone()).collect();
        let clerks = vec![i64::MIN; usize::try_from(clerks.max(1)).unwrap_or(1)];
        let (waiting, begun, places) = (BTreeMap::new(), BTreeMap::new(), HashMap::new());
        Self { crowd, definition, calendar, officers, clerks, waiting, begun, places }
    }

    /// Takes a task in. One that is known already only gets its new epoch.
    pub fn receive(&mut self, task: Task) {
        if let Some((place, begun)) = self.places.get(&task.id) {
            let list = if *begun { &mut self.begun } else { &mut self.waiting };
            if let Some(known) = list.get_mut(place) {
                known.epoch = task.epoch;
            }
            return;
        }
        let place = (task.offered_at_us, task.case, task.step.clone());
        self.places.insert(task.id.clone(), (place.clone(), false));
        self.waiting.insert(place, task);
    }

    /// Puts a task away that was taken back.
    pub fn forget(&mut self, id: &str) {
        if let Some((place, begun)) = self.places.remove(id) {
            let list = if begun { &mut self.begun } else { &mut self.waiting };
            list.remove(&place);
        }
    }

    /// How many tasks are in the office.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// When the next decision will be made, if nothing else comes in; none = there is nothing to do.
    ///
    /// # Errors
    /// The calendar ends before that.
    pub fn next_due_us(&self) -> Result<Option<i64>, CalendarError> {
        let mut next_us = self.begun.keys().next().map(|place| place.0);
        let mut clerks = self.clerks.clone();
        for task in self.waiting.values() {
            let (clerk, starts_us) = self.next_start(&clerks, task)?;
            if next_us.is_some_and(|next_us| next_us <= starts_us) {
                break;
            }
            let (free_us, done_us) = self.handle(task, starts_us)?;
            clerks[clerk] = free_us;
            next_us = Some(next_us.map_or(done_us, |next_us| next_us.min(done_us)));
        }
        Ok(next_us)
    }

    /// Everything that was decided up to `now_us`, in the order in which it was decided.
    ///
    /// # Errors
    /// The calendar ends before now.
    pub fn due(&mut self, now_us: i64) -> Result<Vec<Decision>, CalendarError> {
        // Work that begins at this very instant is not begun yet: a task that comes before it may still come in.
        while let Some((place, task)) = self.waiting.first_key_value() {
            let (clerk, starts_us) = self.next_start(&self.clerks, task)?;
            if starts_us >= now_us {
                break;
            }
            let (free_us, done_us) = self.handle(task, starts_us)?;
            let place = place.clone();
            self.clerks[clerk] = free_us;
            if let Some(task) = self.waiting.remove(&place) {
                let place = (done_us, task.case, task.step.clone());
                self.places.insert(task.id.clone(), (place.clone(), true));
                self.begun.insert(place, task);
            }
        }
        let mut decisions = Vec::new();
        while let Some(entry) = self.begun.first_entry() {
            let at_us = entry.key().0;
            if at_us > now_us {
                break;
            }
            let task = entry.remove();
            self.places.remove(&task.id);
            decisions.extend(self.decide(task, at_us));
        }
        Ok(decisions)
    }

    /// Which clerk takes a task next, and when.
    fn next_start(&self, clerks: &[i64], task: &Task) -> Result<(usize, i64), CalendarError> {
        let first = clerks.iter().enumerate().min_by_key(|(_, free_us)| **free_us);
        let (clerk, free_us) = first.map_or((0, i64::MIN), |(clerk, free_us)| (clerk, *free_us));
        let starts_us = self.calendar.next_open_us(free_us.max(task.offered_at_us), Horizon::Provisional)?;
        Ok((clerk, starts_us))
    }

    /// When the clerk is free again, and when the decision goes out: a slow office leaves it lying in between.
    fn handle(&self, task: &Task, starts_us: i64) -> Result<(i64, i64), CalendarError> {
        let habits = self.crowd.habits();
        let mut lot = self.crowd.lot("handling", task.case, &task.step, task.round);
        let (step, _) = branch_parts(&task.step);
        let usual_us = i64::from(habits.handling_min(step)) * MINUTE_US;
        // Whole minutes, at least one: work takes time, and clocks on the wall show no more.
        let whole = |us: i64| (us / MINUTE_US).max(1) * MINUTE_US;
        let handling_us = whole(lot.around(usual_us));
        let free_us = self.calendar.add_us(starts_us, handling_us, Horizon::Provisional)?.at_us;
        if !lot.chance(habits.slow_rate) {
            return Ok((free_us, free_us));
        }
        let lying_us = whole(lot.around(usual_us.saturating_mul(i64::from(habits.slow_factor))));
        Ok((free_us, self.calendar.add_us(free_us, lying_us, Horizon::Provisional)?.at_us))
    }

    fn decide(&self, task: Task, at_us: i64) -> Option<Decision> {
        let step = Arc::clone(self.definition.step(&task.step)?);
        let habits = self.crowd.habits();
        let mut lot = self.crowd.lot("decision", task.case, &task.step, task.round);
        let first = lot.index(self.officers.len());
        let officer =
            self.officers.get(first).cloned().unwrap_or_else(|| format!("{}-1", step.party().unwrap_or_default()));
        let mut decision = Decision {
            task: task.id,
            case: task.case,
            step: task.step,
            epoch: task.epoch,
            at_us,
            outcome: String::new(),
            result: None,
            findings: Vec::new(),
            officer: Some(officer.clone()),
            approver: None,
            reason: None,
        };
        let correction_rate = match task.round {
            0 => habits.correction_rate,
            1 => habits.second_correction_rate,
            _ => 0.0,
        };
        // Every lot is drawn, whatever comes of it: one rate must not change what another leads to.
        let (objects, closes, ends) = (
            lot.chance(correction_rate) && task.round < CORRECTIONS_MAX,
            lot.chance(if step.name == INTAKE { habits.intake_decline_rate } else { habits.refusal_rate }),
            lot.chance(habits.decline_rate),
        );
        if objects
            && let Some(objection) = slips::object(&self.definition, &step, &task.form, task.element.as_ref(), &mut lot)
        {
            decision.outcome = objection.outcome;
            decision.findings = objection.findings;
            decision.reason = (task.round > 0).then(|| AGAIN.to_owned());
            return Some(decision);
        }
        let closing = with_effect(&step, |effect| matches!(effect, Effect::Closes(_))).filter(|_| closes);
        let ending = with_effect(&step, |effect| *effect == Effect::EndsBranch).filter(|_| ends);
        if let Some(outcome) = closing.or(ending) {
            decision.outcome.clone_from(&outcome.name);
            decision.reason = Some(reason(outcome));
            let other = lot.index(self.officers.len().saturating_sub(1)) + usize::from(self.officers.len() > 1);
            let approver = self.officers.get((first + other) % self.officers.len().max(1)).cloned();
            decision.approver = Some(approver.unwrap_or_else(|| format!("{}-2", step.party().unwrap_or_default())));
            return Some(decision);
        }
        let outcome = with_effect(&step, |effect| *effect == Effect::Completes)?;
        decision.outcome.clone_from(&outcome.name);
        let work = results::Work { crowd: &self.crowd, case: decision.case, step: &step.name, form: &task.form, at_us };
        decision.result = step.result.as_ref().map(|schema| results::of(&work, schema));
        Some(decision)
    }
}

fn with_effect(step: &Step, wanted: impl Fn(&Effect) -> bool) -> Option<&Outcome> {
    step.outcomes.values().find(|outcome| wanted(&outcome.effect))
}

fn reason(outcome: &Outcome) -> String {
    let law = outcome.law.as_deref().unwrap_or("有关规定");
    format!("经审查，申请事项不符合法定条件，依据{law}作出本决定。如不服，可依法申请行政复议或者提起行政诉讼。")
}
