use crate::{
    AccessRecordRow, BlobRow, CaseFileRow, CaseOfficeRow, CasePersonRow, CaseRow, CommitmentRow, CreditEntryRow,
    DelayRow, DrawItemRow, EntryRow, OutboxRow, RegisterWrite, RequestRow, TaskRow, TimerRow,
};

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
    /// Records of registers as they are now. One whose version is not the expected one is a conflict, and so is
    /// one that is there and should not be.
    pub registers: Vec<RegisterWrite>,
    /// Records that end, none of them in `registers`: register, key and the version that is there. Another
    /// version is a conflict.
    pub registers_removed: Vec<(String, String, i64)>,
    /// Delays as they are now, new or not.
    pub delays: Vec<DelayRow>,
    /// Ids of delays that are told under another step's name now, none of them in `delays`; one that has no row is passed
    /// over.
    pub delays_gone: Vec<String>,
    /// What stands for certificates as it is now, new or not.
    pub commitments: Vec<CommitmentRow>,
    /// Ids of those that are not asked for any more, none of them in `commitments`; one that has no row is passed over.
    pub commitments_gone: Vec<String>,
    /// Steps that wait for a draw, new or not; what there is stays as it is.
    pub draw_items: Vec<DrawItemRow>,
    /// Ids of items whose step does not wait any more, none of them in `draw_items`; one that has no row is passed over.
    pub draw_items_gone: Vec<String>,
    /// New effects. An id that is there already is a conflict.
    pub outbox: Vec<OutboxRow>,
    /// Ids of effects that were carried out, none of them in `outbox`; one that has no row is passed over.
    pub outbox_done: Vec<String>,
    /// Files that cases refer to, new or not.
    pub case_files: Vec<CaseFileRow>,
    /// What was shown to whom. An id that is there already is a conflict.
    pub access_records: Vec<AccessRecordRow>,
    /// Persons whose data is in cases, new or not.
    pub case_persons: Vec<CasePersonRow>,
    /// Credentials that were used up: hash and operating time. One that was used or has run out is a conflict.
    pub credentials_used: Vec<(String, i64)>,
    /// New credit entries. One that is there already is a conflict.
    pub credit_entries: Vec<CreditEntryRow>,
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
            && self.registers.is_empty()
            && self.registers_removed.is_empty()
            && self.delays.is_empty()
            && self.delays_gone.is_empty()
            && self.commitments.is_empty()
            && self.commitments_gone.is_empty()
            && self.draw_items.is_empty()
            && self.draw_items_gone.is_empty()
            && self.outbox.is_empty()
            && self.outbox_done.is_empty()
            && self.case_files.is_empty()
            && self.access_records.is_empty()
            && self.case_persons.is_empty()
            && self.credentials_used.is_empty()
            && self.credit_entries.is_empty()
    }
}
