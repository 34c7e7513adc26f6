//! `identity` names the step that checks who people are: an office does it, one branch for each.

use super::draft::{Draft, DraftWork};
use super::graph::known_step;
use super::reader::Log;

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    let Some(identity) = &draft.identity else { return };
    if !known_step(&draft.steps, identity, log) {
        return;
    }
    let step = draft.step(&identity.value);
    if step.is_none_or(|step| step.for_each.is_none() || !matches!(step.work, Some(DraftWork::Office { .. }))) {
        let name = &identity.value;
        log.error(
            identity.at,
            "IDENTITY_STEP",
            format!("环节 {name} 不是由机构逐人办理的，不能核验身份。"),
            format!("No office does `{name}` person by person, so it cannot check who people are."),
        );
        log.help("该环节须写 party 和 for_each。", "The step needs `party` and `for_each`.");
    }
}
