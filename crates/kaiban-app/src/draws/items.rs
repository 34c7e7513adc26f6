//! What waits for a draw: rows that follow from the cases and are written with their events. A row is there as long as its
//! step waits, so that a case which was withdrawn is in no pool.

use kaiban_definition::{Definition, Directory, Work};
use kaiban_engine::{Case, Event, StepRun, StepState};
use kaiban_store::DrawItemRow;
use serde_json::Value;

/// What records call a step that waits: the case number and the step, from the second round on also which round. A step
/// that was offered anew in the same round keeps its name, so that nobody leaves a frozen pool by changing the form.
pub(crate) fn id(case: &str, step: &str, run: &StepRun) -> String {
    match run.superseded.len() {
        0 => format!("{case}/{step}"),
        earlier => format!("{case}/{step}/{}", earlier + 1),
    }
}

/// Ids of the items of a case, ascending.
pub(crate) fn waiting(def: &Definition, case: &Case) -> Vec<String> {
    let draws = |step: &str| matches!(def.step(step).map(|step| &step.work), Some(Work::Draw { .. }));
    let waits = case.steps.iter().filter(|(step, run)| run.state == StepState::Waiting && draws(step));
    let mut ids: Vec<String> = waits.map(|(step, run)| id(&case.id, step, run)).collect();
    ids.sort_unstable();
    ids
}

/// Rows of the steps that these events have made wait. Of what the form says about who may not check, only what the
/// directory knows is kept: anything else could be a person's name, and recuses nobody.
pub(crate) fn entered(
    def: &Definition,
    case: &Case,
    events: &[Event],
    form: Option<&Value>,
    directory: &Directory,
) -> Vec<DrawItemRow> {
    let known = |name: &str| {
        directory.offices().any(|office| office.id == name || office.officers.iter().any(|officer| officer.id == name))
    };
    let awaited = events.iter().filter_map(|event| match event {
        Event::DrawAwaited { step, pool, stratum, .. } => Some((step, pool, stratum)),
        _ => None,
    });
    let row = |(step, pool, stratum): (&String, &String, &String)| {
        let run = case.steps.get(step).filter(|run| run.state == StepState::Waiting)?;
        let Work::Draw { recuse, .. } = &def.step(step)?.work else { return None };
        let named = recuse.iter().filter_map(|place| form?.pointer(place)).flat_map(texts);
        let mut recuse: Vec<&str> = named.filter(|name| known(name)).collect();
        recuse.sort_unstable();
        recuse.dedup();
        Some(DrawItemRow {
            id: id(&case.id, step, run),
            pool: pool.clone(),
            case_id: case.id.clone(),
            step: step.clone(),
            stratum: stratum.clone(),
            recuse: serde_json::to_string(&recuse).unwrap_or_default(),
            entered_at_us: run.task_offered_at_us.unwrap_or(case.last_at_us),
            draw: None,
        })
    };
    awaited.filter_map(row).collect()
}

/// A place of the form names one, or several.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
