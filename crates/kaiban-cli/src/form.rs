//! Reading forms, results and findings: `FILE`, or `-` for standard input.

use std::io::Read;

use prost_types::Struct;
use serde_json::Value;

use crate::failure::Failure;

/// Reads JSON.
pub fn read(path: &str) -> Result<Value, Failure> {
    let text = if path == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text =
        text.map_err(|error| Failure::local("FILE", format!("无法读取 {path}。"), format!("{path}: {error}")))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::local("NOT_JSON", format!("{path} 不是有效的 JSON。"), format!("{path}: {error}")))
}

/// Reads a JSON object.
pub fn read_object(path: &str) -> Result<Struct, Failure> {
    kaiban_api::to_struct(&read(path)?).map_err(|error| {
        Failure::local("NOT_A_FORM", format!("{path} 不能作为表单发送。"), format!("{path} cannot be sent: {error}"))
    })
}

/// Characters that are all the program needs to tell two requests apart: the moment and the process.
pub fn request_id(given: Option<String>) -> String {
    use kaiban_app::Clock;

    given.unwrap_or_else(|| format!("cli-{}-{}", kaiban_app::SystemClock.operating_us(), std::process::id()))
}
