//! The functions that guards have besides CEL's own: names and dates of business registration.
//!
//! | function | gives |
//! |---|---|
//! | `name_key(text)` | what two names have in common when nobody should confuse them: the key of a register of names |
//! | `plus_years(date, n)` | the day `n` years later, as text; 29 February becomes 28 February where there is none |
//! | `plus_days(date, n)` | the day `n` days later, as text |
//! | `age_on(citizen_number, date)` | full years of age on a day, by the citizen number |
//! | `sum(list)` | the sum of whole numbers |
//!
//! Dates are texts like `2026-11-22`: they compare as they follow each other.

use std::str::FromStr;

use cel::common::types::{CelInt, CelString, INT_TYPE, LIST_TYPE, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};
use jiff::Span;
use jiff::civil::Date;

use crate::schema::Kind;

/// Name, types of the arguments, type of the answer.
pub(super) const OWN: [(&str, &[Kind], Kind); 5] = [
    ("name_key", &[Kind::Text], Kind::Text),
    ("plus_years", &[Kind::Text, Kind::Number], Kind::Text),
    ("plus_days", &[Kind::Text, Kind::Number], Kind::Text),
    ("age_on", &[Kind::Text, Kind::Text], Kind::Number),
    ("sum", &[Kind::List], Kind::Number),
];

/// Whether it is one of ours.
pub(super) fn is_own(function: &str) -> bool {
    OWN.iter().any(|(name, ..)| *name == function)
}

/// Adds them to an environment.
pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("name_key", "name_key(string)", vec![STRING_TYPE], |args| {
        Ok(text(kaiban_identifiers::company_name::name_key(text_at("name_key", &args, 0)?)))
    })?;
    env.add_overload("plus_years", "plus_years(string,int)", vec![STRING_TYPE, INT_TYPE], |args| {
        later("plus_years", &args, |years| Span::new().try_years(years))
    })?;
    env.add_overload("plus_days", "plus_days(string,int)", vec![STRING_TYPE, INT_TYPE], |args| {
        later("plus_days", &args, |days| Span::new().try_days(days))
    })?;
    env.add_overload("age_on", "age_on(string,string)", vec![STRING_TYPE, STRING_TYPE], |args| {
        let (number, date) = (text_at("age_on", &args, 0)?, date_at("age_on", &args, 1)?);
        let age = kaiban_identifiers::citizen_id::age_on(number, date);
        let age = age.ok_or_else(|| ExecutionError::function_error("age_on", "the text is no citizen number"))?;
        Ok(CowVal::owned(CelInt::from(i64::from(age))))
    })?;
    env.add_overload("sum", "sum(list)", vec![LIST_TYPE], |args| {
        let mut items = args.first().and_then(|list| list.as_iterable()).map(|list| list.iter());
        let mut sum = 0_i64;
        while let Some(item) = items.as_mut().and_then(|items| items.next()) {
            let number = item.downcast_ref::<CelInt>().map(|number| *number.inner());
            sum = number
                .and_then(|number| sum.checked_add(number))
                .ok_or_else(|| ExecutionError::function_error("sum", "the list has more than whole numbers"))?;
        }
        Ok(CowVal::owned(CelInt::from(sum)))
    })
}

fn later<'b, 'v>(
    function: &str,
    args: &[CowVal<'b, 'v>],
    span: fn(i64) -> Result<Span, jiff::Error>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let date = date_at(function, args, 0)?;
    let count = args.get(1).and_then(|arg| arg.downcast_ref::<CelInt>()).map(|count| *count.inner());
    let moved = count.and_then(|count| date.checked_add(span(count).ok()?).ok());
    let moved = moved.ok_or_else(|| ExecutionError::function_error(function, "there is no such day"))?;
    Ok(text(moved.to_string()))
}

fn date_at(function: &str, args: &[CowVal<'_, '_>], index: usize) -> Result<Date, ExecutionError> {
    let text = text_at(function, args, index)?;
    Date::from_str(text).map_err(|_| ExecutionError::function_error(function, "the text is no date"))
}

fn text_at<'a>(function: &str, args: &'a [CowVal<'_, '_>], index: usize) -> Result<&'a str, ExecutionError> {
    let text = args.get(index).and_then(|arg| arg.downcast_ref::<CelString<'_>>());
    text.map(CelString::inner).ok_or_else(|| ExecutionError::function_error(function, "the value is no text"))
}

fn text<'b, 'v>(text: String) -> CowVal<'b, 'v> {
    CowVal::owned(CelString::from(text))
}
