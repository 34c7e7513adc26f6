//! The lines of the matrix: one for each method, with a request that only its caller can make wrong.

use serde_json::{Value, json};

use super::scene::Cell;

/// What a method is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Nothing that belongs to anybody.
    NoCase,
    /// A case, a step or a task.
    Case,
    /// A case whose person `p1` has been identified.
    Identified,
    /// A case whose receipt has been written.
    Lettered,
    /// Many cases: whether the one in question is among them.
    Listing,
}

/// A line.
pub struct Line {
    pub method: &'static str,
    pub about: About,
    pub request: fn(&Cell) -> Vec<Value>,
}

const fn line(method: &'static str, about: About, request: fn(&Cell) -> Vec<Value>) -> Line {
    Line { method, about, request }
}

/// All lines.
pub const LINES: &[Line] = &[
    line("CaseService/CheckForm", About::NoCase, |c| vec![json!({"workflow": c.workflow, "form": c.form})]),
    line("CaseService/SubmitCase", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "workflow": c.workflow, "form": c.form})]
    }),
    line("CaseService/GetCase", About::Case, |c| vec![json!({"id": c.case})]),
    line("CaseService/ExplainCase", About::Case, |c| vec![json!({"id": c.case})]),
    line("CaseService/ListCases", About::Listing, |_| vec![json!({"page_size": 500})]),
    line("CaseService/WatchCases", About::Case, |c| vec![json!({"id": c.case})]),
    line("CaseService/ResubmitCase", About::Case, |c| {
        vec![json!({
            "request_id": c.request, "case_id": c.case, "correction_id": "registration.1", "form": c.form,
        })]
    }),
    line("CaseService/WithdrawCase", About::Case, |c| vec![json!({"request_id": c.request, "case_id": c.case})]),
    line("CaseService/RequestStep", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "step": "registration"})]
    }),
    line("CaseService/WithdrawStep", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "step": "registration"})]
    }),
    line("CaseService/PauseStep", About::Case, |c| {
        vec![json!({
            "request_id": c.request, "case_id": c.case, "step": "registration", "reason": 1, "officer": c.officer,
        })]
    }),
    line("CaseService/ResumeStep", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "step": "registration", "officer": c.officer})]
    }),
    line("CaseService/ExtendStatutory", About::Case, |c| {
        vec![json!({
            "request_id": c.request, "case_id": c.case, "step": "registration", "officer": c.officer, "reason": "案情复杂",
        })]
    }),
    line("CaseService/GiveUpCase", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "reason": "逾期未补正"})]
    }),
    line("CaseService/RateCase", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "grade": 5})]
    }),
    line("CaseService/GetLetter", About::Lettered, |c| vec![json!({"case_id": c.case, "number": c.letter})]),
    line("CaseService/CancelCase", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "reason": "重复提交"})]
    }),
    line("TaskService/ClaimTasks", About::Case, |c| vec![json!({"request_id": c.request, "office": c.office})]),
    line("TaskService/HeartbeatTasks", About::Case, |c| {
        vec![json!({"heartbeats": [{"task": {"id": c.task}, "epoch": 1}]})]
    }),
    line("TaskService/CompleteTasks", About::Case, |c| {
        let completion = json!({
            "request_id": c.request, "task": {"id": c.task}, "epoch": 1, "outcome": "approve", "officer": c.officer,
        });
        vec![json!({"completions": [completion]})]
    }),
    line("TaskService/DeferTasks", About::Case, |c| {
        let (task, until) = (json!({"id": c.task}), "2026-03-03T01:00:00Z");
        let deferral = json!({
            "request_id": c.request, "task": task, "epoch": 1, "ask_again_after": until, "code": "WAITING",
        });
        vec![json!({"deferrals": [deferral]})]
    }),
    line("TaskService/FailTasks", About::Case, |c| {
        let task = json!({"id": c.task});
        vec![json!({"failures": [{"request_id": c.request, "task": task, "epoch": 1, "code": "SYSTEM_DOWN"}]})]
    }),
    line("TaskService/GetTask", About::Case, |c| vec![json!({"task": {"id": c.task}})]),
    line("TaskService/ExplainDelay", About::Case, |c| {
        let task = json!({"case_id": c.case, "step": "registration"});
        vec![json!({"request_id": c.request, "task": task, "officer": c.officer, "reason": "系统故障"})]
    }),
    line("TaskService/ListDelays", About::NoCase, |_| vec![json!({})]),
    line("TaskService/WorkTasks", About::Case, |c| vec![json!({"open": {"office": c.office, "window": 1}})]),
    line("DocumentService/UploadDocument", About::NoCase, |c| {
        vec![json!({"header": {"name": "lease.pdf"}}), json!({"chunk": c.content})]
    }),
    line("DocumentService/DownloadDocument", About::Case, |c| vec![json!({"digest": c.document, "case_id": c.case})]),
    line("DocumentService/GetDocument", About::Case, |c| vec![json!({"digest": c.document, "case_id": c.case})]),
    line("DocumentService/ListDocuments", About::Case, |c| vec![json!({"case_id": c.case})]),
    line("IncidentService/ListIncidents", About::NoCase, |_| vec![json!({})]),
    line("IncidentService/ResolveIncident", About::Case, |c| {
        vec![json!({"request_id": c.request, "incident": format!("{}/registration", c.case)})]
    }),
    line("WorkflowService/ListWorkflows", About::NoCase, |_| vec![json!({})]),
    line("WorkflowService/GetWorkflow", About::NoCase, |c| vec![json!({"workflow": c.workflow})]),
    line("WorkflowService/MigrateCases", About::NoCase, |c| vec![json!({"request_id": c.request, "mapping": "["})]),
    line("AdminService/IssueToken", About::NoCase, |_| vec![json!({"role": "ROLE_BANK", "organisation": "b03"})]),
    line("AdminService/ListTokens", About::NoCase, |_| vec![json!({})]),
    line("AdminService/RevokeToken", About::NoCase, |c| vec![json!({"id": c.spare})]),
    line("AdminService/IssueApplicantCredential", About::Identified, |c| {
        vec![json!({"case_id": c.case, "person_key": "p1"})]
    }),
    line("AdminService/GetServer", About::NoCase, |_| vec![json!({})]),
    line("AdminService/PublishCalendar", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "source": "国办发明电", "files": [{"name": "cn.yaml", "text": "["}]})]
    }),
    line("AdminService/PutRegisterEntry", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "register": "no-go", "key": "学校周边", "reason": "校园周边禁设"})]
    }),
    line("AdminService/RemoveRegisterEntry", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "register": "no-go", "key": "学校周边", "reason": "学校已搬迁"})]
    }),
    line("AdminService/ListRegister", About::NoCase, |_| vec![json!({"register": "no-go"})]),
    line("CommitmentService/ListCertificates", About::Case, |c| vec![json!({"case_id": c.case})]),
    line("CommitmentService/PreviewCommitment", About::Case, |c| {
        vec![json!({"case_id": c.case, "step": "registration", "person_key": "p1"})]
    }),
    line("CommitmentService/SignCommitment", About::Case, |c| {
        let sha256 = "0".repeat(64);
        vec![json!({
            "request_id": c.request, "case_id": c.case, "step": "registration", "text_sha256": sha256,
            "typed_name": "张样例",
        })]
    }),
    line("CommitmentService/DeclineCommitment", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "step": "registration"})]
    }),
    line("CommitmentService/WithdrawCommitment", About::Case, |c| {
        vec![json!({"request_id": c.request, "case_id": c.case, "step": "registration"})]
    }),
    line("CommitmentService/GetCommitmentFigures", About::NoCase, |_| vec![json!({})]),
    line("CreditService/RecordCredit", About::Case, |c| {
        vec![json!({
            "request_id": c.request, "subject": person(c), "record_id": c.request, "class": "CREDIT_CLASS_MINOR",
            "reason": "CREDIT_REASON_OTHER", "text": {"zh": "未按期年报。", "en": "No annual report."},
            "source": "榕市监罚〔2026〕1号", "law": "企业信息公示暂行条例 §8", "decided_on": "2026-03-02",
        })]
    }),
    line("CreditService/RecordCorrection", About::Case, |c| {
        vec![json!({"request_id": c.request, "subject": person(c), "record_id": "r1", "done_on": "2026-03-02"})]
    }),
    line("CreditService/ApplyForRepair", About::Case, |c| {
        vec![json!({"request_id": c.request, "subject": person(c), "record_id": "r1", "public_promise": true})]
    }),
    line("CreditService/DecideRepair", About::Case, |c| {
        vec![json!({"request_id": c.request, "subject": person(c), "record_id": "r1", "granted": true})]
    }),
    line("CreditService/WithdrawRecord", About::Case, |c| {
        vec![json!({
            "request_id": c.request, "subject": person(c), "record_id": "r1", "decision": "榕市监撤〔2026〕1号",
        })]
    }),
    line("CreditService/GetCredit", About::Case, |c| vec![json!({"subject": person(c)})]),
    line("DrawService/AnnounceDraw", About::NoCase, |c| {
        vec![json!({
            "request_id": c.request, "pool": "commitments", "parties": [PARTY, "auditor:town-auditor"],
            "commit_by": "2026-03-02T04:00:00Z", "reveal_by": "2026-03-02T08:00:00Z",
        })]
    }),
    line("DrawService/CommitSeed", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "draw_id": "commitments-1", "sha256": "0".repeat(64)})]
    }),
    line("DrawService/FreezeDraw", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "draw_id": "commitments-1"})]
    }),
    line("DrawService/RevealSeed", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "draw_id": "commitments-1", "reveal": "0".repeat(64)})]
    }),
    line("DrawService/PublishValue", About::NoCase, |c| {
        vec![json!({"request_id": c.request, "draw_id": "commitments-1", "value": "123456"})]
    }),
    line("DrawService/HoldDraw", About::NoCase, |c| vec![json!({"request_id": c.request, "draw_id": "commitments-1"})]),
    line("DrawService/GetDraw", About::NoCase, |_| vec![json!({"id": "commitments-1"})]),
    line("DrawService/ListDraws", About::NoCase, |_| vec![json!({})]),
    line("DrawService/ListPools", About::NoCase, |_| vec![json!({})]),
    line("AuditService/ListAccessRecords", About::Case, |c| vec![json!({"case_id": c.case})]),
    line("AuditService/ListJournal", About::Case, |c| vec![json!({"case_id": c.case})]),
    line("AuditService/ListHeads", About::NoCase, |_| vec![json!({})]),
];

/// A party of the draw: the officer of the matrix.
const PARTY: &str = "officer:market-regulation-350100-1";

/// The case's one person, as the subject of a credit record.
fn person(c: &Cell) -> Value {
    json!({"case_person": {"case_id": c.case, "person_key": "p1"}})
}
