//! Who calls: the bearer token of a call, or the certificate of its connection where the call brings no token.

use kaiban_app::Refusal;
use tonic::Status;
use tonic::codegen::http::header::AUTHORIZATION;
use tonic::codegen::http::{Extensions, HeaderMap};
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

use crate::caller::{Caller, Callers, Proof};
use crate::limits::Limits;
use crate::refuse;

/// Services that answer without a token: they say nothing about any case.
const OPEN: [&str; 3] =
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"];

/// Whether a method needs no token.
pub(super) fn is_open(path: &str) -> bool {
    OPEN.iter().any(|service| path.starts_with(service))
}

/// The caller behind a call. Missing, malformed and unknown look the same; who brings a token that was ours is told that
/// it is over. A token that is no good is not made up for by a certificate.
pub(super) async fn caller(
    callers: &Callers,
    headers: &HeaderMap,
    connection: &Extensions,
    limits: &Limits,
) -> Result<Caller, Status> {
    let proof = match headers.contains_key(AUTHORIZATION) {
        true => secret(headers, limits).map(|secret| Proof::Secret(secret.to_owned())),
        false => certificate(connection).map(Proof::Certificate),
    };
    match proof {
        Some(proof) => callers.caller(proof).await,
        None => Err(refuse::status(Refusal::unauthenticated())),
    }
}

/// The client's own certificate, which the handshake has verified; those between it and its root follow it.
fn certificate(connection: &Extensions) -> Option<Vec<u8>> {
    let info = connection.get::<TlsConnectInfo<TcpConnectInfo>>()?;
    info.peer_certs()?.first().map(|certificate| certificate.to_vec())
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
