//! Loops: an outcome takes back only what its own step needs, so that it is taken back itself and comes again.

use super::draft::Draft;
use super::graph::{Graph, known_step};
use super::reader::Log;

pub(super) fn check(draft: &Draft, graph: &Graph, log: &mut Log<'_>) {
    for step in &draft.steps {
        let name = &step.name.value;
        for target in step.outcomes.iter().flat_map(|outcome| &outcome.reopens) {
            let known = known_step(&draft.steps, target, log);
            let other = &target.value;
            if !known || graph.comes_before(other, name) || !graph.can_tell(name, other) {
                continue;
            }
            log.error(
                target.at,
                "REOPENS_LATER",
                format!("{name} 不等待 {other}，不能把它退回重做。"),
                format!("`{name}` does not need `{other}` and cannot reopen it."),
            );
            log.help(
                format!("只能退回 {name} 直接或间接需要的环节。"),
                format!("Only steps that `{name}` needs, directly or through others, can be reopened."),
            );
        }
    }
}
