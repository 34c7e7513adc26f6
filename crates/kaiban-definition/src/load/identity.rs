//! `identity` names the step that checks who people are: an office does it, one branch for each.

use super::draft::{Draft, DraftStep, DraftWork};
use super::graph::known_step;
use super::reader::Log;

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    let Some(identity) = &draft.identity else {
        let promises =
            |step: &&DraftStep| step.certificate().is_some_and(|certificate| certificate.commitment.is_some());
        for step in draft.steps.iter().filter(promises) {
            log.error(
                step.name.at,
                "COMMITMENT_UNSIGNED",
                "没有写 identity，无人能签署承诺书。",
                "Without `identity` nobody can sign a commitment.",
            );
            log.help(
                "请在 identity 中写明逐人实名认证的环节。",
                "Name the step that checks who people are, person by person.",
            );
        }
        return;
    };
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
