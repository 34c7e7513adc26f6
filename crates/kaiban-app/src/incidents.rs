//! What cannot go on by itself or takes too long, for the officers who may deal with it.

use std::collections::BTreeMap;

use kaiban_engine::{Case, Ledger, PromiseClock, StepRun, StepState};
use kaiban_findings::Text;
use kaiban_store::{CaseQuery, CaseRow, CaseSort, OutboxRow, StuckTimer};
use serde_json::json;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::{CaseVerb, Op, Who, Working};
use crate::present::{is_overdue, overdue};
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};
use crate::stuck::incident_id;
use crate::view::{CaseView, OverdueView};

/// What kind of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// A step cannot go on.
    Step,
    /// The promise of a case could not be decided.
    Promise,
    /// A letter, message or started case failed for good, or again and again.
    Effect,
    /// A deadline cannot be fired; it is tried again after a growing pause.
    Deadline,
    /// A step has reached a reminder or an escalation of its package and is not done; it goes with the step.
    Overdue,
    /// Four fifths of a promise are used, and its clock runs.
    DeadlineNear,
    /// A promise is used up, and its clock runs on.
    PromiseBroken,
}

/// What is listed: work that cannot go on, work that is late, and what the server fails to do. Whose it is differs.
const LISTS: [Verb; 3] = [Verb::ListIncidents, Verb::ListLateness, Verb::ListFailures];

/// Something that needs a person.
#[derive(Clone, Debug)]
pub struct IncidentView {
    /// `<case>/<step>` of a step, `<case>` of a promise, the effect's id of an effect, `<case>/deadline/<step>/<kind>` of
    /// a deadline, `<case>/overdue/<step>` of a step that takes too long, `<case>/near/<step>` and `<case>/broken/<step>` of
    /// a promise, of the case's own without a step.
    pub id: String,
    /// What kind.
    pub kind: IncidentKind,
    /// Case number.
    pub case: String,
    /// Of a step or its deadline: its name.
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
/// Percent of a promise from which it is listed: the second of the marks.
const WARNING: u8 = kaiban_engine::MARKS[1];
/// Failed attempts from which an effect is listed that is not given up yet.
const ATTEMPTS_MIN: i64 = 3;

impl App {
    /// A page of the incidents that concern the caller, of one kind or of all, and the token of the next page; empty on the
    /// last. A page may be empty and not the last. Officers see all kinds of their offices, managers what is late in their
    /// divisions, the administrator the letters, messages and deadlines that fail.
    ///
    /// # Errors
    /// A page token that is not valid.
    pub async fn incidents(
        &self,
        who: &Principal,
        (case, kind): (&str, Option<IncidentKind>),
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<IncidentView>, String), Refusal> {
        if LISTS.iter().all(|list| who.may(*list).is_err()) {
            who.may(Verb::ListIncidents)?;
        }
        let (mut incidents, next) = self.page_of_incidents(who, case, page_size, page_token).await?;
        incidents.retain(|incident| kind.is_none_or(|kind| kind == incident.kind));
        Ok((incidents, next))
    }

    async fn page_of_incidents(
        &self,
        who: &Principal,
        case: &str,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<IncidentView>, String), Refusal> {
        let inner = &self.inner;
        let page_size = if page_size == 0 { PAGE } else { page_size.min(inner.settings.limits.page_max) };
        if !case.is_empty() {
            return Ok((inner.incidents_of(who, case).await?, String::new()));
        }
        // One list after the other: cases in trouble, effects that fail, deadlines that cannot be fired.
        let effects = page_token.strip_prefix("effects");
        if let Some(token) = effects {
            return inner.troubled_effects(who, page_size, token).await;
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
            found.extend(inner.troubles(who, row));
        }
        Ok((found, page.next.unwrap_or_else(|| "effects".to_owned())))
    }

