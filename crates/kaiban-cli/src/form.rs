//! Reading what people hand in: forms, results and findings from `FILE` or, as `-`, from standard input; instants.

use std::io::Read;

use kaiban_api::timestamp;
use kaiban_calendar::parse_instant;
use prost_types::{Struct, Timestamp};
use serde_json::Value;

use crate::failure::Failure;

/// Reads text.
pub fn text(path: &str) -> Result<String, Failure> {
    let text = if path == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| Failure::local("FILE", format!("无法读取 {path}。"), format!("{path}: {error}")))
}

/// Reads JSON.
pub fn read(path: &str) -> Result<Value, Failure> {
    serde_json::from_str(&text(path)?)
        .map_err(|error| Failure::local("NOT_JSON", format!("{path} 不是有效的 JSON。"), format!("{path}: {error}")))
}

/// Reads a JSON object.
pub fn read_object(path: &str) -> Result<Struct, Failure> {
    sendable(path, &read(path)?)
}

/// Reads JSON that may stand on the command line itself. Forms may not: others would read them in the list of processes.
pub fn read_or_typed(text: &str) -> Result<Value, Failure> {
    if !text.trim_start().starts_with(['{', '[']) {
        return read(text);
    }
    serde_json::from_str(text).map_err(|error| {
        Failure::local("NOT_JSON", "命令行中的内容不是有效的 JSON。", format!("what is on the command line: {error}"))
    })
}

/// Reads a JSON object that may stand on the command line itself.
pub fn read_or_typed_object(text: &str) -> Result<Struct, Failure> {
    sendable(text, &read_or_typed(text)?)
}

fn sendable(path: &str, value: &Value) -> Result<Struct, Failure> {
    kaiban_api::to_struct(value).map_err(|error| {
        Failure::local("NOT_A_FORM", format!("{path} 不能作为表单发送。"), format!("{path} cannot be sent: {error}"))
    })
}

/// Reads an instant: 2026-03-02T09:00:00+08:00.
pub fn instant(text: &str) -> Result<Timestamp, Failure> {
    parse_instant(text)
        .map(timestamp)
        .map_err(|error| Failure::local("NOT_A_TIME", format!("“{text}”不是有效的时间。"), format!("{text}: {error}")))
}

/// Characters that are all the program needs to tell two requests apart: the moment and the process.
pub fn request_id(given: Option<String>) -> String {
    use kaiban_app::Clock;

    given.unwrap_or_else(|| format!("cli-{}-{}", kaiban_app::SystemClock.operating_us(), std::process::id()))
}
