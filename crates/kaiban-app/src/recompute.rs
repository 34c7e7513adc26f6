//! After a publication: a walk through all open cases, in the order of their numbers, in small portions through the one
//! write path. Where it has come to is kept, so that whoever starts next goes on from there.
//!
//! Most cases of most publications read the same on both calendars. That is told here, beside the writer; only what
//! differs goes to it, in portions that leave room for whoever else comes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::future::join_all;
use kaiban_store::{CaseRow, Progress, PublicationRow};

use crate::app::Inner;
use crate::execute::{Done, Op, Verdict, Who};
use crate::in_force::{Applying, InForce};
use crate::publication::{ENDING_DAYS, present, said};
use crate::refusal::Refusal;

/// Cases that go to the writers at a time where nobody waits there.
const PORTION: usize = 8;

/// How often it is said that a calendar ends.
const DAY: Duration = Duration::from_secs(86_400);

/// Applies publications until the app stops.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        if let Some(applying) = inner.library.in_force().applying.clone() {
            match apply(&inner, &applying).await {
                Ok(()) => {}
                Err(refusal) if refusal.reason == "STOPPING" => return,
                Err(refusal) => {
                    let reason = refusal.reason;
                    tracing::error!(publication = applying.number, reason, "a recomputation goes on in a moment");
                    tokio::select! {
                        () = inner.clock.wait(refusal.retry_after.unwrap_or(Duration::from_secs(10))) => {}
                        () = inner.bell.stopped() => return,
                    }
                }
            }
            continue;
        }
        tokio::select! {
            () = inner.recompute.notified() => {}
            () = inner.bell.stopped() => return,
        }
    }
}

/// One publication, from where it has come to until its end.
async fn apply(inner: &Arc<Inner>, applying: &Arc<Applying>) -> Result<(), Refusal> {
    let rows = inner.store.publications().await?;
    let Some(mut row) = rows.into_iter().find(|row| row.number == applying.number) else {
        return Err(Refusal::not_found());
    };
    // A batch that began with the calendars before may still bring a case that the walk would not see.
    inner.queue()?.settle().await?;
    let limits = &inner.settings.limits;
    let mut all_differ = false;
    loop {
        let cases = inner.store.open_cases_after(&row.progress.last_case, limits.recompute_page.max(1)).await?;
        let Some(last) = cases.last().map(|case| case.id.clone()) else { break };
        let looked_at = cases.len() as u64;
        // Where every case of a page differed the next ones are not judged twice: the writer does it again anyway.
        let (done, differing) = match all_differ {
            true => (0, cases.into_iter().map(|case| case.id).collect()),
            false => judge(inner, applying, cases).await?,
        };
        let changed_before = row.progress.changed;
        row.progress.changed += done;
        let mut rest = differing.as_slice();
        while !rest.is_empty() {
            let (portion, later) = rest.split_at(portion(inner).min(rest.len()));
            row.progress.changed += recompute(inner, portion).await?;
            rest = later;
        }
        all_differ = row.progress.changed - changed_before == looked_at;
        row.progress.done += looked_at;
        row.progress.total = row.progress.total.max(row.progress.done);
        row.progress.last_case.clone_from(&last);
        keep(inner, &row).await?;
        applying.pass(&last);
    }
    row.progress.total = row.progress.done;
    row.progress.finished_at_us = Some(inner.business_now_us());
    let Progress { done, changed, .. } = row.progress;
    inner.store.put_progress(row.number, &row.progress).await?;
    let in_force = InForce { applying: None, ..inner.library.in_force().as_ref().clone() };
    inner.library.enforce(in_force);
    inner.publications.send_replace(Some(present(&row)));
    tracing::info!(publication = row.number, done, changed, "open cases stand on the calendars in force");
    Ok(())
}

async fn keep(inner: &Inner, row: &PublicationRow) -> Result<(), Refusal> {
    inner.store.put_progress(row.number, &row.progress).await?;
    inner.publications.send_replace(Some(present(row)));
    Ok(())
}

/// How many of the cases were recomputed already, and which have to be.
async fn judge(
    inner: &Arc<Inner>,
    applying: &Arc<Applying>,
    cases: Vec<CaseRow>,
) -> Result<(u64, Vec<String>), Refusal> {
    let (inner, applying) = (Arc::clone(inner), Arc::clone(applying));
    // Reading so many cases would keep a thread from everybody's calls.
    let judged = tokio::task::spawn_blocking(move || {
        let (in_force, now_us) = (inner.library.in_force(), inner.business_now_us());
        let verdict = |row: &CaseRow| Verdict::of(&inner, &in_force, &applying, row, now_us);
        let mut judged = (0, Vec::new());
        for row in cases {
            match verdict(&row) {
                Verdict::Same => {}
                Verdict::Done => judged.0 += 1,
                Verdict::Differs => judged.1.push(row.id),
            }
        }
        judged
    });
    judged.await.map_err(|_| Refusal::stopping())
}

/// How many cases follow next: few where a call comes now and then and would wait for all of them, more where many come
/// and share the commit anyway.
fn portion(inner: &Inner) -> usize {
    let live = inner.live.load(Ordering::Relaxed);
    (2 * live).max(PORTION).min(inner.settings.limits.recompute_portion.max(1))
}

/// Recomputes some cases; how many changed.
async fn recompute(inner: &Inner, cases: &[String]) -> Result<u64, Refusal> {
    let queue = inner.queue()?;
    let jobs = cases.iter().map(|case| queue.execute(Who::System, None, Op::Recompute { case: case.clone() }));
    let mut changed = 0;
    for (answer, case) in join_all(jobs).await.into_iter().zip(cases) {
        match answer {
            Ok(Done::Recomputed(true)) => changed += 1,
            Ok(_) => {}
            // It passes: the page is gone through again, and what was done is told by the cases.
            Err(refusal) if refusal.retry_after.is_some() => return Err(refusal),
            Err(refusal) => tracing::error!(%case, reason = refusal.reason, "a case could not be recomputed"),
        }
    }
    Ok(changed)
}

/// Says each day which calendars end soon.
pub(crate) async fn watch_ends(inner: Arc<Inner>) {
    loop {
        warn_of_ends(&inner);
        tokio::select! {
            () = inner.clock.wait(DAY) => {}
            () = inner.bell.stopped() => return,
        }
    }
}

fn warn_of_ends(inner: &Inner) {
    for ending in inner.library.calendars().ending_within(ENDING_DAYS, inner.business_now_us()) {
        let text = said(&ending);
        tracing::warn!(calendar = ending.calendar, last = %ending.last, "{} / {}", text.en, text.zh);
    }
}
