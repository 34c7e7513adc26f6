//! What the app is started with.

pub use kaiban_limits::Limits;

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
