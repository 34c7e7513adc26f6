//! Which budget an applicant was promised.

use jiff::civil::Date;

use crate::guard::{GuardError, Scope};
use crate::model::{Definition, Promise};

impl Definition {
    /// The promise for a case accepted on that day (+08:00): the first entry, top down, whose `from` is not later and
    /// whose `when` holds. None where no entry applies.
    ///
    /// # Errors
    /// A guard that could not be evaluated; never taken for false.
    pub fn promise_at(&self, accepted_on: Date, scope: &Scope<'_>) -> Result<Option<&Promise>, GuardError> {
        for promise in &self.promise {
            let holds = promise.from <= accepted_on
                && match &promise.when {
                    Some(guard) => guard.eval(scope)?,
                    None => true,
                };
            if holds {
                return Ok(Some(promise));
            }
        }
        Ok(None)
    }
}
