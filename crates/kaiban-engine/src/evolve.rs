//! The only place where a case changes. Total: every event can be applied to every state, and sees nothing but itself.

use crate::case::{Case, CorrectionRun, Phase, StepRun, StepState};
use crate::event::Event;
use crate::ledger::{Ball, Reason, Situation};

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
            }
            Event::Accepted { from_us, budget_us } => {
                self.phase = Phase::Open;
                self.accepted_at_us = Some(*from_us);
                self.budget_us = *budget_us;
            }
            Event::NeedsResolved { step, waived } => self.run(step).waived = Some(waived.clone()),
            Event::StepSkipped { step } => {
                let run = self.run(step);
                run.state = StepState::Skipped;
                run.ended_at_us = Some(at_us);
            }
            Event::StepOffered { step, office, calendar, counted, budget_us, deadline_us, offer } => {
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
                run.offered_at_us.get_or_insert(at_us);
                run.task_offered_at_us = Some(at_us);
                self.turn_step(step, at_us);
            }
            Event::TaskHandedOver { step, .. } => self.run(step).state = StepState::Claimed,
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
                run.again_at_us = None;
                run.incident = Some(code.clone());
                self.turn_step(step, at_us);
            }
            Event::IncidentResolved { step } => {
                let run = self.run(step);
                run.state = StepState::Pending;
                run.incident = None;
                run.attempts = 0;
                self.turn_step(step, at_us);
            }
            Event::CorrectionAsked { step, correction, findings, pointers, epoch, .. } => {
                self.corrections.push(CorrectionRun {
                    id: correction.clone(),
                    step: step.clone(),
                    findings: findings.clone(),
                    pointers: pointers.clone(),
                    told_at_us: at_us,
                    answered_at_us: None,
                });
                let run = self.run(step);
                run.state = StepState::Correction;
                run.again_at_us = None;
                run.epoch = *epoch;
                self.turn_step(step, at_us);
            }
            Event::Resubmitted { correction, form, doubts, doubt_count, .. } => {
                self.forms.push(form.clone());
                self.doubts.clone_from(doubts);
                self.doubt_count = *doubt_count;
                if let Some(run) = self.corrections.iter_mut().find(|run| run.id == *correction) {
                    run.answered_at_us = Some(at_us);
                    let step = run.step.clone();
                    self.run(&step).state = StepState::Pending;
                    self.turn_step(&step, at_us);
                }
            }
            Event::StepCompleted { step, outcome, result, reason, epoch, used, .. } => {
                let run = self.end(step, StepState::Completed, outcome, *epoch, at_us);
                run.result.clone_from(result);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                self.turn_step(step, at_us);
            }
            Event::StepEnded { step, outcome, reason, epoch, used, .. } => {
                let run = self.end(step, StepState::Ended, outcome, *epoch, at_us);
                run.reason.clone_from(reason);
                run.used.clone_from(used);
                self.turn_step(step, at_us);
            }
            Event::PromiseStopped { used } => self.used = Some(used.clone()),
            Event::Withdrawn { .. } | Event::Cancelled { .. } => {}
            Event::Closed { outcome, taken_back, .. } => {
                self.phase = Phase::Closed;
                self.outcome = Some(outcome.clone());
                self.closed_at_us = Some(at_us);
                for (step, run) in self.steps.iter_mut().filter(|(_, run)| !run.state.is_terminal()) {
                    run.state = StepState::Withdrawn;
                    run.used = taken_back.get(step).cloned();
                    run.again_at_us = None;
                    run.ended_at_us = Some(at_us);
                    run.ledger.turn(at_us, None);
                }
            }
        }
        let situation = self.situation();
        self.ledger.turn(at_us, situation);
    }

    fn run(&mut self, step: &str) -> &mut StepRun {
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
        run.again_at_us = None;
        run.ended_at_us = Some(at_us);
        run
    }

    fn turn_step(&mut self, step: &str, at_us: i64) {
        let run = self.run(step);
        let situation = match run.state {
            state if state.has_task() => Some((Ball::Agency, Reason::Working, true)),
            StepState::Incident => Some((Ball::System, Reason::Incident, true)),
            StepState::Correction => Some((Ball::Applicant, Reason::Correction, false)),
            _ => None,
        };
        let situation = situation.map(|(ball, reason, counts)| Situation { ball, parties: Vec::new(), reason, counts });
        run.ledger.turn(at_us, situation);
    }

    /// Who has the ball now, and whether the case's promise clock runs: it does exactly when the case is accepted and
    /// at least one counted step is open, not paused, and with an agency or the system.
    fn situation(&self) -> Option<Situation> {
        let open = |counted| self.steps.values().filter(move |run| run.state.is_open() && run.counted == counted);
        let offices = |counted| {
            let mut offices: Vec<String> =
                open(counted).filter(|run| run.state.has_task()).map(|run| run.office.clone()).collect();
            offices.sort();
            offices.dedup();
            offices
        };
        let (ball, parties, reason, counts) = match self.phase {
            Phase::New | Phase::Closed => return None,
            Phase::Intake => (Ball::Nobody, offices(false), Reason::Intake, false),
            Phase::Open if open(true).any(|run| run.state.has_task()) => {
                (Ball::Agency, offices(true), Reason::Working, true)
            }
            Phase::Open if open(true).any(|run| run.state == StepState::Incident) => {
                (Ball::System, Vec::new(), Reason::Incident, true)
            }
            Phase::Open if open(true).next().is_some() => (Ball::Applicant, Vec::new(), Reason::Correction, false),
            Phase::Open if self.used.is_some() => (Ball::Nobody, offices(false), Reason::Stopped, false),
            Phase::Open => (Ball::Nobody, offices(false), Reason::Uncounted, false),
        };
        Some(Situation { ball, parties, reason, counts })
    }
}
