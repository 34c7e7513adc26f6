//! The formats that forms may ask for: the national identifiers, and those of JSON Schema that are checked.

use kaiban_findings::{Finding, Place};
use kaiban_identifiers::{Circumstances, Identifier};

/// Our own formats; their findings keep their own codes and severities.
pub(super) const NAMES: [&str; 9] =
    ["uscc", "citizen-id", "division", "company-name", "industry-code", "mobile", "landline", "postcode", "bank-code"];

/// Formats of JSON Schema 2020-12 with what they are called.
const STANDARD: [(&str, &str, &str); 9] = [
    ("date", "有效日期（年-月-日）", "a date (YYYY-MM-DD)"),
    ("date-time", "有效时间（RFC 3339）", "a date and time (RFC 3339)"),
    ("time", "有效时刻（RFC 3339）", "a time (RFC 3339)"),
    ("duration", "有效时长（ISO 8601）", "a duration (ISO 8601)"),
    ("email", "有效的电子邮箱", "an e-mail address"),
    ("uri", "有效的网址", "a URI"),
    ("uuid", "有效的 UUID", "a UUID"),
    ("ipv4", "有效的 IPv4 地址", "an IPv4 address"),
    ("json-pointer", "有效的 JSON 指针", "a JSON pointer"),
];

pub(super) fn is_known(format: &str) -> bool {
    NAMES.contains(&format) || STANDARD.iter().any(|(name, ..)| *name == format)
}

/// What a standard format is called, in Chinese and in English.
pub(super) fn words(format: &str) -> (&'static str, &'static str) {
    let found = STANDARD.iter().find(|(name, ..)| *name == format);
    found.map_or(("要求的格式", "in the format asked for"), |(_, zh, en)| (zh, en))
}

/// Every finding of one of our own formats. Places are left to the caller. A schema knows neither the day nor the kind of
/// business, so a birth in the future passes here and a name is judged by the kind that it tells itself.
pub(super) fn check(format: &str, text: &str) -> Vec<Finding> {
    match Identifier::named(format) {
        Some(identifier) => identifier.check(text, Circumstances::default()).problems,
        None => division(text),
    }
}

/// GB/T 2260: six digits, province, prefecture, county; the first digit is the region 1-8.
fn division(text: &str) -> Vec<Finding> {
    let shape =
        text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) && (b'1'..=b'8').contains(&text.as_bytes()[0]);
    if shape {
        return Vec::new();
    }
    vec![Finding::error(
        "DIVISION_SHAPE",
        Place::Whole,
        "行政区划代码应为 6 位数字（GB/T 2260）。",
        "A division code has six digits (GB/T 2260).",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_of_our_own_is_checked() {
        let unchecked: Vec<&str> = NAMES.into_iter().filter(|name| check(name, "?").is_empty()).collect();
        assert_eq!(unchecked, [""; 0]);
        let others: Vec<&str> = NAMES.into_iter().filter(|name| Identifier::named(name).is_none()).collect();
        assert_eq!(others, ["division"]);
    }
}
