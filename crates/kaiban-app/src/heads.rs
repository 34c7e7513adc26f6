//! Heads over all journals. Each case's chain shows that an event was altered; that a whole case is gone shows only in what
//! covers all of them. So every hour or so one digest is taken over all entries of a window of time, going on from the one
//! before, and whoever keeps a head elsewhere can tell later whether the database still holds what it held.
//!
//! A head may only be taken of a window in which no entry can appear any more. An entry is stamped by a clock that its batch
//! has read after it began; so it is enough to read the clock, wait until all batches that began before have ended, and
//! end the window at what was read. On a clock that others set as well (the machine's, PostgreSQL's) the window ends a
//! while earlier, and no batch stamps an entry before the end of the newest head that its server knows of.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kaiban_engine::GENESIS;
use kaiban_store::{EntryMark, HeadRow, Store, StoreError};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::access::Verb;
use crate::app::{App, Inner};
use crate::clock::Clock;
use crate::ids;
use crate::limits::Limits;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::tasks::micros;
use crate::verify::Problem;

/// How long is waited for batches that are running; none takes a second unless its server was stopped.
const TRIES: u32 = 100;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// One head, as auditors see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeadView {
    /// From 1, without gaps.
    pub number: i64,
    /// Beginning of the window, business time, µs.
    pub from_us: i64,
    /// Its end, not in it.
    pub until_us: i64,
    /// How many entries it holds.
    pub entries: i64,
    /// Digest of the entries' lines.
    pub lines: String,
    /// The head.
    pub head: String,
}

impl From<HeadRow> for HeadView {
    fn from(row: HeadRow) -> Self {
        let HeadRow { number, from_us, until_us, entries, lines, head, .. } = row;
        Self { number, from_us, until_us, entries, lines, head }
    }
}

impl App {
    /// A page of heads, the oldest first, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// The caller is no auditor, or the page token is none of ours.
    pub async fn heads(
        &self,
        who: &Principal,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<HeadView>, String), Refusal> {
        who.may(Verb::ReadHeads)?;
        let after = match page_token {
            "" => 0,
            token => token.parse::<i64>().ok().filter(|number| *number > 0).ok_or(StoreError::BadPageToken)?,
        };
        let size = page_size.clamp(1, self.inner.settings.limits.page_max);
        let mut rows = self.inner.store.heads(after, size + 1).await?;
        let more = rows.len() > size as usize;
        rows.truncate(size as usize);
        let next = rows.last().filter(|_| more).map(|last| last.number.to_string()).unwrap_or_default();
        Ok((rows.into_iter().map(HeadView::from).collect(), next))
    }

    /// Takes the heads that are due; with `at_once` up to now, however short the window. For whoever moves a simulated
    /// clock, or keeps the records.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub async fn take_heads(&self, at_once: bool) -> Result<u64, StoreError> {
        self.inner.take_heads(at_once).await
    }
}

impl Inner {
    async fn take_heads(&self, at_once: bool) -> Result<u64, StoreError> {
        let taken = take(&self.store, self.clock.as_ref(), &self.settings.limits, at_once).await?;
        if let Some(last) = self.store.last_head().await? {
            self.covered_until.fetch_max(last.until_us, Ordering::Relaxed);
        }
        Ok(taken)
    }
}

/// Takes heads until the app stops.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        match inner.take_heads(false).await {
            Ok(0) => {}
            Ok(taken) => tracing::info!(taken, "heads over all journals were taken"),
            Err(error) => tracing::warn!(%error, "no head can be taken; in a moment again"),
        }
        tokio::select! {
            () = inner.clock.wait(inner.settings.limits.head_poll) => {}
            () = inner.bell.stopped() => return,
        }
    }
}

