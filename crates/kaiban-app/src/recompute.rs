//! After a publication: a walk through all open cases, in the order of their numbers, page by page through the one write
//! path. Where it has come to is kept, so that whoever starts next goes on from there. Of several servers one walks at a
//! time: a case that two recompute is recomputed once, but the second would have looked in vain.
//!
//! Most cases of most publications read the same on both calendars. That is told here, beside the writer; only what
//! differs goes to it, and the writer takes it when it has room.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use kaiban_store::{Progress, Turn};

use crate::app::Inner;
use crate::execute::{Done, Op, Verdict, Who};
use crate::in_force::{Applying, InForce};
use crate::publication::{ENDING_DAYS, present, said};
use crate::refusal::Refusal;

/// How often it is kept how far a publication is. It costs a commit, and whoever is interrupted only looks at a second's
/// cases again.
const KEEP: Duration = Duration::from_secs(1);

/// How often it is said that a calendar ends.
const DAY: Duration = Duration::from_secs(86_400);

/// Applies publications until the app stops.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        if let Some(applying) = inner.library.in_force().applying.clone() {
            match turn(&inner, &applying).await {
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

/// Walks where no other server does; takes note of how far it is where one does.
async fn turn(inner: &Arc<Inner>, applying: &Arc<Applying>) -> Result<(), Refusal> {
    match inner.store.turn().await? {
        Some(turn) => apply(inner, applying, &turn).await,
        None => {
            tokio::select! {
                () = inner.recompute.notified() => {}
                () = inner.clock.wait(KEEP) => {}
                () = inner.bell.stopped() => return Err(Refusal::stopping()),
            }
            Ok(inner.follow_publications().await?)
        }
    }
}

/// One publication, from where it has come to until its end. No batch is under way that decides by the calendars before.
async fn apply(inner: &Arc<Inner>, applying: &Arc<Applying>, turn: &Turn) -> Result<(), Refusal> {
    let rows = inner.store.publications().await?;
    let Some(mut row) = rows.into_iter().find(|row| row.number == applying.number) else {
        return Err(Refusal::not_found());
    };
    if row.progress.finished_at_us.is_some() {
        return Ok(inner.follow_publications().await?);
    }
    let mut kept = Instant::now();
    let mut page = look(inner, applying, &row.progress.last_case).await?;
    while !page.last.is_empty() {
        // The next page is looked at while this one is written.
        let (changed, next) = tokio::join!(recompute(inner, &page.differing), look(inner, applying, &page.last));
        row.progress.changed += page.done + changed?;
        row.progress.done += page.looked_at;
        row.progress.total = row.progress.total.max(row.progress.done);
        row.progress.last_case.clone_from(&page.last);
        applying.pass(&page.last);
        if kept.elapsed() > KEEP {
            turn.keep().await?;
            inner.store.put_progress(row.number, &row.progress).await?;
            kept = Instant::now();
        }
        inner.publications.send_replace(Some(present(&row)));
        page = next?;
    }
    row.progress.total = row.progress.done;
    row.progress.finished_at_us = Some(inner.business_now_us());
    let Progress { done, changed, .. } = row.progress;
    inner.store.put_progress(row.number, &row.progress).await?;
    let in_force = InForce { applying: None, ..inner.library.in_force().as_ref().clone() };
    inner.library.enforce(in_force);
    inner.publications.send_replace(Some(present(&row)));
    inner.nodes.tell(|words| words.calendars = true);
    tracing::info!(publication = row.number, done, changed, "open cases stand on the calendars in force");
    Ok(())
}

/// Some cases, one after the other.
#[derive(Default)]
struct Page {
    looked_at: u64,
    /// How many of them were recomputed already.
    done: u64,
    /// Which have to be.
    differing: Vec<String>,
    /// The last of them; an empty text where there are none.
    last: String,
}

/// The cases after this one. It takes half of the time at most: a small machine would otherwise have a core less for
/// everybody's calls.
async fn look(inner: &Arc<Inner>, applying: &Arc<Applying>, after: &str) -> Result<Page, Refusal> {
    let begun = Instant::now();
    let cases = inner.store.open_cases_after(after, inner.settings.limits.recompute_page.max(1)).await?;
    let (inner, applying) = (Arc::clone(inner), Arc::clone(applying));
    // Reading so many cases would keep a thread from everybody's calls.
    let looking = tokio::task::spawn_blocking(move || {
        let (in_force, now_us) = (inner.library.in_force(), inner.business_now_us());
        let mut page = Page { looked_at: cases.len() as u64, ..Page::default() };
        for row in cases {
            page.last.clone_from(&row.id);
            match Verdict::of(&inner, &in_force, &applying, &row, now_us) {
                Verdict::Same => {}
                Verdict::Done => page.done += 1,
                Verdict::Differs => page.differing.push(row.id),
            }
        }
        page
    });
    let page = looking.await.map_err(|_| Refusal::stopping())?;
    tokio::time::sleep(begun.elapsed()).await;
    Ok(page)
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
