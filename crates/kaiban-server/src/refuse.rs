//! What a refusal looks like on the wire: a status with details when a call fails as a whole, a `kaiban.v1.Error` when
//! one item of several does.
//!
//! Statuses travel in HTTP/2 trailers, which many clients bound at 8 KiB: what does not fit is left out and said so.

use std::collections::HashMap;

use kaiban_api::{duration, v1};
use kaiban_app::{Canonical, Refusal};
use kaiban_findings::{Finding, Place, Text};
use tonic::{Code, Status};
use tonic_types::{BadRequest, ErrorDetail, ErrorInfo, FieldViolation, LocalizedMessage, RetryInfo, StatusExt};

use crate::limits::{DETAILS_MAX_BYTES, Limits, STATUS_MESSAGE_MAX};
use crate::map::finding;

/// Domain of every `google.rpc.ErrorInfo`.
pub(crate) const DOMAIN: &str = "kaiban";

/// A refusal of a whole call.
pub(crate) fn status(refusal: Refusal) -> Status {
    let Refusal { code, reason, message, findings, retry_after } = refusal;
    build(canonical(code), reason, None, &message, &findings, retry_after)
}

/// A refusal of one item.
pub(crate) fn error(refusal: Refusal) -> v1::Error {
    if refusal.code == Canonical::Internal {
        tracing::error!(reason = refusal.reason, "an item of a call failed");
    }
    v1::Error {
        code: canonical(refusal.code) as i32,
        reason: refusal.reason.to_owned(),
        message: Some(finding::text(refusal.message)),
        findings: refusal.findings.into_iter().map(finding::present).collect(),
        retry_after: refusal.retry_after.map(|delay| duration(i64::try_from(delay.as_micros()).unwrap_or(i64::MAX))),
    }
}

/// A defect on our side. What it was is in the log, not in the answer.
pub(crate) fn defect() -> Status {
    let text =
        Text::new("服务内部错误，请联系管理员。", "Something is wrong inside the server: tell the administrator.");
    build(Code::Internal, "INTERNAL", None, &text, &[], None)
}

