//! What came instead of an answer.

use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use kaiban_api::v1;
use tonic::{Code, ConnectError, Status, TimeoutExpired};
use tonic_types::StatusExt;

/// A call, or an item of one, that was not done, or of which that is not known. Boxed, because calls seldom fail.
#[derive(Clone, Debug)]
pub struct CallError(Box<Told>);

/// The words of a [`CallError`].
#[derive(Clone, Debug)]
pub struct Told {
    /// Canonical code.
    pub code: Code,
    /// Stable reason in SCREAMING_SNAKE_CASE, as `google.rpc.ErrorInfo` has it; branch on this. Where no server said
    /// anything: `UNREACHABLE`, `CONNECTION_BROKEN` or `DEADLINE_EXCEEDED`.
    pub reason: String,
    /// For people, in Chinese.
    pub zh: String,
    /// For people, in English.
    pub en: String,
    /// What is wrong with the request, each with its place.
    pub violations: Vec<Violation>,
    /// After how long the same may be sent again, where the server said so.
    pub retry_after: Option<Duration>,
    /// How often it was sent.
    pub attempts: u32,
    again: Again,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into form or result, or the field.
    pub field: String,
    /// Code and both languages.
    pub description: String,
}

/// Whether sending the same again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It would be refused again.
    Never,
    /// It was not done, and later it may be.
    NothingWasDone,
    /// It may have been done: only what may be done twice is sent again.
    Unclear,
}

impl CallError {
    /// Whether the same may be sent again with hope: a caller that does not want to wait may do so later itself.
    pub fn is_passing(&self) -> bool {
        self.0.again != Again::Never
    }

    pub(crate) fn again(&self) -> Again {
        self.0.again
    }

    /// Another endpoint may do better: this one does not answer, or said that it cannot.
    pub(crate) fn is_endpoints(&self) -> bool {
        matches!(self.0.code, Code::Unavailable | Code::DeadlineExceeded)
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn too_late() -> Self {
        Self::local(
            Code::DeadlineExceeded,
            "DEADLINE_EXCEEDED",
            "未在期限内得到答复，结果未知；请用同一 request_id 重试。",
            "No answer within the deadline, and the result is not known: try again with the same request_id.".into(),
            Again::Unclear,
        )
    }

    /// A stream ended that says nothing of its own accord.
    pub(crate) fn ended() -> Self {
        broken("the stream ended".into())
    }

    /// Something else is under way under this id.
    pub(crate) fn request_id_reused() -> Self {
        Self::local(
            Code::AlreadyExists,
            "REQUEST_ID_REUSED",
            "该 request_id 对应的操作尚未得到答复。",
            "What was said under this request_id has not been answered yet.".into(),
            Again::Never,
        )
    }

    fn local(code: Code, reason: &str, zh: &str, en: String, again: Again) -> Self {
        let (reason, zh) = (reason.to_owned(), zh.to_owned());
        Self(Box::new(Told { code, reason, zh, en, violations: Vec::new(), retry_after: None, attempts: 1, again }))
    }
}

fn broken(cause: String) -> CallError {
    CallError::local(
        Code::Unavailable,
        "CONNECTION_BROKEN",
        "连接中断，结果未知；请用同一 request_id 重试。",
        format!("The connection broke, and the result is not known: try again with the same request_id. ({cause})"),
        Again::Unclear,
    )
}

impl Deref for CallError {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.en)
    }
}

impl Error for CallError {}

impl From<Status> for CallError {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let Some(info) = details.error_info() else { return transport(&status) };
        let retry_after = details.retry_info().map(|info| info.retry_delay.unwrap_or_default());
        let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
        Self(Box::new(Told {
            code: status.code(),
            reason: info.reason.clone(),
            zh: details.localized_message().map(|text| text.message.clone()).unwrap_or_default(),
            en: status.message().to_owned(),
            violations: violations
                .into_iter()
                .map(|violation| Violation { field: violation.field, description: violation.description })
                .collect(),
            retry_after,
            attempts: 1,
            again: again(status.code(), retry_after.is_some()),
        }))
    }
}

