//! The public value is known.

use kaiban_findings::Finding;

use crate::findings;
use crate::record::{Draw, Published};

impl Draw {
    /// Records the public value that the announcement named.
    ///
    /// # Errors
    /// `NO_VALUE_NAMED`, `NOT_FROZEN`, `VALUE_EARLY`, `VALUE_LATE`, `VALUE_FORM`, `SECOND_VALUE`, `TIME_BACKWARDS`, `DRAW_OVER`.
    pub fn publish(&self, value: &str, at_us: i64) -> Result<Draw, Vec<Finding>> {
        let published = Published { value: value.into(), at_us };
        let found = problems(self, &published);
        if !found.is_empty() {
            return Err(found);
        }
        let mut next = self.clone();
        next.public_value = Some(published);
        Ok(next)
    }
}

/// Why this cannot come next.
pub(crate) fn problems(draw: &Draw, published: &Published) -> Vec<Finding> {
    if draw.end.is_some() {
        return vec![findings::draw_over()];
    }
    let Some(named) = &draw.announcement.public_value else { return vec![findings::no_value_named()] };
    if draw.public_value.is_some() {
        return vec![findings::second_value()];
    }
    let mut found = Vec::new();
    if draw.frozen.is_none() {
        found.push(findings::not_frozen("/public_value"));
    }
    if !named.fits(&published.value) {
        found.push(findings::value_form());
    }
    if published.at_us < named.from_us {
        found.push(findings::value_early());
    }
    if published.at_us >= named.by_us {
        found.push(findings::value_late());
    }
    if published.at_us < draw.last_us() {
        found.push(findings::time_backwards("/public_value/at_us"));
    }
    found
}
