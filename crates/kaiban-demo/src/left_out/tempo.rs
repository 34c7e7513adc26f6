//! Business time while somebody outside has work: it goes on at a fixed rate, and never past the next thing that is due.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kaiban_app::SimulatedClock;

/// Business time that runs beside real time, or stands still.
pub(crate) struct Tempo {
    /// Business µs in one real µs.
    rate: f64,
    run: Mutex<Option<Run>>,
}

#[derive(Clone, Copy)]
struct Run {
    began: Instant,
    from_us: i64,
    until_us: Option<i64>,
}

impl Run {
    fn now_us(&self, rate: f64) -> i64 {
        let passed_us = (self.began.elapsed().as_micros() as f64 * rate) as i64;
        let now_us = self.from_us.saturating_add(passed_us);
        self.until_us.map_or(now_us, |until_us| now_us.min(until_us))
    }
}

impl Tempo {
    /// Stands still; runs at this rate once it is told to.
    pub fn new(rate: f64) -> Self {
        Self { rate, run: Mutex::new(None) }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Run>> {
        // One field, written at once.
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs from `from_us` to `until_us` at the latest; gives the real time until then.
    pub fn start(&self, from_us: i64, until_us: Option<i64>) -> Option<Duration> {
        *self.lock() = Some(Run { began: Instant::now(), from_us, until_us });
        let left_us = until_us.map(|until_us| u64::try_from(until_us - from_us).unwrap_or(0));
        left_us.map(|left_us| Duration::from_micros(left_us).div_f64(self.rate))
    }

    /// Moves the clock to where business time is now.
    pub fn tell(&self, clock: &SimulatedClock) {
        // Held while the clock moves: what is stopped must not move it afterwards.
        if let Some(run) = &*self.lock() {
            clock.advance_to(run.now_us(self.rate));
        }
    }

    /// Stands still again, with the clock where business time has come to.
    pub fn stop(&self, clock: &SimulatedClock) {
        self.tell(clock);
        *self.lock() = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_runs_past_what_is_due() {
        let (clock, tempo) = (SimulatedClock::new(1_000), Tempo::new(1e12));
        assert_eq!(tempo.start(1_000, Some(1_000)), Some(Duration::ZERO));
        tempo.tell(&clock);
        assert_eq!(clock.now_us(), 1_000);
        tempo.start(1_000, Some(5_000));
        // At this rate any two looks at the machine's clock are days apart.
        while clock.now_us() < 5_000 {
            tempo.tell(&clock);
        }
        tempo.stop(&clock);
        tempo.tell(&clock);
        assert_eq!(clock.now_us(), 5_000);
    }

    #[test]
    fn the_real_time_until_then_follows_from_the_rate() {
        assert_eq!(Tempo::new(60.0).start(0, Some(120_000_000)), Some(Duration::from_secs(2)));
        assert_eq!(Tempo::new(60.0).start(0, None), None);
    }
}
