//! Go on by another version of the package: all of the case or nothing of it. What was decided stays decided and no guard
//! is asked again; what was promised at acceptance and with the first offer of a step stays promised. A task that shows
//! and asks the same under the new version stays in the hands that it is in; any other is taken back and offered anew.
//! Reminders, waits and what the package does when a step takes long follow the new version.

mod reasons;

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::{Definition, Dropped, INTAKE, Migration, Overdue, Step, Work, branch_name, branch_parts};
use kaiban_findings::{Finding, Place};

use crate::case::{Case, Phase, StepRun, StepState};
use crate::event::{Because, Event, Listed, Moved};
use crate::invariants;
use crate::outlook::{Outlook, regular};
use crate::progress::statutory_us;
use crate::rejection::Rejection;
use crate::rows::TimerKind;

pub(super) fn decide(outlook: &mut Outlook<'_>, to: &Arc<Definition>, migration: &Migration) -> Result<(), Rejection> {
    if outlook.phase == Phase::Closed {
        return Err(Rejection::CaseClosed);
    }
    if outlook.case.digest != migration.from || to.digest != migration.to {
        return Err(Rejection::OtherVersion);
    }
    let move_to = Move { case: outlook.case, from: outlook.def, to, migration };
    let reasons = move_to.reasons(outlook)?;
    if !reasons.is_empty() {
        return Err(Rejection::NotMigratable(reasons));
    }
    for step in move_to.withdrawn() {
        outlook.withdraw_step(step, Because::Migrated, None, 0)?;
    }
    let event = move_to.event(outlook)?;
    outlook.events.push(event);
    outlook.settled_under(to, |next| {
        move_to.resolve_new_needs(next)?;
        // The period that the law gives for the intake runs on.
        if let (Phase::Intake, Some(intake), StepState::Pending) = (next.phase, &to.intake, next.state(INTAKE)) {
            let deadline_us = next.run(INTAKE).and_then(|run| run.deadline_us);
            return next.offer_to_office(&intake.step, INTAKE, deadline_us);
        }
        next.progress()
    })?;
    hold_together(outlook, to)
}

/// INVARIANT: a case that would not be sound under the new version stays where it is.
fn hold_together(outlook: &Outlook<'_>, to: &Definition) -> Result<(), Rejection> {
    let mut case = outlook.case.clone();
    outlook.events.iter().for_each(|event| case.evolve(outlook.cx.now_us, event));
    let broken = invariants::check(to, &case);
    let reason = |(name, detail): (&str, String)| {
        let zh = format!("改用新版本后办件状态不再成立（{name}：{detail}）。");
        let en = format!("Under the new version the case would not hold together ({name}: {detail}).");
        Finding::error("MIGRATION_UNSOUND", Place::Whole, zh, en)
    };
    let reasons: Vec<Finding> = broken.into_iter().map(reason).collect();
    if reasons.is_empty() { Ok(()) } else { Err(Rejection::NotMigratable(reasons)) }
}

/// A case between two versions.
struct Move<'m> {
    case: &'m Case,
    from: &'m Definition,
    to: &'m Definition,
    migration: &'m Migration,
}

/// A step that is offered or waits, is divided, or will be offered again.
fn is_under_way(run: &StepRun) -> bool {
    run.state.is_open() || run.state == StepState::Branched || run.state == StepState::Pending && run.offers > 0
}

