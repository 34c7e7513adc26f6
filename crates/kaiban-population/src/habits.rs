//! How the simulated people behave: every rate and duration of the crowd in one table.

/// Rates and durations of a crowd. Rates are shares from 0 to 1; durations are medians around which draws lie
/// (see [`crate::Lot::around`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Habits {
    /// Applications a working day.
    pub arrivals_per_day: u32,
    /// When outlets open, minutes after midnight (+08:00).
    pub opens_min: u32,
    /// When outlets close, minutes after midnight (+08:00).
    pub closes_min: u32,
    /// Share of companies that register with the city's bureau instead of their district's.
    pub city_share: f64,
    /// Share of companies with a shareholder whose code is of Fujian's pilot of 2015: a doubt, so an intake task.
    pub doubt_rate: f64,
    /// Share of cases in which somebody's citizen number is of an abolished division: a doubt as well.
    pub abolished_rate: f64,
    /// Share of cases that want the name of a case shortly before, at the same registrar.
    pub namesake_rate: f64,
    /// Share of cases that ask for a step at once which may be left for later, by the form's word for it.
    pub request_rates: Vec<(String, f64)>,
    /// Share of domiciles without a number of the title whose proof is promised instead of handed in (告知承诺).
    pub commitment_rate: f64,
    /// Share of those who meant to promise and hand the proof in after all.
    pub commitment_decline_rate: f64,
    /// Share of promises that turn out to be false when they are checked.
    pub false_promise_rate: f64,
    /// Share of steps left out that are asked for later (分时办理).
    pub later_request_rate: f64,
    /// When they are, minutes on the wall after the application.
    pub later_request_delay_min: u32,
    /// Share of cases whose registration is held up for a special procedure (行政许可法 §45).
    pub pause_rate: f64,
    /// When it begins, minutes on the wall after the application.
    pub pause_delay_min: u32,
    /// How long it lasts, minutes on the wall.
    pub pause_min: u32,
    /// Share of first looks at a step that end in a correction.
    pub correction_rate: f64,
    /// Share of second looks that end in a correction again; there is never a third.
    pub second_correction_rate: f64,
    /// Share of registrations that are refused.
    pub refusal_rate: f64,
    /// Share of later steps whose branch is declined.
    pub decline_rate: f64,
    /// Share of intake tasks that are declined.
    pub intake_decline_rate: f64,
    /// Share of applicants who take the application back.
    pub withdrawal_rate: f64,
    /// When they do, minutes on the wall after handing it in.
    pub withdrawal_delay_min: u32,
    /// Time to the answer to a correction, minutes on the wall; answers are given when outlets are open.
    pub answer_delay_min: u32,
    /// Share of tasks that an office leaves lying once they are done.
    pub slow_rate: f64,
    /// How many times the handling time a slow task lies.
    pub slow_factor: u32,
    /// Working minutes that a clerk needs for a step, by step name; the last entry, with an empty name, is for all others.
    pub handling_min: Vec<(String, u32)>,
    /// Clerks of every office; none = as many as keep them busy for `occupancy` of an average day.
    pub clerks: Option<u32>,
    /// Share of their time that clerks are busy on an average day, where `clerks` is none.
    pub occupancy: f64,
}

impl Default for Habits {
    fn default() -> Self {
        let handling = [
            ("intake", 15),
            ("identity", 2),
            ("domicile", 4),
            ("bank-reservation", 6),
            ("consultation", 15),
            ("agency-service", 20),
            ("registration", 25),
            ("seal", 30),
            ("tax-registration", 10),
            ("invoices", 20),
            ("invoice", 20),
            ("social-insurance", 12),
            ("social_insurance", 12),
            ("medical-insurance", 10),
            ("enrolment", 12),
            ("bank-account", 20),
            ("housing-fund", 12),
            ("housing_fund", 12),
            ("delivery", 10),
            ("shared-data", 4),
            ("visit", 240),
            ("assessment", 30),
            ("hearing", 60),
            ("decision", 60),
            ("", 20),
        ];
        let requests = [
            ("seals", 0.96),
            ("invoices", 0.9),
            ("enrolment", 0.95),
            ("housing_fund", 0.85),
            ("bank_account", 0.8),
            ("consultation", 0.06),
            ("agency_service", 0.12),
        ];
        Self {
            arrivals_per_day: 1000,
            opens_min: 9 * 60,
            closes_min: 17 * 60,
            city_share: 0.15,
            doubt_rate: 0.03,
            abolished_rate: 0.01,
            namesake_rate: 0.01,
            request_rates: requests.map(|(name, rate)| (name.to_owned(), rate)).to_vec(),
            commitment_rate: 0.5,
            commitment_decline_rate: 0.08,
            false_promise_rate: 0.06,
            later_request_rate: 0.05,
            later_request_delay_min: 45,
            pause_rate: 0.004,
            pause_delay_min: 25,
            pause_min: 24 * 60,
            correction_rate: 0.04,
            second_correction_rate: 0.01,
            refusal_rate: 0.015,
            decline_rate: 0.004,
            intake_decline_rate: 0.05,
            withdrawal_rate: 0.004,
            withdrawal_delay_min: 60,
            answer_delay_min: 180,
            slow_rate: 0.03,
            slow_factor: 12,
            handling_min: handling.map(|(step, minutes)| (step.to_owned(), minutes)).to_vec(),
            clerks: None,
            occupancy: 0.5,
        }
    }
}

impl Habits {
    /// Working minutes that a clerk usually needs for a step.
    pub fn handling_min(&self, step: &str) -> u32 {
        let of = |name: &str| self.handling_min.iter().find(|(known, _)| known == name).map(|(_, minutes)| *minutes);
        of(step).or_else(|| of("")).unwrap_or(20)
    }

    /// Share of cases that ask for a step at once, by the form's word for it; all where the table has no such word.
    pub fn request_rate(&self, request: &str) -> f64 {
        self.request_rates.iter().find(|(known, _)| known == request).map_or(1.0, |(_, rate)| *rate)
    }

    /// How many tasks of a step a case has on average.
    pub fn tasks_per_case(&self, step: &str) -> f64 {
        match step {
            "intake" => self.doubt_rate + self.abolished_rate,
            "identity" => 2.3,
            "seal" => self.request_rate("seals"),
            "invoices" => self.request_rate("invoices"),
            "enrolment" => 0.65 * self.request_rate("enrolment"),
            "housing-fund" => self.request_rate("housing_fund"),
            "bank-reservation" | "bank-account" => self.request_rate("bank_account"),
            "consultation" => self.request_rate("consultation"),
            "agency-service" => self.request_rate("agency_service"),
            _ => 1.0,
        }
    }
}
