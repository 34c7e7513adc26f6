//! Reading the fields of a request. Problems gather as findings whose pointers name the field (`/filter/state`); a
//! request with any of them is refused with INVALID_ARGUMENT (REQUEST_INVALID) before the app sees it.

use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::civil::Date;
use kaiban_app::Refusal;
use kaiban_findings::{Finding, Place};
use prost_types::{Struct, Timestamp};
use serde_json::Value;

use crate::call;
use crate::limits::Limits;

/// What was found so far.
pub(crate) struct Fields<'a> {
    pub(crate) limits: &'a Limits,
    findings: Vec<Finding>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, findings: Vec::new() }
    }

    /// The value if nothing was found.
    ///
    /// # Errors
    /// REQUEST_INVALID with everything that was found.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Refusal> {
        if self.findings.is_empty() {
            return Ok(value);
        }
        let count = self.findings.len();
        Err(Refusal {
            findings: self.findings,
            ..Refusal::argument(
                "REQUEST_INVALID",
                format!("请求中有{count}个字段不符合要求，请逐项更正。"),
                format!("{count} field(s) of the request are not as they should be: correct each."),
            )
        })
    }

    /// Something is wrong with a field.
    pub(crate) fn error(&mut self, field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Finding::error(code, Place::Pointer(field.to_owned()), zh, en));
    }

    /// A field that must be there is not.
    pub(crate) fn missing(&mut self, field: &str) {
        self.error(field, "REQUIRED", "此字段必填。", "This field is required.");
    }

    /// 1 to 128 printable ASCII characters without spaces.
    pub(crate) fn request_id(&mut self, value: String) -> String {
        if value.contains(' ') {
            self.error("/request_id", "WRONG_SHAPE", "不能含有空格。", "Spaces are not allowed.");
        }
        let value = self.ascii("/request_id", value, self.limits.request_id_max);
        if self.findings.is_empty() {
            call::asks(&value);
        }
        value
    }

    /// A case number, task id or correction id.
    pub(crate) fn id(&mut self, field: &str, value: String) -> String {
        call::concerns(&value);
        self.ascii(field, value, self.limits.id_max)
    }

    /// The name of something that a package, a directory or a token names.
    pub(crate) fn name(&mut self, field: &str, value: String) -> String {
        if value.is_empty() {
            self.missing(field);
        }
        self.name_or_empty(field, value)
    }

    /// A name that may be left out.
    pub(crate) fn name_or_empty(&mut self, field: &str, value: String) -> String {
        let fits = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c));
        if !fits {
            self.error(
                field,
                "WRONG_SHAPE",
                "只能使用字母、数字和 - _ . : / 。",
                "Only letters, digits and - _ . : / are allowed.",
            );
        }
        self.bounded(field, &value, self.limits.name_max);
        value
    }

    /// A name that may be left out, as an option.
    pub(crate) fn name_option(&mut self, field: &str, value: String) -> Option<String> {
        Some(self.name_or_empty(field, value)).filter(|name| !name.is_empty())
    }

    /// Several names.
    pub(crate) fn names(&mut self, field: &str, values: Vec<String>) -> Vec<String> {
        self.count(field, values.len(), 0..=self.limits.list_max);
        values.into_iter().enumerate().map(|(index, value)| self.name(&format!("{field}/{index}"), value)).collect()
    }

    /// Running text, which may be empty.
    pub(crate) fn text(&mut self, field: &str, value: String, max: usize) -> String {
        if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            self.error(field, "WRONG_SHAPE", "不能含有控制字符。", "Control characters are not allowed.");
        }
        self.bounded(field, &value, max);
        value
    }

    /// Text of one line, which may be empty.
    pub(crate) fn line(&mut self, field: &str, value: String, max: usize) -> String {
        if value.contains(['\n', '\t']) {
            self.error(field, "WRONG_SHAPE", "应为单行文本。", "This must be a single line.");
        }
        self.text(field, value, max)
    }

    /// A JSON pointer; empty = the whole.
    pub(crate) fn pointer(&mut self, field: &str, value: String) -> String {
        if !value.is_empty() && !value.starts_with('/') {
            self.error(
                field,
                "WRONG_SHAPE",
                "应为 JSON 指针（RFC 6901），以 / 开头。",
                "This must be a JSON pointer (RFC 6901), beginning with /.",
            );
        }
        let max = self.limits.pointer_max;
        self.text(field, value, max)
    }

    /// A token of ours that clients only hand back.
    pub(crate) fn page_token(&mut self, value: String) -> String {
        if value.is_empty() { value } else { self.ascii("/page_token", value, self.limits.page_token_max) }
    }

    /// A count for which 0 means a default.
    pub(crate) fn number(&mut self, field: &str, value: i32, default: u32, range: RangeInclusive<u32>) -> u32 {
        if value == 0 {
            return default;
        }
        match u32::try_from(value).ok().filter(|value| range.contains(value)) {
            Some(value) => value,
            None => {
                self.outside(field, &range.start().to_string(), &range.end().to_string());
                default
            }
        }
    }

    /// An epoch, from 1.
    pub(crate) fn epoch(&mut self, value: i64) -> i64 {
        if value < 1 {
            self.error(
                "/epoch",
                "OUT_OF_RANGE",
                "应为领取任务时得到的 epoch（从 1 起）。",
                "This must be the epoch that the task came with, from 1.",
            );
        }
        value
    }

    /// How many entries a list may have.
    pub(crate) fn count(&mut self, field: &str, count: usize, range: RangeInclusive<usize>) {
        if !range.contains(&count) {
            let (from, to) = (range.start(), range.end());
            self.error(
                field,
                if count < *from { "TOO_FEW" } else { "TOO_MANY" },
                format!("应有{from}至{to}项。"),
                format!("There must be {from} to {to} entries."),
            );
        }
    }

    /// A value of an enum; the unspecified one is none.
    pub(crate) fn choice<E: TryFrom<i32>>(&mut self, field: &str, value: i32) -> Option<E> {
        if value == 0 {
            return None;
        }
        let known = E::try_from(value).ok();
        if known.is_none() {
            self.error(field, "NOT_IN_LIST", "没有此枚举值。", "There is no such value of this enum.");
        }
        known
    }

    /// An instant, µs.
    pub(crate) fn instant(&mut self, field: &str, value: Option<Timestamp>) -> Option<i64> {
        let at = value.as_ref()?;
        let at_us = kaiban_api::micros(at);
        if at_us.is_none() {
            self.error(
                field,
                "OUT_OF_RANGE",
                "不是有效的时间（公元 1 至 9999 年）。",
                "This is not a valid timestamp (years 1 to 9999).",
            );
        }
        at_us
    }

    /// A day such as `2026-03-31`.
    pub(crate) fn date(&mut self, field: &str, value: &str) -> Date {
        value.parse().unwrap_or_else(|_| {
            self.error(field, "WRONG_SHAPE", "应为日期，如 2026-03-31。", "This must be a date such as 2026-03-31.");
            Date::ZERO
        })
    }

    /// The length of a lease.
    pub(crate) fn lease(&mut self, value: Option<prost_types::Duration>) -> Option<Duration> {
        self.length("/lease", value, self.limits.lease_min..=self.limits.lease_max)
    }

    /// A length of time.
    pub(crate) fn length(
        &mut self,
        field: &str,
        value: Option<prost_types::Duration>,
        range: RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let value = value?;
        let length = kaiban_api::std_duration(&value).filter(|length| range.contains(length));
        if length.is_none() {
            self.outside(field, &format!("{} s", range.start().as_secs()), &format!("{} s", range.end().as_secs()));
        }
        length
    }

    /// A form or a result that must be there.
    pub(crate) fn form(&mut self, field: &str, value: Option<Struct>) -> Value {
        match value {
            Some(value) => self.object(field, value),
            None => {
                self.missing(field);
                Value::Null
            }
        }
    }

    /// A JSON object.
    pub(crate) fn object(&mut self, field: &str, value: Struct) -> Value {
        match kaiban_api::from_struct(value) {
            Ok(value) if depth(&value) > self.limits.depth_max => {
                let max = self.limits.depth_max;
                self.error(
                    field,
                    "TOO_DEEP",
                    format!("嵌套超过{max}层。"),
                    format!("This is nested more than {max} levels deep."),
                );
                Value::Null
            }
            Ok(value) => {
                if let Some(pointer) = control(&value) {
                    self.error(
                        &format!("{field}{}", cut(&pointer, self.limits.pointer_max)),
                        "CONTROL_CHARACTER",
                        "不能含有控制字符（换行和制表符除外）。",
                        "Control characters other than line breaks and tabs are not allowed.",
                    );
                }
                value
            }
            Err(error) => {
                let (zh, en) = match error.code {
                    "TOO_DEEP" => ("嵌套过深。", "This is nested too deeply."),
                    "NOT_A_NUMBER" => ("不能是 NaN 或无穷大。", "This must not be NaN or infinite."),
                    "NUL_CHARACTER" => ("不能含有 U+0000 字符。", "The character U+0000 is not allowed."),
                    _ => ("值缺少类型。", "This value has no kind."),
                };
                self.error(&format!("{field}{}", cut(&error.pointer, self.limits.pointer_max)), error.code, zh, en);
                Value::Null
            }
        }
    }

    fn ascii(&mut self, field: &str, value: String, max: usize) -> String {
        if value.is_empty() {
            self.missing(field);
        } else if !value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
            self.error(
                field,
                "WRONG_SHAPE",
                "只能使用可打印的 ASCII 字符。",
                "Only printable ASCII characters are allowed.",
            );
        }
        self.bounded(field, &value, max);
        value
    }

    fn bounded(&mut self, field: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.error(
                field,
                "TOO_LONG",
                format!("最多{max}个字符。"),
                format!("At most {max} characters are allowed."),
            );
        }
    }

    fn outside(&mut self, field: &str, from: &str, to: &str) {
        self.error(
            field,
            "OUT_OF_RANGE",
            format!("应在 {from} 至 {to} 之间。"),
            format!("This must be from {from} to {to}."),
        );
    }
}

