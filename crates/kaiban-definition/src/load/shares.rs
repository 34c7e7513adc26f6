//! What the steps share, and the form fields that the package itself points at: all of it can exist.

use super::draft::{Draft, DraftStep};
use super::graph::{Graph, known_step};
use super::guards::{element, gives_result, no_item, unknown_field};
use super::reader::{Log, Spot};
use super::schemas::{Found, Schemas, by_key};
use crate::schema::{Kind, Part, Schema};
use crate::share::Share;

pub(super) fn check(draft: &Draft, schemas: &Schemas, graph: &Graph, log: &mut Log<'_>) {
    let pointers = [
        (&draft.registrar, "registrar", true),
        (&draft.subject, "subject", true),
        (&draft.contact, "contact", false),
        (&draft.agent, "agent", false),
    ];
    for (field, key, required) in pointers {
        field.iter().for_each(|field| check_pointer(field, key, required, schemas, log));
    }
    for step in &draft.steps {
        for (index, share) in step.shares.iter().enumerate() {
            let pointer = share.value.pointer();
            let covers = |other: &Spot<Share>| {
                pointer
                    .strip_prefix(&other.value.pointer())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            let covered = step.shares.iter().enumerate().any(|(other, earlier)| {
                other != index && covers(earlier) && (other < index || earlier.value.pointer() != pointer)
            });
            if covered {
                let (zh, en) = ("这一项已由另一项共享。", "Another entry shares this already.");
                log.doubt(share.at, "SHARED_TWICE", zh, en);
            }
            check_share(draft, step, share, schemas, graph, log);
        }
    }
}

/// The parts of a path.
pub(super) fn names(path: &[String]) -> Vec<Part> {
    path.iter().cloned().map(Part::Name).collect()
}

/// A text; `registrar` and `subject` are there in every form.
fn check_pointer(field: &Spot<Share>, key: &str, required: bool, schemas: &Schemas, log: &mut Log<'_>) {
    let path = match &field.value {
        Share::Form(path) if !path.is_empty() => names(path),
        _ => {
            let (zh, en) = (format!("{key} 必须指向表单字段。"), format!("`{key}` must point at a field of the form."));
            log.error(field.at, "BAD_PATH", zh, en);
            return;
        }
    };
    let Some(form) = &schemas.form else { return };
    let Some(found) = form.look(&path) else {
        unknown_field(field.at, &field.value.to_string(), log);
        return;
    };
    if !found.kinds.iter().eq([&Kind::Text]) {
        let (zh, en) =
            (format!("{key} 指向的字段必须是文本。"), format!("The field that `{key}` points at must be a text."));
        log.error(field.at, "NOT_A_TEXT", zh, en);
    }
    if required && !is_required(form, &path) {
        log.error(
            field.at,
            "NOT_REQUIRED",
            format!("{key} 指向的字段必须是必填项。"),
            format!("The field that `{key}` points at must be required."),
        );
        log.help("请在表单的 required 中列出，逐级如此。", "List it under `required` in the form, at every level.");
    }
}

fn is_required(form: &Schema, path: &[Part]) -> bool {
    (1..=path.len()).all(|end| form.look(&path[..end]).is_some_and(|field| field.required))
}

fn check_share(
    draft: &Draft,
    step: &DraftStep,
    share: &Spot<Share>,
    schemas: &Schemas,
    graph: &Graph,
    log: &mut Log<'_>,
) {
    if matches!(&share.value, Share::Form(path) if path.is_empty()) {
        log.doubt(
            share.at,
            "SHARES_WHOLE_FORM",
            "共享了整张表单；应只共享该环节所需的字段。",
            "The whole form is shared; share only what the step needs.",
        );
        return;
    }
    check_value(draft, step, share, schemas, graph, log);
}

/// A place that a step reads when it begins: in the form, in its element, or in the result of a step before it.
pub(super) fn check_value(
    draft: &Draft,
    step: &DraftStep,
    share: &Spot<Share>,
    schemas: &Schemas,
    graph: &Graph,
    log: &mut Log<'_>,
) {
    let found = match &share.value {
        Share::Form(path) => schemas.form.as_ref().map(|form| form.look(&names(path)).is_some()),
        Share::Item(path) => {
            let Some(for_each) = &step.for_each else {
                no_item(share.at, log);
                return;
            };
            let place = element(&for_each.over.value).map(|base| [base, names(path)].concat());
            schemas.form.as_ref().zip(place).map(|(form, place)| form.look(&place).is_some())
        }
        Share::Result { step: other, path } => {
            if !known_step(&draft.steps, &Spot { at: share.at, value: other.clone() }, log) {
                return;
            }
            // Whoever mistyped a need knows already.
            if !graph.comes_before(other, &step.name.value) && graph.can_tell(&step.name.value, other) {
                log.error(
                    share.at,
                    "RESULT_NOT_AWAITED",
                    format!("{} 不等待 {other}，拿不到它的结果。", step.name.value),
                    format!("`{}` does not wait for `{other}` and has none of its results.", step.name.value),
                );
                log.help(format!("请把 {other} 写进 needs。"), format!("Add `{other}` to `needs`."));
            }
            match schemas.result(other, &names(path), by_key(draft, other, Some(step))) {
                Found::Nothing => None,
                Found::Impossible => Some(false),
                Found::Field(_) => Some(true),
            }
        }
    };
    if found == Some(false) {
        unknown_field(share.at, &share.value.to_string(), log);
    }
    if let Share::Result { step: other, .. } = &share.value {
        gives_result(draft, other, share.at, log);
    }
}
