//! What cannot go on by itself, for the officers who may deal with it: steps, promises, effects.

use kaiban_engine::{Case, StepState};
use kaiban_findings::Text;
use kaiban_store::{CaseQuery, CaseRow, CaseSort, OutboxRow};
use serde_json::json;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::{CaseVerb, Working};
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::view::CaseView;

/// What kind of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// A step cannot go on.
    Step,
    /// The promise of a case could not be decided.
    Promise,
    /// A letter, message or started case failed for good.
    Effect,
}

/// Something that needs a person.
#[derive(Clone, Debug)]
pub struct IncidentView {
    /// `<case>/<step>` of a step, `<case>` of a promise, the effect's id of an effect.
    pub id: String,
    /// What kind.
    pub kind: IncidentKind,
    /// Case number.
    pub case: String,
    /// Of a step: its name.
    pub step: String,
    /// Stable code.
    pub code: String,
    /// What it means and what to do.
    pub message: Text,
    /// Since when, µs.
    pub since_us: i64,
}

/// Cases looked at in one page.
const PAGE: u32 = 50;

impl App {
    /// A page of the incidents that the caller may deal with, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// A page token that is not valid.
    pub async fn incidents(
        &self,
        who: &Principal,
        case: &str,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<IncidentView>, String), Refusal> {
        who.may(Verb::ListIncidents)?;
        let inner = &self.inner;
        let page_size = if page_size == 0 { PAGE } else { page_size.min(inner.settings.limits.page_max) };
        if !case.is_empty() {
            return Ok((inner.incidents_of(who, case).await?, String::new()));
        }
        // Two lists, one after the other: cases in trouble, then effects that failed for good.
        let effects = page_token.strip_prefix("effects");
        if let Some(token) = effects {
            return inner.failed_effects(who, page_size, token).await;
        }
        let query = CaseQuery {
            troubled: Some(true),
            sort: CaseSort::ReceivedAsc,
            page_size,
            page_token: Some(page_token.to_owned()).filter(|token| !token.is_empty()),
            ..CaseQuery::default()
        };
        let page = inner.store.cases(&query).await?;
        let mut found = Vec::new();
        for row in &page.rows {
            found.extend(inner.troubles(who, row)?);
        }
        Ok((found, page.next.unwrap_or_else(|| "effects".to_owned())))
    }

    /// Says that the cause of an incident is gone: a step is tried afresh, an effect is carried out again, a promise was
    /// looked at.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn resolve_incident(
        &self,
        who: &Principal,
        request_id: &str,
        incident: &str,
        officer: String,
    ) -> Result<CaseView, Refusal> {
        who.may(Verb::ResolveIncident)?;
        let officer = who.officer(officer)?;
        let inner = &self.inner;
        let (case, step) = incident.split_once('/').unwrap_or((incident, ""));
        if inner.store.outbox_of(case).await?.iter().any(|row| row.id == incident && row.failed_code.is_some()) {
            let row = inner.store.case(case).await?.ok_or_else(Refusal::not_found)?;
            let working = Working::read(&inner.library, &row)?;
            let facts = RowFacts::of(&working.case, &inner.library.directory);
            permit(who, Verb::ResolveIncident, Some(&facts))?;
            inner.store.revive_outbox(incident, inner.clock.operating_us()).await?;
            inner.bell.ring_outbox();
            return inner.present_row(who, &row, crate::request::Detail::Steps).await;
        }
        let key = inner.request(who, "resolve", request_id, &json!([incident, officer]))?;
        self.on_case(who, key, case.to_owned(), CaseVerb::Resolve { step: step.to_owned(), officer }).await
    }
}

impl Inner {
    async fn incidents_of(&self, who: &Principal, case: &str) -> Result<Vec<IncidentView>, Refusal> {
        let row = self.store.case(case).await?.ok_or_else(Refusal::not_found)?;
        let Working { case: known, .. } = Working::read(&self.library, &row)?;
        let facts = RowFacts::of(&known, &self.library.directory);
        permit(who, Verb::ListIncidents, Some(&facts))?;
        let mut found = self.troubles(who, &row)?;
        let outbox = self.store.outbox_of(case).await?;
        found.extend(outbox.iter().filter_map(failed));
        Ok(found)
    }

