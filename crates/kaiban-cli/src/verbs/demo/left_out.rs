//! `kaiban demo --leave-out`: the party's offices are a foreign client's.

use std::cell::Cell;
use std::time::{Duration, Instant};

use kaiban_app::{Limits, Settings};
use kaiban_calendar::format_instant;
use kaiban_definition::{Files, Workflows};
use kaiban_demo::{DemoError, Foreign, Invitation, LeftOut, Plan, Progress, Report, Town, play_without};
use kaiban_store::Store;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{self, Output};

/// Shortest lease here: some run out while you look.
const LEASE_MIN: Duration = Duration::from_secs(1);

/// How long failed tasks wait before they are offered again: the first time and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(4));

/// How often at most it is said how far the client is.
const SAY: Duration = Duration::from_secs(1);

/// Runs it.
pub async fn run(
    store: Store,
    workflows: Workflows,
    files: &Files,
    plan: &Plan,
    party: &str,
    hold: bool,
    output: Output,
) -> Result<(), Failure> {
    let (backoff_first, backoff_max) = BACK_OFF;
    let limits = Limits { lease_min: LEASE_MIN, backoff_first, backoff_max, ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let town = Town::start_with(store, workflows, files, plan.start_us, settings).await.map_err(failed)?;
    let left_out = LeftOut::open(&town, party, plan.seed, plan.speed).await.map_err(failed)?;
    let (line, text) =
        (line("left-out", serde_json::to_value(left_out.invitation())), || invite(left_out.invitation()));
    output.result(&line?, text)?;

    let teller = Teller { output, said: Cell::new(None) };
    let playing = play_without(&left_out, &town, plan, |progress| teller.tell(progress));
    let played = tokio::select! {
        report = playing => Some(report),
        _ = tokio::signal::ctrl_c() => None,
    };
    let word = match played {
        None => Err(Failure::local("INTERRUPTED", "演示已中断。", "the demo was interrupted")),
        Some(Err(error)) => Err(failed(error)),
        Some(Ok(report)) => conclude(&report, output),
    };
    if hold && word.is_ok() {
        output::say("The server stays until Ctrl-C.");
        // Where there is no such signal there is nothing to wait for either.
        let _ = tokio::signal::ctrl_c().await;
    }
    left_out.close();
    town.stop().await;
    word
}

fn failed(error: DemoError) -> Failure {
    Failure::local("DEMO", "演示未能完成。", error.to_string())
}

/// One line of JSON, with what it is.
fn line(kind: &str, object: Result<Value, serde_json::Error>) -> Result<Value, Failure> {
    let mut object = object.map_err(|error| Failure::local("JSON", "结果无法写成 JSON。", error.to_string()))?;
    object["line"] = json!(kind);
    Ok(object)
}

fn invite(invitation: &Invitation) -> String {
    let Invitation { endpoint, party, offices, token, workflow, terminal_token } = invitation;
    format!(
        "`{party}` is left to you. The demo waits until your client has done its tasks of `{workflow}`.\n\n\
         endpoint        {endpoint}\n\
         token           {token}\n\
         offices         {}\n\
         terminal token  {terminal_token}\n\n\
         The line is bad on purpose: answers get lost, messages come twice, leases are 2 s, colleagues take over, cases \
         are cancelled.\n\
         Write your client with proto/README.md, or try the one there:\n\
         python agency.py --endpoint {endpoint} --token {token} --offices {}\n",
        offices.join(" "),
        offices.join(","),
    )
}

/// Says how far it is.
struct Teller {
    output: Output,
    /// When it last spoke, and of what.
    said: Cell<Option<(Instant, Progress)>>,
}

impl Teller {
    fn tell(&self, progress: Progress) {
        let Some(foreign) = progress.foreign else { return };
        let news = |said: Progress| (said.closed, said.foreign) != (progress.closed, progress.foreign);
        if self.said.get().is_some_and(|(at, said)| at.elapsed() < SAY || !news(said)) {
            return;
        }
        self.said.set(Some((Instant::now(), progress)));
        let now = format_instant(progress.now_us);
        let Progress { submitted, closed, .. } = progress;
        let line = json!({
            "line": "progress", "now": now, "submitted": submitted, "closed": closed,
            "waiting": foreign.waiting, "completed": foreign.completed,
        });
        let text = || {
            format!(
                "{} {}  {submitted} submitted, {closed} ended; {} wait for you, {} done by you",
                &now[..10],
                &now[11..16],
                foreign.waiting,
                foreign.completed
            )
        };
        // Whoever does not read it misses nothing; the last word comes at the end.
        let _ = self.output.result(&line, text);
    }
}

/// The summary, and what the exit code says.
fn conclude(report: &Report, output: Output) -> Result<(), Failure> {
    let object = line("report", Ok(super::object(report)?))?;
    let foreign = report.foreign.clone().unwrap_or_default();
    output.result(&object, || format!("{}\n\n{}", super::table(report), summary(&foreign)))?;
    if foreign.lost > 0 || foreign.duplicated > 0 {
        let text = format!("{} completion(s) lost, {} duplicated", foreign.lost, foreign.duplicated);
        return Err(Failure::local("LOST", "有办理结果丢失或重复。", text));
    }
    super::clean(report)
}

fn summary(foreign: &Foreign) -> String {
    let hard = &foreign.hard;
    let mut text = format!(
        "{}: {} tasks, {} came again; {} completed ({} corrections), {} put off, {} failed\n\
         made hard: {} answers lost, {} messages doubled, {} times busy, {} tasks taken over, {} cases cancelled\n\
         asked again {} times; {} answers came too late, {} of them handled; {} lost, {} duplicated",
        foreign.party,
        foreign.tasks,
        foreign.redelivered,
        foreign.completed,
        foreign.corrections,
        foreign.deferred,
        foreign.failed,
        hard.answers_lost,
        hard.doubled,
        hard.busy,
        hard.taken_away,
        hard.cancelled,
        foreign.asked_again,
        foreign.stale,
        foreign.stale_handled,
        foreign.lost,
        foreign.duplicated,
    );
    if foreign.unanswered > 0 {
        text += &format!(
            "\n{} corrections asked for something that no applicant of the demo can mend; their cases were cancelled",
            foreign.unanswered
        );
    }
    if foreign.incidents > 0 {
        text += &format!("\n{} steps failed so often that an officer had to let them go on", foreign.incidents);
    }
    for (reason, count) in &foreign.refused {
        text += &format!("\nrefused: {reason} × {count}");
    }
    text
}
