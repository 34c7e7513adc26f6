//! Deadlines. They are rows; a bell says when the next one is due, and firing one is a command like any other, so that a
//! deadline that another node fired, or that is no longer running, is refused and harms nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kaiban_engine::{TimerClock, TimerKind};
use kaiban_store::Clock as TimerRowClock;
use tokio::sync::Notify;

use crate::app::{App, Inner};
use crate::execute::{Op, Who};
use crate::refusal::Refusal;

/// Deadlines fired at a time.
const BATCH: u64 = 256;

/// How long to sleep at most: other nodes set deadlines too.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// Wakes the timers when an earlier deadline was set, and tells background tasks that the app stops.
#[derive(Default)]
pub(crate) struct TimerBell {
    rung: Notify,
    outbox: Notify,
    stop: Notify,
    stopping: AtomicBool,
}

impl TimerBell {
    pub fn ring(&self, _clock: TimerClock, _due_us: i64) {
        self.rung.notify_one();
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
        let mut next = fire_due(&inner, TimerRowClock::Operating).await;
        if !inner.clock.is_simulated() {
            next = earlier(next, fire_due(&inner, TimerRowClock::Business).await);
        }
        let sleep = match next {
            None => SLEEP_MAX,
            Some(due_us) => {
                let ahead_us = due_us.saturating_sub(inner.clock.operating_us());
                Duration::from_micros(u64::try_from(ahead_us).unwrap_or(0)).clamp(Duration::from_millis(10), SLEEP_MAX)
            }
        };
        tokio::select! {
            () = inner.clock.wait(sleep) => {}
            () = inner.bell.rung.notified() => {}
        }
    }
}

fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    one.into_iter().chain(other).min()
}

/// Fires what is due on a clock; gives the next deadline.
async fn fire_due(inner: &Arc<Inner>, clock: TimerRowClock) -> Option<i64> {
    loop {
        let operating_us = inner.clock.operating_us();
        let now_us = match clock {
            TimerRowClock::Operating => operating_us,
            TimerRowClock::Business => inner.clock.business_us(operating_us),
        };
        let due = match inner.store.timers_due(clock, now_us, BATCH).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(%error, "deadlines cannot be read");
                return None;
            }
        };
        if due.is_empty() {
            return inner.store.next_timer(clock).await.ok().flatten();
        }
        let fired = due.into_iter().map(|row| {
            let inner = Arc::clone(inner);
            async move {
                let kind = TimerKind::parse(&row.kind)?;
                let op = Op::FireTimer { case: row.case_id.clone(), step: row.step.clone(), kind };
                Some(match inner.queue() {
                    Ok(queue) => {
                        queue.execute(Who::System, None, op).await.map(|_| ()).map_err(|refusal| (row, refusal))
                    }
                    Err(refusal) => Err((row, refusal)),
                })
            }
        });
        let mut progress = false;
        for outcome in futures::future::join_all(fired).await.into_iter().flatten() {
            match outcome {
                Ok(()) => progress = true,
                Err((row, refusal)) => log(&row.case_id, &refusal),
            }
        }
        if !progress {
            // Whatever keeps all of them from firing is logged; do not spin on it.
            return Some(operating_us.saturating_add(1_000_000));
        }
    }
}

fn log(case: &str, refusal: &Refusal) {
    if !matches!(refusal.reason, "STOPPING" | "NO_SUCH_TIMER") {
        tracing::error!(case, reason = refusal.reason, "a deadline could not be fired");
    }
}

impl App {
    /// Fires every business deadline that is due now; for whoever moves a simulated clock.
    pub async fn fire_business_timers(&self) {
        fire_due(&self.inner, TimerRowClock::Business).await;
    }

    /// The next business deadline, µs.
    ///
    /// # Errors
    /// The store cannot answer.
    pub async fn next_business_timer_us(&self) -> Result<Option<i64>, Refusal> {
        Ok(self.inner.store.next_timer(TimerRowClock::Business).await?)
    }
}
