//! Reads values out of a YAML tree. What cannot be read becomes a finding and `None`, and reading goes on.

use jiff::civil::{self, Date, Time};
use kaiban_findings::{Finding, Place, Text};

use super::tree::{At, Node, Value};
use crate::hours::MonthDay;
use crate::instant::{DAY_US, day_of_date, midnight_us, parse_instant};

/// One file being read, and what was found in it.
pub(super) struct Reader<'a> {
    path: &'a str,
    findings: Vec<(At, Finding)>,
}

/// The fields of a mapping.
pub(super) struct Fields<'n> {
    pub at: At,
    found: Vec<(&'n str, &'n Node)>,
}

/// Which end of a span a date without a time stands for.
#[derive(Clone, Copy)]
pub(super) enum Edge {
    /// The day's first instant.
    Start,
    /// The first instant after the day: the last day of a span is part of it.
    End,
}

impl<'a> Reader<'a> {
    pub fn new(path: &'a str) -> Self {
        Self { path, findings: Vec::new() }
    }

    /// Reports what blocks the use of this file.
    pub fn error(&mut self, at: At, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> &mut Finding {
        let place = Place::File { path: self.path.to_owned(), line: at.0, column: at.1 };
        self.findings.push((at, Finding::error(code, place, zh, en)));
        let last = self.findings.len() - 1;
        &mut self.findings[last].1
    }

    /// Whether nothing was found so far.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// What was found, in the order of the file.
    pub fn into_findings(mut self) -> impl Iterator<Item = Finding> {
        self.findings.sort_by_key(|(at, _)| *at);
        self.findings.into_iter().map(|(_, finding)| finding)
    }

    /// A mapping that may have these fields and no others, each once.
    pub fn fields<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<Fields<'n>> {
        let Value::Map(entries) = &node.value else {
            return self.wrong_type(node, "一组键值", "a mapping");
        };
        let mut found: Vec<(&str, &Node)> = Vec::new();
        for (key, value) in entries {
            let name = key.name.as_str();
            if !known.contains(&name) {
                let list = known.join(", ");
                self.error(
                    key.at,
                    "CALENDAR_FIELD_UNKNOWN",
                    format!("没有字段“{name}”"),
                    format!("no field `{name}` here"),
                )
                .help = Some(Text::new(format!("可用字段：{list}"), format!("fields here: {list}")));
            } else if found.iter().any(|(seen, _)| *seen == name) {
                let (zh, en) = (format!("字段“{name}”重复"), format!("field `{name}` is given twice"));
                self.error(key.at, "CALENDAR_FIELD_DUPLICATE", zh, en);
            } else {
                found.push((name, value));
            }
        }
        Some(Fields { at: node.at, found })
    }

    /// A field that must be there.
    pub fn required<'n>(&mut self, fields: &Fields<'n>, name: &str) -> Option<&'n Node> {
        let node = fields.optional(name);
        if node.is_none() {
            let (zh, en) = (format!("缺少字段“{name}”"), format!("field `{name}` is missing"));
            self.error(fields.at, "CALENDAR_FIELD_MISSING", zh, en);
        }
        node
    }

    pub fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => self.wrong_type(node, "文字", "text"),
        }
    }

    pub fn integer(&mut self, node: &Node) -> Option<i64> {
        match node.value {
            Value::Integer(number) => Some(number),
            _ => self.wrong_type(node, "整数", "a whole number"),
        }
    }

    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            _ => self.wrong_type(node, "列表", "a list"),
        }
    }

    /// `{ zh: …, en: … }`.
    pub fn bilingual(&mut self, node: &Node) -> Option<Text> {
        let fields = self.fields(node, &["zh", "en"])?;
        let zh = self.required(&fields, "zh").and_then(|node| self.text(node).map(str::to_owned));
        let en = self.required(&fields, "en").and_then(|node| self.text(node).map(str::to_owned));
        Some(Text::new(zh?, en?))
    }

    /// `2020-01-31`.
    pub fn date(&mut self, node: &Node) -> Option<Date> {
        let date = node.text().filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
        if date.is_none() {
            self.error(node.at, "CALENDAR_DATE_INVALID", "不是日期", "not a date").help =
                Some(Text::new("写作 2020-01-31", "write it as 2020-01-31"));
        }
        date
    }

    /// `"08:30"`.
    pub fn time(&mut self, node: &Node) -> Option<Time> {
        let time =
            node.text().and_then(two_numbers::<':'>).and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
        if time.is_none() {
            self.error(node.at, "CALENDAR_TIME_INVALID", "不是时刻", "not a time of day").help =
                Some(Text::new("写作 \"08:30\"，从 00:00 到 23:59", "write it as \"08:30\", from 00:00 to 23:59"));
        }
        time
    }

    /// `"06-01"`.
    pub fn month_day(&mut self, node: &Node) -> Option<MonthDay> {
        let leap_year = 2020;
        let day = node.text().and_then(two_numbers::<'-'>);
        let day = day.filter(|&(month, day)| Date::new(leap_year, month, day).is_ok());
        if day.is_none() {
            self.error(node.at, "CALENDAR_MONTH_DAY_INVALID", "不是月日", "not a month and day").help =
                Some(Text::new("写作 \"06-01\"", "write it as \"06-01\""));
        }
        day
    }

    /// RFC 3339 with an offset, or a date in +08:00.
    pub fn instant(&mut self, node: &Node, edge: Edge) -> Option<i64> {
        let read = |text: &str| {
            if text.len() == 10 {
                let midnight = midnight_us(day_of_date(text.parse::<civil::Date>().ok()?));
                return Some(if matches!(edge, Edge::End) { midnight + DAY_US } else { midnight });
            }
            parse_instant(text).ok()
        };
        let at_us = node.text().and_then(read);
        if at_us.is_none() {
            self.error(node.at, "CALENDAR_INSTANT_INVALID", "不是时间点", "not an instant").help = Some(Text::new(
                "写作 2020-01-27 或 2020-01-27T14:00:00+08:00",
                "write it as 2020-01-27 or 2020-01-27T14:00:00+08:00",
            ));
        }
        at_us
    }

    fn wrong_type<T>(&mut self, node: &Node, zh: &str, en: &str) -> Option<T> {
        self.error(node.at, "CALENDAR_VALUE_INVALID", format!("此处应为{zh}"), format!("this must be {en}"));
        None
    }
}

impl<'n> Fields<'n> {
    pub fn optional(&self, name: &str) -> Option<&'n Node> {
        self.found.iter().find(|(key, _)| *key == name).map(|(_, node)| *node)
    }
}

impl Node {
    fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Two numbers of exactly two digits each.
fn two_numbers<const SEPARATOR: char>(text: &str) -> Option<(i8, i8)> {
    let (first, second) = text.split_once(SEPARATOR)?;
    let number = |part: &str| match part.as_bytes() {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => i8::try_from((tens - b'0') * 10 + (ones - b'0')).ok(),
        _ => None,
    };
    Some((number(first)?, number(second)?))
}
