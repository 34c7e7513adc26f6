//! Every bound of the engine, in one table.

/// Bounds that commands are held to; the server's configuration may change them.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest deferral, seconds of business time.
    pub deferral_max_s: i64,
    /// How far ahead the end of a pause may be said to lie, seconds of business time.
    pub pause_max_s: i64,
    /// Back-off after the first failed attempt, seconds of operating time; doubles with each further one.
    pub backoff_first_s: i64,
    /// Longest back-off, seconds of operating time.
    pub backoff_max_s: i64,
    /// Reminders of a reason that an office owes, one each working day.
    pub reason_reminders_max: u32,
    /// Findings in one correction.
    pub findings_max: usize,
    /// Characters of an officer's staff number or an office's code word.
    pub word_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deferral_max_s: 60 * 86_400,
            pause_max_s: 730 * 86_400,
            backoff_first_s: 10,
            backoff_max_s: 3_600,
            reason_reminders_max: 20,
            findings_max: 100,
            word_max: 64,
        }
    }
}
