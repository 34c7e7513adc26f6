//! Every bound of the app, in one table.

use std::time::Duration;

/// Bounds that calls are held to.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bounds of the engine's commands.
    pub engine: kaiban_engine::Limits,
    /// Jobs that wait for the writer; one more is refused.
    pub queue_max: usize,
    /// Jobs in one transaction.
    pub batch_max: usize,
    /// Characters of a request id, printable ASCII.
    pub request_id_max: usize,
    /// Bytes of a form or result as JSON.
    pub document_bytes_max: usize,
    /// Characters of a reason.
    pub reason_max: usize,
    /// Cases in a page.
    pub page_max: u32,
    /// Cases in a page when the caller does not say.
    pub page_default: u32,
    /// Tasks of one claim.
    pub claim_max: u32,
    /// Tasks in the hands of one stream.
    pub window_max: u32,
    /// Shortest lease.
    pub lease_min: Duration,
    /// Longest lease: 10 working days fit.
    pub lease_max: Duration,
    /// Lease when the caller does not say.
    pub lease_default: Duration,
    /// Longest long poll.
    pub wait_max: Duration,
    /// How often a stream with room looks for tasks whose lease ran out or that another node opened.
    pub poll: Duration,
    /// Longest life of a token.
    pub token_life_max: Duration,
    /// Life of a token when the caller does not say.
    pub token_life_default: Duration,
    /// How long an authenticated token is trusted before it is looked up again.
    pub token_cache: Duration,
    /// Bytes of documents kept in memory.
    pub documents_cache_bytes: u64,
    /// Changes that a watcher may lag behind.
    pub watch_lag_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const DAY: u64 = 86_400;
        Self {
            engine: kaiban_engine::Limits::default(),
            queue_max: 4_096,
            batch_max: 512,
            request_id_max: 128,
            document_bytes_max: 1 << 20,
            reason_max: 2_000,
            page_max: 500,
            page_default: 50,
            claim_max: 100,
            window_max: 1_000,
            lease_min: Duration::from_secs(10),
            lease_max: Duration::from_secs(14 * DAY),
            lease_default: Duration::from_secs(300),
            wait_max: Duration::from_secs(60),
            poll: Duration::from_secs(2),
            token_life_max: Duration::from_secs(400 * DAY),
            token_life_default: Duration::from_secs(90 * DAY),
            token_cache: Duration::from_secs(5),
            documents_cache_bytes: 32 << 20,
            watch_lag_max: 4_096,
        }
    }
}

/// What the app is started with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Bounds.
    pub limits: Limits,
    /// Writers on PostgreSQL; SQLite has one. 0 = 2.
    pub writers: usize,
}
