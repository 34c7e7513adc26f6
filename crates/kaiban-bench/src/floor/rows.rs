//! The rows of a case: as many and as large as the product writes for `six-step`, with nothing meant by them.

use std::fmt::Write as _;
use std::sync::OnceLock;

use kaiban_api::v1::{
    Case, CaseState as WireState, StepState, SubmitCaseResponse, Task, TaskCompletion, TaskReceipt, TaskReply,
    task_reply,
};
use kaiban_api::{from_struct, timestamp, to_struct};
use kaiban_store::{BlobRow, CaseOfficeRow, CaseRow, CaseState, Changes, EntryRow, RequestRow, TaskRow, TaskState};
use serde_json::{Value, json};

use super::flow::{Progress, Step};

/// Bytes of the snapshot after each of the seven transitions, as the product writes them.
const SNAPSHOT_BYTES: [usize; 7] = [1_100, 3_000, 3_200, 3_350, 3_500, 3_850, 4_030];

/// Bytes of a journal entry: the frame with what ended, the receipt of a form, and for each step that opens.
const ENTRY_BYTES: usize = 280;
const RECEIPT_BYTES: usize = 430;
const OPENING_BYTES: usize = 310;

/// Bytes of a kept reply.
const CASE_REPLY_BYTES: usize = 53;
const RECEIPT_REPLY_BYTES: usize = 248;

/// How long a lease is, µs.
const LEASE_US: i64 = 600_000_000;

/// A case on its way.
pub(super) struct Running {
    id: String,
    workflow: String,
    pub division: String,
    name: String,
    form: Value,
    licence: Value,
    progress: Progress,
    opened: Vec<Step>,
    seq: i64,
    received_at_us: i64,
    new: bool,
}

impl Running {
    /// The case before anything of it is written.
    pub fn received(id: &str, workflow: String, form: Value) -> Self {
        let text = |name: &str| form[name].as_str().unwrap_or_default().to_owned();
        Self {
            id: id.to_owned(),
            workflow,
            division: text("registrar"),
            name: text("name"),
            form,
            licence: Value::Null,
            progress: Progress::default(),
            opened: Vec::new(),
            seq: 0,
            received_at_us: 0,
            new: true,
        }
    }

    /// The first transition.
    pub fn begin(&mut self, request_id: &str, now_us: i64, changes: &mut Changes) -> SubmitCaseResponse {
        self.received_at_us = now_us;
        self.opened = self.progress.begin().to_vec();
        let head = self.entry(RECEIPT_BYTES, self.received_at_us, changes);
        changes.blobs.push(self.blob("form", self.form.to_string()));
        changes.requests.push(self.request("b01\u{1f}submit", request_id, CASE_REPLY_BYTES));
        let case = Case {
            id: self.id.clone(),
            workflow: self.workflow.clone(),
            version: VERSION.to_owned(),
            digest: hash(&self.workflow, 0),
            state: WireState::Open.into(),
            division: self.division.clone(),
            organisation: "b01".to_owned(),
            outlet: "b01-001".to_owned(),
            subject: self.name.clone(),
            received_at: Some(timestamp(self.received_at_us)),
            accepted_at: Some(timestamp(self.received_at_us)),
            revision: self.seq,
            head: head.clone(),
            ..Case::default()
        };
        SubmitCaseResponse { case: Some(case), created: true, receipt: head, doubts: Vec::new() }
    }

    /// A transition that ends a task; none when it is not open.
    pub fn complete(&mut self, completion: &TaskCompletion, now_us: i64, changes: &mut Changes) -> Option<TaskReply> {
        let task = completion.task.as_ref()?.id.clone();
        let step = task.split('/').nth(1)?;
        self.opened = self.progress.end(step)?.to_vec();
        let head = self.entry(0, now_us, changes);
        if let Some(result) = completion.result.clone().and_then(|result| from_struct(result).ok()) {
            changes.blobs.push(self.blob("result", result.to_string()));
            self.licence = result;
        }
        changes.tasks_gone.push(task.clone());
        changes.requests.push(self.request("agency\u{1f}complete", &completion.request_id, RECEIPT_REPLY_BYTES));
        let receipt = TaskReceipt {
            step_state: StepState::Completed.into(),
            revision: self.seq,
            head,
            at: Some(timestamp(now_us)),
            ..TaskReceipt::default()
        };
        let answer = Some(task_reply::Answer::Receipt(receipt));
        Some(TaskReply { request_id: completion.request_id.clone(), task, answer })
    }

