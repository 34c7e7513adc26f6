//! Workflow packages as clients see them.

use kaiban_api::v1;
use kaiban_app::{MigrateCases, MigratedCase, MigrationOutcome, Refusal};
use kaiban_definition::{Definition, Effect, Outcome, Reopening, Step, Work};

use super::fields::Fields;
use super::{finding, object};
use crate::limits::Limits;
use crate::refuse;

/// Name and, where one was asked for, digest.
pub(crate) fn get(request: v1::GetWorkflowRequest, limits: &Limits) -> Result<(String, Option<String>), Refusal> {
    let mut fields = Fields::new(limits);
    let workflow = fields.name("/workflow", request.workflow);
    let digest = fields.name_option("/digest", request.digest);
    fields.finish((workflow, digest))
}

/// Cases to be moved to another version.
pub(crate) fn migrate(request: v1::MigrateCasesRequest, limits: &Limits) -> Result<MigrateCases, Refusal> {
    let mut fields = Fields::new(limits);
    let request_id = match (request.dry_run, request.request_id) {
        (true, id) if id.is_empty() => id,
        (_, id) => fields.request_id(id),
    };
    if request.mapping.trim().is_empty() {
        fields.missing("/mapping");
    }
    let mapping = fields.text("/mapping", request.mapping.replace("\r\n", "\n"), limits.mapping_max);
    let name = fields.line("/mapping_name", request.mapping_name, limits.file_name_max);
    let name = if name.is_empty() { "mapping.yaml".to_owned() } else { name };
    let from = fields.name_or_empty("/from_digest", request.from_digest);
    let to = fields.name_or_empty("/to_digest", request.to_digest);
    fields.count("/case_ids", request.case_ids.len(), 0..=limits.migrated_max);
    let ids = request.case_ids.into_iter().take(limits.migrated_max).enumerate();
    let cases = ids.map(|(index, id)| fields.id(&format!("/case_ids/{index}"), id)).collect();
    fields.finish(MigrateCases { request_id, name, mapping, from, to, cases, dry_run: request.dry_run })
}

/// What became of a case.
pub(crate) fn migrated(case: MigratedCase) -> v1::MigratedCase {
    let (journal_seq, would_migrate, left) = match case.outcome {
        MigrationOutcome::Migrated { seq } => (seq, false, None),
        MigrationOutcome::WouldMigrate => (0, true, None),
        MigrationOutcome::Left(refusal) => (0, false, Some(refuse::error(*refusal))),
    };
    v1::MigratedCase { case_id: case.case, journal_seq, would_migrate, left }
}

/// A package as it stands in a list: without form, steps and picture.
pub fn brief(definition: &Definition) -> v1::Workflow {
    v1::Workflow {
        workflow: definition.workflow.clone(),
        version: definition.version.clone(),
        digest: definition.digest.clone(),
        title: Some(finding::text(definition.title.clone())),
        effective_from: definition.effective_from.to_string(),
        ..Default::default()
    }
}

/// A package with everything that a client may know of it.
///
/// # Errors
/// Where a schema cannot travel as a message.
pub fn full(definition: &Definition) -> Result<v1::Workflow, Refusal> {
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
        party: step.party().unwrap_or_default().to_owned(),
        needs: step.needs.iter().map(|need| need.step.clone()).collect(),
        counted: step.counts,
        shares: step.shares.iter().map(ToString::to_string).collect(),
        result_schema: step.result.as_ref().map(|schema| object(schema.source())).transpose()?,
        outcomes: step.outcomes.values().map(outcome).collect(),
        work: work(&step.work).into(),
        needs_any: step.needs_any.as_ref().map(|any| any.steps.clone()).unwrap_or_default(),
        for_each: step.for_each.as_ref().map(|list| list.over.clone()).unwrap_or_default(),
        optional: step.requested.is_some(),
        undo: step.undo.clone().unwrap_or_default(),
    })
}

fn work(work: &Work) -> v1::Work {
    match work {
        Work::Office { .. } => v1::Work::Office,
        Work::Wait { .. } => v1::Work::Wait,
        Work::Reserve { .. } => v1::Work::Reserve,
        Work::Start { .. } => v1::Work::Start,
        Work::Prove(_) => v1::Work::Prove,
        Work::Draw { .. } => v1::Work::Draw,
    }
}

fn outcome(outcome: &Outcome) -> v1::WorkflowOutcome {
    let reopens = |reopening: &Reopening| reopening.steps.clone();
    let (effect, closes, reopens) = match &outcome.effect {
        Effect::Completes => (v1::OutcomeEffect::Completes, "", Vec::new()),
        Effect::Corrects { reopens: taken } => {
            (v1::OutcomeEffect::Corrects, "", taken.as_ref().map(reopens).unwrap_or_default())
        }
        Effect::EndsBranch => (v1::OutcomeEffect::EndsBranch, "", Vec::new()),
        Effect::Closes(closes) => (v1::OutcomeEffect::Closes, closes.as_str(), Vec::new()),
        Effect::Reopens(reopening) => (v1::OutcomeEffect::Reopens, "", reopens(reopening)),
    };
    v1::WorkflowOutcome {
        outcome: outcome.name.clone(),
        title: Some(finding::text(outcome.title.clone())),
        adverse: outcome.adverse,
        effect: effect.into(),
        closes: closes.to_owned(),
        law: outcome.law.clone().unwrap_or_default(),
        reopens,
        letter: outcome.letter.clone().unwrap_or_default(),
    }
}
