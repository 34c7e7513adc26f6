//! What the account of a case says, in Chinese. The English words stand where they are used everywhere.

use kaiban_api::v1;
use kaiban_api::v1::CaseState;
use kaiban_definition::branch_parts;

use crate::ball::{Ball, Party, Stand};
use crate::lengths::instant;

/// A step by its title: `设立登记`, of a branch `实名认证［p1］`.
pub fn step(case: &v1::Case, name: &str) -> String {
    let (plain, key) = branch_parts(name);
    let of = |name: &str| case.steps.iter().find(|step| step.step == name)?.title.as_ref();
    let title = of(name).or_else(|| of(plain)).map_or(plain, |title| title.zh.as_str());
    key.map_or_else(|| title.to_owned(), |key| format!("{title}［{key}］"))
}

/// Who has the ball.
pub fn party<'a>(party: Party<'a>) -> &'a str {
    match party {
        Party::Agency("") => "办理机构",
        Party::Agency(office) => office,
        Party::Applicant => "申请人",
        Party::System => "系统",
        Party::Nobody => "无人",
    }
}

/// How it stands with who has the ball.
pub fn stand(stand: Stand<'_>) -> String {
    match stand {
        Stand::Offered => "已派件，尚未领取".to_owned(),
        Stand::Claimed => "已领取".to_owned(),
        Stand::Deferred => "已推迟".to_owned(),
        Stand::Retrying => "将再次办理".to_owned(),
        // Whose correction it is not to read sees that there is one.
        Stand::Asked("a correction") => "待答复补正".to_owned(),
        Stand::Asked(correction) => format!("待答复补正 {correction}"),
        Stand::Untold(correction) => format!("正在向申请人告知补正 {correction}"),
        Stand::Paused => "已暂停".to_owned(),
        Stand::Incident => "出现异常，须由工作人员处理".to_owned(),
        Stand::Waiting("") => "等待时间届满".to_owned(),
        Stand::Waiting(case) => format!("等待办件 {case} 办结"),
    }
}

/// Who has the ball, in one line.
pub fn with(case: &v1::Case, ball: &Ball<'_>) -> String {
    let since = ball.since.as_ref().map(|since| format!("，自 {} 起", instant(Some(since)))).unwrap_or_default();
    format!("{}：{}，{}{since}", party(ball.party), step(case, ball.step), stand(ball.stand))
}

/// Where a case stands, and how it ended.
pub fn state(case: &v1::Case) -> String {
    let outcome = match case.outcome.as_str() {
        "" => None,
        "opened" => Some("办成"),
        "refused" => Some("不予准许"),
        "not_accepted" => Some("不予受理"),
        "withdrawn" => Some("申请人撤回"),
        "cancelled" => Some("取消"),
        "revoked" => Some("撤销"),
        other => Some(other),
    };
    let state = match case.state() {
        CaseState::Unspecified => "状态不明",
        CaseState::Intake => "收件，尚未受理",
        CaseState::Open => "办理中",
        CaseState::Closed => "已办结",
    };
    outcome.map_or_else(|| state.to_owned(), |outcome| format!("{state}：{outcome}"))
}

/// A correction in one line, without its findings.
pub fn correction(correction: &v1::Correction) -> String {
    let told = match &correction.told_at {
        Some(at) => format!("{} 告知", instant(Some(at))),
        None => format!("{} 提出，尚未告知", instant(correction.asked_at.as_ref())),
    };
    let answered = match &correction.answered_at {
        Some(at) => format!("{} 答复", instant(Some(at))),
        None => "待答复".to_owned(),
    };
    let reminders = match correction.reminders {
        0 => String::new(),
        reminders => format!("，已提醒 {reminders} 次"),
    };
    let breach = if correction.breach { "，未一次性告知（违规）" } else { "" };
    format!("补正 {}：{told}，{answered}{reminders}{breach}，共 {} 项", correction.id, correction.findings.len())
}

/// Findings, one a line, each on a line of its own.
pub fn findings(findings: &[v1::Finding]) -> String {
    let zh = |text: &Option<v1::Text>| text.as_ref().map(|text| text.zh.clone()).unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let place = if finding.pointer.is_empty() { "-" } else { &finding.pointer };
        let weight = if finding.severity() == v1::Severity::Doubt { "（存疑）" } else { "" };
        text.push_str(&format!("\n  {place}  {}{weight}：{}", finding.code, zh(&finding.message)));
        if finding.help.is_some() {
            text.push_str(&format!("\n      {}", zh(&finding.help)));
        }
    }
    text
}

/// Why something is held up.
pub fn pause(pause: &v1::Pause) -> String {
    let reason = match pause.reason() {
        v1::PauseReason::Unspecified => "未说明原因",
        v1::PauseReason::SpecialProcedure => "特别程序",
        v1::PauseReason::Appointment => "申请人预约",
        v1::PauseReason::Litigation => "诉讼、仲裁",
    };
    let until = pause.until.as_ref().map(|until| format!("，至 {} 止", instant(Some(until)))).unwrap_or_default();
    format!("自 {} 起暂停{until}：{reason}", instant(pause.since.as_ref()))
}

/// A length of time: `1天2小时05分`, `42秒`.
pub fn length(length: &prost_types::Duration) -> String {
    let seconds = kaiban_api::duration_from_us(length).unwrap_or_default().unsigned_abs() / 1_000_000;
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60) {
        (0, 0, 0) => format!("{seconds}秒"),
        (0, 0, minutes) => format!("{minutes}分{:02}秒", seconds % 60),
        (0, hours, minutes) => format!("{hours}小时{minutes:02}分"),
        (days, hours, minutes) => format!("{days}天{hours}小时{minutes:02}分"),
    }
}
