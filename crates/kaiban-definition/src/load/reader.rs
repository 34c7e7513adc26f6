//! Reading typed values out of a YAML tree: what does not fit is reported, and reading goes on.

use std::str::FromStr;

use jiff::civil::Date;
use kaiban_findings::{Finding, Text};

use super::keys::Object;
use crate::tree::{At, Content, Key, Node};

/// Findings about one file.
pub(super) struct Log<'f> {
    pub path: String,
    text: &'f str,
    pub findings: Vec<Finding>,
}

/// A value with the place where it was written.
#[derive(Clone, Debug)]
pub(super) struct Spot<T> {
    pub at: At,
    pub value: T,
}

impl<'f> Log<'f> {
    pub fn new(path: String, text: &'f str) -> Self {
        Self { path, text, findings: Vec::new() }
    }

    /// Adds something that blocks.
    pub fn error(&mut self, at: At, code: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Finding::error(code, at.place(&self.path), zh, en));
    }

    /// Adds something that is only unusual.
    pub fn doubt(&mut self, at: At, code: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.findings.push(Finding::doubt(code, at.place(&self.path), zh, en));
    }

    /// Adds what to do about the finding added last.
    pub fn help(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        if let Some(last) = self.findings.last_mut() {
            last.help = Some(Text::new(zh, en));
        }
    }

    /// The first character of a text's content: behind the quote, if it is quoted. None where the text is a block that
    /// begins on a later line.
    pub fn content_start(&self, node: &Node) -> Option<At> {
        let line = self.text.lines().nth(node.at.line as usize - 1)?;
        match line.chars().nth(node.at.column as usize - 1)? {
            '"' | '\'' => Some(At { column: node.at.column + 1, ..node.at }),
            '|' | '>' => None,
            _ => Some(node.at),
        }
    }

    fn wrong_type(&mut self, node: &Node, zh: &str, en: &str) {
        self.error(node.at, "WRONG_TYPE", format!("此处应为{zh}。"), format!("Here must stand {en}."));
    }
}

/// The entries of a map, asked for one by one; what nobody asked for is unknown.
pub(super) struct Fields<'n> {
    at: At,
    entries: &'n [(Key, Node)],
    asked: Vec<&'static str>,
    /// What the map is described as; the directory's files have no description.
    object: Option<&'static Object>,
}

impl<'n> Fields<'n> {
    /// The value under a key that must be there.
    pub fn required(&mut self, name: &'static str, log: &mut Log<'_>) -> Option<&'n Node> {
        self.described(name, true);
        let found = self.find(name);
        if found.is_none() {
            self.missing(name, log);
        }
        found
    }

    /// Reports a key that is not there.
    pub fn missing(&self, name: &str, log: &mut Log<'_>) {
        log.error(self.at, "MISSING_KEY", format!("缺少 {name}。"), format!("`{name}` is missing."));
    }

    /// Whether a key is there, and the key itself.
    pub fn key(&self, name: &str) -> Option<&'n Key> {
        self.entries.iter().map(|(key, _)| key).find(|key| key.name == name)
    }

    /// The value under a key that may be there.
    pub fn optional(&mut self, name: &'static str) -> Option<&'n Node> {
        self.described(name, false);
        self.find(name)
    }

    fn described(&self, name: &str, required: bool) {
        let fits = |object: &Object| object.keys.iter().any(|key| key.name == name && key.required == required);
        debug_assert!(self.object.is_none_or(fits), "`{name}` is read and not described so");
    }

    fn find(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self, log: &mut Log<'_>) {
        debug_assert!(
            self.object.is_none_or(|object| object.keys.iter().all(|key| self.asked.contains(&key.name))),
            "a key of a {} is described and not read",
            self.object.map_or("map", |object| object.name)
        );
        for (key, _) in self.entries.iter().filter(|(key, _)| !self.asked.contains(&key.name.as_str())) {
            let name = &key.name;
            log.error(
                key.at,
                "UNKNOWN_KEY",
                format!("此处没有 {name} 这个键。"),
                format!("There is no key `{name}` here."),
            );
            let known = self.asked.join(", ");
            log.help(format!("可用的键：{known}。"), format!("The keys are: {known}."));
        }
    }
}

impl Node {
    /// The entries of a map, each name once.
    pub(super) fn entries(&self, log: &mut Log<'_>) -> Option<&[(Key, Node)]> {
        let Content::Map(entries) = &self.content else {
            log.wrong_type(self, "一组键值", "a map of keys and values");
            return None;
        };
        for (index, (key, _)) in entries.iter().enumerate() {
            if entries[..index].iter().any(|(earlier, _)| earlier.name == key.name) {
                let name = &key.name;
                log.error(
                    key.at,
                    "DUPLICATE_KEY",
                    format!("{name} 写了两次。"),
                    format!("`{name}` stands here twice."),
                );
            }
        }
        Some(entries)
    }