    /// Says that the cause of an incident is gone: a step is tried afresh, an effect is carried out or a deadline fired
    /// at once, a promise was looked at.
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
        let known = inner.incidents_of(who, case).await.unwrap_or_default();
        let kind = known.iter().find(|known| known.id == incident).map(|known| known.kind);
        match kind {
            Some(IncidentKind::Effect | IncidentKind::Deadline) => {
                let row = inner.row(case).await?;
                if !inner.covers(who, Verb::ResolveIncident, &row, "") {
                    return Err(Refusal::not_found());
                }
                if inner.hurry(case, incident).await? {
                    inner.bell.ring(i64::MIN);
                } else {
                    inner.store.revive_outbox(incident, inner.clock.operating_us()).await?;
                    inner.bell.ring_outbox();
                }
                return inner.present_row(who, &row, crate::request::Detail::Steps).await;
            }
            Some(IncidentKind::Overdue | IncidentKind::DeadlineNear | IncidentKind::PromiseBroken) => {
                return Err(ends_with_the_step());
            }
            Some(IncidentKind::Step | IncidentKind::Promise) | None => {}
        }
        let key = inner.request(who, "resolve", request_id, &json!([incident, officer]))?;
        self.on_case(who, key, case.to_owned(), CaseVerb::Resolve { step: step.to_owned(), officer }).await
    }
}

impl App {
    /// Says that an officer has passed on by other means what the web hook could not: a letter counts as told from now, by
    /// this officer, and nothing is sent any more.
    ///
    /// # Errors
    /// `NOT_BY_HAND` of anything but a message that fails; `NOT_FOUND` when there is no such incident, or no more.
    pub async fn settle_incident(&self, who: &Principal, incident: &str, officer: String) -> Result<CaseView, Refusal> {
        who.may(Verb::ResolveIncident)?;
        let officer = who.officer(officer)?;
        let inner = &self.inner;
        let case = incident.split('/').next().unwrap_or_default();
        let known = inner.incidents_of(who, case).await?;
        let known = known.iter().find(|known| known.id == incident).ok_or_else(Refusal::not_found)?;
        let row = inner.store.case(case).await?.ok_or_else(Refusal::not_found)?;
        if !inner.covers(who, Verb::ResolveIncident, &row, "") {
            return Err(Refusal::not_found());
        }
        let effects = inner.store.outbox_of(case).await?;
        let effect = effects.iter().find(|effect| known.kind == IncidentKind::Effect && effect.id == incident);
        let verb = effect.and_then(|effect| crate::outbox::by_hand(effect, officer)).ok_or_else(not_by_hand)?;
        let (case, effect) = (case.to_owned(), incident.to_owned());
        let op = Op::Effect { case: case.clone(), effect, shown: Vec::new(), verb: Box::new(verb) };
        inner.queue()?.execute(Who::System, None, op).await?;
        let row = inner.store.case(&case).await?.ok_or_else(Refusal::not_found)?;
        inner.present_row(who, &row, crate::request::Detail::Steps).await
    }
}

impl Inner {
    async fn incidents_of(&self, who: &Principal, case: &str) -> Result<Vec<IncidentView>, Refusal> {
        let row = self.row(case).await?;
        let mut found = self.troubles(who, &row);
        if found.is_empty() && !LISTS.iter().any(|list| self.covers(who, *list, &row, "")) {
            return Err(Refusal::not_found());
        }
        if self.covers(who, Verb::ListFailures, &row, "") {
            found.extend(self.store.outbox_of(case).await?.iter().filter_map(failing));
        }
        found.extend(self.stuck_deadlines(who, Some(&row)).await?);
        Ok(found)
    }

    /// Whether the caller may do this to a case, or to a step of it; of a case that cannot be read its bureau may.
    fn covers(&self, who: &Principal, verb: Verb, row: &CaseRow, step: &str) -> bool {
        self.covers_read(who, verb, row, Working::read(&self.library, row).ok().as_ref(), step)
    }

