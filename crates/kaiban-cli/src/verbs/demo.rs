//! `kaiban demo`

mod left_out;

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use kaiban_calendar::{format_instant, parse_instant};
use kaiban_demo::{Commitments, Plan, Progress, Report, Town, play};
use kaiban_population::Habits;
use kaiban_store::{Options, Store};
use serde_json::Value;

use crate::failure::Failure;
use crate::output::{self, Output};
use crate::packages::Packages;

/// How to run it.
#[derive(clap::Args)]
pub struct Args {
    /// Applications.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    cases: u64,
    /// Decides every draw: the same seed gives the same outcomes on any machine.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Business time at the beginning.
    #[arg(long, default_value = "2026-03-02T09:00+08:00", value_parser = instant)]
    start: i64,
    /// Business seconds in one real second, for watching; without it as fast as it goes.
    #[arg(long, value_parser = speed)]
    speed: Option<f64>,
    /// An empty PostgreSQL database instead of a throw-away SQLite file.
    #[arg(long, value_name = "URL", env = "KAIBAN_DEMO_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Share of first looks that end in a correction, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    corrections: Option<f64>,
    /// Share of registrations that are refused, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    refusals: Option<f64>,
    /// Share of promises that turn out to be false when they are checked, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    false_promises: Option<f64>,
    /// Share of tasks that an office leaves lying once they are done, 0 to 1.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    slow: Option<f64>,
    /// Leave this party's offices to a foreign client: prints where it connects and its token, makes the line bad on
    /// purpose, and waits for it as long as it takes. See proto/README.md.
    #[arg(long, value_name = "PARTY")]
    leave_out: Option<String>,
    /// With --leave-out: after the summary keep the server until Ctrl-C, to look around.
    #[arg(long, requires = "leave_out")]
    hold: bool,
    #[command(flatten)]
    packages: Packages,
}

fn instant(text: &str) -> Result<i64, String> {
    // Seconds may be left out, as people write it.
    let full = match text.split_once('T') {
        Some((_, time)) if time.get(5..6).is_some_and(|after| after != ":") => {
            let (head, zone) = text.split_at(text.len() - (time.len() - 5));
            format!("{head}:00{zone}")
        }
        _ => text.to_owned(),
    };
    parse_instant(&full).map_err(|error| error.to_string())
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    number.ok_or_else(|| "a share is a number from 0 to 1".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    number.ok_or_else(|| "a speed is a number above 0".to_owned())
}

/// Runs it.
pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let (workflows, files) = args.packages.load()?;
    let folder = tempfile::tempdir()
        .map_err(|error| Failure::local("FILE", "无法建立临时目录。", format!("no temporary folder: {error}")))?;
    let url = match &args.database_url {
        Some(url) => url.clone(),
        None => format!("sqlite://{}", folder.path().join("kaiban.db").display()),
    };
    let store = Store::open(&url, Options::default())
        .await
        .map_err(|error| Failure::local("DATABASE", "无法打开数据库。", error.to_string()))?;
    let counts =
        store.counts().await.map_err(|error| Failure::local("DATABASE", "无法读取数据库。", error.to_string()))?;
    if counts.cases > 0 {
        return Err(Failure::local(
            "DATABASE_NOT_EMPTY",
            "演示需要空数据库。",
            "the demo moves time by hand and wants an empty database",
        )
        .with_hint("create a new database for it"));
    }
    let mut habits = Habits::default();
    habits.correction_rate = args.corrections.unwrap_or(habits.correction_rate);
    habits.refusal_rate = args.refusals.unwrap_or(habits.refusal_rate);
    habits.false_promise_rate = args.false_promises.unwrap_or(habits.false_promise_rate);
    habits.slow_rate = args.slow.unwrap_or(habits.slow_rate);
    let plan = Plan { cases: args.cases, seed: args.seed, start_us: args.start, speed: args.speed, habits };
    let failed = |error: kaiban_demo::DemoError| Failure::local("DEMO", "演示未能完成。", error.to_string());
    if !output.is_json() {
        let (banks, outlets) = (workflows.directory.banks().count(), workflows.directory.outlets().count());
        let offices = workflows.directory.offices().count();
        output::say(&format!("{banks} banks with {outlets} outlets and {offices} offices connect …"));
    }
    if let Some(party) = &args.leave_out {
        return left_out::run(store, workflows, &files, &plan, party, args.hold, output).await;
    }
    let town = Town::start(store, workflows, &files, args.start).await.map_err(failed)?;
    let bar = bar(args.cases);
    let report = play(&town, &plan, |progress| show(&bar, progress)).await;
    bar.finish_and_clear();
    town.stop().await;
    let report = report.map_err(failed)?;
    output.result(&object(&report)?, || table(&report))?;
    clean(&report)
}

