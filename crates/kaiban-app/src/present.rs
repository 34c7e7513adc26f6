//! What callers see of a case and of a task. Everything shown is derived here, from state, journal and documents.

use kaiban_calendar::Calendars;
use kaiban_definition::{Definition, INTAKE};
use kaiban_engine::{Case, ClockState, Documents, Phase, PromiseClock, StepRun, StepState, task_id};
use kaiban_findings::{Finding, Place};

use crate::principal::{Principal, Role};
use crate::refusal::Refusal;
use crate::request::Detail;
use crate::view::{CaseView, CorrectionView, StepView, TaskView};

/// A case at one point of its journal.
pub(crate) struct Standing<'a> {
    pub case: &'a Case,
    pub def: &'a Definition,
    pub seq: i64,
    pub head: &'a str,
    pub subject: &'a str,
    pub now_us: i64,
}

/// What a task is seen with.
pub(crate) struct TaskDesk<'a> {
    pub def: &'a Definition,
    pub case: &'a Case,
    pub calendars: &'a Calendars,
    pub documents: &'a Documents,
    pub now_us: i64,
}

impl TaskDesk<'_> {
    /// The task of a step as its holder sees it: all that the step shares, and nothing else.
    pub fn view(&self, step: &str, epoch: i64, lease_until_us: Option<i64>) -> Result<TaskView, Refusal> {
        let Self { def, case, documents, .. } = self;
        let run = case.steps.get(step).ok_or_else(Refusal::not_found)?;
        let declared = def.step(step).ok_or_else(Refusal::not_found)?;
        let form = case.form_of(run).and_then(|digest| documents.get(digest));
        let form = form.ok_or_else(|| Refusal::from(kaiban_engine::Rejection::DocumentMissing))?;
        let results = case
            .steps
            .iter()
            .filter_map(|(step, run)| Some((step.clone(), documents.get(run.result.as_ref()?)?.as_ref().clone())));
        let shared = declared.shared(form, &results.collect());
        let concerns = |finding: &Finding| match &finding.place {
            Place::Pointer(pointer) => declared.shares_pointer(pointer),
            Place::Whole | Place::File { .. } => false,
        };
        // Doubts are found again instead of read: they follow from the form and the package alone.
        let doubts = if case.doubt_count > 0 { def.form.check(form) } else { Vec::new() };
        let corrected = case.corrections.iter().rev().find(|correction| correction.step == step);
        Ok(TaskView {
            id: task_id(&case.id, step, run.offers),
            case: case.id.clone(),
            workflow: case.workflow.clone(),
            step: step.to_owned(),
            office: run.office.clone(),
            division: case.division.clone(),
            epoch,
            lease_until_us,
            offered_at_us: run.task_offered_at_us.unwrap_or(case.received_at_us),
            promise_due_us: case.promise_clock(self.calendars, self.now_us).ok().and_then(|clock| clock.due_us),
            attempt: run.attempts,
            form_revision: run.form,
            shared: shared.value,
            doubts: doubts.into_iter().filter(|finding| !finding.is_error() && concerns(finding)).collect(),
            corrected: corrected.map(|asked| findings(documents, &asked.findings)).unwrap_or_default(),
        })
    }
}

/// Findings of a stored correction.
pub(crate) fn findings(documents: &Documents, digest: &str) -> Vec<Finding> {
    let stored = documents.get(digest).and_then(|value| serde_json::from_value(value.as_ref().clone()).ok());
    stored.unwrap_or_default()
}

