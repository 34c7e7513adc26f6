//! The cost of one operation, over an hour and over seventy years: it must not depend on the span.

use std::hint::black_box;

use criterion::Criterion;
use kaiban_calendar::{Calendars, Horizon, parse_instant};

const FILES: [(&str, &str); 2] = [
    ("cn.yaml", include_str!("../../../workflows/calendars/cn.yaml")),
    ("fuzhou-city.yaml", include_str!("../../../workflows/calendars/fuzhou-city.yaml")),
];

const HOUR_US: i64 = 3_600_000_000;
const YEAR_US: i64 = 8_766 * HOUR_US;

/// Instants spread over the published years by a fixed stride, so that no run favours one day.
fn starts() -> Vec<i64> {
    let first = parse_instant("2020-01-01T00:00:00+08:00").expect("a valid instant");
    (0..4_096).map(|n| first + (n * 7_919 * 1_000_003 * 1_000) % (6 * YEAR_US)).collect()
}

fn arithmetic(c: &mut Criterion) {
    let (calendars, findings) = Calendars::load(FILES);
    assert!(findings.is_empty(), "{findings:?}");
    let calendar = calendars.find("fuzhou-city").expect("loaded above");
    let starts = starts();
    let mut next = starts.iter().copied().cycle();
    let mut start = move || next.next().unwrap_or_default();

    for (name, span_us) in [("hour", HOUR_US), ("year", YEAR_US), ("70 years", 70 * YEAR_US)] {
        c.bench_function(&format!("between/{name}"), |b| {
            b.iter(|| {
                let from = start();
                calendar.between_us(black_box(from), from + span_us, Horizon::Provisional)
            })
        });
    }
    for (name, budget_us) in
        [("5 hours", 5 * HOUR_US), ("1000 hours", 1_000 * HOUR_US), ("100000 hours", 100_000 * HOUR_US)]
    {
        c.bench_function(&format!("add/{name}"), |b| {
            b.iter(|| calendar.add_us(black_box(start()), budget_us, Horizon::Provisional))
        });
    }
    c.bench_function("statutory/20 days", |b| {
        b.iter(|| calendar.statutory_due_us(black_box(start()), 20, Horizon::Provisional))
    });
    c.bench_function("next_open", |b| b.iter(|| calendar.next_open_us(black_box(start()), Horizon::Provisional)));
    c.bench_function("load", |b| b.iter(|| Calendars::load(black_box(FILES))));
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    arithmetic(&mut criterion);
    criterion.final_summary();
}
