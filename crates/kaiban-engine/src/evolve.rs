//! The only place where a case changes. Total: every event can be applied to every state, and sees nothing but itself.

use kaiban_definition::{INTAKE, branch_parts};

use crate::case::{Case, CodeAt, CorrectionRun, LetterRun, PauseRun, Phase, Round, StepRun, StepState, Undone};
use crate::codes::StateCode;
use crate::event::{Because, Event};

impl Case {
    /// Applies one event that happened at `at_us`.
    pub fn evolve(&mut self, at_us: i64, event: &Event) {
        self.last_at_us = self.last_at_us.max(at_us);
        let at_us = self.last_at_us;
        match event {
            Event::Received {
                case,
                workflow,
                digest,
                division,
                calendar,
                organisation,
                outlet,
                form,
                doubts,
                doubt_count,
                parent,
            } => {
                self.id.clone_from(case);
                self.workflow.clone_from(workflow);
                self.digest.clone_from(digest);
                self.division.clone_from(division);
                self.calendar.clone_from(calendar);
                self.organisation.clone_from(organisation);
                self.outlet.clone_from(outlet);
                self.forms = vec![form.clone()];
                self.doubts.clone_from(doubts);
                self.doubt_count = *doubt_count;
                self.phase = Phase::Intake;
                self.received_at_us = at_us;
                self.parent.clone_from(parent);
                self.emit(StateCode::Received, at_us);
            }
            Event::Accepted { from_us, budget_us } => {
                self.phase = Phase::Open;
                self.accepted_at_us = Some(*from_us);
                self.budget_us = *budget_us;
                self.emit(StateCode::Accepted, at_us);
            }
            Event::PromiseUndecided => self.promise_undecided = true,
            Event::PromiseLookedAt { .. } => self.promise_undecided = false,
            Event::StepBranched { step, keys } => {
                let run = self.run(step);
                run.state = StepState::Branched;
                run.branches = Some(keys.clone());
                run.ended_at_us = None;
            }
            Event::StepJoined { step } => {
                let run = self.run(step);
                run.state = StepState::Completed;
                run.ended_at_us = Some(at_us);
            }
            Event::StepNotRequested { step } => {
                let run = self.run(step);
                run.state = StepState::NotRequested;
                run.ended_at_us = Some(at_us);
            }
            Event::StepRequested { step, form, .. } => {
                self.forms.extend(form.clone());
                let run = self.run(step);
                run.requested = true;
                run.state = StepState::Pending;
                run.ended_at_us = None;
            }
            Event::StepWithdrawn { step, because, reason, epoch, used } => {
                let run = self.run(step);
                take_away(run, *epoch);
                run.state = StepState::Withdrawn;
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                run.ended_at_us = Some(at_us);
                run.at_rest();
                if *because == Because::Applicant {
                    self.emit_step(step, StateCode::TakenBack, at_us);
                }
                self.answer_nothing(step, at_us);
                self.turn_step(step, at_us);
            }
            Event::LoopTaken { step, outcome, reason, epoch, .. } => {
                let run = self.run(step);
                *run.loops.entry(outcome.clone()).or_default() += 1;
                run.reason.clone_from(reason);
                run.epoch = *epoch;
            }
            Event::StepReopened { step, epoch, .. } => {
                self.answer_nothing(step, at_us);
                let run = self.run(step);
                let round = u32::try_from(run.superseded.len()).unwrap_or(u32::MAX).saturating_add(1);
                if let (true, Some(outcome)) = (run.state.is_terminal(), run.outcome.take()) {
                    let (result, ended_at_us) = (run.result.take(), run.ended_at_us.unwrap_or(at_us));
                    run.superseded.push(Round { round, outcome, result, ended_at_us });
                }
                take_away(run, *epoch);
                run.state = StepState::Pending;
                run.attempts = 0;
                run.waived = None;
                run.task_offered_at_us = None;
                run.branches = None;
                run.ended_at_us = None;
                run.used = None;
                run.reason = None;
                run.incident = None;
                run.sub_case = None;
                run.holds = None;
                run.at_rest();
                let counted = run.counted;
                self.clock_goes_on(counted);
                self.turn_step(step, at_us);
            }
            Event::UndoOpened { step, of, round, result } => {
                self.run(step).undoes = Some(Undone { step: of.clone(), round: *round, result: result.clone() });
                let (group, key) = branch_parts(step);
                let (group, key) = (group.to_owned(), key.unwrap_or_default().to_owned());
                let group = self.run(&group);
                group.state = StepState::Branched;
                group.ended_at_us = None;
                group.branches.get_or_insert_default().push(key);
            }
            Event::WaitStarted { step, calendar, counted, until_us, .. } => {
                let run = self.run(step);
                run.state = StepState::Waiting;
                run.counted = *counted;
                run.calendar.clone_from(calendar);
                run.again_at_us = *until_us;
                run.offered_at_us.get_or_insert(at_us);
                run.task_offered_at_us = Some(at_us);
                self.clock_goes_on(*counted);
                self.turn_step(step, at_us);
            }
            Event::SubCaseStarted { step, case } => self.run(step).sub_case = Some(case.clone()),
            Event::Reserved { step, register, .. } => {
                let run = self.run(step);
                run.holds = Some(register.clone());
                run.task_offered_at_us = Some(at_us);
            }
            Event::ReservationLost { step, .. } => {
                let run = self.run(step);
                run.holds = None;
                run.task_offered_at_us = Some(at_us);
            }
            Event::StepPaused { step, reason, until_us, epoch, officer, .. } => {
                if let Some((begins, _)) = reason.rule().codes {
                    self.emit_step(step, begins, at_us);
                }
                let run = self.run(step);
                run.at_rest();
                run.state = StepState::Paused;
                run.epoch = run.epoch.max(*epoch);
                let (reason, officer) = (*reason, officer.clone());
                run.pause = Some(PauseRun { reason, since_us: at_us, until_us: *until_us, officer });
                self.turn_step(step, at_us);
            }
            Event::StepResumed { step, .. } => {
                let run = self.run(step);
                run.state = StepState::Pending;
                let pause = run.pause.take();
                if let Some((_, ends)) = pause.and_then(|pause| pause.reason.rule().codes) {
                    self.emit_step(step, ends, at_us);
                }
                self.turn_step(step, at_us);
            }
            Event::OverdueReached { step, index, .. } => {
                let run = self.run(step);
                run.overdue.retain(|(at, _)| at != index);
                run.reached.push(*index);
            }
            Event::Reminded { correction, next_at_us } => {
                if let Some(run) = self.corrections.iter_mut().find(|run| run.id == *correction) {
                    run.reminders += 1;
                    run.remind_at_us = *next_at_us;
                }
            }
            Event::LetterIssued { letter, number, step, html, text } => self.letters.push(LetterRun {
                letter: letter.clone(),
                number: number.clone(),
                step: step.clone(),
                html: html.clone(),
                text: text.clone(),
                issued_at_us: at_us,
                told_at_us: None,
            }),
            Event::ApplicantTold { number, correction, remind_at_us } => {
                if let Some(letter) = self.letters.iter_mut().find(|letter| letter.number == *number) {
                    letter.told_at_us.get_or_insert(at_us);
                }
                let told = self.corrections.iter_mut().find(|run| Some(&run.id) == correction.as_ref());
                if let Some(run) = told.filter(|run| run.is_open() && run.told_at_us.is_none()) {
                    run.told_at_us = Some(at_us);
                    run.remind_at_us = *remind_at_us;
                    let step = run.step.clone();
                    self.turn_step(&step, at_us);
                }
            }
            Event::Rated { grade, .. } => self.grade = Some(*grade),
            Event::NeedsResolved { step, waived } => self.run(step).waived = Some(waived.clone()),
            Event::StepSkipped { step } => {
                let run = self.run(step);
                run.state = StepState::Skipped;
                run.ended_at_us = Some(at_us);
            }
            Event::StepOffered { step, office, calendar, counted, budget_us, deadline_us, offer, overdue } => {
                let revision = u32::try_from(self.forms.len()).unwrap_or(u32::MAX);
                let run = self.run(step);
                run.form = revision;
                run.state = StepState::Offered;
                run.office.clone_from(office);
                run.calendar.clone_from(calendar);
                run.counted = *counted;
                run.budget_us = *budget_us;
                run.deadline_us = *deadline_us;
                run.offers = *offer;
                run.attempts = 0;
                run.overdue.clone_from(overdue);
                run.offered_at_us.get_or_insert(at_us);
                run.task_offered_at_us = Some(at_us);
                self.clock_goes_on(*counted);
                self.turn_step(step, at_us);
            }
            Event::TaskHandedOver { step, .. } => {
                self.run(step).state = StepState::Claimed;
                self.emit_step(step, StateCode::HandlingBegins, at_us);
            }
            Event::TaskDeferred { step, until_us, .. } => {
                let run = self.run(step);
                run.state = StepState::Deferred;
                run.again_at_us = Some(*until_us);
            }
            Event::AttemptFailed { step, attempts, again_at_us, .. } => {
                let run = self.run(step);
                run.state = StepState::Retrying;
                run.attempts = *attempts;
                run.again_at_us = Some(*again_at_us);
            }
            Event::TaskReady { step } => {
                let run = self.run(step);
                run.state = StepState::Claimed;
                run.again_at_us = None;
            }
            Event::IncidentOpened { step, code, counted, epoch } => {
                let run = self.run(step);
                run.counted = *counted;
                run.epoch = run.epoch.max(*epoch);
                run.state = StepState::Incident;
                run.at_rest();
                run.incident = Some(code.clone());
                self.clock_goes_on(*counted);
                self.turn_step(step, at_us);
            }
            Event::IncidentResolved { step } => {
                let run = self.run(step);
                run.state = StepState::Pending;
                run.incident = None;
                run.attempts = 0;
                self.turn_step(step, at_us);
            }
            Event::CorrectionAsked {
                step,
                correction,
                findings,
                pointers,
                epoch,
                untold,
                breach,
                reopens,
                remind_at_us,
                ..
            } => {
                self.corrections.push(CorrectionRun {
                    id: correction.clone(),
                    step: step.clone(),
                    findings: findings.clone(),
                    pointers: pointers.clone(),
                    asked_at_us: at_us,
                    told_at_us: (!untold).then_some(at_us),
                    answered_at_us: None,
                    dropped_at_us: None,
                    changed: Vec::new(),
                    breach: *breach,
                    reopens: reopens.clone(),
                    reminders: 0,
                    remind_at_us: *remind_at_us,
                });
                self.emit_step(step, StateCode::CorrectionBegins, at_us);
                let run = self.run(step);
                run.at_rest();
                run.state = StepState::Correction;
                run.epoch = run.epoch.max(*epoch);
                self.turn_step(step, at_us);
            }
            Event::Resubmitted { correction, form, changed, doubts, doubt_count } => {
                self.forms.push(form.clone());
                self.doubts.clone_from(doubts);
                self.doubt_count = *doubt_count;
                if let Some(run) = self.corrections.iter_mut().find(|run| run.id == *correction) {
                    run.answered_at_us = Some(at_us);
                    run.remind_at_us = None;
                    run.changed.clone_from(changed);
                    let step = run.step.clone();
                    self.run(&step).state = StepState::Pending;
                    self.emit_step(&step, StateCode::CorrectionEnds, at_us);
                    self.turn_step(&step, at_us);
                }
            }
            Event::StepCompleted { step, outcome, result, reason, epoch, used, .. } => {
                let run = self.end(step, StepState::Completed, outcome, *epoch, at_us);
                run.result.clone_from(result);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                if step != INTAKE {
                    self.emit_step(step, StateCode::Passed, at_us);
                }
                self.turn_step(step, at_us);
            }
            Event::StepEnded { step, outcome, reason, epoch, used, .. } => {
                let run = self.end(step, StepState::Ended, outcome, *epoch, at_us);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                if step != INTAKE {
                    self.emit_step(step, StateCode::NotPassed, at_us);
                }
                self.turn_step(step, at_us);
            }
            Event::PromiseStopped { used } => self.used = Some(used.clone()),
            Event::Withdrawn { .. } | Event::Cancelled { .. } | Event::GivenUp { .. } => {}
            Event::Closed { outcome, by, taken_back, released, .. } => {
                self.phase = Phase::Closed;
                self.outcome = Some(outcome.clone());
                self.closed_at_us = Some(at_us);
                let begun: Vec<String> = self.steps.keys().cloned().collect();
                for step in begun {
                    self.answer_nothing(&step, at_us);
                }
                let code = match outcome.as_str() {
                    "not_accepted" => StateCode::NotAccepted,
                    "withdrawn" | "cancelled" => StateCode::TakenBack,
                    // Journals of before do not say which step closed the case.
                    "refused" => StateCode::NotPassed,
                    _ if by.is_some() => StateCode::NotPassed,
                    _ => StateCode::Passed,
                };
                self.emit(code, at_us);
                for step in released {
                    self.run(step).holds = None;
                }
                for (step, run) in self.steps.iter_mut().filter(|(_, run)| !run.state.is_terminal()) {
                    run.state = StepState::Withdrawn;
                    run.used = taken_back.get(step).cloned();
                    run.at_rest();
                    run.ended_at_us = Some(at_us);
                    run.ledger.turn(at_us, None);
                }
            }
        }
        let situation = self.situation();
        self.ledger.turn(at_us, situation);
    }