/// A call took longer than it may.
pub(crate) fn too_late() -> Status {
    let text = Text::new(
        "处理超时，结果未知；请用同一 request_id 重试。",
        "The deadline passed and the result is not known: try again with the same request_id.",
    );
    build(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", None, &text, &[], None)
}

/// What the transport itself says to a message that it cannot hand over, in our words. Statuses that have details are
/// our own and are left as they are. A message that is too large is the caller's mistake: it stays too large however
/// often it is sent, which RESOURCE_EXHAUSTED would invite.
pub(crate) fn transport(status: Status, limits: &Limits) -> Status {
    if !status.details().is_empty() {
        return status;
    }
    let max = limits.request_max_bytes;
    let (code, reason, text) = match status.code() {
        Code::Unimplemented => (
            Code::Unimplemented,
            "METHOD_UNKNOWN",
            Text::new("没有此方法或不支持该压缩方式。", "There is no such method, or no such compression."),
        ),
        Code::OutOfRange => (
            Code::InvalidArgument,
            "MESSAGE_TOO_LARGE",
            Text::new(
                format!("单条消息最大{max}字节，请减少内容，或分几次发送。"),
                format!("A message has at most {max} bytes: send less, or in several messages."),
            ),
        ),
        Code::Internal => (
            Code::InvalidArgument,
            "MESSAGE_MALFORMED",
            Text::new(
                "消息无法按 kaiban.v1 解析（格式有误、缺失或嵌套过深）。",
                "The message cannot be read as kaiban.v1: malformed, missing, or nested too deeply.",
            ),
        ),
        _ => return status,
    };
    let limit = (reason == "MESSAGE_TOO_LARGE").then_some(max);
    build(code, reason, limit, &text, &[], None)
}

/// `limit`: a bound that was not kept, for programmes.
fn build(
    code: Code,
    reason: &str,
    limit: Option<usize>,
    message: &Text,
    findings: &[Finding],
    retry_after: Option<std::time::Duration>,
) -> Status {
    let metadata: HashMap<String, String> =
        limit.map(|limit| ("limit_bytes".into(), limit.to_string())).into_iter().collect();
    let mut details: Vec<ErrorDetail> =
        vec![ErrorInfo::new(reason, DOMAIN, metadata).into(), LocalizedMessage::new("zh-CN", cut(&message.zh)).into()];
    if !findings.is_empty() {
        details.push(BadRequest::new(violations(findings)).into());
    }
    if retry_after.is_some() {
        details.push(RetryInfo::new(retry_after).into());
    }
    Status::with_error_details_vec(code, cut(&message.en), details)
}

/// As many findings as fit, errors before doubts; the last one says how many do not.
fn violations(findings: &[Finding]) -> Vec<FieldViolation> {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| !finding.is_error());
    let mut violations = Vec::new();
    let mut bytes = 3 * STATUS_MESSAGE_MAX;
    for (index, finding) in findings.iter().enumerate() {
        let field = match &finding.place {
            Place::Pointer(pointer) => pointer.clone(),
            // Which of several files, and where in it.
            Place::File { .. } => finding.place.to_string(),
            Place::Whole => String::new(),
        };
        let description = format!("{}: {} / {}", finding.code, finding.message.en, finding.message.zh);
        bytes += field.len() + description.len() + 16;
        if bytes > DETAILS_MAX_BYTES {
            let left = findings.len() - index;
            violations.push(FieldViolation::new(
                "",
                format!("MORE_FINDINGS: {left} more are left out; CheckForm lists all. / 另有{left}项未列出，可用 CheckForm 查询全部。"),
            ));
            break;
        }
        violations.push(FieldViolation::new(field, description));
    }
    violations
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(STATUS_MESSAGE_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn canonical(code: Canonical) -> Code {
    match code {
        Canonical::InvalidArgument => Code::InvalidArgument,
        Canonical::Unauthenticated => Code::Unauthenticated,
        Canonical::PermissionDenied => Code::PermissionDenied,
        Canonical::NotFound => Code::NotFound,
        Canonical::AlreadyExists => Code::AlreadyExists,
        Canonical::FailedPrecondition => Code::FailedPrecondition,
        Canonical::Aborted => Code::Aborted,
        Canonical::ResourceExhausted => Code::ResourceExhausted,
        Canonical::Unavailable => Code::Unavailable,
        Canonical::Internal => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form_invalid(count: usize) -> Refusal {
        let finding = |index| {
            Finding::error(
                "REQUIRED",
                Place::Pointer(format!("/people/{index}/name")),
                "此项必填，请填写姓名。",
                "This field is required: give the name.",
            )
        };
        Refusal {
            findings: (0..count).map(finding).collect(),
            ..Refusal::argument("FORM_INVALID", "表单有错误。", "The form has errors.")
        }
    }

    #[test]
    fn a_refusal_carries_reason_places_and_both_languages() {
        let status = status(form_invalid(1));
        let details = status.get_error_details();
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, "The form has errors."));
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("FORM_INVALID", "kaiban"));
        let localized = details.localized_message().unwrap();
        assert_eq!((localized.locale.as_str(), localized.message.as_str()), ("zh-CN", "表单有错误。"));
        let violation = &details.bad_request().unwrap().field_violations[0];
        assert_eq!(violation.field, "/people/0/name");
        assert_eq!(violation.description, "REQUIRED: This field is required: give the name. / 此项必填，请填写姓名。");
    }

    #[test]
    fn a_status_fits_into_the_trailers_of_any_client() {
        let status = status(form_invalid(200));
        let violations = status.get_error_details().bad_request().unwrap().field_violations.clone();
        assert!(status.details().len() * 4 / 3 < 7 * 1024, "{}", status.details().len());
        assert!(violations.len() > 10);
        assert!(violations.last().unwrap().description.starts_with("MORE_FINDINGS: "));
    }

    #[test]
    fn an_item_is_told_when_to_come_again() {
        let delay = |refusal| error(refusal).retry_after.map(|delay| (delay.seconds, delay.nanos));
        assert_eq!(delay(Refusal::busy(std::time::Duration::from_millis(200))), Some((0, 200_000_000)));
        assert_eq!(delay(Refusal::not_found()), None);
    }

    #[test]
    fn retry_after_becomes_retry_info() {
        let status = status(Refusal::stopping());
        let delay = status.get_error_details().retry_info().unwrap().retry_delay;
        assert_eq!((status.code(), delay), (Code::Unavailable, Some(std::time::Duration::from_secs(1))));
    }

    #[test]
    fn the_transports_own_words_get_a_reason() {
        let reason = |status: Status| {
            let status = transport(status, &Limits::default());
            (status.code(), status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default())
        };
        assert_eq!(reason(Status::out_of_range("")), (Code::InvalidArgument, "MESSAGE_TOO_LARGE".into()));
        assert_eq!(reason(Status::internal("")), (Code::InvalidArgument, "MESSAGE_MALFORMED".into()));
        assert_eq!(reason(Status::unimplemented("")), (Code::Unimplemented, "METHOD_UNKNOWN".into()));
        assert_eq!(reason(defect()), (Code::Internal, "INTERNAL".into()));
    }
}
