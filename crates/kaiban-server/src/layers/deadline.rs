//! How long a call may take: what its caller says in `grpc-timeout`, and never longer than the server allows.

use std::time::Duration;

use tonic::codegen::http::HeaderMap;

use crate::limits::Limits;

/// The one method that may wait on purpose.
const WAITS: &str = "/kaiban.v1.TaskService/ClaimTasks";

/// The one method that is done only when its caller has sent everything.
const TAKES_IN: &str = "/kaiban.v1.DocumentService/UploadDocument";

/// The one whose callers take what they have room for, one task after the other: their window bounds what waits.
const WORKS: &str = "/kaiban.v1.TaskService/WorkTasks";

/// The methods whose callers send as long as they like; what they send counts message by message.
const STREAMS: [&str; 2] = [TAKES_IN, WORKS];

/// Whether a method takes a stream of messages.
pub(super) fn is_stream(method: &str) -> bool {
    STREAMS.contains(&method)
}

/// Whether a method hands out work.
pub(super) fn is_work(method: &str) -> bool {
    method == WORKS
}

/// Time from now on. Of a stream it bounds the opening only.
pub(super) fn of(headers: &HeaderMap, method: &str, limits: &Limits) -> Duration {
    let longest = match method {
        WAITS => limits.call_max + limits.wait_max,
        TAKES_IN => limits.upload_max,
        _ => limits.call_max,
    };
    let asked = headers.get("grpc-timeout").and_then(|value| value.to_str().ok()).and_then(parse);
    asked.map_or(longest, |asked| asked.min(longest))
}

/// One to eight digits and a unit, as the gRPC protocol has it; anything else counts as not said.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shorter_of_both_counts() {
        let limits = Limits::default();
        let length = |timeout: Option<&str>, method| {
            let mut headers = HeaderMap::new();
            if let Some(timeout) = timeout {
                headers.insert("grpc-timeout", timeout.parse().unwrap());
            }
            of(&headers, method, &limits)
        };
        assert_eq!(length(None, "/kaiban.v1.CaseService/GetCase"), limits.call_max);
        assert_eq!(length(None, WAITS), limits.call_max + limits.wait_max);
        assert_eq!(length(None, TAKES_IN), limits.upload_max);
        assert_eq!(length(Some("250m"), WAITS), Duration::from_millis(250));
        assert_eq!(length(Some("99999999H"), WAITS), limits.call_max + limits.wait_max);
        assert_eq!(length(Some("soon"), WAITS), limits.call_max + limits.wait_max);
    }

    #[test]
    fn only_the_protocols_form_is_read() {
        for text in ["", "S", "1", "123456789S", "-1S", "1 S", "1秒"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse("90M"), Some(Duration::from_secs(5_400)));
    }
}
