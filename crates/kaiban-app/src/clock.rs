//! The two times. Business time stamps events and drives ledgers and deadlines, and may be simulated; operating time
//! drives leases, back-off, polls and token expiry, and is never accelerated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use kaiban_store::{Store, StoreError};

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

/// PostgreSQL's clock, which is one for all servers of the database, however wrong their own are: this machine's, and by how
/// much it is behind. What this node decides outside a batch is decided by the time that the rows were stamped with.
pub(crate) struct DatabaseClock {
    machine: Arc<dyn Clock>,
    behind_us: AtomicI64,
}

impl DatabaseClock {
    /// The clock of a store, and the same to be corrected now and then; on SQLite it is the machine's and needs none.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of(store: &Store, machine: Arc<dyn Clock>) -> Result<(Arc<dyn Clock>, Option<Arc<Self>>), StoreError> {
        let clock = Arc::new(Self { machine, behind_us: AtomicI64::new(0) });
        let asked_us = clock.machine.operating_us();
        match store.now_us().await? {
            None => Ok((Arc::clone(&clock.machine), None)),
            Some(now_us) => {
                clock.correct(asked_us, now_us);
                Ok((Arc::clone(&clock) as _, Some(clock)))
            }
        }
    }

    /// The machine's own time, for the next correction.
    pub fn machine_us(&self) -> i64 {
        self.machine.operating_us()
    }

    /// Takes over what the database said the time is, when it was asked at this time of the machine's.
    pub fn correct(&self, asked_us: i64, now_us: i64) {
        let answered_us = self.machine.operating_us();
        // An answer that took a second or more says little.
        if answered_us.saturating_sub(asked_us) < 1_000_000 || self.behind_us.load(Ordering::Relaxed) == 0 {
            self.behind_us.store(now_us - (asked_us + (answered_us - asked_us) / 2), Ordering::Relaxed);
        }
    }
}

#[async_trait]
impl Clock for DatabaseClock {
    fn operating_us(&self) -> i64 {
        self.machine.operating_us().saturating_add(self.behind_us.load(Ordering::Relaxed))
    }

    fn business_us(&self, operating_us: i64) -> i64 {
        self.machine.business_us(operating_us)
    }

    fn is_simulated(&self) -> bool {
        self.machine.is_simulated()
    }

    async fn wait(&self, duration: Duration) {
        self.machine.wait(duration).await;
    }
}

/// The time that a database's rows are stamped with, where no server runs.
///
/// # Errors
/// The database does not answer.
pub async fn operating_us_of(store: &Store) -> Result<i64, StoreError> {
    Ok(store.now_us().await?.unwrap_or_else(|| SystemClock.operating_us()))
}
