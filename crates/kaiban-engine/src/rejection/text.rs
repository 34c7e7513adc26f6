//! What a rejection says to people, in both languages: what happened and what to do.

use kaiban_findings::{Finding, Text};

use super::Rejection;

impl Rejection {
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
            Self::OfficerRequired => {
                Text::new("办理结果须由人作出，请注明经办人员工号。", "A person decides: name the officer.")
            }
            Self::ApproverRequired => Text::new(
                "该决定须经另一名人员审批，请注明审批人员工号。",
                "A second officer has to approve this: name the approver.",
            ),
            Self::ApproverNotAnother => Text::new(
                "经办人员不能审批本人的决定，请由另一名人员审批。",
                "Nobody approves a decision of their own: name another officer.",
            ),
            Self::OfficerNotDrawn => Text::new(
                "核查人员由随机抽取确定，请由被抽中的人员办理并注明其工号。",
                "A draw has said who checks: one of those officers does it and is named.",
            ),
            Self::OfficerRecused => Text::new(
                "该工作人员办理过相关事项，应当回避，请由其他人员办理。",
                "This officer has handled the matter itself and stands aside: somebody else does it.",
            ),
            Self::ReasonRequired => Text::new(
                "不利决定、终止办件以及超出首次补正范围的再次补正，均须书面说明理由，请填写理由。",
                "A decision against the applicant, a cancellation, and a further correction that asks for something new each need a written reason: give it.",
            ),
            Self::FindingsNotExpected => Text::new(
                "该办理结果不要求补正，不应附问题清单；如需补正请选用补正结果。",
                "This outcome asks for no correction: leave the findings out, or choose one that corrects.",
            ),
            Self::PointerInUse { steps, findings } => Text::new(
                format!(
                    "有{}处已作为环节 {} 办结的依据，不能更改；确需更改的，请选用会重新开启该环节的办理结果。",
                    findings.len(),
                    steps.join("、")
                ),
                format!(
                    "{} place(s) were decided on by steps that have ended ({}): leave them, or use an outcome that reopens those steps.",
                    findings.len(),
                    steps.join(", ")
                ),
            ),
            Self::PlaceUnderCorrection(findings) => Text::new(
                format!(
                    "本环节据以办理的{}处正由其他环节要求申请人补正，答复前不能办结；答复后任务将附新表单重新派发。",
                    findings.len()
                ),
                format!(
                    "{} place(s) that this step decides on are being corrected for another step: let go; with the answer the task is offered anew, on the new form.",
                    findings.len()
                ),
            ),
            Self::SignatoryRequired => Text::new(
                "承诺书只能由申请人本人凭实名核验凭证签署、拒绝或撤回，不得代为承诺。",
                "Only the applicant in person, with the credential of the real-name check, signs a commitment, declines it or takes it back.",
            ),
            Self::NotPromisable { step } => Text::new(
                format!("环节“{step}”没有可以告知承诺的证明事项。"),
                format!("Step \"{step}\" asks for no certificate that can be promised."),
            ),
            Self::CertificateNotNeeded { step } => Text::new(
                format!("本件不需要“{step}”这一证明，无需承诺。"),
                format!("This case does not need the certificate of \"{step}\": there is nothing to promise."),
            ),
            Self::CertificateProved { step } => Text::new(
                format!("“{step}”已有证明材料或者已通过数据共享核验，无需承诺。"),
                format!("The certificate of \"{step}\" is there already: there is nothing to promise."),
            ),
            Self::AlreadySigned { step } => Text::new(
                format!("“{step}”的承诺书已经签署；不愿继续承诺的，请在作出决定前撤回。"),
                format!(
                    "The commitment of \"{step}\" is signed; who no longer wants it takes it back before the decision."
                ),
            ),
            Self::AlreadyDeclined { step } => Text::new(
                format!("已记录不采用告知承诺（“{step}”），请提交证明材料，或者改为签署承诺书。"),
                format!("It is on record that \"{step}\" is not promised: hand in the document, or sign after all."),
            ),
            Self::NotSigned { step } => Text::new(
                format!("您没有签署“{step}”的承诺书，没有可以撤回的承诺。"),
                format!("You have signed no commitment of \"{step}\" that could be taken back."),
            ),
            Self::CommitmentNotAllowed(findings) => Text::new(
                format!("有{}项不适用告知承诺的情形，请提交证明材料。", findings.len()),
                format!("{} ground(s) rule the promise out: hand in the document.", findings.len()),
            ),
            Self::ReservationLapsed { step } => Text::new(
                format!(
                    "环节 {step} 保留的名称已过保留期，并已被他人占用，不能准予。请用可以重新申报名称的结果要求补正。"
                ),
                format!(
                    "What `{step}` had reserved ran out and is another case's now. Ask for another with the outcome that reopens that step."
                ),
            ),
            Self::LoopExhausted { step, at_most } => Text::new(
                format!("环节“{step}”按该结果退回已达{at_most}次，不能再退回，请选用其他办理结果。"),
                format!(
                    "Step \"{step}\" has gone back {at_most} time(s) by this outcome, which is the most: decide otherwise."
                ),
            ),
            Self::StaleEpoch { step } => Text::new(
                format!(
                    "环节“{step}”的任务不在您手中：尚未领取、已转交他人或已被收回。本次操作未生效，请停止办理；如需办理，请先领取。"
                ),
                format!(
                    "You do not hold the task of step \"{step}\" under this epoch: it was never claimed, has gone to somebody else or was taken back. Nothing changed; stop working on it, or claim it first."
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
            Self::NotAcceptedYet => Text::new(
                "办件尚未受理，请待受理后再操作。",
                "The case has not been accepted yet: wait for its acceptance.",
            ),
            Self::NotClosed => {
                Text::new("办件尚未办结，请办结后再评价。", "The case has not ended yet: rate it when it has.")
            }
            Self::AlreadyRated => {
                Text::new("该办件已评价，每件只能评价一次。", "The case was rated; each is rated once.")
            }
            Self::GradeOutOfRange => Text::new("评价等级须为1至5的整数。", "A grade is a whole number from 1 to 5."),
            Self::NotRequestable { step, state } => Text::new(
                format!("环节“{step}”不能申请办理（状态：{}）：只有申请时未选择的环节可以补申请。", state_zh(state)),
                format!(
                    "Step \"{step}\" cannot be asked for (it is {state}): only a step that was left out at first can."
                ),
            ),
            Self::NotOptional { step } => Text::new(
                format!("环节“{step}”为必办环节，不能单独撤回；如不再办理请撤回整个申请。"),
                format!(
                    "Step \"{step}\" cannot be left out: withdraw the whole application if it is not wanted any more."
                ),
            ),
            Self::StepOver { step, state } => Text::new(
                format!("环节“{step}”已经结束（状态：{}），不能撤回。", state_zh(state)),
                format!("Step \"{step}\" has ended (it is {state}) and cannot be taken back."),
            ),
            Self::NotPausable { step, state } => Text::new(
                format!("环节“{step}”不能中止（状态：{}）：只有部门正在办理的环节可以中止。", state_zh(state)),
                format!("Step \"{step}\" cannot be paused (it is {state}): only one that an office has to do can."),
            ),
            Self::NotPaused { step } => Text::new(
                format!("环节“{step}”没有中止，无需恢复。"),
                format!("Step \"{step}\" is not paused; there is nothing to resume."),
            ),
            Self::UntilRequired => Text::new(
                "须书面告知申请人所需时间，请填写预计恢复时间。",
                "The applicant has to be told how long it will take: say until when.",
            ),
            Self::NotLapsed => Text::new(
                "没有逾期未答复的补正：须自告知之日起满规定期限方可按撤回处理。",
                "No correction has been unanswered for long enough: wait until the period since the telling is over.",
            ),
            Self::UnknownLetter(letter) => {
                Text::new(format!("流程中没有文书“{letter}”。"), format!("The package has no letter \"{letter}\"."))
            }
            Self::AlreadyIssued { number } => Text::new(
                format!("文书“{number}”已经制发，不能重复制发。"),
                format!("Letter \"{number}\" was issued; it is issued once."),
            ),
            Self::NoSuchLetter { number } => Text::new(
                format!("没有文书“{number}”，请核对文号。"),
                format!("No letter \"{number}\" was issued: check the number."),
            ),
            Self::AlreadyTold { number } => Text::new(
                format!("文书“{number}”的送达时间已登记，不能更改。"),
                format!("The applicant was told of letter \"{number}\"; the instant stands."),
            ),
            Self::NotWaiting { step } => Text::new(
                format!("环节“{step}”没有在等待关联办件，本次操作未生效。"),
                format!("Step \"{step}\" waits for no other case; nothing changed."),
            ),
            Self::OtherSubCase { step } => Text::new(
                format!("环节“{step}”等待的是另一关联办件，本次操作未生效。"),
                format!("Step \"{step}\" waits for another case; nothing changed."),
            ),
            Self::AlreadyDecided => Text::new(
                "已作出决定，不能再撤回申请，也不能再签署或者撤回承诺；如需变更请办理变更或注销登记。",
                "The matter has been decided: nothing is signed or taken back any more. Apply for a change or a cancellation.",
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
            Self::NoReasonOwed { step } => Text::new(
                format!("环节“{step}”没有待说明的超时理由：未超过承诺时限，或者理由已经说明。"),
                format!("No reason is owed for \"{step}\": it was in time, or the reason was given."),
            ),
            Self::NotExtendable { step } if step.is_empty() => Text::new(
                "本办件的法定期限不能延长：流程没有规定可以延长，或者已经延长过、已经届满。",
                "The period that the law sets for the case cannot be prolonged: it may not be, it was, or it has ended.",
            ),
            Self::NotExtendable { step } => Text::new(
                format!("环节“{step}”的法定期限不能延长：流程没有规定可以延长，或者已经延长过、已经届满。"),
                format!(
                    "The period that the law sets for \"{step}\" cannot be prolonged: it may not be, it was, or it has ended."
                ),
            ),
            Self::NotInIncident { step } if step.is_empty() => {
                Text::new("办件的承诺时限没有待处理的异常。", "The promise of the case has no incident to resolve.")
            }
            Self::NotInIncident { step } => Text::new(
                format!("环节“{step}”没有待处理的异常。"),
                format!("Step \"{step}\" has no incident to resolve."),
            ),
            Self::NoSuchTimer => Text::new("该时限已不存在。", "That deadline is no longer running."),
            Self::TimeOutOfRange { max_s } => Text::new(
                format!("时间须在将来，且不超过{}天。", max_s / 86_400),
                format!("The time must lie ahead, at most {} days.", max_s / 86_400),
            ),
            Self::TextInvalid { field: "code" } => Text::new(
                "原因代码须以大写字母开头，只用大写字母、数字和下划线，连续数字不超过5位，且不能过长；代码会永久记入日志，不得填写证件号码、手机号码等个人信息。",
                "A code begins with a capital letter, has only capital letters, digits and `_`, at most 5 digits in a row, and is short: the journal keeps it for ever, so it is no number of a person.",
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
            Self::OtherVersion => Text::new(
                "办件所用的流程版本不是该映射的旧版本，未作更改。",
                "The case does not go by the version that this mapping leaves: nothing was changed.",
            ),
            Self::NotMigratable(findings) => Text::new(
                format!("办件暂不能改用新版本，原因共{}项，办件保持原版本。", findings.len()),
                format!(
                    "The case cannot go on by the new version, for {} reason(s), and was left as it is.",
                    findings.len()
                ),
            ),
            Self::WrongPhase => Text::new(
                "办件状态与命令不符，请联系管理员。",
                "The command does not fit the case: tell the administrator.",
            ),
        }
    }
}

fn field_zh(field: &str) -> &'static str {
    match field {
        "officer" => "经办人员工号",
        "approver" => "审批人员工号",
        "number" => "文号",
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
        "PAUSED" => "已中止",
        "WAITING" => "等待中",
        "BRANCHED" => "分项办理中",
        "NOT_REQUESTED" => "未申请",
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
