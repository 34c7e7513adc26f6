//! Steps that only those do whom a draw has sent: the draw has been held by then.

use super::draft::{Draft, DraftWork};
use super::graph::{Graph, known_step};
use super::reader::Log;

pub(super) fn check(draft: &Draft, graph: &Graph, log: &mut Log<'_>) {
    for step in &draft.steps {
        let Some(draw) = step.drawn_by.as_ref().filter(|draw| known_step(&draft.steps, draw, log)) else { continue };
        let (name, other) = (&step.name.value, &draw.value);
        let draws = draft.step(other).is_none_or(|step| matches!(step.work, None | Some(DraftWork::Draw { .. })));
        if !draws || !graph.awaits(name, other) {
            log.error(
                draw.at,
                "DRAW_NOT_HELD",
                format!("{name} 开始时，{other} 不一定已抽取核查人员。"),
                format!("When `{name}` begins `{other}` has not surely drawn who does it."),
            );
            log.help(
                "请写带 draws、且不带条件列在 needs 中的环节。",
                "Name a step with `draws` that stands in `needs` without a condition.",
            );
        }
    }
}
