//! A case goes on by another version of its package: what it has done keeps its history under the new names.

use std::collections::BTreeMap;

use kaiban_definition::{branch_name, branch_parts};

use crate::case::{Case, DroppedRun, StepRun, StepState};
use crate::event::Event;

impl Case {
    pub(super) fn migrated(&mut self, event: &Event, at_us: i64) {
        let Event::Migrated { to, renamed, dropped, outcomes, satisfied, offered_anew, listed, moved, .. } = event
        else {
            return;
        };
        for branch in offered_anew {
            self.taken_back(branch, at_us);
        }
        self.digest.clone_from(&to.0);
        let new = |old: &str| {
            let (step, key) = branch_parts(old);
            branch_name(renamed.get(step).map_or(step, String::as_str), key)
        };
        // A round that is undone is called by its step.
        let undoing: Vec<String> =
            self.steps.iter().filter(|(_, run)| run.undoes.is_some()).map(|(n, _)| n.clone()).collect();
        let undoes = |name: &str| {
            let is_group = |branch: &String| branch_parts(branch).0 == branch_parts(name).0;
            undoing.iter().any(is_group)
        };
        let key_of_round = |key: &str| match key.rsplit_once('-') {
            Some((of, round)) => format!("{}-{round}", new(of)),
            None => key.to_owned(),
        };
        for (old, mut run) in std::mem::take(&mut self.steps) {
            let (step, key) = branch_parts(&old);
            if dropped.iter().any(|gone| gone == step) {
                self.dropped.push(DroppedRun { step: old, at_us, run });
                continue;
            }
            if let Some(names) = outcomes.get(step) {
                rename_outcomes(&mut run, names);
            }
            let names = run.waived.iter_mut().flatten();
            names.for_each(|name| *name = new(name));
            if let Some(undone) = &mut run.undoes {
                undone.step = new(&undone.step);
            }
            let name = match key {
                Some(key) if undoes(&old) => branch_name(&new(step), Some(&key_of_round(key))),
                _ => new(&old),
            };
            if undoes(&old) {
                let keys = run.branches.iter_mut().flatten();
                keys.for_each(|key| *key = key_of_round(key));
            }
            self.steps.insert(name, run);
        }
        let kept = |step: &str| !dropped.iter().any(|gone| gone == branch_parts(step).0);
        for asked in self.corrections.iter_mut().filter(|asked| kept(&asked.step)) {
            asked.outcome = asked.outcome.take().map(|outcome| renamed_outcome(outcomes, &asked.step, outcome));
            asked.step = new(&asked.step);
            asked.reopens.iter_mut().for_each(|step| *step = new(step));
        }
        self.commitments.iter_mut().for_each(|run| run.step = new(&run.step));
        let of_steps = self.letters.iter_mut().filter_map(|letter| letter.step.as_mut());
        of_steps.filter(|step| kept(step)).for_each(|step| *step = new(step));
        for step in satisfied {
            let run = self.run(step);
            run.state = StepState::Skipped;
            run.ended_at_us = Some(at_us);
        }
        for list in listed {
            let run = self.run(&list.step);
            run.reached.clone_from(&list.reached);
            run.overdue.clone_from(&list.overdue);
        }
        moved.iter().for_each(|moved| self.move_date(moved));
    }
}

fn renamed_outcome(outcomes: &BTreeMap<String, BTreeMap<String, String>>, branch: &str, outcome: String) -> String {
    let names = outcomes.get(branch_parts(branch).0);
    names.and_then(|names| names.get(&outcome)).cloned().unwrap_or(outcome)
}

fn rename_outcomes(run: &mut StepRun, names: &BTreeMap<String, String>) {
    let new = |old: String| names.get(&old).cloned().unwrap_or(old);
    run.outcome = run.outcome.take().map(new);
    for round in &mut run.superseded {
        round.outcome = new(std::mem::take(&mut round.outcome));
    }
    run.loops = std::mem::take(&mut run.loops).into_iter().map(|(outcome, count)| (new(outcome), count)).collect();
}