    /// What is the matter with a case, as far as the caller may deal with it.
    fn troubles(&self, who: &Principal, row: &CaseRow) -> Result<Vec<IncidentView>, Refusal> {
        let Working { case, .. } = Working::read(&self.library, row)?;
        let mine = |step: &str| {
            let facts = match step {
                "" => RowFacts::of(&case, &self.library.directory),
                step => RowFacts::step(&case, step, &self.library.directory),
            };
            permit(who, Verb::ListIncidents, Some(&facts)).is_ok()
        };
        let stuck = case.steps.iter().filter(|(_, run)| run.state == StepState::Incident);
        let stuck = stuck.filter(|(step, _)| mine(step)).map(|(step, run)| IncidentView {
            id: format!("{}/{step}", case.id),
            kind: IncidentKind::Step,
            case: case.id.clone(),
            step: step.clone(),
            code: run.incident.clone().unwrap_or_default(),
            message: meaning(run.incident.as_deref().unwrap_or_default()),
            since_us: run.ledger.0.last().map_or(case.last_at_us, |interval| interval.from_us),
        });
        let mut found: Vec<IncidentView> = stuck.collect();
        if case.promise_undecided && case.phase != kaiban_engine::Phase::Closed && mine("") {
            found.push(promise(&case));
        }
        Ok(found)
    }

    async fn failed_effects(
        &self,
        who: &Principal,
        page_size: u32,
        token: &str,
    ) -> Result<(Vec<IncidentView>, String), Refusal> {
        let page_token = token.strip_prefix(':').map(str::to_owned);
        let page = self.store.failed_outbox(&kaiban_store::PageRequest { size: page_size, token: page_token }).await?;
        let mut found = Vec::new();
        for row in &page.rows {
            let Some(case) = self.store.case(&row.case_id).await? else { continue };
            let Working { case, .. } = Working::read(&self.library, &case)?;
            let facts = RowFacts::of(&case, &self.library.directory);
            if permit(who, Verb::ListIncidents, Some(&facts)).is_ok() {
                found.extend(failed(row));
            }
        }
        Ok((found, page.next.map(|next| format!("effects:{next}")).unwrap_or_default()))
    }
}

fn promise(case: &Case) -> IncidentView {
    IncidentView {
        id: case.id.clone(),
        kind: IncidentKind::Promise,
        case: case.id.clone(),
        step: String::new(),
        code: "PROMISE_UNDECIDABLE".into(),
        message: meaning("PROMISE_UNDECIDABLE"),
        since_us: case.accepted_at_us.unwrap_or(case.received_at_us),
    }
}

fn failed(row: &OutboxRow) -> Option<IncidentView> {
    let code = row.failed_code.clone()?;
    Some(IncidentView {
        id: row.id.clone(),
        kind: IncidentKind::Effect,
        case: row.case_id.clone(),
        step: String::new(),
        message: meaning(&code),
        code,
        since_us: row.created_at_us,
    })
}

/// What an incident means, and what to do.
fn meaning(code: &str) -> Text {
    let (zh, en) = match code {
        "RETRIES_EXHAUSTED" => (
            "办理机构多次尝试失败。请联系该机构查明原因，排除后选择“重试”。",
            "The office failed as often as it may. Find the cause with the office, then resolve: the step is offered afresh.",
        ),
        "GUARD_FAILED" => (
            "流程条件无法判定。请核对表单与上一环节的结果，更正流程包或数据后选择“重试”。",
            "A condition of the package could not be decided. Look at the form and the results it reads, then resolve.",
        ),
        "PROMISE_UNDECIDABLE" => (
            "承诺时限条件无法判定，本件暂无承诺时限。请核对流程包的 promise，确认后关闭。",
            "The promise could not be decided; the case has none. Look at the package's promise, then resolve.",
        ),
        "SUB_CASE_FAILED" => (
            "下级办件未能创建。请核对流程包中 starts 的表单映射，更正后选择“重试”。",
            "The case that the step starts could not be created. Look at the form that `starts` fills, then resolve.",
        ),
        "LETTER_FAILED" => (
            "文书未能生成。请核对流程包的文书模板，更正后选择“重试”。",
            "A letter could not be rendered. Look at the package's template, then resolve.",
        ),
        _ => (
            "消息未能送达。请检查消息接口（网址、证书、密钥），恢复后选择“重试”。",
            "A message could not be delivered. Look at the web hook (address, certificate, secret), then resolve.",
        ),
    };
    Text::new(zh, en)
}
