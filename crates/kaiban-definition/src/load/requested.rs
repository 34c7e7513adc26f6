//! Steps that the applicant may leave out: none of them can decide the case. And the steps of the system: none of them
//! counts.

use super::draft::Draft;
use super::outcomes::closes_as;
use super::reader::Log;

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    for step in &draft.steps {
        if step.requested.is_some() && step.outcomes.iter().any(|outcome| closes_as(outcome).is_some()) {
            let name = &step.name.value;
            log.error(
                step.name.at,
                "REQUESTED_CLOSES",
                format!("{name} 可以不申请，不能决定整个办件。"),
                format!("`{name}` can be left out and cannot close the case."),
            );
            log.help("请去掉 requested，或去掉 closes。", "Leave out `requested`, or the outcome's `closes`.");
        }
        if let Some(counts) = step.counts.as_ref().filter(|counts| counts.value && !step.is_office()) {
            log.error(
                counts.at,
                "COUNTS_NOBODY",
                "系统完成的环节不计时：承诺时限只计机构的办理时间。",
                "A step of the system does not count: a promise is about the time of offices.",
            );
            log.help("请写 counts: false 或删去。", "Write `counts: false`, or leave it out.");
        }
    }
}
