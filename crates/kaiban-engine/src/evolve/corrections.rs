//! Corrections: asked, told, answered, or not needed any more.

use crate::case::{Case, CorrectionRun, StepState};
use crate::codes::StateCode;
use crate::event::Event;

impl Case {
    pub(super) fn asked(&mut self, event: &Event, at_us: i64) {
        let Event::CorrectionAsked { step, correction, outcome, findings, pointers, epoch, .. } = event else { return };
        let Event::CorrectionAsked { untold, breach, reopens, remind_at_us, .. } = event else { return };
        self.corrections.push(CorrectionRun {
            id: correction.clone(),
            step: step.clone(),
            outcome: outcome.clone(),
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

    /// The pause of the step begins with the telling.
    pub(super) fn told(&mut self, correction: Option<&str>, remind_at_us: Option<i64>, at_us: i64) {
        let mut waiting = self.corrections.iter_mut().filter(|run| run.is_open() && run.told_at_us.is_none());
        let Some(run) = waiting.find(|run| Some(run.id.as_str()) == correction) else { return };
        run.told_at_us = Some(at_us);
        run.remind_at_us = remind_at_us;
        let step = run.step.clone();
        self.turn_step(&step, at_us);
    }

    pub(super) fn answered(&mut self, correction: &str, changed: &[String], at_us: i64) {
        let Some(run) = self.corrections.iter_mut().find(|run| run.id == correction) else { return };
        run.answered_at_us = Some(at_us);
        run.remind_at_us = None;
        run.changed = changed.to_vec();
        let step = run.step.clone();
        self.run(&step).state = StepState::Pending;
        self.emit_step(&step, StateCode::CorrectionEnds, at_us);
        self.turn_step(&step, at_us);
    }

    /// A correction needs no answer any more: its step is taken back, or a promise stands for what it asks for.
    pub(super) fn answer_nothing(&mut self, step: &str, at_us: i64) {
        for correction in self.corrections.iter_mut().filter(|run| run.step == step && run.is_open()) {
            correction.dropped_at_us = Some(at_us);
            correction.remind_at_us = None;
        }
        self.close_codes(step, at_us);
    }
}
