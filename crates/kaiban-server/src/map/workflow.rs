//! Workflow packages as clients see them.

use kaiban_api::v1;
use kaiban_app::Refusal;
use kaiban_definition::{Definition, Effect, Outcome, Step};

use super::fields::Fields;
use super::{finding, object};
use crate::limits::Limits;

/// Name and, where one was asked for, digest.
pub(crate) fn get(request: v1::GetWorkflowRequest, limits: &Limits) -> Result<(String, Option<String>), Refusal> {
    let mut fields = Fields::new(limits);
    let workflow = fields.name("/workflow", request.workflow);
    let digest = fields.name_option("/digest", request.digest);
    fields.finish((workflow, digest))
}

/// As in a list: without form, steps and picture.
pub(crate) fn brief(definition: &Definition) -> v1::Workflow {
    v1::Workflow {
        workflow: definition.workflow.clone(),
        version: definition.version.clone(),
        digest: definition.digest.clone(),
        title: Some(finding::text(definition.title.clone())),
        effective_from: definition.effective_from.to_string(),
        ..Default::default()
    }
}

/// Everything.
pub(crate) fn full(definition: &Definition) -> Result<v1::Workflow, Refusal> {
    let intake = definition.intake.iter().map(|intake| &intake.step);
    let ordered = definition.order.iter().filter_map(|name| definition.steps.get(name));
    Ok(v1::Workflow {
        form_schema: Some(object(definition.form.source())?),
        steps: intake.chain(ordered).map(|found| step(found)).collect::<Result<_, _>>()?,
        diagram: kaiban_definition::mermaid(definition),
        ..brief(definition)
    })
}

fn step(step: &Step) -> Result<v1::WorkflowStep, Refusal> {
    Ok(v1::WorkflowStep {
        step: step.name.clone(),
        title: Some(finding::text(step.title.clone())),
        party: step.party.clone(),
        needs: step.needs.iter().map(|need| need.step.clone()).collect(),
        counted: step.counts,
        shares: step.shares.iter().map(ToString::to_string).collect(),
        result_schema: step.result.as_ref().map(|schema| object(schema.source())).transpose()?,
        outcomes: step.outcomes.values().map(outcome).collect(),
    })
}

fn outcome(outcome: &Outcome) -> v1::WorkflowOutcome {
    let (effect, closes) = match &outcome.effect {
        Effect::Completes => ("COMPLETES", ""),
        Effect::Corrects => ("CORRECTS", ""),
        Effect::EndsBranch => ("ENDS_BRANCH", ""),
        Effect::Closes(closes) => ("CLOSES", closes.as_str()),
    };
    v1::WorkflowOutcome {
        outcome: outcome.name.clone(),
        title: Some(finding::text(outcome.title.clone())),
        adverse: outcome.adverse,
        effect: effect.to_owned(),
        closes: closes.to_owned(),
        law: outcome.law.clone().unwrap_or_default(),
    }
}
