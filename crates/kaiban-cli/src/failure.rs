//! Why a verb did not do what it was asked: for people with both languages and a hint, for programs as one object.

use std::fmt;

use kaiban_api::{ConnectError, v1};
use kaiban_app::Refusal;
use kaiban_client::{CallError, Violation};
use kaiban_findings::{Finding, Place, Severity};
use serde_json::{Value, json};
use tonic::{Code, Status};

/// What went wrong. Boxed, because every function here may fail and hardly any does.
#[derive(Clone, Debug)]
pub struct Failure(Box<Words>);

#[derive(Clone, Debug)]
struct Words {
    /// Canonical gRPC code, or `LOCAL` for what never reached a server.
    code: String,
    /// Stable reason in SCREAMING_SNAKE_CASE.
    reason: String,
    zh: String,
    en: String,
    findings: Vec<Found>,
    hint: Option<String>,
}

/// A place that something is wrong with.
#[derive(Clone, Debug)]
struct Found {
    place: String,
    text: String,
}

impl Failure {
    /// Something on this side of the wire.
    pub fn local(reason: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Words {
            code: "LOCAL".to_owned(),
            reason: reason.to_owned(),
            zh: zh.into(),
            en: en.into(),
            findings: Vec::new(),
            hint: None,
        }
        .into()
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let Words { code, reason, zh, en, findings, hint } = self.0.as_ref();
        let findings: Vec<Value> =
            findings.iter().map(|found| json!({"where": found.place, "text": found.text})).collect();
        json!({"error": {
            "code": code,
            "reason": reason,
            "zh": zh,
            "en": en,
            "findings": findings,
            "hint": hint,
        }})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { code, reason, zh, en, findings, hint } = self.0.as_ref();
        writeln!(f, "error: {reason} ({code})")?;
        for text in [zh, en].into_iter().filter(|text| !text.is_empty()) {
            writeln!(f, "  {text}")?;
        }
        for found in findings {
            writeln!(f, "  {}  {}", if found.place.is_empty() { "-" } else { &found.place }, found.text)?;
        }
        if let Some(hint) = hint {
            writeln!(f, "hint: {hint}")?;
        }
        Ok(())
    }
}

impl From<Words> for Failure {
    fn from(words: Words) -> Self {
        Self(Box::new(words))
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        let found =
            |violation: &Violation| Found { place: violation.field.clone(), text: violation.description.clone() };
        Words {
            code: code_name(error.code),
            reason: error.reason.clone(),
            zh: error.zh.clone(),
            en: error.en.clone(),
            findings: error.violations.iter().map(found).collect(),
            hint: hint(error.code).map(str::to_owned),
        }
        .into()
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        CallError::from(status).into()
    }
}

impl From<v1::Error> for Failure {
    fn from(error: v1::Error) -> Self {
        let text = error.message.unwrap_or_default();
        let code = Code::from_i32(error.code);
        let found = |finding: v1::Finding| {
            let text = finding.message.unwrap_or_default();
            Found { place: finding.pointer, text: format!("{}: {} / {}", finding.code, text.en, text.zh) }
        };
        Words {
            code: code_name(code),
            reason: error.reason,
            zh: text.zh,
            en: text.en,
            findings: error.findings.into_iter().map(found).collect(),
            hint: hint(code).map(str::to_owned),
        }
        .into()
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let mut failure = Self::local(refusal.reason, refusal.message.zh, refusal.message.en);
        failure.0.findings = refusal.findings.iter().map(found).collect();
        failure
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text.push_str(&format!(": {inner}"));
            cause = inner.source();
        }
        let failure = Self::local("NO_CONNECTION", "无法连接服务。", text);
        match error {
            ConnectError::Unreachable(_) => failure.with_hint(
                "start a server with `kaiban serve`, or name one with --endpoint http://host:port (https: --tls-ca FILE)",
            ),
            _ => failure,
        }
    }
}

fn found(finding: &Finding) -> Found {
    let weight = if finding.severity == Severity::Doubt { " (doubt)" } else { "" };
    let place = match &finding.place {
        Place::Whole => String::new(),
        place => place.to_string(),
    };
    Found { place, text: format!("{}{weight}: {} / {}", finding.code, finding.message.en, finding.message.zh) }
}

fn hint(code: Code) -> Option<&'static str> {
    match code {
        Code::Unauthenticated => Some(
            "give a token in KAIBAN_TOKEN or with --token-file; the first one comes from `kaiban token issue --role security --person NAME --data DIR`",
        ),
        Code::PermissionDenied => Some("use a token of the role that this verb needs; `kaiban token list` shows them"),
        Code::Unavailable => Some("send it again with the same --request-id"),
        Code::Unknown => Some("the connection broke; a server with mutual TLS asks for --client-cert and --client-key"),
        _ => None,
    }
}

/// `INVALID_ARGUMENT`, as the gRPC specification writes it.
fn code_name(code: Code) -> String {
    let mut name = String::new();
    for c in format!("{code:?}").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_as_the_specification_does() {
        assert_eq!(code_name(Code::InvalidArgument), "INVALID_ARGUMENT");
        assert_eq!(code_name(Code::NotFound), "NOT_FOUND");
        assert_eq!(code_name(Code::Ok), "OK");
    }

    #[test]
    fn an_item_error_reads_like_a_refused_call() {
        let error = v1::Error {
            code: Code::Aborted as i32,
            reason: "STALE_EPOCH".into(),
            message: Some(v1::Text {
                zh: "任务已转交他人。".into(), en: "The task has gone to somebody else.".into()
            }),
            findings: vec![v1::Finding { code: "REQUIRED".into(), pointer: "/uscc".into(), ..Default::default() }],
            retry_after: None,
        };
        let text = Failure::from(error).to_string();
        assert!(text.starts_with("error: STALE_EPOCH (ABORTED)\n  任务已转交他人。\n  The task has gone"), "{text}");
        assert!(text.contains("  /uscc  REQUIRED: "), "{text}");
    }
}