    fn covers_read(&self, who: &Principal, verb: Verb, row: &CaseRow, read: Option<&Working>, step: &str) -> bool {
        let facts = match (read, step) {
            (None, _) => RowFacts::stored(row, &self.library),
            (Some(working), "") => RowFacts::of(&working.case, &self.library),
            (Some(working), step) => RowFacts::step(&working.case, step, &self.library),
        };
        permit(who, verb, Some(&facts)).is_ok()
    }

    /// What is the matter with a case, as far as the caller may deal with it. One that cannot be read hides no other: it
    /// is in the log, and `verify` names it.
    fn troubles(&self, who: &Principal, row: &CaseRow) -> Vec<IncidentView> {
        let Ok(Working { case, def, .. }) = Working::read(&self.library, row) else { return Vec::new() };
        let mine = |list: Verb, step: &str, escalated: Option<&str>| {
            let mut facts = match step {
                "" => RowFacts::of(&case, &self.library),
                step => RowFacts::step(&case, step, &self.library),
            };
            facts.offices.extend(escalated);
            permit(who, list, Some(&facts)).is_ok()
        };
        let since = |run: &StepRun| run.ledger.0.last().map_or(case.last_at_us, |interval| interval.from_us);
        let stuck = case.steps.iter().filter(|(_, run)| run.state == StepState::Incident);
        let stuck = stuck.filter(|(step, _)| mine(Verb::ListIncidents, step, None)).map(|(step, run)| IncidentView {
            id: format!("{}/{step}", case.id),
            kind: IncidentKind::Step,
            case: case.id.clone(),
            step: step.clone(),
            code: run.incident.clone().unwrap_or_default(),
            message: meaning(run.incident.as_deref().unwrap_or_default()),
            since_us: since(run),
        });
        let mut found: Vec<IncidentView> = stuck.collect();
        for (step, run) in case.steps.iter().filter(|(_, run)| is_overdue(run)) {
            let told = def.step(step).map(|declared| overdue(declared, run)).unwrap_or_default();
            let party = told.iter().rev().find_map(|told| told.party.as_deref());
            let office = party.and_then(|party| self.library.directory.office(party, &case.division));
            let escalated = office.map(|office| office.id.as_str());
            if mine(Verb::ListLateness, step, escalated) {
                found.push(late((&case, step, run), &told, escalated));
            }
        }
        found.extend(self.promises(who, &case));
        if case.promise_undecided && case.phase != kaiban_engine::Phase::Closed && mine(Verb::ListIncidents, "", None) {
            found.push(promise(&case));
        }
        found
    }

    /// Promises of a case that are running out or broken while their clocks run. A step's is for its office, the case's for
    /// those who hold an open counted step; both are for the bureau.
    fn promises(&self, who: &Principal, case: &Case) -> Vec<IncidentView> {
        let (calendars, now_us) = (self.library.calendars(), self.business_now_us().max(case.last_at_us));
        let holders = case.ledger.0.last().map(|last| last.parties.as_slice()).unwrap_or_default();
        let of_case = is_running_out(&case.ledger, case.mark).then(|| {
            let facts =
                RowFacts { offices: holders.iter().map(String::as_str).collect(), ..RowFacts::of(case, &self.library) };
            ("", facts, case.promise_clock(&calendars, now_us).ok())
        });
        let late = case.steps.iter().filter(|(_, run)| is_running_out(&run.ledger, run.mark));
        let of_steps = late.map(|(step, run)| {
            let facts = RowFacts::step(case, step, &self.library);
            (step.as_str(), facts, run.promise_clock(&calendars, now_us).ok().flatten())
        });
        let seen = of_case
            .into_iter()
            .chain(of_steps)
            .filter(|(_, facts, _)| permit(who, Verb::ListLateness, Some(facts)).is_ok());
        seen.filter_map(|(step, _, clock)| running_out(case, step, &clock?)).collect()
    }