impl Standing<'_> {
    /// Digests of the documents that this view needs.
    pub fn documents(&self, detail: Detail) -> Vec<String> {
        let mut digests = Vec::new();
        if detail != Detail::Basic {
            digests.extend(self.case.corrections.iter().map(|correction| correction.findings.clone()));
        }
        if detail == Detail::Full {
            digests.extend(self.case.documents().into_iter().map(str::to_owned));
            digests.extend(self.case.steps.values().filter_map(|run| run.reason.clone()));
        }
        digests
    }

    /// The case as `who` may see it.
    pub fn view(&self, who: &Principal, detail: Detail, calendars: &Calendars, documents: &Documents) -> CaseView {
        let case = self.case;
        let mine = |office: &str| who.role != Role::Agency || who.offices.iter().any(|own| own == office);
        let steps =
            if detail == Detail::Basic { Vec::new() } else { self.steps(detail, calendars, documents, who, &mine) };
        let corrections = if detail == Detail::Basic { Vec::new() } else { self.corrections(documents, &mine) };
        // The whole form is for who handed it in and for the bureau; an agency gets its step's shares with the task.
        let form = (detail == Detail::Full && who.role != Role::Agency)
            .then(|| documents.get(case.form()?).map(|form| form.as_ref().clone()))
            .flatten();
        // An agency learns who the applicant came through, and what the case is called, only where its step shares it.
        let agency = who.role == Role::Agency;
        let own_steps = || case.steps.iter().filter(|(_, run)| mine(&run.office)).filter_map(|(s, _)| self.def.step(s));
        let named = !agency || own_steps().any(|step| step.shares_pointer(&self.def.subject));
        CaseView {
            id: case.id.clone(),
            workflow: case.workflow.clone(),
            version: self.def.version.clone(),
            digest: case.digest.clone(),
            phase: case.phase,
            outcome: case.outcome.clone(),
            division: case.division.clone(),
            organisation: if agency { String::new() } else { case.organisation.clone() },
            outlet: case.outlet.clone().filter(|_| !agency),
            subject: if named { self.subject.to_owned() } else { String::new() },
            received_at_us: case.received_at_us,
            accepted_at_us: case.accepted_at_us,
            closed_at_us: case.closed_at_us,
            promise: case.promise_clock(calendars, self.now_us).unwrap_or_else(|_| unmeasured(&case.calendar)),
            wall_us: case.ledger.wall_us(self.now_us),
            revision: self.seq,
            head: self.head.to_owned(),
            steps,
            corrections,
            form,
        }
    }

    fn steps(
        &self,
        detail: Detail,
        calendars: &Calendars,
        documents: &Documents,
        who: &Principal,
        mine: &dyn Fn(&str) -> bool,
    ) -> Vec<StepView> {
        let pending = StepRun::default();
        let office = |step: &str| self.case.steps.get(step).map_or("", |run| run.office.as_str());
        let intake = self.def.intake.iter().map(|intake| &intake.step).filter(|_| self.case.steps.contains_key(INTAKE));
        let ordered = self.def.order.iter().filter_map(|name| self.def.steps.get(name));
        let view = |step: &std::sync::Arc<kaiban_definition::Step>| {
            let run = self.case.steps.get(&step.name).unwrap_or(&pending);
            let withdrawn = self.case.phase == Phase::Closed && run.state == StepState::Pending;
            let promise = run.promise_clock(calendars, self.now_us).ok().flatten();
            let result = run.result.as_ref().filter(|_| detail == Detail::Full && mine(&run.office));
            let reason = run.reason.as_ref().filter(|_| detail == Detail::Full && who.role != Role::Agency);
            let asked = self.case.corrections.iter().filter(|correction| correction.step == step.name).count();
            StepView {
                step: step.name.clone(),
                title: step.title.clone(),
                state: if withdrawn { StepState::Withdrawn } else { run.state },
                outcome: run.outcome.clone(),
                office: run.office.clone(),
                counted: step.counts,
                offered_at_us: run.offered_at_us,
                ended_at_us: run.ended_at_us,
                wall_us: run.ledger.wall_us(self.now_us),
                reason: reason.and_then(|digest| documents.get(digest)?.as_str().map(str::to_owned)),
                promise: promise.unwrap_or_else(|| unmeasured(&run.calendar)),
                corrections: u32::try_from(asked).unwrap_or(u32::MAX),
                attempts: run.attempts,
                result: result.and_then(|digest| documents.get(digest)).map(|value| value.as_ref().clone()),
                task: run.state.has_task().then(|| task_id(&self.case.id, &step.name, run.offers)),
            }
        };
        intake.chain(ordered).filter(|step| mine(office(&step.name))).map(view).collect()
    }

    fn corrections(&self, documents: &Documents, mine: &dyn Fn(&str) -> bool) -> Vec<CorrectionView> {
        let office = |step: &str| self.case.steps.get(step).map_or("", |run| run.office.as_str());
        let visible = self.case.corrections.iter().filter(|correction| mine(office(&correction.step)));
        let view = |correction: &kaiban_engine::CorrectionRun| CorrectionView {
            id: correction.id.clone(),
            step: correction.step.clone(),
            findings: findings(documents, &correction.findings),
            told_at_us: correction.told_at_us,
            answered_at_us: correction.answered_at_us,
        };
        visible.map(view).collect()
    }
}

/// A clock that has nothing to measure yet.
fn unmeasured(calendar: &str) -> PromiseClock {
    PromiseClock {
        state: ClockState::NotStarted,
        budget_us: None,
        elapsed_us: 0,
        due_us: None,
        breached_at_us: None,
        calendar: calendar.to_owned(),
        provisional: false,
    }
}
