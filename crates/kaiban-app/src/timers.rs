//! Deadlines. They are rows; a bell says when the next one is due, and firing one is a command like any other, so that a
//! deadline that another node fired, or that is no longer running, is refused and harms nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use kaiban_engine::TimerKind;
use kaiban_store::{Clock as TimerRowClock, StoreError, TimerRow};
use tokio::sync::Notify;

use crate::app::{App, Inner};
use crate::execute::{Op, Who};
use crate::refusal::{Canonical, Refusal};
use crate::stuck::Stuck;

/// Deadlines read and fired at a time.
const BATCH: u32 = 256;

/// How long to sleep at most: other nodes set deadlines too.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// How long to sleep at least.
const SLEEP_MIN: Duration = Duration::from_millis(10);

/// Wakes the timers when an earlier deadline was set, and tells background tasks that the app stops.
pub(crate) struct TimerBell {
    /// Until when the timers sleep, operating time; later deadlines need not wake them.
    wakes_us: AtomicI64,
    rung: Notify,
    outbox: Notify,
    stop: Notify,
    stopping: AtomicBool,
}

impl Default for TimerBell {
    fn default() -> Self {
        Self {
            wakes_us: AtomicI64::new(i64::MAX),
            rung: Notify::new(),
            outbox: Notify::new(),
            stop: Notify::new(),
            stopping: AtomicBool::new(false),
        }
    }
}

impl TimerBell {
    /// There is a deadline that the timers may not know of.
    pub fn ring(&self, due_us: i64) {
        if due_us < self.wakes_us.load(Ordering::SeqCst) {
            self.rung.notify_one();
        }
    }

    /// An effect may be carried out again.
    pub fn ring_outbox(&self) {
        self.outbox.notify_one();
    }

    /// Returns when the bell is rung for the outbox.
    pub async fn outbox(&self) {
        self.outbox.notified().await;
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.stop.notify_waiters();
        self.rung.notify_one();
    }

    /// Returns once the app stops.
    pub async fn stopped(&self) {
        let stop = self.stop.notified();
        if !self.stopping.load(Ordering::SeqCst) {
            stop.await;
        }
    }
}

/// Fires deadlines until the app stops. Where business time is simulated, business deadlines wait for
/// [`App::fire_business_timers`].
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        if inner.bell.stopping.load(Ordering::SeqCst) {
            return;
        }
        // Whatever comes from now on may be missed by the reading, so it wakes.
        inner.bell.wakes_us.store(i64::MAX, Ordering::SeqCst);
        let mut next = fire_due(&inner, TimerRowClock::Operating).await;
        if !inner.clock.is_simulated() {
            next = earlier(next, fire_due(&inner, TimerRowClock::Business).await);
        }
        let now_us = inner.clock.operating_us();
        let sleep = match next {
            None => SLEEP_MAX,
            Some(due_us) => {
                let ahead_us = due_us.saturating_sub(now_us);
                Duration::from_micros(u64::try_from(ahead_us).unwrap_or(0)).clamp(SLEEP_MIN, SLEEP_MAX)
            }
        };
        inner.bell.wakes_us.store(now_us.saturating_add(sleep.as_micros() as i64), Ordering::SeqCst);
        tokio::select! {
            () = inner.clock.wait(sleep) => {}
            () = inner.bell.rung.notified() => {}
        }
    }
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// Fires what is due on a clock; gives when there is something to do again.
async fn fire_due(inner: &Arc<Inner>, clock: TimerRowClock) -> Option<i64> {
    loop {
        let operating_us = inner.clock.operating_us();
        let now_us = match clock {
            TimerRowClock::Operating => operating_us,
            TimerRowClock::Business => inner.clock.business_us(operating_us),
        };
        match fire_once(inner, clock, now_us, operating_us).await {
            Ok(Round { fired: true, .. }) => {}
            Ok(Round { fired: false, again_us }) => {
                let next = inner.store.next_timer(clock, now_us).await.ok().flatten();
                return earlier(next, again_us);
            }
            Err(error) => {
                tracing::error!(%error, "deadlines cannot be read");
                return None;
            }
        }
    }
}

/// What came of going through everything that is due.
struct Round {
    /// Something was fired, and more may be due by that.
    fired: bool,
    /// When what could not be fired is tried again, operating time, µs.
    again_us: Option<i64>,
}

/// Goes through everything that is due on a clock once, in pages: what cannot be fired hides nothing behind it.
async fn fire_once(
    inner: &Arc<Inner>,
    clock: TimerRowClock,
    now_us: i64,
    operating_us: i64,
) -> Result<Round, StoreError> {
    let (mut last, mut any): (Option<TimerRow>, bool) = (None, false);
    let mut stuck: Option<Stuck> = None;
    loop {
        let due = inner.store.timers_due(clock, now_us, last.as_ref(), BATCH).await?;
        let Some(end) = due.last() else {
            return Ok(Round { fired: any, again_us: stuck.and_then(|stuck| stuck.again_us()) });
        };
        last = Some(end.clone());
        let stuck = match &mut stuck {
            Some(stuck) => stuck,
            none => none.insert(Stuck::of(clock, now_us, inner.store.stuck_timers(None).await?)),
        };
        let ready = due.into_iter().filter(|row| !stuck.waits(row, operating_us));
        let fired = ready.map(|row| async move { (fire(inner, &row).await, row) });
        let fired = futures::future::join_all(fired).await;
        for (outcome, row) in fired {
            match outcome {
                Ok(()) => any = true,
                Err(refusal) if refusal.reason == "STOPPING" => return Ok(Round { fired: false, again_us: None }),
                Err(refusal) => {
                    let failed = stuck.failed(&row, &refusal, operating_us);
                    // Where it cannot be written down, it is tried again a little sooner.
                    let _ = inner.store.put_stuck_timer(&failed).await;
                }
            }
        }
    }
}

async fn fire(inner: &Arc<Inner>, row: &TimerRow) -> Result<(), Refusal> {
    let kind = TimerKind::parse(&row.kind).ok_or_else(unknown_kind)?;
    let op = Op::FireTimer { case: row.case_id.clone(), step: row.step.clone(), kind };
    inner.queue()?.execute(Who::System, None, op).await.map(|_| ())
}

/// A deadline that a later version wrote.
fn unknown_kind() -> Refusal {
    Refusal::new(
        Canonical::Internal,
        "DEADLINE_UNREADABLE",
        "存储的时限无法读取，请联系管理员运行 verify。",
        "A stored deadline cannot be read: tell the administrator to run verify.",
    )
}

impl App {
    /// Fires every business deadline that is due now; for whoever moves a simulated clock.
    pub async fn fire_business_timers(&self) {
        fire_due(&self.inner, TimerRowClock::Business).await;
        crate::draws::carry::lapse(&self.inner).await;
    }

    /// The next business deadline, µs.
    ///
    /// # Errors
    /// The store cannot answer.
    pub async fn next_business_timer_us(&self) -> Result<Option<i64>, Refusal> {
        let store = &self.inner.store;
        Ok(earlier(store.next_timer(TimerRowClock::Business, i64::MIN).await?, store.next_draw_due(i64::MIN).await?))
    }
}
