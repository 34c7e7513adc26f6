//! The promises: some entry always holds, and none is hidden behind an earlier one.

use super::draft::Draft;
use super::reader::Log;

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    let Some(last) = draft.promise.last() else { return };
    if last.when.is_some() {
        log.doubt(
            last.at,
            "PROMISE_CONDITIONAL",
            "最后一条承诺带有条件：不满足条件的办件没有承诺时限。",
            "The last promise has a condition: a case for which it does not hold is promised nothing.",
        );
        log.help("请在最后加一条没有 when 的承诺。", "End the list with an entry without `when`.");
    }
    for (index, promise) in draft.promise.iter().enumerate() {
        let hides = |earlier: &super::draft::DraftPromise| {
            earlier.when.is_none() && earlier.from.is_some() && earlier.from <= promise.from
        };
        if draft.promise[..index].iter().any(hides) {
            log.doubt(
                promise.at,
                "PROMISE_HIDDEN",
                "前面的承诺总是先适用，这一条永远不会用到。",
                "An earlier promise always holds first; this one is never used.",
            );
            log.help("请把 from 较晚的承诺写在前面。", "Put the entry with the later `from` first.");
        }
    }
    if !draft.steps.is_empty()
        && draft.steps.iter().all(|step| step.counts.as_ref().is_some_and(|counts| !counts.value) || !step.is_office())
    {
        log.doubt(
            draft.promise[0].at,
            "PROMISE_UNCOUNTED",
            "没有计时的环节，承诺时限永远不会走动。",
            "No step counts, so the promise's clock never runs.",
        );
    }
}
