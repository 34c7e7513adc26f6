//! Moving cases into the archive, a portion at a time, beside servers that run.

use kaiban_engine::{Case, Entry, Event};
use kaiban_store::{CaseRow, EndedCaseRow, EntryRow, Moved, Store};
use serde::Serialize;

use super::{Archive, ArchiveError, Member};
use crate::clock::Clock;
use crate::heads;
use crate::limits::Limits;

/// What an hour is: whoever was writing a file then has ended by now.
const HOUR_US: i64 = 3_600_000_000;

/// What was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArchiveReport {
    /// Cases that were moved.
    pub cases: u64,
    /// Files that were written.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Cases that ended long enough ago and stay for now: what they started, or were started by, is not over, or the
    /// newest head over all journals does not cover them yet.
    pub left: u64,
    /// Files that somebody who was killed had left, removed.
    pub swept: u64,
}

/// Moves every case that ended before an instant (business time) and of which nothing is open any more.
///
/// # Errors
/// The database or the folder cannot be used; what was moved until then stays moved, and calling again goes on.
pub async fn archive(
    store: &Store,
    folder: &Archive,
    clock: &dyn Clock,
    limits: &Limits,
    before_us: i64,
) -> Result<ArchiveReport, ArchiveError> {
    let now_us = clock.operating_us();
    let mut report = ArchiveReport { swept: folder.sweep(store, now_us - HOUR_US).await?, ..ArchiveReport::default() };
    // A head is taken of what is in the database; so whatever leaves it must be under one.
    heads::take(store, clock, limits, true).await?;
    let covered_us = store.last_head().await?.map_or(0, |head| head.until_us);
    let mut last: Option<EndedCaseRow> = None;
    loop {
        let page = store.archivable(before_us, last.as_ref(), limits.archive_portion).await?;
        if page.is_empty() {
            return Ok(report);
        }
        let (mut members, mut moved) = (Vec::new(), Vec::new());
        for ended in &page {
            match packed(store, &ended.id, covered_us).await? {
                Some((row, member)) => {
                    moved.push((row.seq, documents(&member.entries)));
                    members.push(member);
                }
                None => report.left += 1,
            }
        }
        last = page.into_iter().last();
        if members.is_empty() {
            continue;
        }
        let rows = folder.write(members, now_us).await?;
        let file = rows.first().map(|row| row.file.clone()).unwrap_or_default();
        let bytes: i64 = rows.iter().map(|row| row.length).sum();
        let moved: Vec<Moved> =
            rows.into_iter().zip(moved).map(|(row, (seq, documents))| Moved { row, seq, documents }).collect();
        let done = store.put_archived(&moved).await?;
        report.left += (moved.len() - done.len()) as u64;
        if done.is_empty() {
            folder.remove(&file).await?;
            continue;
        }
        report.cases += done.len() as u64;
        report.files += 1;
        report.bytes += bytes.unsigned_abs();
    }
}

/// A case as it goes into a file; none where it has to stay.
async fn packed(store: &Store, id: &str, covered_us: i64) -> Result<Option<(CaseRow, Member)>, ArchiveError> {
    let Some(row) = store.case(id).await?.filter(|row| !row.is_archived()) else { return Ok(None) };
    let Ok(case) = serde_json::from_str::<Case>(&row.snapshot) else { return Ok(None) };
    let entries = store.entries(id, 0, u64::MAX >> 1).await?;
    let whole = entries.last().is_some_and(|last| last.seq == row.seq && last.at_us < covered_us);
    // What started it may be told of its end, and it may be told of the end of what it started.
    let started = case.steps.values().filter_map(|run| run.sub_case.clone());
    let relatives: Vec<String> = started.chain(row.parent.clone()).collect();
    if !whole || !store.are_over(&relatives).await? {
        return Ok(None);
    }
    let documents = store.blobs(&documents(&entries)).await?;
    let member = Member { case: row.id.clone(), snapshot: row.snapshot.clone(), entries, documents };
    Ok(Some((row, member)))
}

/// Every document that a journal names.
pub(crate) fn documents(entries: &[EntryRow]) -> Vec<String> {
    let mut digests = Vec::new();
    for stored in entries {
        let Ok(entry) = serde_json::from_str::<Entry>(&stored.bytes) else { continue };
        digests.extend(entry.events.iter().flat_map(Event::documents).map(str::to_owned));
    }
    digests.sort_unstable();
    digests.dedup();
    digests
}