    /// What the last transition opened.
    pub fn take_opened(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.opened)
    }

    /// Hands a task out to an office's stream.
    pub fn offer(&self, step: Step, office: &str, now_us: i64, changes: &mut Changes) -> Task {
        let id = format!("{}/{}/1", self.id, step.name);
        changes.case_offices.push(CaseOfficeRow { case_id: self.id.clone(), office: office.to_owned() });
        changes.tasks.push(TaskRow {
            id: id.clone(),
            case_id: self.id.clone(),
            step: step.name.to_owned(),
            office: office.to_owned(),
            division: self.division.clone(),
            state: TaskState::Leased,
            due_at_us: now_us + LEASE_US,
            offered_at_us: now_us,
            epoch: 1,
            holder: Some("0123456789AB".to_owned()),
            lease_until_us: Some(now_us + LEASE_US),
        });
        let shared = match &self.licence {
            Value::Null => json!({ "form": self.form }),
            licence => json!({ "form": { "name": self.name }, "results": { "registration": licence } }),
        };
        Task {
            id,
            case_id: self.id.clone(),
            workflow: self.workflow.clone(),
            step: step.name.to_owned(),
            office: office.to_owned(),
            division: self.division.clone(),
            epoch: 1,
            lease_until: Some(timestamp(now_us + LEASE_US)),
            offered_at: Some(timestamp(now_us)),
            promise_due: Some(timestamp(now_us + LEASE_US)),
            form_revision: 1,
            shared: to_struct(&shared).ok(),
            ..Task::default()
        }
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        self.progress.is_over()
    }

    /// The case as it stands.
    pub fn write(&mut self, now_us: i64, changes: &mut Changes) {
        let over = self.is_over();
        let snapshot = SNAPSHOT_BYTES[usize::try_from(self.seq).unwrap_or(1).clamp(1, SNAPSHOT_BYTES.len()) - 1];
        let row = CaseRow {
            id: self.id.clone(),
            workflow: self.workflow.clone(),
            version: VERSION.to_owned(),
            digest: hash(&self.workflow, 0),
            division: self.division.clone(),
            organisation: "b01".to_owned(),
            outlet: Some("b01-001".to_owned()),
            subject: self.name.clone(),
            state: if over { CaseState::Closed } else { CaseState::Open },
            outcome: over.then(|| "opened".to_owned()),
            seq: self.seq,
            head: hash(&self.id, self.seq),
            received_at_us: self.received_at_us,
            accepted_at_us: Some(self.received_at_us),
            promise_due_us: (!over).then_some(self.received_at_us + LEASE_US),
            closed_at_us: over.then_some(now_us),
            snapshot: text(snapshot),
            waiting: false,
            troubled: false,
            parent: None,
            visited: None,
        };
        match std::mem::take(&mut self.new) {
            true => changes.cases_new.push(row),
            false => changes.cases_changed.push(row),
        }
    }

    fn entry(&mut self, more: usize, at_us: i64, changes: &mut Changes) -> String {
        self.seq += 1;
        let head = hash(&self.id, self.seq);
        changes.entries.push(EntryRow {
            case_id: self.id.clone(),
            seq: self.seq,
            at_us,
            bytes: text(ENTRY_BYTES + more + self.opened.len() * OPENING_BYTES),
            hash: head.clone(),
        });
        head
    }

    fn blob(&self, kind: &str, bytes: String) -> BlobRow {
        BlobRow {
            digest: hash(&self.id, -self.seq),
            case_id: self.id.clone(),
            kind: kind.to_owned(),
            salt: text(32),
            bytes,
            created_at_us: self.received_at_us,
        }
    }

    fn request(&self, method: &str, request_id: &str, reply: usize) -> RequestRow {
        RequestRow {
            key: format!("{method}\u{1f}{request_id}"),
            content: hash(request_id, 0),
            case_id: Some(self.id.clone()),
            reply: text(reply),
            at_us: self.received_at_us,
        }
    }
}

/// Version of the package, in the length of one.
const VERSION: &str = "2026.1";

/// So many bytes that look like the product's JSON, so that a database that compresses finds as much to compress.
fn text(bytes: usize) -> String {
    static TEXT: OnceLock<String> = OnceLock::new();
    let all = TEXT.get_or_init(|| {
        let mut text = String::new();
        for number in 0.. {
            let at = scramble(number);
            // Writing into memory cannot fail.
            let _ = write!(
                text,
                r#""step-{}":{{"state":"completed","counted":true,"offers":1,"form":1,"offered_at_us":{at},"ended_at_us":{},"epoch":1,"used":{{"working_us":0,"calendar":"{at:x}"}},"ledger":[{{"from_us":{at},"to_us":{},"ball":"agency"}}]}},"#,
                at % 1_000,
                scramble(at),
                scramble(at),
            );
            if text.len() > 8_192 {
                break;
            }
        }
        text
    });
    all[..bytes.min(all.len())].to_owned()
}

/// 64 hex digits that are never those of another name or number, and in no order.
fn hash(name: &str, number: i64) -> String {
    let mut state = name
        .bytes()
        .fold(number.unsigned_abs() ^ u64::from(number < 0) << 63, |state, byte| scramble(state ^ u64::from(byte)));
    let mut text = String::with_capacity(64);
    for _ in 0..4 {
        state = scramble(state);
        // Writing into memory cannot fail.
        let _ = write!(text, "{state:016x}");
    }
    text
}

/// One step of SplitMix64: different numbers give different ones.
pub(super) fn scramble(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
