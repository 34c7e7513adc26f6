//! A deadline has passed and something is missing: the draw is void.

use kaiban_findings::Finding;

use crate::findings;
use crate::record::{Cause, Draw, End, State, Void};

impl Draw {
    /// The instant at which the draw becomes void if nothing comes; nothing if no more is waited for.
    pub fn deadline_us(&self) -> Option<i64> {
        let terms = &self.announcement;
        match self.state() {
            State::Announced => Some(terms.commit_by_us),
            State::Committed => Some(terms.reveal_by_us),
            State::Frozen if self.without_reveal().next().is_some() => Some(terms.reveal_by_us),
            State::Frozen => terms.public_value.as_ref().map(|value| value.by_us),
            State::Revealed | State::Held | State::Void => None,
        }
    }

    /// Ends the draw without a result. It decides nothing; [`Draw::follows`] is what the next one says about it.
    ///
    /// # Errors
    /// `NOT_DUE`, also if nothing is missing any more; `DRAW_OVER`.
    pub fn lapse(&self, at_us: i64) -> Result<Draw, Vec<Finding>> {
        if self.end.is_some() {
            return Err(vec![findings::draw_over()]);
        }
        let void = lapsed(self, at_us).ok_or_else(|| vec![findings::not_due()])?;
        let mut next = self.clone();
        next.end = Some(End::Void(void));
        next.record_sha256 = Some(next.hash_so_far("record"));
        Ok(next)
    }
}

/// As what it is void at an instant.
pub(crate) fn lapsed(draw: &Draw, at_us: i64) -> Option<Void> {
    draw.deadline_us().filter(|deadline_us| at_us >= *deadline_us)?;
    let named = |missing: &mut dyn Iterator<Item = (usize, &String)>| missing.map(|(_, party)| party.clone()).collect();
    let revealing = draw.without_reveal().next().is_some();
    let (cause, parties) = match draw.state() {
        State::Announced => (Cause::NeverCommitted, named(&mut draw.without_commitment())),
        State::Committed => (Cause::NeverFrozen, Vec::new()),
        _ if revealing => (Cause::NeverRevealed, named(&mut draw.without_reveal())),
        _ => (Cause::NoPublicValue, Vec::new()),
    };
    Some(Void { at_us, cause, parties })
}

impl Void {
    /// Why there is no result, to be shown to people: `NEVER_COMMITTED`, `NEVER_FROZEN`, `NEVER_REVEALED` or `NO_PUBLIC_VALUE`.
    pub fn finding(&self) -> Finding {
        findings::void(self)
    }
}