/// What a server of ours says may help, or not: it names a delay where the same again may.
fn again(code: Code, delay: bool) -> Again {
    match code {
        Code::ResourceExhausted if delay => Again::NothingWasDone,
        Code::Unavailable | Code::DeadlineExceeded => Again::Unclear,
        _ if delay => Again::Unclear,
        _ => Again::Never,
    }
}

/// A status that no server of ours made: every one of those has a reason.
fn transport(status: &Status) -> CallError {
    let mut cause = status.source();
    let mut words = status.message().to_owned();
    let mut refused = false;
    while let Some(error) = cause {
        refused |= error.is::<ConnectError>();
        if error.is::<TimeoutExpired>() {
            return CallError::too_late();
        }
        words = error.to_string();
        cause = error.source();
    }
    if refused {
        let text = format!("The server cannot be reached: {words}.");
        return CallError::local(Code::Unavailable, "UNREACHABLE", "无法连接服务。", text, Again::NothingWasDone);
    }
    match status.code() {
        Code::DeadlineExceeded => CallError::too_late(),
        // Something between us and the server, a proxy perhaps, or the connection itself.
        code if status.source().is_some() || code == Code::Unavailable => broken(words),
        code => CallError::local(code, code_name(code), "", words, Again::Never),
    }
}

/// The code as the gRPC specification writes it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// One item of a batch or a stream that was refused.
impl From<v1::Error> for CallError {
    fn from(error: v1::Error) -> Self {
        let code = Code::from(error.code);
        let text = error.message.unwrap_or_default();
        // One that is out of its range asks for no pause.
        let retry_after = error.retry_after.map(|delay| Duration::try_from(delay).unwrap_or_default());
        let violations = error.findings.into_iter().map(|finding| {
            let v1::Text { zh, en } = finding.message.unwrap_or_default();
            Violation { field: finding.pointer, description: format!("{}: {en} / {zh}", finding.code) }
        });
        Self(Box::new(Told {
            code,
            reason: error.reason,
            zh: text.zh,
            en: text.en,
            violations: violations.collect(),
            retry_after,
            attempts: 1,
            again: again(code, retry_after.is_some()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_refuses_for_good_is_not_sent_again() {
        for code in [Code::InvalidArgument, Code::NotFound, Code::Aborted, Code::FailedPrecondition, Code::Internal] {
            assert_eq!(again(code, false), Again::Never, "{code:?}");
        }
        assert_eq!(again(Code::ResourceExhausted, true), Again::NothingWasDone);
        assert_eq!(again(Code::ResourceExhausted, false), Again::Never, "larger than a limit, however often");
        assert_eq!(again(Code::Aborted, true), Again::Unclear);
    }

    #[test]
    fn an_item_is_sent_again_when_it_says_so() {
        let item = |retry_after: Option<Duration>| {
            let retry_after = retry_after.map(|delay| delay.try_into().expect("a short one"));
            let error = v1::Error { code: Code::ResourceExhausted.into(), retry_after, ..Default::default() };
            let error = CallError::from(error);
            (error.again(), error.retry_after)
        };
        let soon = Some(Duration::from_millis(200));
        assert_eq!(item(soon), (Again::NothingWasDone, soon));
        assert_eq!(item(None), (Again::Never, None));
    }

    #[test]
    fn a_broken_connection_is_told_from_a_refusal() {
        let refused = CallError::from(Status::from_error(Box::new(ConnectError("no route".into()))));
        assert_eq!((refused.reason.as_str(), refused.again()), ("UNREACHABLE", Again::NothingWasDone));
        let broken = CallError::from(Status::from_error("connection reset".into()));
        assert_eq!((broken.reason.as_str(), broken.again()), ("CONNECTION_BROKEN", Again::Unclear));
        let strange = CallError::from(Status::unimplemented("no such method"));
        assert_eq!((strange.reason.as_str(), strange.again()), ("UNIMPLEMENTED", Again::Never));
    }
}
