//! Why a command changed nothing.

use kaiban_findings::{Finding, Text};

/// Which kind of error a rejection is; each kind has its own canonical gRPC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The command itself is wrong, whatever the state.
    InvalidArgument,
    /// The state does not allow it now.
    FailedPrecondition,
    /// Somebody else has it by now.
    Aborted,
    /// There is no such thing.
    NotFound,
    /// A defect or lost data on our side.
    Internal,
}

/// Why a command changed nothing. Texts name places and rules, never personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The form has errors.
    FormInvalid(Vec<Finding>),
    /// The result has errors.
    ResultInvalid(Vec<Finding>),
    /// The form names a division that has no registrar.
    UnknownDivision,
    /// The package has no such step.
    UnknownStep(String),
    /// The step declares no such outcome.
    UnknownOutcome {
        /// The step.
        step: String,
        /// What it declares.
        known: Vec<String>,
    },
    /// The outcome needs a result, or may not have one.
    ResultMismatch {
        /// Whether one is required.
        required: bool,
    },
    /// A correcting outcome needs findings, each with a pointer that the step shares.
    CorrectionInvalid(Vec<Finding>),
    /// Nobody named for a decision that only a person may take.
    OfficerRequired,
    /// An adverse outcome without the reason that the applicant reads.
    ReasonRequired,
    /// The epoch is not the task's.
    StaleEpoch {
        /// The step.
        step: String,
    },
    /// The step has no open task.
    NoOpenTask {
        /// The step.
        step: String,
        /// Where it stands.
        state: &'static str,
    },
    /// The task is in other hands.
    NotClaimable {
        /// The step.
        step: String,
    },
    /// The case has ended.
    CaseClosed,
    /// The matter has been decided: what was granted cannot be taken back by withdrawing.
    AlreadyDecided,
    /// No correction of that id is open.
    NoOpenCorrection,
    /// The new form changes places that were not opened.
    PointerNotOpen(Vec<Finding>),
    /// The new form is the old one.
    NothingChanged,
    /// The step is not in incident.
    NotInIncident {
        /// The step.
        step: String,
    },
    /// The deadline is not, or no longer, running.
    NoSuchTimer,
    /// A time that must lie ahead, within a bound.
    TimeOutOfRange {
        /// Longest allowed, seconds.
        max_s: i64,
    },
    /// A text is too long or has characters that it must not have.
    TextInvalid {
        /// Which field.
        field: &'static str,
    },
    /// A document that the case names is not there.
    DocumentMissing,
    /// A calendar or office that the directory should have is not there, or cannot be computed with.
    DirectoryMismatch {
        /// What was looked up.
        what: String,
    },
    /// A guard that decides which promise holds could not be evaluated.
    PromiseUndecidable,
    /// A case of that id exists, or does not exist, against what the command supposes.
    WrongPhase,
}

impl Rejection {
    /// Kind of error.
    pub fn class(&self) -> Class {
        match self {
            Self::FormInvalid(_)
            | Self::ResultInvalid(_)
            | Self::UnknownDivision
            | Self::UnknownStep(_)
            | Self::UnknownOutcome { .. }
            | Self::ResultMismatch { .. }
            | Self::CorrectionInvalid(_)
            | Self::OfficerRequired
            | Self::ReasonRequired
            | Self::PointerNotOpen(_)
            | Self::NothingChanged
            | Self::TimeOutOfRange { .. }
            | Self::TextInvalid { .. } => Class::InvalidArgument,
            Self::StaleEpoch { .. } => Class::Aborted,
            Self::NoOpenTask { .. }
            | Self::NotClaimable { .. }
            | Self::CaseClosed
            | Self::AlreadyDecided
            | Self::NoOpenCorrection
            | Self::NotInIncident { .. }
            | Self::NoSuchTimer => Class::FailedPrecondition,
            Self::DocumentMissing | Self::DirectoryMismatch { .. } | Self::PromiseUndecidable | Self::WrongPhase => {
                Class::Internal
            }
        }
    }

