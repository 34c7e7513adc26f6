//! From JSON to CEL, and only what a guard reads: a form has hundreds of fields, a guard reads one or two.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cel::Value as Cel;
use cel::objects::Key;
use serde_json::Value;

use super::analyse::{Read, Root};
use super::{LIST_LENGTH_MAX, Scope};
use crate::schema::Part;

/// A list has more than [`LIST_LENGTH_MAX`] items.
pub(super) struct TooLong;

/// What is read of the roots.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    form: Option<Want>,
    case: bool,
    results: Option<Want>,
    item: Option<Want>,
    credit: bool,
}

/// What is read of a value.
#[derive(Clone, Debug, Default)]
struct Want {
    /// The value itself, with all that is in it.
    whole: bool,
    names: BTreeMap<String, Want>,
    items: Option<Box<Want>>,
}

impl Want {
    fn add(&mut self, path: &[Part], tested: bool) {
        match path.split_first() {
            // Of what is only asked with has() nobody looks at the value.
            None => self.whole |= !tested,
            Some((Part::Name(name), rest)) => self.names.entry(name.clone()).or_default().add(rest, tested),
            Some((Part::Item, rest)) => self.items.get_or_insert_default().add(rest, tested),
        }
    }

    fn convert(&self, value: &Value) -> Result<Cel, TooLong> {
        if self.whole {
            return whole(value);
        }
        match value {
            Value::Object(map) => {
                // Of an object that is walked or indexed by a value, every entry may be read.
                if self.items.is_some() {
                    return whole(value);
                }
                let known = self.names.iter().filter_map(|(name, want)| Some((name, want, map.get(name)?)));
                known
                    .map(|(name, want, value)| Ok((key(name), want.convert(value)?)))
                    .collect::<Result<_, _>>()
                    .map(map_of)
            }
            Value::Array(items) => match &self.items {
                Some(want) => list(items, |item| want.convert(item)),
                None => Ok(Cel::Null),
            },
            other => whole(other),
        }
    }
}

impl Wanted {
    pub(super) fn by(reads: &[Read]) -> Self {
        let mut wanted = Self::default();
        for read in reads {
            match read.root {
                Root::Form => wanted.form.get_or_insert_default().add(&read.path, read.tested),
                Root::Results => wanted.results.get_or_insert_default().add(&read.path, read.tested),
                Root::Item => wanted.item.get_or_insert_default().add(&read.path, read.tested),
                Root::Case => wanted.case = true,
                Root::Credit => wanted.credit = true,
            }
        }
        wanted
    }

    /// The variables that the guard needs.
    pub(super) fn convert(&self, scope: &Scope<'_>) -> Result<Vec<(&'static str, Cel)>, TooLong> {
        let mut variables = Vec::with_capacity(3);
        if let Some(want) = &self.form {
            variables.push(("form", want.convert(scope.form)?));
        }
        if let (Some(want), Some(item)) = (&self.item, scope.item) {
            variables.push(("item", want.convert(item)?));
        }
        if self.case {
            let case = HashMap::from([
                (key("registrar"), text(scope.case.registrar)),
                (key("workflow"), text(scope.case.workflow)),
                (key("doubts"), Cel::Int(i64::from(scope.case.doubts))),
                (key("date"), text(scope.case.date)),
            ]);
            variables.push(("case", map_of(case)));
        }
        if let (true, Some(facts)) = (self.credit, scope.credit) {
            let count = |count: u32| Cel::Int(i64::from(count));
            let credit = HashMap::from([
                (key("minor"), count(facts.minor)),
                (key("general"), count(facts.general)),
                (key("serious"), count(facts.serious)),
                (key("broken_promises"), count(facts.broken_promises)),
                (key("risk"), text(facts.risk)),
            ]);
            variables.push(("credit", map_of(credit)));
        }
        if let Some(want) = &self.results {
            let known = want.names.iter().filter_map(|(step, want)| Some((step, want, scope.results.get(step)?)));
            let results = known.map(|(step, want, value)| Ok((key(step), want.convert(value)?)));
            variables.push(("results", map_of(results.collect::<Result<_, _>>()?)));
        }
        Ok(variables)
    }
}

fn whole(value: &Value) -> Result<Cel, TooLong> {
    Ok(match value {
        Value::Null => Cel::Null,
        Value::Bool(value) => Cel::Bool(*value),
        Value::Number(number) => self::number(number),
        Value::String(value) => text(value),
        Value::Array(items) => list(items, whole)?,
        Value::Object(map) => {
            map_of(map.iter().map(|(name, value)| Ok((key(name), whole(value)?))).collect::<Result<_, _>>()?)
        }
    })
}

/// Whole numbers are integers however they came: a form that travelled as a protobuf `Struct` has only doubles.
fn number(number: &serde_json::Number) -> Cel {
    /// Beyond 2^53 a double no longer says which whole number was meant.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    match (number.as_i64(), number.as_f64()) {
        (Some(integer), _) => Cel::Int(integer),
        (None, Some(double)) if double.fract() == 0.0 && double.abs() <= EXACT_MAX => Cel::Int(double as i64),
        (None, double) => Cel::Float(double.unwrap_or(f64::NAN)),
    }
}

fn list(items: &[Value], convert: impl Fn(&Value) -> Result<Cel, TooLong>) -> Result<Cel, TooLong> {
    if items.len() > LIST_LENGTH_MAX {
        return Err(TooLong);
    }
    Ok(Cel::List(Arc::new(items.iter().map(convert).collect::<Result<_, _>>()?)))
}

fn text(value: &str) -> Cel {
    Cel::String(Arc::new(value.to_owned()))
}

fn key(name: &str) -> Key {
    Key::String(Arc::new(name.to_owned()))
}

fn map_of(map: HashMap<Key, Cel>) -> Cel {
    Cel::Map(cel::objects::Map { map: Arc::new(map) })
}
