//! Steps that ended later than promised: their office owes the public a reason (优化营商环境条例 §36), which may be given
//! after the case has ended. Rows say what is owed; they follow from the cases and are written with their events.

use kaiban_engine::{Case, Event, StepRun};
use kaiban_store::{DelayQuery, DelayRow, PageRequest};
use serde_json::json;

use crate::access::Verb;
use crate::app::App;
use crate::execute::{CaseVerb, locate};
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;
use crate::request::{ExplainDelay, ListDelays};
use crate::view::{DelayEntry, DelayView, Delays};

impl App {
    /// Says why a step took longer than promised, once.
    ///
    /// # Errors
    /// `NO_REASON_OWED`; see the refusal's reason.
    pub async fn explain_delay(&self, who: &Principal, request: ExplainDelay) -> Result<DelayView, Refusal> {
        who.may(Verb::ExplainDelay)?;
        let officer = who.officer(request.officer)?;
        let (case, step) = locate(&request.task)?;
        let content = json!([case, step, officer, request.reason]);
        let key = self.inner.request(who, "explain_delay", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?.ok_or(kaiban_engine::Rejection::ReasonRequired)?;
        let verb = CaseVerb::ExplainDelay { step: step.clone(), officer, reason };
        let view = self.on_case(who, key, case, verb).await?;
        let delay = view.steps.into_iter().find(|found| found.step == step).and_then(|found| found.delay);
        delay.ok_or_else(Refusal::not_found)
    }

    /// A page of the late steps that the caller sees, the oldest first, and how many there are in all.
    ///
    /// # Errors
    /// An office or division that is not the caller's, a page size or token that is not valid.
    pub async fn delays(&self, who: &Principal, request: ListDelays) -> Result<Delays, Refusal> {
        who.may(Verb::ListDelays)?;
        let limits = &self.inner.settings.limits;
        let size = if request.page_size == 0 { limits.page_default } else { request.page_size };
        if size > limits.page_max {
            return Err(Refusal::argument(
                "PAGE_SIZE_INVALID",
                format!("每页最多{}条。", limits.page_max),
                format!("A page has at most {} delays.", limits.page_max),
            ));
        }
        // A manager sees divisions, everybody else offices.
        let (own_offices, own_divisions) = match who.role {
            Role::Manager => (None, Some(&who.divisions).filter(|own| !own.is_empty())),
            _ => (Some(&who.offices), None),
        };
        let query = DelayQuery {
            offices: within(own_offices, request.office)?,
            divisions: within(own_divisions, request.division)?,
            owed: request.owed,
            from_us: request.from_us,
            before_us: request.before_us,
        };
        let token = Some(request.page_token).filter(|token| !token.is_empty());
        let page = self.inner.store.delays(&query, &PageRequest { size, token }).await?;
        let counts = self.inner.store.count_delays(&query).await?;
        let entries = page.rows.into_iter().map(entry).collect();
        Ok(Delays { entries, late: counts.late, owed: counts.owed, next: page.next.unwrap_or_default() })
    }
}

/// What the caller may see, narrowed to what was asked for; none = everything.
pub(crate) fn within(own: Option<&Vec<String>>, named: Option<String>) -> Result<Option<Vec<String>>, Refusal> {
    match (own, named) {
        (Some(own), Some(named)) if !own.contains(&named) => Err(Refusal::not_found()),
        (_, Some(named)) => Ok(Some(vec![named])),
        (own, None) => Ok(own.cloned()),
    }
}

fn entry(row: DelayRow) -> DelayEntry {
    DelayEntry {
        case: row.case_id,
        step: row.step,
        office: row.office,
        division: row.division,
        since_us: row.since_us,
        working_us: row.working_us,
        budget_us: row.budget_us,
        explained_at_us: row.explained_at_us,
    }
}

/// The rows of a case, by id.
pub(crate) fn rows(case: &Case) -> Vec<DelayRow> {
    let dropped = case.dropped.iter().map(|dropped| (&dropped.step, &dropped.run));
    let runs = case.steps.iter().chain(dropped);
    let mut rows: Vec<DelayRow> = runs.filter_map(|(step, run)| row(case, step, run)).collect();
    rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    rows
}

/// Rows that these events have just changed.
pub(crate) fn changed(case: &Case, events: &[Event]) -> Vec<DelayRow> {
    let steps = events.iter().filter_map(|event| match event {
        Event::ReasonOwed { step, .. } | Event::DelayExplained { step, .. } => Some(step),
        _ => None,
    });
    steps.filter_map(|step| row(case, step, case.steps.get(step)?)).collect()
}

fn row(case: &Case, step: &str, run: &StepRun) -> Option<DelayRow> {
    let delay = run.delay.as_ref()?;
    Some(DelayRow {
        id: format!("{}/{step}", case.id),
        case_id: case.id.clone(),
        step: step.to_owned(),
        office: run.office.clone(),
        division: case.division.clone(),
        since_us: delay.since_us,
        working_us: delay.working_us,
        budget_us: delay.budget_us,
        explained_at_us: delay.reason.as_ref().map(|given| given.at_us),
    })
}