    /// Stable reason that programmes branch on.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::FormInvalid(_) => "FORM_INVALID",
            Self::ResultInvalid(_) => "RESULT_INVALID",
            Self::UnknownDivision => "UNKNOWN_DIVISION",
            Self::UnknownStep(_) => "UNKNOWN_STEP",
            Self::UnknownOutcome { .. } => "UNKNOWN_OUTCOME",
            Self::ResultMismatch { required: true } => "RESULT_REQUIRED",
            Self::ResultMismatch { required: false } => "RESULT_NOT_EXPECTED",
            Self::CorrectionInvalid(_) => "CORRECTION_INVALID",
            Self::OfficerRequired => "OFFICER_REQUIRED",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::StaleEpoch { .. } => "STALE_EPOCH",
            Self::NoOpenTask { .. } => "NO_OPEN_TASK",
            Self::NotClaimable { .. } => "NOT_CLAIMABLE",
            Self::CaseClosed => "CASE_CLOSED",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NoOpenCorrection => "NO_OPEN_CORRECTION",
            Self::PointerNotOpen(_) => "POINTER_NOT_OPEN",
            Self::NothingChanged => "NOTHING_CHANGED",
            Self::NotInIncident { .. } => "NOT_IN_INCIDENT",
            Self::NoSuchTimer => "NO_SUCH_TIMER",
            Self::TimeOutOfRange { .. } => "TIME_OUT_OF_RANGE",
            Self::TextInvalid { .. } => "TEXT_INVALID",
            Self::DocumentMissing => "DOCUMENT_MISSING",
            Self::DirectoryMismatch { .. } => "DIRECTORY_MISMATCH",
            Self::PromiseUndecidable => "PROMISE_UNDECIDABLE",
            Self::WrongPhase => "WRONG_PHASE",
        }
    }

    /// What happened and what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::FormInvalid(findings) => Text::new(
                format!("表单有{}处错误，请逐项更正后再提交。", errors(findings)),
                format!("The form has {} error(s): correct each and submit again.", errors(findings)),
            ),
            Self::ResultInvalid(findings) => Text::new(
                format!("办理结果有{}处不符合结果格式，请更正。", errors(findings)),
                format!("The result has {} error(s) against its schema: correct each.", errors(findings)),
            ),
            Self::UnknownDivision => Text::new(
                "表单中的登记机关区划代码不在名录内，请改为登记机关所在区划。",
                "The registering division on the form is not in the directory: give the code of a registrar.",
            ),
            Self::UnknownStep(step) => {
                Text::new(format!("流程中没有环节“{step}”。"), format!("The package has no step \"{step}\"."))
            }
            Self::UnknownOutcome { step, known } => Text::new(
                format!("环节“{step}”没有声明该办理结果，可用的有：{}。", known.join("、")),
                format!("Step \"{step}\" declares no such outcome; it has: {}.", known.join(", ")),
            ),
            Self::ResultMismatch { required: true } => Text::new(
                "该办理结果须附结果数据（见流程的结果格式）。",
                "This outcome needs a result: give one by the step's result schema.",
            ),
            Self::ResultMismatch { required: false } => {
                Text::new("该办理结果不应附结果数据。", "This outcome takes no result: leave it out.")
            }
            Self::CorrectionInvalid(_) => Text::new(
                "补正须一次性列出全部问题，每个问题指向本环节所共享的表单位置。",
                "A correction lists everything that is missing, each with a pointer into what the step shares.",
            ),
            Self::OfficerRequired => Text::new(
                "不利决定只能由人作出，请注明经办人员工号。",
                "Only a person may decide against the applicant: name the officer.",
            ),
            Self::ReasonRequired => Text::new(
                "不利决定须书面说明理由，请填写理由。",
                "A decision against the applicant needs a written reason: give it.",
            ),
            Self::StaleEpoch { step } => Text::new(
                format!("环节“{step}”的任务已转交他人或被收回，本次操作未生效。请停止办理。"),
                format!(
                    "The task of step \"{step}\" has gone to somebody else or was taken back; nothing changed. Stop working on it."
                ),
            ),
            Self::NoOpenTask { step, state } => Text::new(
                format!("环节“{step}”当前没有待办任务（状态：{}）。", state_zh(state)),
                format!("Step \"{step}\" has no open task (it is {state})."),
            ),
            Self::NotClaimable { step } => Text::new(
                format!("环节“{step}”的任务当前不可领取。"),
                format!("The task of step \"{step}\" cannot be taken now."),
            ),
            Self::CaseClosed => Text::new("办件已经结束，不能再变更。", "The case has ended; nothing can be changed."),
            Self::AlreadyDecided => Text::new(
                "已作出准予决定，不能撤回申请；如需变更请办理变更或注销登记。",
                "The matter has been decided and cannot be withdrawn: apply for a change or a cancellation instead.",
            ),
            Self::NoOpenCorrection => Text::new(
                "没有该编号的待补正事项，请重新查询办件。",
                "No correction of that id is open: get the case again.",
            ),
            Self::PointerNotOpen(findings) => Text::new(
                format!("有{}处改动不在补正范围内，请只修改补正告知列出的位置。", findings.len()),
                format!("{} change(s) lie outside the correction: edit only the places it lists.", findings.len()),
            ),
            Self::NothingChanged => Text::new(
                "提交的表单与原表单相同，请按补正告知修改。",
                "The form is unchanged: correct what was asked for.",
            ),
            Self::NotInIncident { step } => Text::new(
                format!("环节“{step}”没有待处理的异常。"),
                format!("Step \"{step}\" has no incident to resolve."),
            ),
            Self::NoSuchTimer => Text::new("该时限已不存在。", "That deadline is no longer running."),
            Self::TimeOutOfRange { max_s } => Text::new(
                format!("时间须在将来，且不超过{}天。", max_s / 86_400),
                format!("The time must lie ahead, at most {} days.", max_s / 86_400),
            ),
            Self::TextInvalid { field } => Text::new(
                format!("“{}”（{field}）为空、过长或含有不允许的字符。", field_zh(field)),
                format!("\"{field}\" is empty, too long or has characters that are not allowed."),
            ),
            Self::DocumentMissing => Text::new(
                "办件引用的资料缺失，请联系管理员。",
                "A document of the case is missing: tell the administrator.",
            ),
            Self::DirectoryMismatch { what } => Text::new(
                format!("名录或日历中缺少“{what}”，请联系管理员。"),
                format!("The directory or a calendar lacks \"{what}\": tell the administrator."),
            ),
            Self::PromiseUndecidable => Text::new(
                "无法判定适用的承诺时限，请联系管理员。",
                "Which promise applies could not be decided: tell the administrator.",
            ),
            Self::WrongPhase => Text::new(
                "办件状态与命令不符，请联系管理员。",
                "The command does not fit the case: tell the administrator.",
            ),
        }
    }

    /// The places in the form or the result, where that is what is wrong.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::FormInvalid(f) | Self::ResultInvalid(f) | Self::CorrectionInvalid(f) | Self::PointerNotOpen(f) => f,
            _ => &[],
        }
    }
}

fn field_zh(field: &str) -> &'static str {
    match field {
        "officer" => "经办人员工号",
        "code" => "原因代码",
        _ => "字段",
    }
}

fn state_zh(state: &str) -> &'static str {
    match state {
        "PENDING" => "尚未开始",
        "OFFERED" => "待领取",
        "CLAIMED" => "办理中",
        "DEFERRED" => "已暂缓",
        "RETRYING" => "等待重试",
        "CORRECTION" => "待补正",
        "INCIDENT" => "异常待处理",
        "COMPLETED" => "已办结",
        "SKIPPED" => "无需办理",
        "ENDED" => "分支已终止",
        _ => "已收回",
    }
}

fn errors(findings: &[Finding]) -> usize {
    findings.iter().filter(|f| f.is_error()).count()
}
