//! Promises in the course of a demo: applicants sign, checks are started and drawn, and whoever promised what was not true
//! comes again.

use super::{Act, Conductor, Hall, Known, Promised, STARTS, at};
use crate::failure::DemoError;

impl Conductor<'_> {
    /// An applicant looks at the letter, and says what comes of it.
    pub(super) async fn promise(&self, index: u64, known: &Known, correction: &str) -> Result<Promised, DemoError> {
        let application = &self.applications[at(index)];
        let case = self.terminals.look(application, &known.number).await?;
        let open = |open: &kaiban_api::v1::Correction| open.id == correction && open.answered_at.is_none();
        if !case.corrections.iter().any(open) {
            return Ok(Promised::TooLate);
        }
        let request_id = format!("{}-{correction}", known.number);
        let declines = self.applicants.declines(index);
        self.notary.promises(self.town, application, &case, request_id, declines).await
    }

    /// Whoever has not promised hands the proof in.
    pub(super) fn promise_said(
        &mut self,
        index: u64,
        correction: String,
        pointers: Vec<String>,
        said: Promised,
        now_us: i64,
    ) {
        match said {
            Promised::Signed | Promised::TooLate => return,
            Promised::Declined | Promised::NotAllowed => {}
        }
        let at_us = self.applicants.answer_us(index, &correction, now_us);
        self.plan(at_us, index, Act::Answer { correction, pointers, told_at_us: now_us });
    }

    /// Finds the checks that were started, lets who promised what was not true come again, and holds the draw that is due;
    /// whether one was held. A draw is over what came in before it: what starts now waits for the next.
    pub(super) async fn follow_promises(&mut self, now_us: i64) -> Result<bool, DemoError> {
        let draws = self.promises.draw_us.is_some_and(|draw_us| draw_us <= now_us);
        if draws {
            self.promises.draw_us = None;
            self.hall.draw(&self.crowd, now_us).await?;
            self.town.app().effects_settled().await;
        }
        for index in std::mem::take(&mut self.promises.registered) {
            let Some(known) = &self.known[at(index)] else { continue };
            let case = self.terminals.look(&self.applications[at(index)], &known.number).await?;
            let started = case.steps.into_iter().find(|step| step.step == STARTS).map(|step| step.sub_case);
            let Some(check) = started.filter(|check| !check.is_empty()) else { continue };
            self.indexes.insert(check.clone(), index);
            if self.promises.checks.insert(check) {
                self.promises.draw_us.get_or_insert(Hall::next_draw_us(now_us));
            }
        }
        for index in std::mem::take(&mut self.promises.broken) {
            let before = &self.applications[at(index)];
            let again = self.applications.len() as u64;
            let application = self.crowd.again(before, again, now_us);
            let at_us = application.at_us;
            self.applications.push(application);
            self.known.push(None);
            self.plan(at_us, again, Act::Arrive);
        }
        Ok(draws)
    }
}
