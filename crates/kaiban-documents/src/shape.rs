//! Which names the facts have. Form and results are open: their names are the package's.

use std::sync::LazyLock;

use serde_json::Value;

use crate::fields::Read;
use crate::sample;

/// What stands at a path of the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A single value.
    Single,
    /// A list that was not gone through.
    List,
    Object,
    /// Part of the form or of a result: whoever knows the schemas must judge.
    Open,
}

impl Shape {
    pub fn serves(self, read: Read) -> bool {
        match read {
            Read::Condition => true,
            Read::Value => self == Shape::Single,
            Read::List => self == Shape::List,
            Read::Object => self == Shape::Object,
        }
    }

    pub fn named(self) -> (&'static str, &'static str) {
        match self {
            Shape::Single => ("单个值", "a single value"),
            Shape::List => ("列表", "a list"),
            Shape::Object => ("对象", "an object"),
            Shape::Open => ("表单内容", "part of the form"),
        }
    }
}

/// Facts in which nothing is missing and no list is empty.
static COMPLETE: LazyLock<Value> =
    LazyLock::new(|| crate::letter::context(&sample::complete(), "").unwrap_or_default());

/// What stands at a path whose lists of these lengths are gone through; the names that exist where it leaves the facts.
pub(crate) fn of(path: &[String], lists: &[usize]) -> Result<Shape, Vec<String>> {
    if matches!(path.first().map(String::as_str), Some("form" | "results")) {
        return Ok(Shape::Open);
    }
    let mut here = &*COMPLETE;
    for (index, name) in path.iter().enumerate() {
        let names: Vec<String> = here.as_object().into_iter().flat_map(|object| object.keys().cloned()).collect();
        here = here.get(name).ok_or(names)?;
        if lists.contains(&(index + 1)) {
            here = here.get(0).ok_or_else(Vec::new)?;
        }
    }
    Ok(match here {
        Value::Array(_) => Shape::List,
        Value::Object(_) => Shape::Object,
        _ => Shape::Single,
    })
}
