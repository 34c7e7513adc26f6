//! The figures at the end, from the server's answers only.

mod commitments;

use std::collections::BTreeMap;

use kaiban_api::from_struct;
use kaiban_api::v1::{Case, CaseState, ClockState, PromiseClock, Step, StepState};
use kaiban_definition::branch_parts;
use serde::Serialize;

use crate::left_out::Foreign;

pub use self::commitments::{Commitments, Revoked};

/// What a demo ends with.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Cases that were submitted and acknowledged.
    pub cases: u64,
    /// Ended cases by outcome; cases still open under `open`.
    pub outcomes: BTreeMap<String, u64>,
    /// Opened within the budget ÷ (opened + open and already over budget).
    pub within_promise: f64,
    /// Opened cases of the city bureau (350100, 5 working hours) within the budget, as a share of them.
    pub within_promise_city: f64,
    /// Opened cases of the districts and counties (1 working day) within the budget, as a share of them.
    pub within_promise_districts: f64,
    /// Working time of opened cases.
    pub time_to_open: TimeToOpen,
    /// By step, in the order of the package.
    pub steps: Vec<StepFigures>,
    /// Corrections asked for.
    pub corrections: u64,
    /// Cases refused.
    pub refusals: u64,
    /// Who paid the seals (印章刻制), and how much; applicants of a first set pay nothing.
    pub seal_fees: BTreeMap<String, Fees>,
    /// Promises instead of proofs, and what became of them.
    pub commitments: Commitments,
    /// What `verify` said.
    pub verify: Verified,
    /// Real time it took, seconds.
    pub elapsed_seconds: f64,
    /// How the client of the left-out party did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
}

/// Fees that somebody bore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fees {
    /// Cases.
    pub cases: u64,
    /// Sum, fen.
    pub fen: i64,
}

/// Working time from acceptance to the last counted step, seconds.
#[derive(Clone, Debug, Serialize)]
pub struct TimeToOpen {
    /// Half of the cases took no longer.
    pub median_working_seconds: f64,
    /// Nine of ten took no longer.
    pub p90_working_seconds: f64,
}

/// A step over all cases in which it was completed.
#[derive(Clone, Debug, Serialize)]
pub struct StepFigures {
    /// Name; the branches of a step are added up.
    pub step: String,
    /// Half took no longer, working seconds of the office.
    pub median_working_seconds: f64,
    /// Nine of ten took no longer.
    pub p90_working_seconds: f64,
    /// Corrections that it asked for.
    pub corrections: u64,
    /// How often it was completed.
    pub completed: u64,
}

/// What `verify` said.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Nothing is wrong.
    pub clean: bool,
    /// Events replayed.
    pub events: u64,
}

impl Report {
    /// Adds up the cases as the server gave them (view STEPS).
    pub fn of(cases: &[Case], commitments: Commitments, verify: Verified, elapsed_seconds: f64) -> Self {
        let mut outcomes = BTreeMap::new();
        let mut opened = Vec::new();
        let (mut city, mut districts) = (Share::default(), Share::default());
        let mut all = Share::default();
        let mut seal_fees = BTreeMap::new();
        let mut steps: Vec<Times> = Vec::new();
        for case in cases {
            let closed = case.state() == CaseState::Closed;
            let outcome = if closed { case.outcome.as_str() } else { "open" };
            *outcomes.entry(outcome.to_owned()).or_insert(0) += 1;
            let place = if case.division == "350100" { &mut city } else { &mut districts };
            if let Some(clock) = &case.promise {
                let counts = outcome == "opened" || (!closed && over(clock));
                if counts {
                    all.add(!over(clock));
                    place.add(!over(clock));
                }
                if outcome == "opened" && clock.state() == ClockState::Stopped {
                    opened.push(seconds(clock));
                }
            }
            for step in &case.steps {
                let (name, _) = branch_parts(&step.step);
                let at = steps.iter().position(|known| known.step == name).unwrap_or_else(|| {
                    steps.push(Times { step: name.to_owned(), ..Times::default() });
                    steps.len() - 1
                });
                if let Some((payer, fen)) = fee(step) {
                    let fees: &mut Fees = seal_fees.entry(payer).or_default();
                    fees.cases += 1;
                    fees.fen += fen;
                }
                steps[at].corrections += u64::try_from(step.corrections).unwrap_or(0);
                if step.state() == StepState::Completed {
                    steps[at].completed += 1;
                    // What was never offered took nobody's time: a divided step takes that of its branches.
                    let worked = step.promise.as_ref().filter(|_| step.offered_at.is_some());
                    steps[at].worked.extend(worked.map(seconds));
                }
            }
        }
        let figures = |mut times: Times| StepFigures {
            median_working_seconds: quantile(&mut times.worked, 0.5),
            p90_working_seconds: quantile(&mut times.worked, 0.9),
            corrections: times.corrections,
            completed: times.completed,
            step: times.step,
        };
        let steps: Vec<StepFigures> = steps.into_iter().map(figures).collect();
        Self {
            cases: cases.len() as u64,
            seal_fees,
            refusals: outcomes.get("refused").copied().unwrap_or(0),
            outcomes,
            within_promise: all.share(),
            within_promise_city: city.share(),
            within_promise_districts: districts.share(),
            time_to_open: TimeToOpen {
                median_working_seconds: quantile(&mut opened, 0.5),
                p90_working_seconds: quantile(&mut opened, 0.9),
            },
            corrections: steps.iter().map(|step| step.corrections).sum(),
            steps,
            commitments,
            verify,
            elapsed_seconds,
            foreign: None,
        }
    }
}

/// What is gathered about a step.
#[derive(Default)]
struct Times {
    step: String,
    worked: Vec<f64>,
    corrections: u64,
    completed: u64,
}

/// Who paid for the seals of a case.
fn fee(step: &Step) -> Option<(String, i64)> {
    let result = from_struct(step.result.clone().filter(|_| step.step == "seal")?).ok()?;
    Some((result.get("paid_by")?.as_str()?.to_owned(), result.get("fee_fen")?.as_f64()? as i64))
}

#[derive(Default)]
struct Share {
    within: u64,
    of: u64,
}

impl Share {
    fn add(&mut self, within: bool) {
        self.of += 1;
        self.within += u64::from(within);
    }

    fn share(&self) -> f64 {
        if self.of == 0 { 1.0 } else { self.within as f64 / self.of as f64 }
    }
}

fn over(clock: &PromiseClock) -> bool {
    clock.remaining.as_ref().is_some_and(|remaining| remaining.seconds < 0 || remaining.nanos < 0)
}

fn seconds(clock: &PromiseClock) -> f64 {
    clock.elapsed.as_ref().map_or(0.0, |elapsed| elapsed.seconds as f64 + f64::from(elapsed.nanos) / 1e9)
}

/// Nearest-rank quantile; 0 where there is nothing.
fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_by(f64::total_cmp);
    let rank = (q * values.len() as f64).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let mut values: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.5), 5.0);
        assert_eq!(quantile(&mut values, 0.9), 9.0);
        assert_eq!(quantile(&mut [7.0], 0.9), 7.0);
        assert_eq!(quantile(&mut [], 0.5), 0.0);
    }
}
