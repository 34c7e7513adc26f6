use crate::{BlobRow, CaseOfficeRow, CaseRow, EntryRow, RequestRow, TaskRow, TimerRow};

/// The key of a timer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerKey {
    /// The case.
    pub case_id: String,
    /// The step, or an empty text for the case itself.
    pub step: String,
    /// What falls due.
    pub kind: String,
}

/// Everything that a batch of commands changed. No two rows of one list have the same key: the last state
/// of a case, task or timer is given once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// Cases that are not in the database yet.
    pub cases_new: Vec<CaseRow>,
    /// Cases whose `seq` rose. A row whose stored `seq` is not smaller is a conflict.
    pub cases_changed: Vec<CaseRow>,
    /// New journal entries. An entry that is there already is a conflict.
    pub entries: Vec<EntryRow>,
    /// New blobs. A digest that is there already is a conflict.
    pub blobs: Vec<BlobRow>,
    /// Tasks as they are now, new or not.
    pub tasks: Vec<TaskRow>,
    /// Ids of tasks that ended, none of them in `tasks`; one that has no row is passed over.
    pub tasks_gone: Vec<String>,
    /// Timers as they are now, new or not.
    pub timers: Vec<TimerRow>,
    /// Timers that fired or are not wanted any more, none of them in `timers`; one that has no row is passed over.
    pub timers_gone: Vec<TimerKey>,
    /// Requests that were answered. A key that is there already is a conflict.
    pub requests: Vec<RequestRow>,
    /// Offices that cases were offered to, new or not.
    pub case_offices: Vec<CaseOfficeRow>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.cases_new.is_empty()
            && self.cases_changed.is_empty()
            && self.entries.is_empty()
            && self.blobs.is_empty()
            && self.tasks.is_empty()
            && self.tasks_gone.is_empty()
            && self.timers.is_empty()
            && self.timers_gone.is_empty()
            && self.requests.is_empty()
            && self.case_offices.is_empty()
    }
}
