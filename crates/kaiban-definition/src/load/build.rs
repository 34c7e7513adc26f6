//! From a draft without errors to the definition that the engine runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_findings::Text;

use super::draft::{Draft, DraftGuard, DraftIntake, DraftStep, RETRIES_DEFAULT};
use super::graph::Graph;
use super::schemas::Schemas;
use crate::digest::digest;
use crate::files::Files;
use crate::guard::Guard;
use crate::model::{Definition, Effect, INTAKE, Intake, Need, Outcome, Promise, Step};
use crate::share::Share;

/// None where a part is missing; its finding says so.
pub(super) fn build(draft: Draft, mut schemas: Schemas, graph: Graph, files: &Files) -> Option<Definition> {
    let promise = draft
        .promise
        .into_iter()
        .map(|promise| Some(Promise { from: promise.from?, when: promise.when.map(guard), within: promise.within? }));
    let steps = draft.steps.into_iter().map(|draft| {
        let result = schemas.results.remove(&draft.name.value);
        let step = step(draft, result)?;
        Some((step.name.clone(), Arc::new(step)))
    });
    Some(Definition {
        workflow: draft.workflow?.value,
        version: draft.version?,
        digest: digest(files),
        effective_from: draft.effective_from?,
        title: draft.title?,
        registrar: form_pointer(&draft.registrar?.value)?,
        subject: form_pointer(&draft.subject?.value)?,
        closes: draft.closes?.value,
        promise: promise.collect::<Option<_>>()?,
        intake: match draft.intake {
            Some(draft) => Some(intake(draft)?),
            None => None,
        },
        steps: steps.collect::<Option<_>>()?,
        form: schemas.form?,
        order: graph.order,
    })
}

fn guard(draft: DraftGuard) -> Guard {
    draft.guard
}

/// The pointer into the form alone.
fn form_pointer(share: &Share) -> Option<String> {
    share.pointer().strip_prefix("/form").map(str::to_owned)
}

fn step(draft: DraftStep, result: Option<crate::schema::Schema>) -> Option<Step> {
    let outcomes = draft.outcomes.into_iter().map(|draft| {
        let name = draft.name.value;
        let outcome = Outcome {
            name: name.clone(),
            title: draft.title?,
            effect: draft.effect,
            adverse: draft.adverse,
            law: draft.law,
        };
        Some((name, outcome))
    });
    Some(Step {
        name: draft.name.value,
        title: draft.title?,
        party: draft.party?.value,
        needs: draft.needs.into_iter().map(|need| Need { step: need.step.value, when: need.when.map(guard) }).collect(),
        when: draft.when.map(guard),
        counts: draft.counts?,
        within: draft.within,
        shares: draft.shares.into_iter().map(|share| share.value).collect(),
        result,
        outcomes: outcomes.collect::<Option<_>>()?,
        retries_max: draft.retries_max,
    })
}

fn intake(draft: DraftIntake) -> Option<Intake> {
    const LAW: &str = "行政许可法 §32";
    let outcome = |name: &str, zh, en, effect, adverse, law: Option<&str>| {
        let (name, law) = (name.to_owned(), law.map(str::to_owned));
        (name.clone(), Outcome { name, title: Text::new(zh, en), effect, adverse, law })
    };
    let outcomes = BTreeMap::from([
        outcome("accept", "受理", "Accept", Effect::Completes, false, None),
        outcome("decline", "不予受理", "Decline", Effect::Closes("not_accepted".into()), true, Some(LAW)),
    ]);
    let step = Step {
        name: INTAKE.into(),
        title: Text::new("受理审查", "Intake"),
        party: draft.party?.value,
        needs: Vec::new(),
        when: None,
        counts: false,
        within: None,
        // Whether to accept is decided on the application as a whole.
        shares: vec![Share::Form(Vec::new())],
        result: None,
        outcomes,
        retries_max: RETRIES_DEFAULT,
    };
    Some(Intake { when: draft.when.map(guard), deemed_within: draft.deemed_within?, step: Arc::new(step) })
}
