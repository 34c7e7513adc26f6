//! Reading a configuration file: everything that is wrong with it at once, each with its line.

use std::ops::Range;
use std::path::Path;

use kaiban_app::Refusal;
use kaiban_findings::{Finding, Place, Text};
use kaiban_limits::{Limit, Unit, table};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{KEYS, Kind};
use super::{Config, quantity};
use crate::failure::Failure;

/// Bytes of a configuration file.
const FILE_BYTES_MAX: usize = 1 << 20;

/// Where the bounds stand.
const LIMITS: &str = "limits";

/// Reads a file.
///
/// # Errors
/// `FILE` when it cannot be read, `CONFIG_INVALID` with everything that is wrong.
pub fn read(path: &Path) -> Result<Config, Failure> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    let folder = std::path::absolute(path).ok().and_then(|path| path.parent().map(Path::to_owned)).unwrap_or_default();
    let mut reader = Reader { path: &shown, folder: &folder, text: &text, config: Config::default(), findings: vec![] };
    reader.read();
    let Reader { config, mut findings, .. } = reader;
    if findings.is_empty() {
        return Ok(config);
    }
    findings.sort_by_key(|finding| match &finding.place {
        Place::File { line, column, .. } => (*line, *column),
        _ => (0, 0),
    });
    let count = findings.len();
    Err(Refusal {
        findings,
        ..Refusal::argument(
            "CONFIG_INVALID",
            format!("配置文件有{count}处错误，请逐项更正。"),
            format!("the configuration has {count} error(s): correct each"),
        )
    }
    .into())
}

