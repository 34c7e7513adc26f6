//! Ways to a writer, each with a bound on how many jobs wait and on the memory of what they bring. Beyond it a caller is
//! told at once to come again later: nothing waits outside a lane, so that nothing grows.
//!
//! New cases have a lane of their own. It closes when work on cases that are under way fills half of theirs: what is in
//! progress can always be brought to its end, and only who would begin something more is sent away. Of each batch the
//! cases that were let in keep [`NEW_SHARE`], however much else waits.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::job::{CaseVerb, EffectVerb, Job, Op, TaskVerb};
use crate::documents::Brought;
use crate::limits::Limits;
use crate::refusal::Refusal;

/// One part in so many of each batch is for new cases, as far as any wait.
pub(super) const NEW_SHARE: usize = 4;

/// What memory is counted in, bytes.
const PIECE: usize = 1_024;

/// What a job takes beside the documents that it brings, pieces.
const BARE: usize = 4;

/// Bytes in memory for each byte of a document's text: the text, and the values that were parsed from it.
const PARSED: usize = 4;

/// How soon to come again: work in progress at once, new cases when some of it is done.
const AGAIN_WORK: Duration = Duration::from_millis(200);
const AGAIN_NEW: Duration = Duration::from_secs(1);

/// The memory that a waiting job was given; free again when it is dropped.
pub(crate) type Held = OwnedSemaphorePermit;

/// Ways to one writer.
pub(super) struct Lanes {
    work: Lane,
    new: Lane,
    /// What nobody waits for: it rides along in a transaction that calls open anyway, and has its own while there are none.
    pub fill: mpsc::Sender<Job>,
}

/// The writer's ends.
pub(super) struct Ends {
    pub work: mpsc::Receiver<Job>,
    pub new: mpsc::Receiver<Job>,
    pub fill: mpsc::Receiver<Job>,
}

struct Lane {
    jobs: mpsc::Sender<Job>,
    memory: Arc<Semaphore>,
    /// Of which there are so many.
    pieces: usize,
}

impl Lanes {
    pub fn open(limits: &Limits) -> (Self, Ends) {
        // Two of the largest documents fit in any case.
        let bytes = limits.queue_max_bytes.max(2 * PARSED * limits.document_bytes_max);
        let lane = |jobs: usize| {
            let (jobs, end) = mpsc::channel(jobs.max(1));
            let pieces = bytes / PIECE + 2 * BARE;
            (Lane { jobs, memory: Arc::new(Semaphore::new(pieces)), pieces }, end)
        };
        let (work, work_end) = lane(limits.queue_max);
        let (new, new_end) = lane(limits.queue_new_max);
        let (fill, fill_end) = mpsc::channel(limits.recompute_portion.max(1));
        (Self { work, new, fill }, Ends { work: work_end, new: new_end, fill: fill_end })
    }

    /// Where a job waits, and the memory that it may take there.
    ///
    /// # Errors
    /// BUSY when there is no room, STOPPING when there is no writer any more.
    pub fn admit(&self, op: &Op) -> Result<(mpsc::Permit<'_, Job>, Held), Refusal> {
        let begins = op.begins();
        let (lane, again) = if begins { (&self.new, AGAIN_NEW) } else { (&self.work, AGAIN_WORK) };
        if begins && self.work.is_half_full() {
            return Err(Refusal::busy(again));
        }
        lane.admit(op.pieces()).map_err(|closed| if closed { Refusal::stopping() } else { Refusal::busy(again) })
    }
}

impl Lane {
    /// A place in the lane; otherwise whether it is closed.
    fn admit(&self, pieces: usize) -> Result<(mpsc::Permit<'_, Job>, Held), bool> {
        let place = self.jobs.try_reserve().map_err(|error| matches!(error, mpsc::error::TrySendError::Closed(())))?;
        let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
        let held = Arc::clone(&self.memory).try_acquire_many_owned(pieces).map_err(|_| false)?;
        Ok((place, held))
    }

    fn is_half_full(&self) -> bool {
        2 * self.jobs.capacity() < self.jobs.max_capacity() || 2 * self.memory.available_permits() < self.pieces
    }
}

impl Op {
    /// Whether it begins something new from outside. A case that another one starts is that one's work.
    fn begins(&self) -> bool {
        matches!(self, Self::Submit(op) if op.started.is_none())
    }

    /// Its memory while it waits, about.
    fn pieces(&self) -> usize {
        let text = |documents: &[Option<&Brought>]| documents.iter().flatten().map(|brought| brought.bytes.len()).sum();
        let bytes: usize = match self {
            Self::Submit(op) => text(&[Some(&op.form), op.doubts_filed.as_ref()]),
            Self::OnCase { verb: CaseVerb::Resubmit { form, .. }, .. } => text(&[Some(form)]),
            Self::OnCase { verb: CaseVerb::Request { form, .. }, .. } => text(&[form.as_deref()]),
            Self::OnTask { verb, .. } => match verb.as_ref() {
                TaskVerb::Complete { result, findings, reason, .. } => {
                    text(&[result.as_ref(), findings.as_ref().map(|(findings, _)| findings), reason.as_ref()])
                }
                TaskVerb::Defer { .. } | TaskVerb::Fail { .. } => 0,
            },
            Self::Drawn { result, .. } => text(&[Some(result)]),
            Self::Effect { verb, .. } => match verb.as_ref() {
                EffectVerb::Letter { html, text: plain, .. } => text(&[Some(html), Some(plain)]),
                EffectVerb::Ended { result, .. } => text(&[Some(result)]),
                EffectVerb::Done
                | EffectVerb::Told { .. }
                | EffectVerb::Started { .. }
                | EffectVerb::StartFailed { .. } => 0,
            },
            // What else a case brings are words of bounded length.
            Self::OnCase { .. }
            | Self::Claim(_)
            | Self::Heartbeat { .. }
            | Self::FireTimer { .. }
            | Self::Recompute { .. }
            | Self::Credit(_)
            | Self::Register(_)
            | Self::Settle { .. } => 0,
        };
        BARE + (bytes * PARSED).div_ceil(PIECE)
    }
}