    pub(crate) fn run(&mut self, step: &str) -> &mut StepRun {
        if !self.steps.contains_key(step) {
            self.steps.insert(step.to_owned(), StepRun::default());
        }
        self.steps.get_mut(step).expect("inserted above")
    }

    fn end(&mut self, step: &str, state: StepState, outcome: &str, epoch: i64, at_us: i64) -> &mut StepRun {
        let run = self.run(step);
        run.state = state;
        run.outcome = Some(outcome.to_owned());
        run.epoch = epoch;
        run.at_rest();
        run.ended_at_us = Some(at_us);
        run
    }

    /// Counted work begins anew after the promise clock had stopped: it stops again with the last of it.
    fn clock_goes_on(&mut self, counted: bool) {
        if counted {
            self.used = None;
        }
    }

    /// A correction of a step that is taken back needs no answer any more.
    fn answer_nothing(&mut self, step: &str, at_us: i64) {
        for correction in self.corrections.iter_mut().filter(|run| run.step == step && run.is_open()) {
            correction.dropped_at_us = Some(at_us);
            correction.remind_at_us = None;
        }
        self.close_codes(step, at_us);
    }

    fn emit(&mut self, code: StateCode, at_us: i64) {
        self.codes.push(CodeAt { code, at_us });
    }

