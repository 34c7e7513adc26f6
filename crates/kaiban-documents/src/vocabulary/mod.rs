//! The words that letters know, beside fields: `{{#if …}}`, `{{date …}}` and so on. One table says what exists and how
//! much a word takes; one file for each kind says what it does.
//!
//! | word | prints |
//! |---|---|
//! | `date x` | `2026年11月22日`, of microseconds UTC or of an ISO date |
//! | `isodate x` | `2026-11-22` |
//! | `datetime x` | `2026年11月22日15时30分` |
//! | `yuan x` | fen as `1,000,000.00元` |
//! | `capital x` | fen as `人民币壹佰万元整` |
//! | `money x` | both: `1,000,000.00元（人民币壹佰万元整）` |
//! | `mask x` | `350102********8313`, `138****5678`, `林***` |
//! | `laws x` | `《市场主体登记管理条例》第十九条`, of a list of articles, joined by `、` |
//! | `number x` | the count of a loop from 1: `{{number @index}}` |
//! | `numeral x` | the same in Chinese: `一`, `二` |
//! | `choose x a="甲" other="乙"` | the text that the value stands for |
//! | `eq ne gt gte lt lte and or not len` | for conditions: `{{#if (eq form.kind "limited-company")}}`; `len` takes a list |

mod dates;
mod law;
mod mask;
mod money;
mod numerals;

use std::collections::BTreeMap;

use handlebars::{Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson};
use serde_json::Value;

use crate::problems::{Problem, codes};
use crate::syntax::Call;

/// A law article as documents quote it: `市场主体登记管理条例 §16` → `《市场主体登记管理条例》第十六条`; what is none stays as
/// it is.
pub fn quoted_law(article: &str) -> String {
    law::laws(&Value::from(article)).unwrap_or_else(|_| article.to_owned())
}

/// Whether a word opens a block or makes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Block,
    Value,
}

/// A word and what it takes.
#[derive(Clone, Copy)]
pub(crate) struct Word {
    pub name: &'static str,
    pub sort: Sort,
    arguments: (usize, usize),
    /// Whether it takes arguments with names.
    named: bool,
    /// `None` for the words that Handlebars brings along.
    make: Option<Make>,
}

type Make = fn(&Value, &BTreeMap<&str, &Value>) -> Result<String, Unfit>;

/// A value that a word cannot take. It says what was expected, never what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unfit(pub &'static str);

const fn built_in(name: &'static str, sort: Sort, least: usize, most: usize) -> Word {
    Word { name, sort, arguments: (least, most), named: false, make: None }
}

const fn own(name: &'static str, make: Make) -> Word {
    Word { name, sort: Sort::Value, arguments: (1, 1), named: false, make: Some(make) }
}

const WORDS: &[Word] = &[
    built_in("if", Sort::Block, 1, 1),
    built_in("unless", Sort::Block, 1, 1),
    built_in("each", Sort::Block, 1, 1),
    built_in("with", Sort::Block, 1, 1),
    built_in("eq", Sort::Value, 2, 2),
    built_in("ne", Sort::Value, 2, 2),
    built_in("gt", Sort::Value, 2, 2),
    built_in("gte", Sort::Value, 2, 2),
    built_in("lt", Sort::Value, 2, 2),
    built_in("lte", Sort::Value, 2, 2),
    built_in("and", Sort::Value, 2, 8),
    built_in("or", Sort::Value, 2, 8),
    built_in("not", Sort::Value, 1, 1),
    built_in("len", Sort::Value, 1, 1),
    own("date", |value, _| dates::date(value)),
    own("isodate", |value, _| dates::iso_date(value)),
    own("datetime", |value, _| dates::date_time(value)),
    own("yuan", |value, _| money::yuan(value)),
    own("capital", |value, _| money::capital(value)),
    own("money", |value, _| money::money(value)),
    own("mask", |value, _| mask::mask(value)),
    own("laws", |value, _| law::laws(value)),
    own("number", |value, _| numerals::number(value)),
    own("numeral", |value, _| numerals::numeral(value)),
    Word { name: "choose", sort: Sort::Value, arguments: (1, 1), named: true, make: Some(choose) },
];

/// What Handlebars brings along and letters do not have: `lookup` hides which field is read, `log` writes values out.
const NOT_IN_LETTERS: &[&str] = &["lookup", "log", "raw"];

pub(crate) fn find(name: &str) -> Option<&'static Word> {
    WORDS.iter().find(|word| word.name == name)
}

pub(crate) fn names(sort: Sort) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |word| word.sort == sort).map(|word| word.name)
}

/// Whether a word takes a list instead of a single value.
pub(crate) fn takes_list(name: &str) -> bool {
    matches!(name, "len" | "laws")
}

/// A registry that knows exactly the words of letters, prints nothing that is missing, and escapes with `escape`.
pub(crate) fn registry(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escape);
    for name in NOT_IN_LETTERS {
        registry.unregister_helper(name);
    }
    for word in WORDS {
        if let Some(make) = word.make {
            registry.register_helper(word.name, Box::new(Making { make }));
        }
    }
    registry
}

impl Word {
    /// What is wrong with how a word is used.
    pub(crate) fn misuse(&self, call: &Call) -> Vec<Problem> {
        let (least, most) = self.arguments;
        let given = call.arguments.len();
        let name = self.name;
        let mut problems = Vec::new();
        if !(least..=most).contains(&given) {
            let (zh, en) = match least == most {
                true => (format!("{least} 个"), format!("{least}")),
                false => (format!("{least} 至 {most} 个"), format!("{least} to {most}")),
            };
            problems.push(Problem::new(
                call.at,
                codes::ARGUMENTS,
                format!("“{name}”后应有 {zh}值，这里有 {given} 个。"),
                format!("`{name}` takes {en} value(s), here are {given}."),
            ));
        }
        if !self.named && !call.named.is_empty() {
            problems.push(Problem::new(
                call.at,
                codes::ARGUMENTS,
                format!("“{name}”不带有名称的参数。"),
                format!("`{name}` takes no named values."),
            ));
        }
        problems
    }
}

/// The text that stands for a value; `other` for every value that has none.
fn choose(value: &Value, choices: &BTreeMap<&str, &Value>) -> Result<String, Unfit> {
    let key = match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => return Err(Unfit("a single value")),
    };
    let chosen = choices.get(key.as_str()).or(choices.get("other"));
    match chosen {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(Unfit("a value that the letter has a text for")),
    }
}

/// Runs a word. Handlebars escapes what it answers.
struct Making {
    make: Make,
}

impl HelperDef for Making {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let Some(value) = helper.param(0) else {
            return Err(RenderError::strict_error(None));
        };
        // A word prints something or the letter is not rendered: `null` is as missing as what is not there.
        if value.is_value_missing() || value.value().is_null() {
            return Err(RenderError::strict_error(value.relative_path()));
        }
        let named = helper.hash().iter().map(|(name, value)| (*name, value.value())).collect();
        let made =
            (self.make)(value.value(), &named).map_err(|Unfit(what)| RenderErrorReason::InvalidParamType(what))?;
        Ok(ScopedJson::Derived(Value::String(made)))
    }
}
