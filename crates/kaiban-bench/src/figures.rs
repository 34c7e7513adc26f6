//! From samples to figures.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::meter::Reading;
use crate::plan::Plan;

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Cases finished a second.
    pub cases_s: f64,
    /// Median time from the call of SubmitCase to the acknowledgement of the case's last completion, ms.
    pub p50_ms: f64,
    /// The time that 99 of 100 cases stay within, ms.
    pub p99_ms: f64,
    /// Processor time of the server process a case, ms; a database server's own is not in it. None where the process
    /// cannot be seen.
    pub server_cpu_ms_case: Option<f64>,
    /// Bytes that the server process sent to the disk a case; none where another process does that.
    pub bytes_case: Option<f64>,
    /// Memory of the server process at the end of the measurement, MiB; none where it cannot be seen.
    pub resident_mib: Option<f64>,
    /// From the start of the server process until it had answered the first calls, ms; none where it was there already.
    pub start_ms: Option<f64>,
    /// Transactions committed a case, each one flush of the log.
    pub flushes_case: f64,
    /// Median time of a page of a filtered and sorted list, ms, with nothing else going on; none where none was read.
    pub page_p50_ms: Option<f64>,
    /// The time that 99 of 100 pages stay within, ms.
    pub page_p99_ms: Option<f64>,
    /// Cases in flight.
    pub in_flight: usize,
    /// Length of the measurement, s.
    pub seconds: f64,
    /// Cases finished while it was measured.
    pub cases: usize,
    /// "sqlite" or "postgres".
    pub backend: String,
    /// "stream" or "calls".
    pub door: &'static str,
}

/// A case's way through the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    pub begun: Instant,
    pub finished: Instant,
}

impl Report {
    /// The figures of what was finished between two readings; none if nothing was.
    pub(crate) fn new(plan: &Plan, backend: String, samples: &[Sample], from: &Reading, to: &Reading) -> Option<Self> {
        let within = samples.iter().filter(|sample| sample.finished > from.at && sample.finished <= to.at);
        let mut lengths: Vec<Duration> = within.map(|sample| sample.finished - sample.begun).collect();
        lengths.sort_unstable();
        let cases = lengths.len();
        if cases == 0 {
            return None;
        }
        let seconds = (to.at - from.at).as_secs_f64();
        let a_case = |amount: f64| round(amount / cases as f64, 3);
        let cpu = from.cpu.zip(to.cpu).map(|(from, to)| to.saturating_sub(from).as_secs_f64() * 1_000.0);
        let bytes = from.bytes.zip(to.bytes).map(|(from, to)| to.saturating_sub(from) as f64);
        Some(Self {
            cases_s: round(cases as f64 / seconds, 1),
            p50_ms: millis(rank(&lengths, 50)),
            p99_ms: millis(rank(&lengths, 99)),
            server_cpu_ms_case: cpu.map(a_case),
            bytes_case: bytes.map(|bytes| round(bytes / cases as f64, 0)),
            resident_mib: to.resident.map(|bytes| round(bytes as f64 / f64::from(1 << 20), 1)),
            start_ms: None,
            flushes_case: a_case((to.commits - from.commits) as f64),
            page_p50_ms: None,
            page_p99_ms: None,
            in_flight: plan.in_flight,
            seconds: round(seconds, 3),
            cases,
            backend,
            door: plan.door.name(),
        })
    }
}

impl Report {
    /// With how long pages of lists took, the shortest first.
    pub(crate) fn with_pages(self, lengths: &[Duration]) -> Self {
        let rank = |percent| (!lengths.is_empty()).then(|| millis(rank(lengths, percent)));
        Self { page_p50_ms: rank(50), page_p99_ms: rank(99), ..self }
    }
}

/// The smallest length that at least `percent` of 100 stay within; `lengths` are sorted and not empty.
fn rank(lengths: &[Duration], percent: usize) -> Duration {
    let place = (lengths.len() * percent).div_ceil(100).max(1);
    lengths[place - 1]
}

pub(crate) fn millis(length: Duration) -> f64 {
    round(length.as_secs_f64() * 1_000.0, 2)
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Door;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn ranks_are_lengths_that_were_measured() {
        let lengths: Vec<Duration> = (1..=200).map(|n| MS * n).collect();
        assert_eq!(rank(&lengths, 50), MS * 100);
        assert_eq!(rank(&lengths, 99), MS * 198);
        assert_eq!(rank(&lengths[..1], 50), MS);
        assert_eq!(rank(&lengths[..3], 99), MS * 3);
    }

    #[test]
    fn only_what_was_finished_in_between_counts() {
        let start = Instant::now();
        let reading = |at, commits, cpu_ms: u32, bytes| Reading {
            at: start + MS * at,
            commits,
            cpu: Some(MS * cpu_ms),
            bytes: Some(bytes),
            resident: Some(bytes << 10),
        };
        let sample = |begun, finished| Sample { begun: start + MS * begun, finished: start + MS * finished };
        let samples = [sample(0, 90), sample(50, 110), sample(95, 145), sample(900, 1_100), sample(1_090, 1_101)];
        let plan = Plan { in_flight: 2, length: MS * 1_000, door: Door::Stream, pages: false };
        let report =
            Report::new(&plan, "sqlite".into(), &samples, &reading(100, 10, 5, 1_000), &reading(1_100, 40, 8, 31_000))
                .unwrap();
        assert_eq!((report.cases, report.cases_s, report.seconds), (3, 3.0, 1.0));
        assert_eq!((report.p50_ms, report.p99_ms), (60.0, 200.0));
        assert_eq!((report.server_cpu_ms_case, report.bytes_case), (Some(1.0), Some(10_000.0)));
        assert_eq!((report.flushes_case, report.resident_mib), (10.0, Some(30.3)));
    }

    #[test]
    fn nothing_finished_gives_no_figures() {
        let at = Instant::now();
        let reading = Reading { at, commits: 0, cpu: None, bytes: None, resident: None };
        let plan = Plan { in_flight: 1, length: MS, door: Door::Calls, pages: false };
        assert_eq!(Report::new(&plan, "sqlite".into(), &[], &reading, &reading.clone()), None);
    }
}