    /// INVARIANT: within a step every beginning is followed by its end before anything else is emitted.
    fn emit_step(&mut self, step: &str, code: StateCode, at_us: i64) {
        if self.run(step).codes.last().and_then(|last| last.code.closed_by()) != Some(code) {
            self.close_codes(step, at_us);
        }
        self.run(step).codes.push(CodeAt { code, at_us });
    }

    /// Emits the end of a beginning that is still open.
    fn close_codes(&mut self, step: &str, at_us: i64) {
        let codes = &mut self.run(step).codes;
        let open = codes.last().and_then(|last| last.code.closed_by());
        codes.extend(open.map(|code| CodeAt { code, at_us }));
    }
}

/// Epochs that a task may have gone through without the journal seeing them: a lease that ran out and went to somebody
/// else is a row, not an event.
const EPOCHS_UNSEEN: i64 = 1_000_000;

/// The task of a step is taken away from whoever has it.
///
/// INVARIANT: no epoch of a step is granted twice. Where the epoch of the lease is not known (0) the next offer begins
/// above anything that it can have been.
fn take_away(run: &mut StepRun, epoch: i64) {
    let in_hand = matches!(run.state, StepState::Claimed | StepState::Deferred | StepState::Retrying);
    run.epoch = if in_hand && epoch == 0 { run.epoch + EPOCHS_UNSEEN } else { run.epoch.max(epoch) };
}
