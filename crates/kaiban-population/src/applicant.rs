//! What applicants do after they have handed their form in: answer corrections, and now and then give up.

use std::sync::Arc;

use kaiban_calendar::local_date;
use serde_json::{Value, json};

use crate::crowd::{Crowd, MINUTE_US};
use crate::names;
use crate::paper::Paper;
use crate::slips;

/// An answer to a correction.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// When it is handed in, µs; a whole minute within the outlet's hours.
    pub at_us: i64,
    /// The whole new form: it differs from the old one in the opened places, and nowhere else.
    pub form: Value,
    /// New documents that it names; they are handed in first.
    pub papers: Vec<Paper>,
}

/// A step that is asked for after the application (分时办理).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterRequest {
    /// When, µs; a whole minute within the outlet's hours.
    pub at_us: i64,
    /// The step.
    pub step: &'static str,
}

/// The applicants of a crowd.
#[derive(Clone, Debug)]
pub struct Applicants {
    crowd: Arc<Crowd>,
}

impl Applicants {
    /// The applicants of this crowd.
    pub fn new(crowd: Arc<Crowd>) -> Self {
        Self { crowd }
    }

    /// When the applicant of a case hands in the answer to a correction of which it was told at `told_at_us`;
    /// `correction` is its id (`<step>.<n>`).
    pub fn answer_us(&self, case: u64, correction: &str, told_at_us: i64) -> i64 {
        let mut lot = self.crowd.lot("answer delay", case, correction, 0);
        let delay_us = lot.around(i64::from(self.crowd.habits().answer_delay_min) * MINUTE_US);
        self.crowd.next_open_us(told_at_us + delay_us)
    }

    /// What the applicant hands in then: `pointers` are the places that the correction opened, `form` is the form as it
    /// stands *when the answer is handed in*. Another branch's correction may have changed it since the applicant was
    /// told, and what differs from it anywhere else is refused.
    pub fn answer(&self, case: u64, correction: &str, pointers: &[String], form: &Value, told_at_us: i64) -> Answer {
        let mut form = form.clone();
        let papers = slips::mend(&mut form, pointers, case, &mut self.crowd.lot("answer", case, correction, 0));
        Answer { at_us: self.answer_us(case, correction, told_at_us), form, papers }
    }

    /// When the applicant of a case, asked for a document at `told_at_us`, signs the commitment instead or says that it
    /// will be handed in; `correction` is the id of the question.
    pub fn promise_us(&self, case: u64, correction: &str, told_at_us: i64) -> i64 {
        /// Reading the letter and signing it with a telephone, minutes on the wall.
        const SIGNING_MIN: i64 = 12;
        let mut lot = self.crowd.lot("promise delay", case, correction, 0);
        self.crowd.next_open_us(told_at_us + lot.around(SIGNING_MIN * MINUTE_US))
    }

    /// Whether the applicant of a case thinks better of promising; who comes again does not.
    pub fn declines(&self, case: u64) -> bool {
        let rate = self.crowd.habits().commitment_decline_rate;
        case < self.crowd.cases() && self.crowd.lot("promise declined", case, "", 0).chance(rate)
    }

    /// When the applicant of a case takes the application back; most never do. It may be too late by then.
    pub fn withdrawal_us(&self, case: u64) -> Option<i64> {
        let habits = self.crowd.habits();
        let mut lot = self.crowd.lot("withdrawal", case, "", 0);
        if !lot.chance(habits.withdrawal_rate) {
            return None;
        }
        let delay_us = lot.around(i64::from(habits.withdrawal_delay_min) * MINUTE_US);
        Some(self.crowd.next_open_us(self.crowd.arrival_us(case) + delay_us))
    }

    /// Which of the steps that the application left out is asked for later. It may be too late by then.
    pub fn later_request(&self, case: u64) -> Option<LaterRequest> {
        let habits = self.crowd.habits();
        let mut lot = self.crowd.lot("later request", case, "", 0);
        if !lot.chance(habits.later_request_rate) {
            return None;
        }
        let form = self.crowd.application(case).form;
        let (_, step) = *LATER.iter().find(|(request, _)| form["requests"][request] == false)?;
        let delay_us = lot.around(i64::from(habits.later_request_delay_min) * MINUTE_US);
        let at_us = self.crowd.next_open_us(self.crowd.arrival_us(case) + delay_us);
        Some(LaterRequest { at_us, step })
    }

    /// The form with what a step needs that is asked for later; `form` is the form as it stands.
    pub fn later_form(&self, case: u64, step: &str, form: &Value) -> Value {
        let mut form = form.clone();
        let mut lot = self.crowd.lot("later form", case, step, 0);
        let Some((request, _)) = LATER.iter().find(|(_, known)| *known == step) else { return form };
        form["requests"][request] = json!(true);
        let part = match *request {
            "seals" => json!({ "kinds": ["official", "finance", "invoice", "legal-representative"] }),
            "invoices" => {
                json!({ "paper": false, "kinds": ["vat-ordinary"], "monthly": lot.range(1, 10) * 10, "limit_fen": 10_000_000 })
            }
            "housing_fund" => {
                let month = local_date(self.crowd.arrival_us(case)).strftime("%Y-%m").to_string();
                json!({ "ratio": lot.range(5, 12), "from": month, "bank": names::bank(&mut lot) })
            }
            // Who is to be enrolled stands in the form already.
            _ => return form,
        };
        form[*request] = part;
        form
    }
}

/// The form's word for what may be left out, and the step that does it.
const LATER: [(&str, &str); 4] =
    [("housing_fund", "housing-fund"), ("invoices", "invoices"), ("enrolment", "enrolment"), ("seals", "seal")];
