//! The only place where a case changes. Total: every event can be applied to every state, and sees nothing but itself.

mod codes;
mod commitments;
mod corrections;
mod dates;
mod ends;
mod migration;
mod rounds;

use kaiban_definition::INTAKE;

use self::codes::follow;
use self::rounds::take_away;
use crate::case::{
    Case, Delay, ExtensionRun, GivenReason, LetterRun, PauseRun, Phase, Revocation, StepRun, StepState, Undone,
};
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
            Event::StepReopened { step, epoch, .. } => self.reopened(step, *epoch, at_us),
            Event::TaskTakenBack { step, .. } => self.taken_back(step, at_us),
            Event::UndoOpened { step, of, round, result } => {
                let undone = Undone { step: of.clone(), round: *round, result: result.clone() };
                self.undoing(step, undone);
            }
            Event::WaitStarted { step, calendar, counted, until_us, .. } => {
                self.waits(step, calendar, *counted, *until_us, at_us);
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
            Event::SubCaseEnded { step, outcome, .. } => self.run(step).sub_outcome = Some(outcome.clone()),
            Event::OutcomeRevoked { step, by, case } => {
                let (step, by, case) = (step.clone(), by.clone(), case.clone());
                self.revocation = Some(Revocation { step, by, case, at_us });
                if self.phase == Phase::Closed {
                    self.emit(StateCode::Revoked, at_us);
                }
            }
            Event::RevocationAnnounced { .. } | Event::Drawn { .. } => {}
            Event::DrawAwaited { step, calendar, counted, .. } => self.waits(step, calendar, *counted, None, at_us),
            Event::CertificateProved { step, way } => {
                let run = self.run(step);
                run.way = Some(*way);
                run.task_offered_at_us = Some(at_us);
            }
            Event::CommitmentSigned { step, person, signed } => {
                self.said(step, person, Some(signed.clone()), at_us);
                self.answered_by_promise(step, at_us);
            }
            Event::CommitmentDeclined { step, person } => self.said(step, person, None, at_us),
            Event::CommitmentWithdrawn { step, .. } => {
                if let Some(run) = self.commitments.iter_mut().rev().find(|run| run.step == *step) {
                    run.withdrawn_at_us = Some(at_us);
                }
            }
            Event::StepPaused { step, reason, until_us, epoch, officer, .. } => {
                if let Some((begins, _)) = reason.rule().codes {
                    self.emit_step(step, begins, at_us);
                }
                let run = self.run(step);
                // While the state still says whether the task was in somebody's hands.
                take_away(run, *epoch);
                run.at_rest();
                run.state = StepState::Paused;
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
                self.told(correction.as_deref(), *remind_at_us, at_us);
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
                run.round_from_us.get_or_insert(at_us);
                run.task_offered_at_us = Some(at_us);
                self.clock_goes_on(*counted);
                self.turn_step(step, at_us);
            }
            Event::TaskHandedOver { step, .. } => {
                let run = self.run(step);
                run.state = StepState::Claimed;
                follow(&mut run.codes, StateCode::HandlingBegins, at_us);
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
            Event::CorrectionAsked { .. } => self.asked(event, at_us),
            Event::Resubmitted { correction, form, changed, doubts, doubt_count } => {
                self.forms.push(form.clone());
                self.doubts.clone_from(doubts);
                self.doubt_count = *doubt_count;
                self.answered(correction, changed, at_us);
            }
            Event::StepCompleted { step, outcome, result, reason, epoch, officer, used, .. } => {
                let run = self.end(step, StepState::Completed, outcome, *epoch, at_us);
                run.officer.clone_from(officer);
                run.result.clone_from(result);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                if step != INTAKE {
                    follow(&mut run.codes, StateCode::Passed, at_us);
                }
                self.turn_step(step, at_us);
            }
            Event::StepEnded { step, outcome, reason, epoch, officer, used, .. } => {
                let run = self.end(step, StepState::Ended, outcome, *epoch, at_us);
                run.officer.clone_from(officer);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                if step != INTAKE {
                    follow(&mut run.codes, StateCode::NotPassed, at_us);
                }
                self.turn_step(step, at_us);
            }
            Event::MarkReached { step: None, percent, .. } => self.mark = self.mark.max(*percent),
            Event::MarkReached { step: Some(step), percent, .. } => {
                let run = self.run(step);
                run.mark = run.mark.max(*percent);
            }
            Event::ReasonOwed { step, remind_at_us } => {
                let run = self.run(step);
                let working_us = run.used.as_ref().map_or(0, |used| used.working_us);
                let budget_us = run.budget_us.unwrap_or_default();
                let remind_at_us = *remind_at_us;
                let delay = Delay { since_us: at_us, working_us, budget_us, remind_at_us, reminders: 0, reason: None };
                run.delay = Some(delay);
            }
            Event::ReasonReminded { step, next_at_us } => {
                if let Some(delay) = &mut self.run(step).delay {
                    delay.reminders += 1;
                    delay.remind_at_us = *next_at_us;
                }
            }
            Event::DelayExplained { step, officer, reason } => {
                if let Some(delay) = &mut self.run(step).delay {
                    delay.remind_at_us = None;
                    let (text, officer) = (reason.clone(), officer.clone());
                    delay.reason = Some(GivenReason { text, officer, at_us });
                }
            }
            Event::StatutoryExtended { step, approver, reason, .. } => {
                let extension = Some(ExtensionRun { at_us, approver: approver.clone(), reason: reason.clone() });
                match step {
                    None => self.extension = extension,
                    Some(step) => self.run(step).extension = extension,
                }
            }
            Event::ClocksRecomputed { publication, moved, .. } => {
                self.recomputed = *publication;
                moved.iter().for_each(|moved| self.move_date(moved));
            }
            Event::Migrated { .. } => self.migrated(event, at_us),
            Event::PromiseStopped { used } => self.used = Some(used.clone()),
            Event::Withdrawn { .. } | Event::Cancelled { .. } | Event::GivenUp { .. } => {}
            Event::Closed { .. } => self.ended(event, at_us),
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

    fn waits(&mut self, step: &str, calendar: &str, counted: bool, until_us: Option<i64>, at_us: i64) {
        let run = self.run(step);
        run.state = StepState::Waiting;
        run.counted = counted;
        calendar.clone_into(&mut run.calendar);
        run.again_at_us = until_us;
        run.offered_at_us.get_or_insert(at_us);
        run.round_from_us.get_or_insert(at_us);
        run.task_offered_at_us = Some(at_us);
        self.clock_goes_on(counted);
        self.turn_step(step, at_us);
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
}
