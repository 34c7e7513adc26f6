//! Why a question has no answer, for people and as one object. The codes are the verbs' contract.

use kaiban_calendar::{BudgetError, CalendarError, InstantError};
use serde::Serialize;

use crate::failure::Failure;
use crate::lines::{LINE_BYTES_MAX, NoText};

const BAD_REQUEST: &str = "BAD_REQUEST";

/// `{"error":{"code":"…","message":"…"}}`
#[derive(Serialize)]
pub(super) struct Object {
    error: Error,
}

#[derive(Serialize)]
struct Error {
    code: &'static str,
    /// Chinese and English.
    message: String,
}

/// Why a question has no answer.
pub(super) struct Wrong {
    code: &'static str,
    zh: String,
    en: String,
    hint: Option<&'static str>,
}

impl Wrong {
    fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, zh: zh.into(), en: en.into(), hint: None }
    }

    pub fn object(self) -> Object {
        Object { error: Error { code: self.code, message: format!("{} / {}", self.zh, self.en) } }
    }

    pub fn into_failure(self) -> Failure {
        let failure = Failure::local(self.code, self.zh, self.en);
        match self.hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }

    pub fn not_an_object() -> Self {
        Self::new(BAD_REQUEST, "每行应为一个 JSON 对象。", "A line is one JSON object.")
    }

    /// The parser's own words would quote what it read; the field or the place is enough.
    pub fn not_a_question(error: &serde_json::Error) -> Self {
        if !error.is_data() {
            let column = error.column();
            let zh = format!("第 {column} 个字节处不是有效的 JSON。");
            return Self::new(BAD_REQUEST, zh, format!("Not valid JSON at byte {column}."));
        }
        let words = error.to_string();
        let fields = ["calendar", "date", "from", "to", "start", "within", "reading", "provisional"];
        let named = |what: &str| fields.into_iter().find(|field| words.contains(&format!("{what} field `{field}`")));
        if let Some(field) = named("missing") {
            return Self::new(BAD_REQUEST, format!("缺少字段 {field}。"), format!("The field {field} is missing."));
        }
        if let Some(field) = named("duplicate") {
            let (zh, en) = (format!("字段 {field} 重复出现。"), format!("The field {field} is there twice."));
            return Self::new(BAD_REQUEST, zh, en);
        }
        Self::new(
            BAD_REQUEST,
            "字段取值有误：provisional 为 true 或 false，reading 为 promise 或 statutory，其余为文本。",
            "A field has a wrong value: provisional is true or false, reading is promise or statutory, the others are texts.",
        )
    }

    pub fn not_an_instant(field: &str, error: &InstantError) -> Self {
        let zh = match error {
            InstantError::Syntax => format!("{field} 不是时间点，应写作 2020-11-18T09:00:00+08:00。"),
            InstantError::TooFine => format!("{field} 最多精确到微秒（六位小数）。"),
        };
        Self::new(BAD_REQUEST, zh, format!("{field}: {error}"))
    }

    pub fn not_a_date() -> Self {
        Self::new(BAD_REQUEST, "date 不是日期，应写作 2020-01-31。", "date: not a date; write it as 2020-01-31")
    }

    pub fn not_a_budget(error: &BudgetError) -> Self {
        let zh = match error {
            BudgetError::Syntax => {
                "within 不是时长，例如 5 working hours、90 working minutes、1 working day、72 hours。"
            }
            BudgetError::TooLong => "within 过长，最多一百年。",
        };
        Self::new(BAD_REQUEST, zh, format!("within: {error}"))
    }
}

impl From<NoText> for Wrong {
    fn from(why: NoText) -> Self {
        match why {
            NoText::Empty => Self::new(BAD_REQUEST, "空行。", "The line is empty."),
            NoText::NotUtf8 => Self::new(BAD_REQUEST, "不是 UTF-8 文本。", "The line is not UTF-8."),
            NoText::TooLong => Self::new(
                BAD_REQUEST,
                format!("一行不得超过 {LINE_BYTES_MAX} 字节。"),
                format!("A line has at most {LINE_BYTES_MAX} bytes."),
            ),
        }
    }
}

impl From<CalendarError> for Wrong {
    fn from(error: CalendarError) -> Self {
        let en = error.to_string();
        // What lies before the first arrangement or past the last day that may be assumed is not published either.
        const NOT_PUBLISHED: &str = "CALENDAR_NOT_PUBLISHED";
        match error {
            CalendarError::NotPublished { year, .. } => Self {
                hint: Some("--provisional counts weekends and the holidays with a fixed date"),
                ..Self::new(NOT_PUBLISHED, format!("{year}年的节假日安排尚未公布。"), en)
            },
            CalendarError::BeforeFirst { first, .. } => Self::new(NOT_PUBLISHED, format!("日历自 {first} 起。"), en),
            CalendarError::OutOfRange { last, .. } => Self::new(NOT_PUBLISHED, format!("最远计算到 {last}。"), en),
            CalendarError::UnknownCalendar { ref calendar } => {
                Self::new("UNKNOWN_CALENDAR", format!("没有日历 {calendar}。"), en)
            }
            CalendarError::NotWorking => Self::new(BAD_REQUEST, "法定期限按工作日或工作小时计算。", en),
            CalendarError::NegativeBudget => Self::new(BAD_REQUEST, "时长不得为负。", en),
        }
    }
}