    async fn troubled_effects(
        &self,
        who: &Principal,
        page_size: u32,
        token: &str,
    ) -> Result<(Vec<IncidentView>, String), Refusal> {
        let token = token.strip_prefix(':').map(str::to_owned);
        let request = kaiban_store::PageRequest { size: page_size, token };
        let page = self.store.troubled_outbox(ATTEMPTS_MIN, &request).await?;
        let mut found = Vec::new();
        for row in &page.rows {
            let Some(case) = self.store.case(&row.case_id).await? else { continue };
            if self.covers(who, Verb::ListFailures, &case, "") {
                found.extend(failing(row));
            }
        }
        if page.next.is_none() {
            found.extend(self.stuck_deadlines(who, None).await?);
        }
        Ok((found, page.next.map(|next| format!("effects:{next}")).unwrap_or_default()))
    }

    /// Deadlines that cannot be fired, of one case or of all; there are few.
    async fn stuck_deadlines(&self, who: &Principal, of: Option<&CaseRow>) -> Result<Vec<IncidentView>, Refusal> {
        let mut found = Vec::new();
        // One case may have many; it is read once.
        let mut known: BTreeMap<String, Option<(CaseRow, Option<Working>)>> = BTreeMap::new();
        for StuckTimer { row: timer, code, since_us, .. } in self.stuck(of.map(|row| row.id.as_str())).await? {
            if !known.contains_key(&timer.case_id) {
                let row = self.store.case(&timer.case_id).await?;
                let read = row.map(|row| {
                    let working = Working::read(&self.library, &row).ok();
                    (row, working)
                });
                known.insert(timer.case_id.clone(), read);
            }
            let Some(Some((row, read))) = known.get(&timer.case_id) else { continue };
            if self.covers_read(who, Verb::ListFailures, row, read.as_ref(), &timer.step) {
                found.push(IncidentView {
                    id: incident_id(&timer),
                    kind: IncidentKind::Deadline,
                    code,
                    message: deadline(&timer.kind),
                    since_us,
                    case: timer.case_id,
                    step: timer.step,
                });
            }
        }
        Ok(found)
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

/// A step that has reached reminders and is not done.
fn late((case, step, run): (&Case, &str, &StepRun), told: &[OverdueView], escalated: Option<&str>) -> IncidentView {
    let used = told.last().map(|told| told.after.as_str()).unwrap_or_default();
    let office = &run.office;
    let (code, message) = match escalated {
        None => (
            "OVERDUE_REMINDED",
            Text::new(
                format!("环节办理用时已达提醒时限（{used}），请{office}尽快办结。"),
                format!("The step has taken as long as its reminder says ({used}): {office} should end it."),
            ),
        ),
        Some(escalated) => (
            "OVERDUE_ESCALATED",
            Text::new(
                format!("环节办理用时已达升级时限（{used}），已上报{escalated}，请督促{office}尽快办结。"),
                format!(
                    "The step has taken so long ({used}) that it was escalated to {escalated}: see to it that {office} ends it."
                ),
            ),
        ),
    };
    IncidentView {
        id: format!("{}/overdue/{step}", case.id),
        kind: IncidentKind::Overdue,
        case: case.id.clone(),
        step: step.to_owned(),
        code: code.to_owned(),
        message,
        since_us: run.offered_at_us.unwrap_or(case.last_at_us),
    }
}

/// Whether a promise clock runs that the office was warned of.
pub(crate) fn is_running_out(ledger: &Ledger, mark: u8) -> bool {
    mark >= WARNING && ledger.is_running()
}

/// A promise that is running out or broken; none where a new calendar made it in time again.
fn running_out(case: &Case, step: &str, clock: &PromiseClock) -> Option<IncidentView> {
    let budget_us = clock.budget_us?;
    let warned = i128::from(clock.elapsed_us) * 100 >= i128::from(budget_us) * i128::from(WARNING);
    let instant = kaiban_calendar::format_instant;
    let (kind, name, code, message, since_us) = match (clock.breached_at_us, clock.due_us) {
        (Some(at_us), _) => (
            IncidentKind::PromiseBroken,
            "broken",
            "PROMISE_BROKEN",
            Text::new(
                format!("承诺时限已于{}用尽，仍在计时。请尽快办结；环节办结后须说明超时理由。", instant(at_us)),
                format!("The promise was used up at {}, and the clock runs on: end it, then say why.", instant(at_us)),
            ),
            at_us,
        ),
        (None, Some(due_us)) if warned => (
            IncidentKind::DeadlineNear,
            "near",
            "DEADLINE_NEAR",
            Text::new(
                format!("承诺时限已用{WARNING}%以上，应于{}前办结。", instant(due_us)),
                format!("More than {WARNING} % of the promise is used; it ends at {}.", instant(due_us)),
            ),
            case.steps.get(step).and_then(|run| run.offered_at_us).or(case.accepted_at_us)?,
        ),
        _ => return None,
    };
    let (id, case, step) = (format!("{}/{name}/{step}", case.id), case.id.clone(), step.to_owned());
    Some(IncidentView { id, kind, case, step, code: code.to_owned(), message, since_us })
}

fn ends_with_the_step() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "ENDS_WITH_THE_STEP",
        "超时提醒随环节办结而消除，不能单独关闭。",
        "A step that takes too long is listed until it is done; there is nothing to resolve.",
    )
}

