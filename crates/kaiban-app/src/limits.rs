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
    /// Life of an applicant's credential.
    pub credential_life: Duration,
    /// How long access records are kept: three years.
    pub access_records_kept: Duration,
    /// Bytes of documents kept in memory.
    pub documents_cache_bytes: u64,
    /// Bytes of cases under way kept in memory, about.
    pub cases_memory_bytes: u64,
    /// Changes that a watcher may lag behind.
    pub watch_lag_max: usize,
    /// How often the outbox is looked at for effects that another node left, or that are tried again.
    pub outbox_poll: Duration,
    /// Bytes of one file.
    pub file_bytes_max: u64,
    /// Characters of a file's name.
    pub file_name_max: usize,
    /// Files that one case refers to.
    pub case_files_max: usize,
    /// Files that are being uploaded at a time.
    pub uploads_max: usize,
    /// How long an upload may say nothing.
    pub upload_idle_max: Duration,
    /// After a publication of calendars: cases that are read at a time, and after which it is kept how far it is.
    pub recompute_page: u64,
    /// Cases recomputed in one transaction, at most.
    pub recompute_portion: usize,
    /// Cases recomputed for each call in a transaction of calls, and one more: what they wait for the longer.
    pub recompute_beside: usize,
    /// Cases recomputed in a transaction without calls: what a call waits for that comes after a pause.
    pub recompute_alone: usize,
    /// Items of one draw: as many as a record in one answer has room for. The others wait for the next.
    pub draw_items_max: u64,
    /// What has waited so long to be drawn from is due: a pool is drawn from at least so often.
    pub draw_every: Duration,
    /// From the announcement of a draw to its last deadline.
    pub draw_life_max: Duration,
    /// How long the window of a head over all journals is, business time, where entries come without a pause.
    pub head_every: Duration,
    /// How long a window lies back when its head is taken: more than clocks are ever set back by.
    pub head_margin: Duration,
    /// How often it is looked whether a head is due.
    pub head_poll: Duration,
    /// Entries of one head, where they are not all of one instant.
    pub head_entries_max: u64,
    /// Cases that are moved to one file of the archive, or looked through for what is erased, at a time.
    pub archive_portion: u64,
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
            credential_life: Duration::from_secs(1_800),
            access_records_kept: Duration::from_secs(3 * 366 * DAY),
            documents_cache_bytes: 32 << 20,
            cases_memory_bytes: 32 << 20,
            watch_lag_max: 4_096,
            outbox_poll: Duration::from_secs(1),
            file_bytes_max: 20 << 20,
            file_name_max: 200,
            case_files_max: 100,
            uploads_max: 64,
            upload_idle_max: Duration::from_secs(30),
            recompute_page: 128,
            recompute_portion: 48,
            recompute_beside: 3,
            recompute_alone: 16,
            draw_items_max: 10_000,
            draw_every: Duration::from_secs(7 * DAY),
            draw_life_max: Duration::from_secs(90 * DAY),
            head_every: Duration::from_secs(3_600),
            head_margin: Duration::from_secs(60),
            head_poll: Duration::from_secs(60),
            head_entries_max: 100_000,
            archive_portion: 200,
        }
    }
}

/// What the app is started with.
#[derive(Clone, Default)]
pub struct Settings {
    /// Bounds.
    pub limits: Limits,
    /// Writers on PostgreSQL; SQLite has one. 0 = 2.
    pub writers: usize,
    /// Where documents are kept, and what scans them; in memory unless it is said.
    pub files: kaiban_files::Files,
    /// Where cases are that were moved to files.
    pub archive: crate::Archive,
    /// Who carries messages to applicants; none = letters lie at the terminal.
    pub notifier: Option<std::sync::Arc<dyn kaiban_webhook::Notifier>>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("limits", &self.limits)
            .field("writers", &self.writers)
            .field("files", &self.files)
            .field("archive", &self.archive)
            .field("notifies", &self.notifier.is_some())
            .finish()
    }
}
