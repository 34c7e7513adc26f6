//! Who calls: the bearer token of a call.

use kaiban_app::Refusal;
use tonic::Status;
use tonic::codegen::http::HeaderMap;
use tonic::codegen::http::header::AUTHORIZATION;

use crate::caller::{Caller, Watchmen};
use crate::limits::Limits;
use crate::refuse;

/// Services that answer without a token: they say nothing about any case.
const OPEN: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// Whether a method needs no token.
pub(super) fn is_open(path: &str) -> bool {
    OPEN.iter().any(|service| path.starts_with(service))
}

/// The caller behind the headers of a call. Missing, malformed and unknown look the same; who brings a token that was
/// ours is told that it is over.
pub(super) async fn caller(watchmen: &Watchmen, headers: &HeaderMap, limits: &Limits) -> Result<Caller, Status> {
    match secret(headers, limits) {
        Some(secret) => watchmen.caller(secret).await,
        None => Err(refuse::status(Refusal::unauthenticated())),
    }
}

fn secret<'a>(headers: &'a HeaderMap, limits: &Limits) -> Option<&'a str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim();
    let usable = scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty() && secret.len() <= limits.token_max;
    usable.then_some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        secret(&headers, &Limits::default()).map(str::to_owned)
    }

    #[test]
    fn one_bearer_token_is_read() {
        assert_eq!(read(&["Bearer kb_abc"]).as_deref(), Some("kb_abc"));
        assert_eq!(read(&["bearer  kb_abc "]).as_deref(), Some("kb_abc"));
    }

    #[test]
    fn anything_else_is_no_token() {
        let long = format!("Bearer {}", "k".repeat(1_000));
        for values in [&[][..], &["Basic kb_abc"], &["kb_abc"], &["Bearer "], &["Bearer a", "Bearer b"], &[&long]] {
            assert_eq!(read(values), None, "{values:?}");
        }
    }

    #[test]
    fn only_health_and_reflection_are_open() {
        assert!(is_open("/grpc.health.v1.Health/Check"));
        assert!(!is_open("/kaiban.v1.CaseService/GetCase"));
        assert!(!is_open("/no.such.Service/Method"));
    }
}
