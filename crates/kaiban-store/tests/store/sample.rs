//! Rows to start from; a test changes what it is about.

use kaiban_store::{
    BlobRow, CaseOfficeRow, CaseRow, CaseState, Changes, Claim, Clock, EntryRow, OutboxRow, RegisterRow, RegisterWrite,
    RequestRow, TaskRow, TaskState, TimerRow, Wanted,
};

/// 2026-03-02T09:00+08:00.
pub const MONDAY_US: i64 = 1_772_413_200_000_000;
pub const MINUTE_US: i64 = 60_000_000;
/// Leases until then never run out in a test.
pub const FAR_US: i64 = 9_000_000_000_000_000;

pub fn case(id: &str) -> CaseRow {
    CaseRow {
        id: id.into(),
        workflow: "six-step".into(),
        version: "1".into(),
        digest: "package-digest".into(),
        division: "350102".into(),
        organisation: "bank-01".into(),
        outlet: Some("bank-01-outlet-007".into()),
        subject: format!("subject-{id}"),
        state: CaseState::Open,
        outcome: None,
        seq: 1,
        head: format!("head-{id}-1"),
        received_at_us: MONDAY_US,
        accepted_at_us: Some(MONDAY_US + 5),
        promise_due_us: Some(MONDAY_US + 300 * MINUTE_US),
        closed_at_us: None,
        snapshot: r#"{"steps":{"registration":"open"}}"#.into(),
        waiting: false,
        troubled: false,
        parent: None,
        visited: None,
    }
}

pub fn entry(case_id: &str, seq: i64) -> EntryRow {
    EntryRow {
        case_id: case_id.into(),
        seq,
        at_us: MONDAY_US + seq,
        bytes: format!(r#"{{"case":"{case_id}","seq":{seq}}}"#),
        hash: format!("hash-{case_id}-{seq}"),
    }
}

pub fn blob(digest: &str, case_id: &str) -> BlobRow {
    BlobRow {
        digest: digest.into(),
        case_id: case_id.into(),
        kind: "form".into(),
        salt: "salt".into(),
        bytes: r#"{"name":"福州示例科技有限公司"}"#.into(),
        created_at_us: MONDAY_US,
    }
}

pub fn task(id: &str, case_id: &str) -> TaskRow {
    TaskRow {
        id: id.into(),
        case_id: case_id.into(),
        step: "registration".into(),
        office: "registrar".into(),
        division: "350102".into(),
        state: TaskState::Ready,
        due_at_us: MONDAY_US + 300 * MINUTE_US,
        offered_at_us: MONDAY_US,
        epoch: 1,
        holder: None,
        lease_until_us: None,
    }
}

pub fn leased(id: &str, case_id: &str, lease_until_us: i64) -> TaskRow {
    TaskRow {
        state: TaskState::Leased,
        holder: Some("worker-1".into()),
        lease_until_us: Some(lease_until_us),
        ..task(id, case_id)
    }
}

pub fn timer(case_id: &str, step: &str, due_us: i64) -> TimerRow {
    TimerRow { case_id: case_id.into(), step: step.into(), kind: "remind".into(), due_us, clock: Clock::Business }
}

pub fn request(key: &str, case_id: Option<&str>) -> RequestRow {
    RequestRow {
        key: key.into(),
        content: format!("content-of-{key}"),
        case_id: case_id.map(Into::into),
        reply: "{}".into(),
        at_us: MONDAY_US,
    }
}

pub fn seen(case_id: &str, office: &str) -> CaseOfficeRow {
    CaseOfficeRow { case_id: case_id.into(), office: office.into() }
}

pub fn record(register: &str, key: &str, holder: &str, version: i64) -> RegisterRow {
    RegisterRow {
        register: register.into(),
        key: key.into(),
        holder: holder.into(),
        since_us: MONDAY_US,
        until_us: Some(FAR_US),
        state: "reserved".into(),
        value: "{}".into(),
        version,
    }
}

/// A record that is not there yet.
pub fn new_record(register: &str, key: &str, holder: &str) -> RegisterWrite {
    RegisterWrite { row: record(register, key, holder, 1), expected_version: None }
}

/// A record that goes to another holder.
pub fn changed_record(register: &str, key: &str, holder: &str, from_version: i64) -> RegisterWrite {
    RegisterWrite { row: record(register, key, holder, from_version + 1), expected_version: Some(from_version) }
}

/// An effect of case `c1`.
pub fn effect(id: &str, due_us: i64) -> OutboxRow {
    OutboxRow {
        id: id.into(),
        case_id: "c1".into(),
        kind: "tell".into(),
        payload: r#"{"letter":"c1/1"}"#.into(),
        due_us,
        attempts: 0,
        claimed_until_us: None,
        failed_code: None,
        created_at_us: MONDAY_US,
    }
}

/// New cases, nothing else.
pub fn new_cases(cases: impl IntoIterator<Item = CaseRow>) -> Changes {
    Changes { cases_new: cases.into_iter().collect(), ..Changes::default() }
}

/// A new case for each task, and the tasks.
pub fn queue(tasks: impl IntoIterator<Item = TaskRow>) -> Changes {
    let tasks: Vec<TaskRow> = tasks.into_iter().collect();
    let mut ids: Vec<&str> = tasks.iter().map(|task| task.case_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    Changes { cases_new: ids.into_iter().map(case).collect(), tasks, ..Changes::default() }
}

pub fn claim(office: &str, limit: u32) -> Claim {
    Claim { office: office.into(), steps: Vec::new(), limit }
}

pub fn wants_cases(ids: &[&str]) -> Wanted {
    Wanted { cases: ids.iter().map(|id| (*id).to_owned()).collect(), operating_us: MONDAY_US, ..Wanted::default() }
}

pub fn wants_tasks(claims: impl IntoIterator<Item = Claim>) -> Wanted {
    Wanted { claims: claims.into_iter().collect(), operating_us: MONDAY_US, ..Wanted::default() }
}
