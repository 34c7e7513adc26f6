//! What every command on a task checks first: the step, then the epoch, then the state.

use kaiban_definition::Step;
use serde_json::Value;

use crate::case::{Phase, StepRun};
use crate::outlook::Outlook;
use crate::rejection::Rejection;

/// Digits in a row in a word of an office. The journal keeps it for ever, and every number of a person is longer.
pub(super) const DIGITS_IN_A_ROW_MAX: usize = 5;

/// A word of an office in SCREAMING_SNAKE_CASE: a capital letter, then `A-Z 0-9 _`, at most `max` in all, and no number
/// that could be a person's.
pub(super) fn is_word(word: &str, max: usize) -> bool {
    word.len() <= max
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && word.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() <= DIGITS_IN_A_ROW_MAX)
}

impl<'a> Outlook<'a> {
    /// The step and its run, if this epoch still holds its task. A lease that ran out and that nobody took is still
    /// good: only the epoch counts.
    pub fn held(&self, step: &str, epoch: i64) -> Result<(&'a Step, &'a StepRun), Rejection> {
        let def = self.def.step(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
        let stale = || Rejection::StaleEpoch { step: step.to_owned() };
        let Some(run) = self.run(step).filter(|run| run.offers > 0) else {
            return Err(Rejection::NoOpenTask { step: step.to_owned(), state: self.state(step).name() });
        };
        let task_epoch = self.cx.lease.map_or(run.epoch, |lease| lease.epoch);
        if epoch != task_epoch {
            return Err(stale());
        }
        if self.case.phase == Phase::Closed {
            return Err(Rejection::CaseClosed);
        }
        if run.state.took_task_away() {
            return Err(stale());
        }
        if !run.state.has_task() {
            return Err(Rejection::NoOpenTask { step: step.to_owned(), state: run.state.name() });
        }
        // An offer that nobody has taken yet goes on with the epoch of the one before, and a task that was given back by
        // a failure is in nobody's hands: no epoch holds either.
        if epoch < 1 || self.cx.lease.is_none_or(|lease| lease.holder.is_none()) {
            return Err(stale());
        }
        Ok((def, run))
    }

    /// A word of an office for why; see [`is_word`].
    pub fn word(&self, word: &str) -> Result<(), Rejection> {
        if is_word(word, self.cx.limits.word_max) {
            return Ok(());
        }
        Err(Rejection::TextInvalid { field: "code" })
    }

    /// A staff number: 1 to `word_max` letters, digits, `.`, `-`, `_`; no name, because the journal keeps it for ever.
    pub fn officer(&self, field: &'static str, officer: &str) -> Result<(), Rejection> {
        let fits = !officer.is_empty()
            && officer.len() <= self.cx.limits.word_max
            && officer.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        if fits { Ok(()) } else { Err(Rejection::TextInvalid { field }) }
    }

    /// Whether an officer may end a step: the draw that it names, if it sent anybody, sent this one, and the form names
    /// somebody else as whoever stands aside.
    pub fn may_end(&self, step: &Step, officer: &str) -> Result<(), Rejection> {
        let is_named = |named: &Value| named.as_str().is_some_and(|named| named.eq_ignore_ascii_case(officer));
        let sent = step.drawn_by.as_ref().and_then(|draw| self.results().get(draw)?["checkers"].as_array());
        if sent.is_some_and(|sent| !sent.is_empty() && !sent.iter().any(is_named)) {
            return Err(Rejection::OfficerNotDrawn);
        }
        let Some(form) = self.form_value().filter(|_| !step.recuse.is_empty()) else { return Ok(()) };
        let aside = step.recuse.iter().filter_map(|place| form.pointer(place));
        let is_aside = |named: &Value| is_named(named) || named.as_array().is_some_and(|all| all.iter().any(is_named));
        if aside.into_iter().any(is_aside) { Err(Rejection::OfficerRecused) } else { Ok(()) }
    }

    /// A second officer, where one is needed or named.
    pub fn approver(&self, officer: Option<&str>, approver: Option<&str>, needed: bool) -> Result<(), Rejection> {
        let Some(approver) = approver else {
            return if needed { Err(Rejection::ApproverRequired) } else { Ok(()) };
        };
        self.officer("approver", approver)?;
        let same = officer.is_some_and(|officer| officer.eq_ignore_ascii_case(approver));
        if same { Err(Rejection::ApproverNotAnother) } else { Ok(()) }
    }

    /// The case is accepted and has not ended.
    pub fn open(&self) -> Result<(), Rejection> {
        match self.phase {
            Phase::Open => Ok(()),
            Phase::Closed => Err(Rejection::CaseClosed),
            Phase::New | Phase::Intake => Err(Rejection::NotAcceptedYet),
        }
    }
}