fn not_by_hand() -> Refusal {
    Refusal::new(
        Canonical::FailedPrecondition,
        "NOT_BY_HAND",
        "只有未能送达的消息可以改由人工告知；其他事件请排除原因后重试。",
        "Only a message that could not be delivered can be passed on by hand: of anything else remove the cause, then resolve.",
    )
}

fn deadline(kind: &str) -> Text {
    Text::new(
        format!(
            "时限（{kind}）到期后无法处理，系统将按逐次加长的间隔重试。请管理员运行 verify 查明原因，排除后选择“重试”。"
        ),
        format!(
            "A deadline ({kind}) is due and cannot be fired; it is tried again after growing pauses. Have the administrator run verify; once the cause is gone, resolve."
        ),
    )
}

/// An effect that was given up, or that failed often enough to be heard of before.
fn failing(row: &OutboxRow) -> Option<IncidentView> {
    let failing = (row.attempts >= ATTEMPTS_MIN).then(|| "DELIVERY_FAILING".to_owned());
    let code = row.failed_code.clone().or(failing)?;
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
        "DELIVERY_FAILING" => (
            "消息多次未能送达，系统仍在按逐次加长的间隔重试。请检查消息接口（网址、证书、密钥）；恢复后可选择“重试”立即发送，或人工告知后办结。",
            "A message failed several times and is still tried, after growing pauses. Look at the web hook (address, certificate, secret); once it works, resolve to try at once. Or tell by other means, and say so.",
        ),
        "DELIVERY_REFUSED" => (
            "消息接口拒收此消息（不重定向，也不重试）。请与接收方核对网址、签名密钥和拒收原因，排除后选择“重试”，或人工告知后办结。",
            "The web hook's receiver refused the message. Find out why with whoever runs it (address, secret, what it expects), then resolve: it is sent again. Or tell by other means, and say so.",
        ),
        "EFFECT_UNREADABLE" => (
            "待办的对外事项无法读取，或其办件已不存在。请管理员运行 verify，并将结果交开发方。",
            "What has to be done cannot be read, or its case is not there. Have the administrator run verify, and tell whoever maintains the program.",
        ),
        _ => (
            "消息未能送达。请检查消息接口（网址、证书、密钥），恢复后选择“重试”，或人工告知后办结。",
            "A message could not be delivered. Look at the web hook (address, certificate, secret), then resolve. Or tell by other means, and say so.",
        ),
    };
    Text::new(zh, en)
}