/// Levels of objects and lists.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Pointer to the first text or name with a control character: it would reach terminals, logs and letters.
fn control(value: &Value) -> Option<String> {
    let unfit = |text: &str| text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    match value {
        Value::String(text) => unfit(text).then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| control(item).map(|rest| format!("/{index}{rest}")))
        }
        // A name that is unfit is not repeated.
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            if unfit(name) {
                return Some(String::new());
            }
            control(value).map(|rest| format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")))
        }),
        _ => None,
    }
}

fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(read: impl FnOnce(&mut Fields<'_>)) -> Vec<String> {
        let limits = Limits::default();
        let mut fields = Fields::new(&limits);
        read(&mut fields);
        let found = fields.finish(()).err().map(|refusal| refusal.findings).unwrap_or_default();
        found.iter().map(|finding| format!("{} {}", finding.place, finding.code)).collect()
    }

    #[test]
    fn everything_is_reported_at_once() {
        let found = codes(|fields| {
            fields.request_id(String::new());
            fields.name("/workflow", "business start".into());
            fields.form("/form", None);
            fields.number("/page_size", -1, 50, 1..=500);
            fields.epoch(0);
        });
        let expected = [
            "/request_id REQUIRED",
            "/workflow WRONG_SHAPE",
            "/form REQUIRED",
            "/page_size OUT_OF_RANGE",
            "/epoch OUT_OF_RANGE",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!(codes(|fields| drop(fields.text("/reason", "因".repeat(500), 500))).is_empty());
        assert_eq!(codes(|fields| drop(fields.text("/reason", "因".repeat(501), 500))), ["/reason TOO_LONG"]);
        assert_eq!(codes(|fields| drop(fields.request_id("r".repeat(129)))), ["/request_id TOO_LONG"]);
        assert_eq!(codes(|fields| drop(fields.request_id("编号".into()))), ["/request_id WRONG_SHAPE"]);
        assert_eq!(codes(|fields| drop(fields.request_id("with space".into()))), ["/request_id WRONG_SHAPE"]);
    }

    #[test]
    fn control_characters_are_told_where_they_are() {
        let read =
            |form: Value| codes(move |fields| drop(fields.form("/form", Some(kaiban_api::to_struct(&form).unwrap()))));
        assert!(read(serde_json::json!({"scope": ["销售\r\n\t维修"]})).is_empty());
        assert_eq!(read(serde_json::json!({"a/b": [1, "\u{1b}[31m"]})), ["/form/a~1b/1 CONTROL_CHARACTER"]);
        assert_eq!(read(serde_json::json!({"a": {"\u{7f}": 1}})), ["/form/a CONTROL_CHARACTER"]);
        assert_eq!(codes(|fields| drop(fields.line("/label", "a\nb".into(), 9))), ["/label WRONG_SHAPE"]);
    }

    #[test]
    fn a_lease_stays_in_its_bounds() {
        let lease = |us| {
            codes(move |fields| {
                let _ = fields.lease(Some(kaiban_api::duration(us)));
            })
        };
        assert!(lease(10_000_000).is_empty());
        assert_eq!(lease(9_999_999), ["/lease OUT_OF_RANGE"]);
        assert_eq!(lease(-10_000_000), ["/lease OUT_OF_RANGE"]);
        assert_eq!(lease(15 * 86_400 * 1_000_000), ["/lease OUT_OF_RANGE"]);
    }

    #[test]
    fn unknown_values_of_an_enum_are_not_guessed() {
        let read = |value| {
            codes(move |fields| {
                let _ = fields.choice::<kaiban_api::v1::CaseState>("/filter/state", value);
            })
        };
        assert!(read(0).is_empty());
        assert!(read(2).is_empty());
        assert_eq!(read(77), ["/filter/state NOT_IN_LIST"]);
    }

    #[test]
    fn a_form_may_be_so_deep_that_shares_still_fit() {
        let nested = |levels: usize| {
            let value = (0..levels).fold(Value::Null, |inner, _| serde_json::json!({ "a": inner }));
            kaiban_api::to_struct(&value).unwrap()
        };
        let read = |form: Struct| codes(move |fields| drop(fields.form("/form", Some(form))));
        assert!(read(nested(30)).is_empty());
        assert_eq!(read(nested(31)), ["/form TOO_DEEP"]);
    }
}