    pub(super) fn fields(&self, log: &mut Log<'_>) -> Option<Fields<'_>> {
        Some(Fields { at: self.at, entries: self.entries(log)?, asked: Vec::new(), object: None })
    }

    /// The fields of a map that is described; a required one that is missing is reported when it is asked for.
    pub(super) fn object(&self, object: &'static Object, log: &mut Log<'_>) -> Option<Fields<'_>> {
        Some(Fields { object: Some(object), ..self.fields(log)? })
    }

    /// One of a few words.
    pub(super) fn word(&self, words: &[&str], log: &mut Log<'_>) -> Option<String> {
        let Spot { at, value } = self.text(log)?;
        if words.contains(&value.as_str()) {
            return Some(value);
        }
        let (zh, en) = (words.join(" 或 "), words.join("` or `"));
        log.error(at, "UNKNOWN_VALUE", format!("此处只能写 {zh}。"), format!("Here only `{en}` can stand."));
        None
    }

    pub(super) fn list(&self, log: &mut Log<'_>) -> &[Node] {
        match &self.content {
            Content::List(items) => items,
            _ => {
                log.wrong_type(self, "列表", "a list");
                &[]
            }
        }
    }

    pub(super) fn text(&self, log: &mut Log<'_>) -> Option<Spot<String>> {
        match &self.content {
            Content::Text(text) if text.trim().is_empty() => {
                log.error(self.at, "EMPTY", "此处不能为空。", "This must not be empty.");
                None
            }
            Content::Text(text) => Some(Spot { at: self.at, value: text.clone() }),
            Content::Bool(_) | Content::Integer(_) | Content::Number => {
                log.wrong_type(self, "文本", "a text");
                log.help("请加上引号。", "Put it in quotes.");
                None
            }
            _ => {
                log.wrong_type(self, "文本", "a text");
                None
            }
        }
    }

    pub(super) fn boolean(&self, log: &mut Log<'_>) -> Option<bool> {
        match self.content {
            Content::Bool(value) => Some(value),
            _ => {
                log.wrong_type(self, " true 或 false", "true or false");
                None
            }
        }
    }

    pub(super) fn count(&self, min: u32, max: u32, log: &mut Log<'_>) -> Option<u32> {
        match self.content {
            Content::Integer(value) => match u32::try_from(value) {
                Ok(value) if (min..=max).contains(&value) => Some(value),
                _ => {
                    let zh = format!("应在 {min} 到 {max} 之间。");
                    let en = format!("This must be between {min} and {max}.");
                    log.error(self.at, "OUT_OF_RANGE", zh, en);
                    None
                }
            },
            _ => {
                log.wrong_type(self, "整数", "a whole number");
                None
            }
        }
    }

    pub(super) fn date(&self, log: &mut Log<'_>) -> Option<Spot<Date>> {
        let Spot { at, value } = self.text(log)?;
        match Date::from_str(&value) {
            Ok(date) => Some(Spot { at, value: date }),
            Err(_) => {
                log.error(at, "BAD_DATE", "此处应为日期（年-月-日）。", "Here must stand a date (YYYY-MM-DD).");
                None
            }
        }
    }

    /// A text in both languages: `{ zh: …, en: … }`.
    pub(super) fn title(&self, log: &mut Log<'_>) -> Option<Text> {
        let mut fields = self.fields(log)?;
        let mut side = |name, log: &mut Log<'_>| Some(fields.required(name, log)?.text(log)?.value);
        let (zh, en) = (side("zh", log), side("en", log));
        fields.finish(log);
        Some(Text::new(zh?, en?))
    }

    /// A name: a lower-case letter, then letters, digits, `_` and single hyphens between them; at most 63 characters.
    pub(super) fn name(&self, log: &mut Log<'_>) -> Option<Spot<String>> {
        let Spot { at, value } = self.text(log)?;
        name(at, &value, log)
    }
}

/// Checks a name that stands as a value or as a key.
pub(super) fn name(at: At, text: &str, log: &mut Log<'_>) -> Option<Spot<String>> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let joined = text.contains("--") || text.ends_with('-');
    if text.len() <= 63 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed) && !joined {
        return Some(Spot { at, value: text.to_owned() });
    }
    log.error(
        at,
        "BAD_NAME",
        "名称应以小写字母开头，只含小写字母、数字、下划线和单个连字符，不超过 63 个字符。",
        "A name begins with a lower-case letter and has only those, digits, `_` and single `-`, at most 63 in all.",
    );
    None
}