/// The report as programs read it.
fn object(report: &Report) -> Result<Value, Failure> {
    let object = serde_json::to_value(report)
        .map_err(|error| Failure::local("JSON", "结果无法写成 JSON。", error.to_string()))?;
    Ok(compact(object))
}

fn clean(report: &Report) -> Result<(), Failure> {
    if report.verify.clean {
        Ok(())
    } else {
        Err(Failure::local("NOT_CLEAN", "数据库核验发现问题。", "the database has problems"))
    }
}

fn bar(cases: u64) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(cases);
    let style = ProgressStyle::with_template("{msg}  {bar:40} {pos}/{len} ended  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn show(bar: &ProgressBar, progress: Progress) {
    bar.set_position(progress.closed);
    let now = format_instant(progress.now_us);
    bar.set_message(format!("{} {}", &now[..10], &now[11..16]));
}

/// Shares to four places, so that they can be read.
fn compact(mut object: Value) -> Value {
    for field in ["within_promise", "within_promise_city", "within_promise_districts"] {
        if let Some(share) = object.get_mut(field)
            && let Some(number) = share.as_f64()
        {
            *share = Value::from((number * 10_000.0).round() / 10_000.0);
        }
    }
    object
}

fn table(report: &Report) -> String {
    let later = report.commitments.revoked.after_the_end;
    let outcome = |(name, count): (&String, &u64)| match name.as_str() {
        "opened" if later > 0 => format!("{name} {count} ({later} later revoked)"),
        _ => format!("{name} {count}"),
    };
    let outcomes: Vec<String> = report.outcomes.iter().map(outcome).collect();
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let mut rows = vec![[
        "whole case".to_owned(),
        report.outcomes.get("opened").copied().unwrap_or(0).to_string(),
        working(report.time_to_open.median_working_seconds),
        working(report.time_to_open.p90_working_seconds),
        report.corrections.to_string(),
    ]];
    rows.extend(report.steps.iter().map(|step| {
        [
            step.step.clone(),
            step.completed.to_string(),
            working(step.median_working_seconds),
            working(step.p90_working_seconds),
            step.corrections.to_string(),
        ]
    }));
    let table = output::table(["", "done", "median", "p90", "corrections"], rows);
    format!(
        "{table}\n{} cases: {}\nwithin the promise: {} (city bureau, 5 working hours: {}; districts and counties, 1 working day: {})\n{}\nverify: {}, {} events; {:.1} s",
        report.cases,
        outcomes.join(", "),
        percent(report.within_promise),
        percent(report.within_promise_city),
        percent(report.within_promise_districts),
        promises(&report.commitments),
        if report.verify.clean { "clean" } else { "NOT CLEAN" },
        report.verify.events,
        report.elapsed_seconds,
    )
}

/// Promises instead of proofs, as people read them.
fn promises(commitments: &Commitments) -> String {
    let each = |counts: &BTreeMap<String, u64>| {
        let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    };
    let time = |seconds: Option<f64>| seconds.map_or_else(|| "–".to_owned(), working);
    let revoked = &commitments.revoked;
    let rows = [
        ["needed".to_owned(), format!("{}: {}", commitments.certificate, commitments.needed)],
        ["by shared data".to_owned(), commitments.by_shared.to_string()],
        [
            "by evidence".to_owned(),
            format!(
                "{}, after {} (median)",
                commitments.by_evidence,
                time(commitments.evidence_median_working_seconds)
            ),
        ],
        [
            "promised instead".to_owned(),
            format!("{}, after {} (median)", commitments.used, time(commitments.promised_median_working_seconds)),
        ],
        ["saved by promises".to_owned(), time(commitments.saved_working_seconds)],
        ["declined".to_owned(), commitments.declined.to_string()],
        ["not allowed".to_owned(), each(&commitments.not_allowed)],
        ["checked".to_owned(), format!("{}, {} of them visited", commitments.checked, commitments.visited)],
        ["draws".to_owned(), commitments.draws.to_string()],
        ["false".to_owned(), commitments.found_false.to_string()],
        ["revoked".to_owned(), format!("{} open, {} after the end", revoked.open, revoked.after_the_end)],
    ];
    output::table(["commitments", ""], rows)
}

/// Working time as people say it.
fn working(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round() as u64;
    format!("{} h {:02} min", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_may_leave_seconds_out() {
        assert_eq!(instant("2026-03-02T09:00+08:00"), instant("2026-03-02T09:00:00+08:00"));
        assert!(instant("2026-03-02").is_err());
        assert!(instant("2026-03-02T09:00").is_err());
    }
}
