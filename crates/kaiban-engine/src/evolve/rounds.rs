//! Loops: a step is taken back and done again, and what it had done is undone.

use kaiban_definition::branch_parts;

use crate::case::{Case, Round, StepRun, StepState, Undone};

impl Case {
    /// A step begins a new round; what had ended is kept under its number. Ledger, budget, offers and loops go on: the
    /// promise is made once. What the package does when a step takes long begins anew, because the office does.
    pub(super) fn reopened(&mut self, step: &str, epoch: i64, at_us: i64) {
        self.answer_nothing(step, at_us);
        let run = self.run(step);
        let round = u32::try_from(run.superseded.len()).unwrap_or(u32::MAX).saturating_add(1);
        if let (true, Some(outcome)) = (run.state.is_terminal(), run.outcome.take()) {
            let (result, ended_at_us) = (run.result.take(), run.ended_at_us.unwrap_or(at_us));
            run.superseded.push(Round { round, outcome, result, ended_at_us });
        }
        take_away(run, epoch);
        run.state = StepState::Pending;
        run.attempts = 0;
        run.waived = None;
        run.task_offered_at_us = None;
        run.round_from_us = None;
        run.reached.clear();
        run.branches = None;
        run.ended_at_us = None;
        run.used = None;
        run.reason = None;
        run.incident = None;
        run.sub_case = None;
        run.holds = None;
        run.sub_outcome = None;
        run.officer = None;
        run.way = None;
        run.at_rest();
        let counted = run.counted;
        self.clock_goes_on(counted);
        self.turn_step(step, at_us);
    }

    /// A step waits to be offered with another form; what the package does when it takes long begins anew with that.
    pub(super) fn taken_back(&mut self, step: &str, at_us: i64) {
        let run = self.run(step);
        take_away(run, 0);
        run.state = StepState::Pending;
        run.attempts = 0;
        run.round_from_us = None;
        run.reached.clear();
        run.at_rest();
        self.turn_step(step, at_us);
    }

    /// A round is undone by a branch of its own.
    pub(super) fn undoing(&mut self, branch: &str, undone: Undone) {
        self.run(branch).undoes = Some(undone);
        let (group, key) = branch_parts(branch);
        let group = self.run(group);
        group.state = StepState::Branched;
        group.ended_at_us = None;
        group.branches.get_or_insert_default().extend(key.map(str::to_owned));
    }
}

/// Epochs that a task may have gone through without the journal seeing them: a lease that ran out and went to somebody
/// else is a row, not an event.
const EPOCHS_UNSEEN: i64 = 1_000_000;

/// The task of a step is taken away from whoever has it.
///
/// INVARIANT: no epoch of a step is granted twice. Where the epoch of the lease is not known (0) the next offer begins
/// above anything that it can have been.
pub(super) fn take_away(run: &mut StepRun, epoch: i64) {
    let in_hand = matches!(run.state, StepState::Claimed | StepState::Deferred | StepState::Retrying);
    run.epoch = if in_hand && epoch == 0 { run.epoch + EPOCHS_UNSEEN } else { run.epoch.max(epoch) };
}
