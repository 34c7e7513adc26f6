//! The two times. Business time stamps events and drives ledgers and deadlines, and may be simulated; operating time
//! drives leases, back-off, polls and token expiry, and is never accelerated.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

/// Where the app takes its times from.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// Operating time, UTC µs. On PostgreSQL the database's clock takes its place inside a batch.
    fn operating_us(&self) -> i64;

    /// Business time, UTC µs, given the operating time of the same moment.
    fn business_us(&self, operating_us: i64) -> i64;

    /// Whether somebody moves business time by hand. Business deadlines then fire when that somebody says so.
    fn is_simulated(&self) -> bool;

    /// Waits, in operating time.
    async fn wait(&self, duration: Duration);
}

/// The machine's clock, for both times.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the product reads the machine's clock")]
    fn operating_us(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    fn business_us(&self, operating_us: i64) -> i64 {
        operating_us
    }

    fn is_simulated(&self) -> bool {
        false
    }

    async fn wait(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Business time that stands still until it is moved; operating time is the machine's.
#[derive(Debug)]
pub struct SimulatedClock {
    business_us: AtomicI64,
}

impl SimulatedClock {
    /// Begins at `start_us`.
    pub fn new(start_us: i64) -> Self {
        Self { business_us: AtomicI64::new(start_us) }
    }

    /// Moves business time forward to `at_us`; never back.
    pub fn advance_to(&self, at_us: i64) {
        self.business_us.fetch_max(at_us, Ordering::SeqCst);
    }

    /// Business time, UTC µs.
    pub fn now_us(&self) -> i64 {
        self.business_us.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Clock for SimulatedClock {
    fn operating_us(&self) -> i64 {
        SystemClock.operating_us()
    }

    fn business_us(&self, _operating_us: i64) -> i64 {
        self.now_us()
    }

    fn is_simulated(&self) -> bool {
        true
    }

    async fn wait(&self, duration: Duration) {
        SystemClock.wait(duration).await;
    }
}