struct Reader<'t> {
    path: &'t str,
    folder: &'t Path,
    text: &'t str,
    config: Config,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn read(&mut self) {
        if self.text.len() > FILE_BYTES_MAX {
            let shown = quantity::show(Unit::Bytes, FILE_BYTES_MAX as u64);
            let zh = format!("配置文件最大 {shown}。");
            return self.error("CONFIG_SYNTAX", &(0..0), zh, format!("A configuration has at most {shown}."));
        }
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let en = format!("This is not TOML: {}.", error.message());
            self.error("CONFIG_SYNTAX", &span, "不符合 TOML 语法。", en);
        }
        if !self.findings.is_empty() {
            return;
        }
        for (name, value) in document.get_ref() {
            match value.get_ref() {
                DeValue::Table(section) if name.get_ref() == LIMITS => {
                    section.iter().for_each(|(name, value)| self.limit(name, value));
                }
                DeValue::Table(section) => {
                    for (inner, value) in section {
                        self.setting(&format!("{}.{}", name.get_ref(), inner.get_ref()), inner.span(), value);
                    }
                }
                _ => self.setting(name.get_ref(), name.span(), value),
            }
        }
        self.contradictions(document.get_ref());
    }

    fn setting(&mut self, path: &str, name: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let Some(at) = KEYS.iter().position(|key| key.path == path) else {
            return self.unknown(path, &name, KEYS.iter().map(|key| key.path));
        };
        let key = &KEYS[at];
        let text = match (key.kind, value.get_ref()) {
            (Kind::Text, DeValue::String(text)) => text.to_string(),
            (Kind::Path, DeValue::String(text)) => self.folder.join(text.as_ref()).display().to_string(),
            (Kind::Flag, DeValue::Boolean(flag)) => flag.to_string(),
            (Kind::Flag, _) => {
                return self.error("CONFIG_TYPE", &value.span(), "应为 true 或 false。", "This must be true or false.");
            }
            (Kind::Text | Kind::Path, _) => {
                return self.error(
                    "CONFIG_TYPE",
                    &value.span(),
                    "应为带引号的文本。",
                    "This must be a text in quotes.",
                );
            }
        };
        match (key.set)(&mut crate::verbs::serve::Args::default(), &text) {
            Ok(()) => self.config.settings.push((at, text)),
            Err(how) => self.error("CONFIG_VALUE", &value.span(), how.zh, how.en),
        }
    }

    fn limit(&mut self, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let Some(limit) = table().iter().find(|limit| limit.name == name.get_ref()) else {
            let path = format!("{LIMITS}.{}", name.get_ref());
            return self.unknown(&path, &name.span(), table().iter().map(|limit| limit.name));
        };
        let read = match value.get_ref() {
            DeValue::Integer(number) if limit.unit != Unit::Time => {
                u64::from_str_radix(number.as_str(), number.radix()).ok()
            }
            DeValue::String(text) => quantity::parse(limit.unit, text),
            _ => None,
        };
        let Some(read) = read else {
            let Text { zh, en } = quantity::named(limit.unit);
            let zh = format!("应为{zh}；默认值为 {}。", quantity::toml(limit.unit, limit.default));
            let en = format!("This must be a {en}; the default is {}.", quantity::toml(limit.unit, limit.default));
            return self.error("CONFIG_TYPE", &value.span(), zh, en);
        };
        if !(limit.min..=limit.max).contains(&read) {
            let [min, max] = [limit.min, limit.max].map(|value| quantity::show(limit.unit, value));
            let zh = format!("{} 应在 {min} 至 {max} 之间。", limit.name);
            let en = format!("{} must be from {min} to {max}.", limit.name);
            return self.error("CONFIG_RANGE", &value.span(), zh, en);
        }
        (limit.set)(&mut self.config.limits, read);
        self.config.limited.insert(limit.name);
    }

    /// Bounds and settings that are right alone and wrong together.
    fn contradictions(&mut self, document: &DeTable<'_>) {
        let place = |section: Option<&str>, name: &str| {
            let table = match section {
                None => Some(document),
                Some(section) => document.get(section).and_then(|section| section.get_ref().as_table()),
            };
            table.and_then(|table| table.get_key_value(name)).map(|(name, _)| name.span())
        };
        for (lower, upper) in self.config.limits.contradictions() {
            let span = place(Some(LIMITS), lower.name).or_else(|| place(Some(LIMITS), upper.name)).unwrap_or(0..0);
            let value = |limit: &Limit| quantity::show(limit.unit, (limit.get)(&self.config.limits));
            let (low, up) = (value(lower), value(upper));
            let zh = format!("{}（{low}）不能大于 {}（{up}）。", lower.name, upper.name);
            let en = format!("{} ({low}) must not be larger than {} ({up}).", lower.name, upper.name);
            self.error("CONFIG_CONTRADICTION", &span, zh, en);
        }
        if let (Some(_), Some(span)) = (place(None, "data"), place(None, "database_url")) {
            let zh = "data 和 database_url 只能写其一。";
            self.error("CONFIG_CONTRADICTION", &span, zh, "Write either data or database_url, not both.");
        }
    }

    /// A value may be a secret; names are repeated, values are not.
    fn unknown<'k>(&mut self, path: &str, span: &Range<usize>, known: impl Iterator<Item = &'k str>) {
        let last = path.rsplit('.').next().unwrap_or(path);
        let distances = known.map(|key| (distance(key.rsplit('.').next().unwrap_or(key), last), key));
        let meant = distances.min().filter(|(distance, _)| *distance <= 2).map(|(_, key)| key);
        let (zh, en) = match meant {
            Some(meant) => {
                (format!("没有此项；是否指 {meant}？"), format!("There is no such key; did you mean {meant}?"))
            }
            None => (
                "没有此项；serve --print-config 列出全部。".to_owned(),
                "There is no such key; `kaiban serve --print-config` lists all.".to_owned(),
            ),
        };
        self.error("CONFIG_UNKNOWN_KEY", span, zh, en);
    }

    fn error(&mut self, code: &'static str, span: &Range<usize>, zh: impl Into<String>, en: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let place = Place::File { path: self.path.to_owned(), line: number(line), column: number(column) };
        self.findings.push(Finding::error(code, place, zh, en));
    }
}

/// How many letters two names are apart; a dash counts as an underscore.
fn distance(one: &str, other: &str) -> usize {
    let (one, other) = (one.replace('-', "_"), other.replace('-', "_"));
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.chars().enumerate() {
            let cost = corner + usize::from(a != b);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}
