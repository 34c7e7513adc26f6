//! The configuration in effect, as a file that could be read again, or as one object.

use std::collections::BTreeSet;
use std::fmt::Write;

use kaiban_limits::package::FIXED;
use kaiban_limits::table;
use serde_json::{Value, json};

use super::keys::{KEYS, Key, Kind};
use super::{Config, quantity};
use crate::verbs::serve::Args;

/// What holds, and where it comes from.
pub struct Effective<'a> {
    /// Flags, variables and file together.
    pub args: &'a Args,
    /// What the file says.
    pub config: &'a Config,
    /// Keys of which the file's value holds.
    pub taken: &'a BTreeSet<&'static str>,
}

impl Effective<'_> {
    /// Value and where it comes from; a secret only as far as it may be seen.
    fn setting(&self, key: &Key) -> (Option<String>, &'static str) {
        let source = if self.taken.contains(key.path) { "file" } else { "given" };
        match (key.get)(self.args) {
            Some(value) if key.secret => (Some(masked(&value)), source),
            Some(value) => (Some(value), source),
            // Where cases are in PostgreSQL there is no folder.
            None if key.path == "data" && self.args.database.database_url.is_some() => (None, "default"),
            None => (Some(key.default.to_owned()).filter(|default| !default.is_empty()), "default"),
        }
    }
}

/// As a configuration file: what is not the default stands as a line, defaults and secrets as comments.
pub fn human(effective: &Effective<'_>) -> String {
    let mut out =
        format!("# kaiban {}: the configuration in effect. Lines with a # are defaults.\n", env!("CARGO_PKG_VERSION"));
    out.push_str("# 生效的配置；以 # 开头的是默认值。优先次序：命令行参数、环境变量、本文件、默认值。\n");
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if of != section {
            let _ = write!(out, "\n[{of}]\n");
            section = of;
        }
        let (value, source) = effective.setting(key);
        let written = match (&value, key.kind) {
            (Some(value), Kind::Flag) => value.clone(),
            (Some(value), Kind::Text | Kind::Path) => Value::from(value.as_str()).to_string(),
            (None, _) => "\"\"".to_owned(),
        };
        let mark = if source == "default" || key.secret { "# " } else { "" };
        let masked = if key.secret && value.is_some() { "   # masked; 已隐去" } else { "" };
        let _ = write!(out, "\n# {}\n# {} ({})\n{mark}{name} = {written}{masked}\n", key.zh, key.en, key.flag);
    }
    out.push_str("\n[limits]\n");
    let mut topic = "";
    for limit in table() {
        if limit.topic.1 != topic {
            let _ = write!(out, "\n# ---- {} / {}\n", limit.topic.0, limit.topic.1);
            topic = limit.topic.1;
        }
        let [min, max, default] = [limit.min, limit.max, limit.default].map(|value| quantity::show(limit.unit, value));
        let mark = if effective.config.limited.contains(limit.name) { "" } else { "# " };
        let value = quantity::toml(limit.unit, (limit.get)(&effective.config.limits));
        let unit = quantity::named(limit.unit).en;
        let unit = unit.split(',').next().unwrap_or_default();
        let _ = write!(
            out,
            "\n# {}\n# {} ({unit}; {min} .. {max}, default {default})\n{mark}{} = {value}\n",
            limit.zh, limit.en, limit.name
        );
    }
    out.push_str("\n# ---- 流程包语言的限度，各服务器相同，不能配置 / Bounds of the package language: the same on every server\n\n");
    for fixed in FIXED {
        let _ = writeln!(out, "# {} = {}   {} / {}", fixed.name.to_ascii_lowercase(), fixed.value, fixed.zh, fixed.en);
    }
    out
}

/// As one object.
pub fn json(effective: &Effective<'_>) -> Value {
    let settings = KEYS.iter().map(|key| {
        let (value, source) = effective.setting(key);
        json!({"key": key.path, "value": value, "source": source, "default": key.default, "zh": key.zh, "en": key.en})
    });
    let limits = table().iter().map(|limit| {
        let source = if effective.config.limited.contains(limit.name) { "file" } else { "default" };
        let shown = |value| quantity::show(limit.unit, value);
        json!({
            "key": format!("limits.{}", limit.name),
            "value": shown((limit.get)(&effective.config.limits)),
            "source": source,
            "default": shown(limit.default),
            "min": shown(limit.min),
            "max": shown(limit.max),
            "zh": limit.zh,
            "en": limit.en,
        })
    });
    let fixed =
        FIXED.iter().map(|fixed| json!({"name": fixed.name, "value": fixed.value, "zh": fixed.zh, "en": fixed.en}));
    json!({
        "settings": settings.collect::<Vec<_>>(),
        "limits": limits.collect::<Vec<_>>(),
        "package_language": fixed.collect::<Vec<_>>(),
    })
}

/// An address without what could be a key: no name, no password, no path, no query.
fn masked(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (user, host) = rest.rsplit_once('@').map_or(("", rest), |(_, host)| ("…@", host));
    let authority = host.split(['/', '?', '#']).next().unwrap_or_default();
    // What looks like a host may be the end of a password, or of a path: then nothing is shown.
    let plain = rest.find(['/', '?', '#']).is_none_or(|end| rest.rfind('@').is_none_or(|at| at < end));
    let more = if host.len() > authority.len() { "/…" } else { "" };
    if plain { format!("{scheme}://{user}{authority}{more}") } else { format!("{scheme}://…") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_an_address_that_may_be_a_key_is_shown() {
        assert_eq!(
            masked("postgres://kaiban:p%40ss@db.example:5432/kaiban?sslmode=require"),
            "postgres://…@db.example:5432/…"
        );
        assert_eq!(masked("https://hook.example.com/k/SECRET?key=1"), "https://hook.example.com/…");
        assert_eq!(masked("https://hook.example.com"), "https://hook.example.com");
        for url in ["postgres://u:sec/ret@host/db", "https://host/sec@ret", "postgres://u:sec?ret@host/db"] {
            assert!(!masked(url).contains("sec") && !masked(url).contains("ret"), "{}", masked(url));
        }
    }
}
