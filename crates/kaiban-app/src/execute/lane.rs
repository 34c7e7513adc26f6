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
            | Self::InHand { .. }
            | Self::Migrate { .. } => 0,
        };
        BARE + (bytes * PARSED).div_ceil(PIECE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::sync::oneshot;
    use tokio::time::Instant;

    use super::super::Waiting;
    use super::super::job::{SubmitOp, Who};
    use super::*;

    fn new_case(letters: usize) -> Op {
        let form = Brought::new("form", json!("x".repeat(letters)));
        let op = SubmitOp { workflow: "w".into(), form, doubts: Vec::new(), doubts_filed: None, started: None };
        Op::Submit(Box::new(op))
    }

    fn work() -> Op {
        Op::FireTimer { case: "c".into(), step: "s".into(), kind: kaiban_engine::TimerKind::Wait }
    }

    fn put(lanes: &Lanes, op: Op) -> Result<(), Refusal> {
        let (place, held) = lanes.admit(&op)?;
        place.send(Job { who: Who::System, request: None, op, reply: oneshot::channel().0, _held: Some(held) });
        Ok(())
    }

    /// New cases and other work of the next batch.
    async fn next(waiting: &mut Waiting, limits: &Limits) -> (usize, usize) {
        let mut batch = Vec::new();
        waiting.gather(limits, &mut batch).await;
        let new = batch.iter().filter(|job| job.op.begins()).count();
        (new, batch.len() - new)
    }

    #[tokio::test]
    async fn work_in_progress_comes_first_and_new_cases_keep_their_share() {
        let limits = Limits { batch_max: 8, ..Limits::default() };
        let (lanes, ends) = Lanes::open(&limits);
        let mut waiting = Waiting { ends, called: Instant::now() };
        for op in (0..6).map(|_| new_case(1)).chain((0..20).map(|_| work())) {
            put(&lanes, op).expect("room");
        }
        assert_eq!(next(&mut waiting, &limits).await, (2, 6));
        assert_eq!(next(&mut waiting, &limits).await, (2, 6));
        assert_eq!(next(&mut waiting, &limits).await, (2, 6));
        assert_eq!(next(&mut waiting, &limits).await, (0, 2), "all of the new ones have had their turn");
        for op in (0..9).map(|_| new_case(1)) {
            put(&lanes, op).expect("room");
        }
        assert_eq!(next(&mut waiting, &limits).await, (8, 0), "what nobody else wants is theirs, too");
    }

    #[tokio::test]
    async fn what_waits_is_written_after_the_last_caller_has_gone() {
        let limits = Limits { batch_max: 2, ..Limits::default() };
        let (lanes, ends) = Lanes::open(&limits);
        let mut waiting = Waiting { ends, called: Instant::now() };
        for op in [work(), new_case(1), new_case(1)] {
            put(&lanes, op).expect("room");
        }
        drop(lanes);
        let mut taken = Vec::new();
        let mut batch = Vec::new();
        while waiting.gather(&limits, &mut batch).await {
            taken.push(std::mem::take(&mut batch).len());
        }
        assert_eq!(taken.iter().sum::<usize>(), 3, "{taken:?}");
    }

    #[test]
    fn new_cases_are_sent_away_while_there_is_room_for_what_is_under_way() {
        let limits = Limits { queue_max: 8, ..Limits::default() };
        let (lanes, _ends) = Lanes::open(&limits);
        for _ in 0..4 {
            put(&lanes, work()).expect("room");
        }
        put(&lanes, new_case(1)).expect("half of it is free");
        put(&lanes, work()).expect("room");
        let refused = put(&lanes, new_case(1)).expect_err("no room for more than what is under way");
        assert_eq!((refused.reason, refused.retry_after), ("BUSY", Some(AGAIN_NEW)));
        for _ in 5..8 {
            put(&lanes, work()).expect("room");
        }
        assert_eq!(put(&lanes, work()).expect_err("full").retry_after, Some(AGAIN_WORK));
    }

    #[test]
    fn large_forms_fill_a_lane_sooner_than_small_ones() {
        let limits = Limits { document_bytes_max: 1_024, queue_max_bytes: 0, ..Limits::default() };
        let (lanes, mut ends) = Lanes::open(&limits);
        put(&lanes, new_case(900)).expect("room");
        put(&lanes, new_case(900)).expect("room for two of the largest");
        assert_eq!(put(&lanes, new_case(900)).expect_err("no memory").reason, "BUSY");
        put(&lanes, work()).expect("others have a lane of their own");
        drop(ends.new.try_recv().expect("a job"));
        put(&lanes, new_case(900)).expect("room again");
    }
}
