//! State codes, as events lead to them.

use crate::case::{Case, CodeAt};
use crate::codes::StateCode;

impl Case {
    pub(super) fn emit(&mut self, code: StateCode, at_us: i64) {
        self.codes.push(CodeAt { code, at_us });
    }

    /// INVARIANT: within a step every beginning is followed by its end before anything else is emitted.
    pub(super) fn emit_step(&mut self, step: &str, code: StateCode, at_us: i64) {
        follow(&mut self.run(step).codes, code, at_us);
    }

    /// Emits the end of a beginning that is still open.
    pub(super) fn close_codes(&mut self, step: &str, at_us: i64) {
        end_of(&mut self.run(step).codes, at_us);
    }
}

/// The next code of a step.
pub(super) fn follow(codes: &mut Vec<CodeAt>, code: StateCode, at_us: i64) {
    if codes.last().and_then(|last| last.code.closed_by()) != Some(code) {
        end_of(codes, at_us);
    }
    codes.push(CodeAt { code, at_us });
}

pub(super) fn end_of(codes: &mut Vec<CodeAt>, at_us: i64) {
    let open = codes.last().and_then(|last| last.code.closed_by());
    codes.extend(open.map(|code| CodeAt { code, at_us }));
}