impl<'m> Move<'m> {
    /// Dropped steps that are taken back.
    fn withdrawn(&self) -> Vec<&'m str> {
        let dropped = self.migration.dropped.iter().filter(|(_, how)| **how == Dropped::Withdrawn);
        let under_way = |step: &&str| self.case.steps.get(*step).is_some_and(is_under_way);
        dropped.map(|(step, _)| step.as_str()).filter(under_way).collect()
    }

    /// A run with what its step was and is; none where it is dropped.
    fn runs(&self) -> impl Iterator<Item = (&'m str, &'m StepRun, &'m Step, &'m Step)> {
        self.case.steps.iter().filter_map(|(branch, run)| {
            let old = self.from.step(branch)?;
            let new = self.to.step(self.migration.step(&old.name)?)?;
            Some((branch.as_str(), run, old.as_ref(), new.as_ref()))
        })
    }

    /// The run that a step of the new version goes on from.
    fn run_of(&self, new: &str) -> Option<&'m StepRun> {
        let old = self.case.steps.keys().find(|old| self.migration.branch(old).as_deref() == Some(new))?;
        self.case.steps.get(old)
    }

    /// New steps that the case has come past.
    fn satisfied(&self) -> Vec<String> {
        let past = |point: &str| {
            let run = self.run_of(point);
            run.is_some_and(|run| invariants::has_begun(run) || run.state.is_terminal())
        };
        let added = self.migration.added.iter().filter(|(_, added)| match added {
            kaiban_definition::Added::Offered => false,
            kaiban_definition::Added::SatisfiedOnceBegun(point) => past(point),
        });
        added.map(|(step, _)| step.clone()).collect()
    }

    fn event(&self, outlook: &Outlook<'_>) -> Result<Event, Rejection> {
        let of = |def: &Definition| (def.digest.clone(), def.version.clone());
        let anew = self.runs().filter(|(_, run, old, new)| run.state.has_task() && self.shows_otherwise(old, new));
        let offered_anew: Vec<String> = anew.map(|(branch, ..)| branch.to_owned()).collect();
        Ok(Event::Migrated {
            from: of(self.from),
            to: of(self.to),
            renamed: self.migration.renamed.clone(),
            dropped: self.migration.dropped.keys().cloned().collect(),
            outcomes: self.migration.outcomes.clone(),
            satisfied: self.satisfied(),
            listed: self.listed(outlook, &offered_anew)?,
            moved: self.moved(outlook)?,
            offered_anew,
        })
    }

    /// Whoever has the task of a step in hand would see something else, or could not end it as he was told.
    fn shows_otherwise(&self, old: &Step, new: &Step) -> bool {
        let shape = |step: &Step| step.result.as_ref().map(|schema| schema.source().clone());
        let outcomes: BTreeSet<&str> =
            old.outcomes.keys().map(|name| self.migration.outcome(&old.name, name)).collect();
        let same_outcomes = outcomes.iter().copied().eq(new.outcomes.keys().map(String::as_str))
            && old.outcomes.values().all(|outcome| {
                let now = &new.outcomes[self.migration.outcome(&old.name, &outcome.name)];
                (&now.effect, now.adverse, &now.name) == (&outcome.effect, outcome.adverse, &outcome.name)
            });
        let place = |step: &Step| (step.name.clone(), step.party().map(str::to_owned), step.drawn_by.clone());
        place(old) != place(new)
            || (&old.shares, &old.sees, &old.recuse, old.by_two) != (&new.shares, &new.sees, &new.recuse, new.by_two)
            || shape(old) != shape(new)
            || !same_outcomes
    }

    /// Where what a package does when a step takes long differs: what was given stays given, what is to come is set anew.
    fn listed(&self, outlook: &Outlook<'_>, offered_anew: &[String]) -> Result<Vec<Listed>, Rejection> {
        let mut lists = Vec::new();
        for (branch, run, old, new) in self.runs() {
            let same = |one: &Overdue, other: &Overdue| (one.after, &one.action) == (other.after, &other.action);
            let (before, after) = (&old.on_overdue, &new.on_overdue);
            let is_same = before.len() == after.len() && before.iter().zip(after).all(|(one, other)| same(one, other));
            let anew = offered_anew.iter().any(|name| name == branch);
            if is_same || anew || (run.reached.is_empty() && !run.state.has_task()) {
                continue;
            }
            let given: Vec<&Overdue> =
                run.reached.iter().filter_map(|at| before.get(usize::try_from(*at).ok()?)).collect();
            let reached = (0..).zip(after).filter(|(_, one)| given.iter().any(|other| same(one, other)));
            let reached: Vec<u32> = reached.map(|(at, _)| at).collect();
            let overdue = match run.state.has_task() {
                true => outlook.overdue_but(&reached, after, branch, outlook.calendar_of(&run.calendar)?)?,
                false => Vec::new(),
            };
            lists.push(Listed { step: branch_name(&new.name, branch_parts(branch).1), reached, overdue });
        }
        Ok(lists)
    }

    /// Waits and reminders of corrections that the new version sets otherwise.
    fn moved(&self, outlook: &Outlook<'_>) -> Result<Vec<Moved>, Rejection> {
        let mut moved = Vec::new();
        let mut compare = |step: String, kind, old: Option<i64>, new: Option<i64>| {
            if let (Some(from_us), Some(to_us)) = (old, new)
                && from_us != to_us
            {
                moved.push(Moved { step, kind, index: None, from_us, to_us });
            }
        };
        for (branch, run, old, new) in self.runs() {
            if let (StepState::Waiting, Work::Wait { time: before }, Work::Wait { time }) =
                (run.state, &old.work, &new.work)
                && before != time
            {
                let calendar = outlook.calendar()?;
                let until_us =
                    run.task_offered_at_us.map(|from_us| statutory_us(*time, calendar, from_us)).transpose()?;
                compare(branch_name(&new.name, branch_parts(branch).1), TimerKind::Wait, run.again_at_us, until_us);
            }
        }
        let (before, after) = (&self.from.corrections.remind_after, &self.to.corrections.remind_after);
        for asked in self.case.corrections.iter().filter(|asked| asked.is_open() && before != after) {
            let (Some(told_at_us), Some(step)) = (asked.told_at_us, self.migration.branch(&asked.step)) else {
                continue;
            };
            let number = usize::try_from(asked.reminders).unwrap_or(usize::MAX);
            let Some(time) = after.get(number) else { continue };
            let remind_us = statutory_us(*time, outlook.calendar()?, told_at_us)?;
            compare(step, TimerKind::Reminder, asked.remind_at_us, Some(remind_us));
        }
        Ok(moved)
    }

    /// Conditional edges that the old version did not have are resolved now, for steps whose others were resolved before;
    /// no other guard is asked again.
    fn resolve_new_needs(&self, next: &mut Outlook<'_>) -> Result<(), Rejection> {
        for (branch, run, old, new) in self.runs().filter(|(branch, ..)| branch_parts(branch).1.is_none()) {
            if run.waived.is_none() && !invariants::has_begun(run) {
                continue;
            }
            let known: BTreeSet<&str> = old
                .needs
                .iter()
                .filter(|need| need.when.is_some())
                .filter_map(|need| self.migration.step(&need.step))
                .collect();
            let mut waived = next.run(&new.name).and_then(|run| run.waived.clone()).unwrap_or_default();
            let before = waived.len();
            let mut asked = false;
            for need in new.needs.iter().filter(|need| !known.contains(need.step.as_str())) {
                let Some(guard) = &need.when else { continue };
                asked = true;
                let Some(step) = regular(next.def, &new.name) else { continue };
                match next.holds(guard, step, &new.name) {
                    Ok(true) => {}
                    Ok(false) => waived.push(need.step.clone()),
                    Err(_) => return Err(Rejection::NotMigratable(vec![reasons::undecidable(branch, &need.step)])),
                }
            }
            if asked && (waived.len() > before || run.waived.is_none()) {
                next.events.push(Event::NeedsResolved { step: new.name.clone(), waived });
            }
        }
        // What was resolved is seen by what follows.
        if next.events.is_empty() { Ok(()) } else { next.settled(|_| Ok(())) }
    }
}
