//! A calendar was published: cases that stand on the calendars before are read anew. The background walks through all open
//! ones; a case that somebody acts on before the walk has come to it is recomputed first, in the same transaction, so
//! that nothing is ever decided on two calendars.

use std::collections::HashSet;

use kaiban_calendar::Calendars;
use kaiban_engine::{Actor, Command, Context, Documents, Event, Registers, Rejection, decide};

use super::job::{Job, Op};
use super::stage::{Stage, Working};
use crate::app::Inner;
use crate::in_force::{Applying, InForce};
use crate::refusal::Refusal;
use kaiban_store::CaseRow;

/// What the journal calls it.
const COMMAND: &str = "recompute";

impl Stage<'_> {
    /// Recomputes the cases of this batch that the publication has not come to yet, before anything is decided about
    /// them. One that cannot be recomputed is left as it is, and said so.
    pub fn catch_up(&mut self) {
        let Some(applying) = self.applying.clone() else { return };
        let concerned = self.cases.iter().filter(|(_, working)| applying.concerns(&working.case));
        let mut ids: Vec<String> = concerned.map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        for id in ids {
            if let Err(rejection) = self.recompute(&id, &applying) {
                tracing::error!(case = %id, reason = rejection.reason(), "a case could not be recomputed");
            }
        }
    }

    fn recompute(&mut self, id: &str, applying: &Applying) -> Result<(), Rejection> {
        let Some(working) = self.cases.get_mut(id) else { return Ok(()) };
        let at_us = self.now_us.max(working.case.last_at_us);
        let cx = Context {
            now_us: at_us,
            operating_us: self.operating_us,
            actor: &Actor::System,
            directory: &self.library.directory,
            calendars: &self.calendars,
            documents: &Documents::new(),
            lease: None,
            registers: &Registers::new(),
            credit: None,
            salt: "",
            tells: self.tells,
            limits: self.limits,
        };
        let events = follows(working, applying, &cx)?;
        let timers_before = deadlines_before(working, applying);
        for event in &events {
            working.case.evolve(at_us, event);
        }
        debug_assert_eq!(kaiban_engine::invariants::check(&working.def, &working.case), Vec::new());
        // The queue is in the order of what is left of the promise.
        let clock = working.case.promise_clock(&self.calendars, at_us);
        let due_at_us = clock.ok().and_then(|clock| clock.due_us).unwrap_or(i64::MAX);
        for (step, row) in working.tasks.iter_mut().filter(|(_, row)| row.due_at_us != due_at_us) {
            if !events.is_empty() {
                row.due_at_us = due_at_us;
                self.tasks_touched.insert((id.to_owned(), step.clone()));
            }
        }
        self.write(id, at_us, &Actor::System, COMMAND, events);
        self.reconcile_timers(id, &timers_before);
        Ok(())
    }

    /// Whether the publication that is being applied, or was last, changed a case.
    pub fn is_recomputed(&self, id: &str) -> Result<bool, Refusal> {
        let number = self.applying.as_ref().map_or(i64::MAX, |applying| applying.number);
        Ok(self.working(id)?.case.recomputed >= number)
    }

    /// Cases that this batch has for nothing but to recompute them: nobody looks at their documents.
    pub fn only_recomputed(&self, jobs: &[Job]) -> HashSet<String> {
        let mut only: HashSet<String> = HashSet::new();
        only.extend(jobs.iter().filter_map(|job| match &job.op {
            Op::Recompute { case } => Some(case.clone()),
            _ => None,
        }));
        if only.is_empty() {
            return only;
        }
        for job in jobs.iter().filter(|job| !matches!(job.op, Op::Recompute { .. })) {
            if let Some(case) = job.op.case() {
                only.remove(case);
            }
        }
        for task in self.candidates.iter().flatten() {
            if let Some((case, ..)) = kaiban_engine::task_address(task) {
                only.remove(case);
            }
        }
        only
    }
}

/// The events of a recomputation; none where the case reads the same on both calendars.
fn follows(working: &Working, applying: &Applying, cx: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    let Some(before) = applying.before.clone() else { return Ok(Vec::new()) };
    let (publication, source) = (applying.number, applying.source.clone());
    match decide(&working.def, &working.case, &Command::Recompute { publication, source, before }, cx) {
        Ok(decision) => Ok(decision.events),
        Err(Rejection::NothingChanged) => Ok(Vec::new()),
        Err(rejection) => Err(rejection),
    }
}

/// The deadlines whose rows are there: where it is not known what a case was computed with, those that follow from no
/// calendar.
fn deadlines_before(working: &Working, applying: &Applying) -> Vec<kaiban_engine::Timer> {
    match &applying.before {
        Some(before) => working.case.deadlines(before),
        None => working.case.deadlines(&Calendars::default()),
    }
}

/// What a publication means for a case, as far as it can be told without the writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is read otherwise.
    Same,
    /// It was recomputed already.
    Done,
    /// It has to be recomputed.
    Differs,
}

impl Verdict {
    /// Looks at a stored case. What cannot be judged here is the writer's to judge.
    pub fn of(inner: &Inner, in_force: &InForce, applying: &Applying, row: &CaseRow, now_us: i64) -> Self {
        let Ok(working) = Working::read(&inner.library, row) else { return Self::Same };
        if !applying.concerns(&working.case) {
            return if working.case.recomputed >= applying.number { Self::Done } else { Self::Same };
        }
        let cx = Context {
            now_us: now_us.max(working.case.last_at_us),
            operating_us: now_us,
            actor: &Actor::System,
            directory: &inner.library.directory,
            calendars: &in_force.calendars,
            documents: &Documents::new(),
            lease: None,
            registers: &Registers::new(),
            credit: None,
            salt: "",
            tells: false,
            limits: &inner.settings.limits,
        };
        match follows(&working, applying, &cx) {
            Ok(events) if events.is_empty() => {
                match deadlines_before(&working, applying) == working.case.deadlines(&in_force.calendars) {
                    true => Self::Same,
                    false => Self::Differs,
                }
            }
            _ => Self::Differs,
        }
    }
}