/// Takes the heads that are due, one after the other; how many. Another server that was first is no error.
///
/// # Errors
/// The store cannot be read or written.
pub async fn take(store: &Store, clock: &dyn Clock, limits: &Limits, at_once: bool) -> Result<u64, StoreError> {
    let (began_us, safe_us) = read(store, clock, limits).await?;
    let every_us = micros(limits.head_every);
    let (mut taken, mut settled) = (0, false);
    loop {
        let last = store.last_head().await?;
        let (number, from_us, before) =
            last.map_or((1, 0, GENESIS.to_owned()), |last| (last.number + 1, last.until_us, last.head));
        let Some(first_us) = store.first_entry_at(from_us, safe_us).await? else { return Ok(taken) };
        let whole_us = first_us.saturating_add(every_us);
        if whole_us > safe_us && !at_once {
            return Ok(taken);
        }
        settled = settled || settle(store, clock, began_us).await?;
        if !settled {
            tracing::warn!("no head can be taken: a server hangs in the middle of a batch");
            return Ok(taken);
        }
        let (until_us, marks) = window(store, from_us, whole_us.min(safe_us), limits.head_entries_max).await?;
        let mut sum = Sum::default();
        let sorted: BTreeSet<(&str, i64, &str)> =
            marks.iter().map(|mark| (mark.case_id.as_str(), mark.seq, mark.hash.as_str())).collect();
        for (case, seq, hash) in sorted {
            sum.add(case, seq, hash);
        }
        let (entries, lines) = sum.finish();
        let head = chain(&before, number, (from_us, until_us), entries, &lines);
        let taken_at_us = clock.operating_us();
        match store.put_head(&HeadRow { number, from_us, until_us, entries, lines, head, taken_at_us }).await {
            Ok(()) => taken += 1,
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads the clock: once no batch is running that began before the first instant (operating time), no entry can appear any
/// more before the second one (business time).
async fn read(store: &Store, clock: &dyn Clock, limits: &Limits) -> Result<(i64, i64), StoreError> {
    let now_us = store.now_us().await?.unwrap_or_else(|| clock.operating_us());
    // A simulated clock never goes back.
    let back_us = if clock.is_simulated() { 0 } else { micros(limits.head_margin) };
    let began_us = now_us.saturating_sub(back_us);
    Ok((began_us, clock.business_us(began_us)))
}

/// Waits for batches that began before; whether all have ended.
async fn settle(store: &Store, clock: &dyn Clock, began_us: i64) -> Result<bool, StoreError> {
    for _ in 0..TRIES {
        if store.is_settled(began_us).await? {
            return Ok(true);
        }
        clock.wait(PAUSE).await;
    }
    Ok(false)
}

/// The entries of a window that ends at `until_us`, or earlier where there are too many.
async fn window(store: &Store, from_us: i64, until_us: i64, most: u64) -> Result<(i64, Vec<EntryMark>), StoreError> {
    let mut marks = store.entry_marks(from_us, until_us, most.saturating_add(1)).await?;
    let Some(last_us) = marks.last().map(|last| last.at_us).filter(|_| marks.len() as u64 > most) else {
        return Ok((until_us, marks));
    };
    if marks.first().is_some_and(|first| first.at_us < last_us) {
        marks.retain(|mark| mark.at_us < last_us);
        return Ok((last_us, marks));
    }
    // All of one instant, which cannot be parted.
    let until_us = last_us.saturating_add(1);
    Ok((until_us, store.entry_marks(from_us, until_us, u64::MAX).await?))
}

/// The digest of a window's lines, as it grows.
#[derive(Clone, Default)]
struct Sum {
    hasher: Sha256,
    entries: i64,
}

impl Sum {
    /// Lines come in the order of case and number.
    fn add(&mut self, case: &str, seq: i64, hash: &str) {
        self.hasher.update(format!("{case} {seq} {hash}\n").as_bytes());
        self.entries += 1;
    }

    fn finish(self) -> (i64, String) {
        (self.entries, ids::hex(&self.hasher.finalize()))
    }
}

/// A head from the one before.
fn chain(before: &str, number: i64, (from_us, until_us): (i64, i64), entries: i64, lines: &str) -> String {
    let text = format!("{before}\n{number} {from_us} {until_us} {entries} {lines}\n");
    ids::hex(&Sha256::digest(text.as_bytes()))
}

/// All heads of a database, held against the entries that there are.
pub(crate) struct Windows {
    rows: Vec<HeadRow>,
    sums: Vec<Sum>,
}

impl Windows {
    /// Those that have been taken so far.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        const PAGE: u32 = 1_000;
        let mut rows: Vec<HeadRow> = Vec::new();
        loop {
            let page = store.heads(rows.last().map_or(0, |row| row.number), PAGE).await?;
            if page.is_empty() {
                let sums = vec![Sum::default(); rows.len()];
                return Ok(Self { rows, sums });
            }
            rows.extend(page);
        }
    }

    /// An entry that is there; they come in the order of case and number.
    pub fn see(&mut self, case: &str, seq: i64, at_us: i64, hash: &str) {
        let at = self.rows.partition_point(|row| row.until_us <= at_us);
        if self.rows.get(at).is_some_and(|row| row.from_us <= at_us) {
            self.sums[at].add(case, seq, hash);
        }
    }

    /// The newest.
    pub fn last(&self) -> Option<HeadView> {
        self.rows.last().cloned().map(HeadView::from)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// What does not fit, once all entries were seen; `outside` are heads that were kept elsewhere.
    pub fn problems(self, outside: &[HeadKept]) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |number: i64, detail: String| {
            problems.push(Problem { case: format!("head {number}"), check: "heads".to_owned(), detail });
        };
        for kept in outside {
            let same = |row: &HeadRow| row.head == kept.head && kept.number.is_none_or(|number| number == row.number);
            if !self.rows.iter().any(same) {
                wrong(
                    kept.number.unwrap_or_default(),
                    format!("{}, which was kept elsewhere, is not in this database", kept.head),
                );
            }
        }
        let (mut before, mut from_us) = (GENESIS.to_owned(), 0);
        for ((row, sum), number) in self.rows.iter().zip(self.sums).zip(1..) {
            let window = format!("{} to {}", instant(row.from_us), instant(row.until_us));
            if row.number != number || row.from_us != from_us {
                wrong(row.number, format!("does not follow from the head before: {window}"));
            }
            let (entries, lines) = sum.finish();
            if entries != row.entries {
                wrong(
                    row.number,
                    format!("{window}: {} entries when it was taken, {entries} are there now", row.entries),
                );
            } else if lines != row.lines {
                wrong(row.number, format!("{window}: its {entries} entries are not the ones that were there"));
            }
            if chain(&before, row.number, (row.from_us, row.until_us), row.entries, &row.lines) != row.head {
                wrong(row.number, "the head is not what its window says".to_owned());
            }
            before.clone_from(&row.head);
            from_us = row.until_us;
        }
        problems
    }
}

fn instant(at_us: i64) -> String {
    kaiban_calendar::format_instant(at_us)
}

/// A head that was kept outside the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadKept {
    /// Its number, where that was kept too.
    pub number: Option<i64>,
    /// The head, lower-case hex.
    pub head: String,
}
