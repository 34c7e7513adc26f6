//! What agencies do with tasks through calls; streams use the same functions.

use std::time::Duration;

use kaiban_findings::Finding;
use serde_json::json;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::cases::json as to_json;
use crate::documents::Brought;
use crate::execute::{ClaimOp, Done, Op, RequestKey, TaskVerb, locate};
use crate::present::TaskDesk;
use crate::principal::Principal;
use crate::records::{Purpose, shared_fields};
use crate::refusal::Refusal;
use crate::request::{Claim, Completion, Deferral, Failure, Heartbeat, TaskAddress};
use crate::view::{Receipt, TaskView};

impl App {
    /// Takes tasks from an office's queues, waiting for the first one as long as asked.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn claim(&self, who: &Principal, request: Claim) -> Result<Vec<TaskView>, Refusal> {
        who.may(Verb::WorkTasks)?;
        let inner = &self.inner;
        let office = who.office(&request.office)?;
        let content = json!([office, request.steps, request.max, request.lease.map(micros)]);
        let key = inner.request(who, "claim", &request.request_id, &content)?;
        let limits = &inner.settings.limits;
        if request.max == 0 || request.max > limits.claim_max {
            return Err(Refusal::argument(
                "CLAIM_SIZE_INVALID",
                format!("一次领取1至{}个任务。", limits.claim_max),
                format!("A claim takes 1 to {} tasks.", limits.claim_max),
            ));
        }
        let lease_us = inner.lease_us(request.lease)?.unwrap_or_else(|| micros(limits.lease_default));
        let steps = inner.steps(who, &office, &request.steps)?;
        let wait = request.wait.unwrap_or_default().min(limits.wait_max);
        let mut over = inner.clock.wait(wait);
        let mut arrivals = inner.dispatcher.arrivals(&office);
        let mut insists = Vec::new();
        loop {
            arrivals.borrow_and_update();
            let op = ClaimOp {
                office: office.clone(),
                steps: steps.clone(),
                max: request.max,
                lease_us,
                session: None,
                insists: std::mem::take(&mut insists),
                versions: Vec::new(),
            };
            let done = inner.execute(who, Some(key.clone()), Op::Claim(op)).await?;
            let Done::Claimed(views, left) = done else { return Err(Refusal::not_found()) };
            // What another batch holds may be ready when that one ends: "nothing" is said only when it is true.
            if views.is_empty() && !left.passed_over.is_empty() {
                insists = left.passed_over;
                continue;
            }
            if !views.is_empty() || wait.is_zero() {
                return Ok(views);
            }
            // Arrivals wake it at once; the poll is the net for leases that run out and for other nodes.
            tokio::select! {
                changed = arrivals.changed() => if changed.is_err() { return Ok(Vec::new()) },
                () = inner.clock.wait(limits.poll) => {}
                () = &mut over => return Ok(Vec::new()),
            }
        }
    }

    /// One open task and its lease.
    ///
    /// # Errors
    /// `NOT_FOUND` when there is none or it is not an office of the caller's.
    pub async fn task(&self, who: &Principal, address: &TaskAddress) -> Result<TaskView, Refusal> {
        who.may(Verb::ReadTask)?;
        let inner = &self.inner;
        let (case, step) = locate(address)?;
        let row = inner.row(&case).await?;
        let working = crate::execute::Working::read(&inner.library, &row)?;
        permit(who, Verb::ReadTask, Some(&RowFacts::step(&working.case, &step, &inner.library)))?;
        let tasks = inner.store.tasks_of(&case).await?;
        let named = |id: &str| address.id.is_empty() || address.id == id;
        let task = tasks.into_iter().find(|task| task.step == step && named(&task.id));
        let task = task.ok_or_else(Refusal::not_found)?;
        if task.holder.is_none() {
            // What a task shares is for the one who took it; the hand-over is journalled.
            return Err(Refusal::new(
                crate::Canonical::FailedPrecondition,
                "NOT_CLAIMED",
                "任务尚未领取，请先领取。",
                "Nobody has taken the task yet: claim it first.",
            ));
        }
        let documents = inner.read_documents(&working.case, &working.case.documents()).await?;
        let now_us = inner.business_now_us().max(working.case.last_at_us);
        let (case, calendars) = (&working.case, &inner.library.calendars());
        let desk = TaskDesk { def: &working.def, case, calendars, documents: &documents, now_us };
        let view = desk.view(&step, task.epoch, task.lease_until_us)?;
        let fields = shared_fields(&view.shared);
        inner.record_read(who, &view.case, &fields, Purpose::ReadTask(&view.step)).await?;
        Ok(view)
    }

    /// Ends a task with an outcome.
    ///
    /// # Errors
    /// See the refusal's reason; nothing was changed.
    pub async fn complete(&self, who: &Principal, mut request: Completion) -> Result<Receipt, Refusal> {
        who.may(Verb::WorkTasks)?;
        request.officer = who.officer(request.officer)?;
        let (address, findings) = (&request.task, to_json(&request.findings));
        let content = json!([
            address.id,
            address.case,
            address.step,
            request.epoch,
            request.outcome,
            request.result,
            findings,
            request.officer,
            request.approver,
            request.reason
        ]);
        let key = self.inner.request(who, "complete", &request.request_id, &content)?;
        if let Some(result) = &request.result {
            self.inner.check_size(result)?;
            let (case, _) = locate(&request.task)?;
            let missing = self.inner.check_references(who, Some(&case), result).await?;
            if !missing.is_empty() {
                return Err(kaiban_engine::Rejection::ResultInvalid(missing).into());
            }
        }
        let findings: Vec<Finding> = request.findings;
        let verb = TaskVerb::Complete {
            epoch: request.epoch,
            outcome: request.outcome,
            result: request.result.map(|result| Brought::new("result", result)),
            findings: (!findings.is_empty()).then(|| (Brought::new("findings", to_json(&findings)), findings)),
            officer: Some(request.officer).filter(|officer| !officer.is_empty()),
            approver: Some(request.approver).filter(|approver| !approver.is_empty()),
            reason: self.inner.reason(&request.reason)?,
        };
        self.on_task(who, key, &request.task, verb).await
    }

    /// Puts a task off.
    ///
    /// # Errors
    /// See the refusal's reason; nothing was changed.
    pub async fn defer(&self, who: &Principal, request: Deferral) -> Result<Receipt, Refusal> {
        who.may(Verb::WorkTasks)?;
        let address = &request.task;
        let content = json!([address.id, address.case, address.step, request.epoch, request.until_us, request.code]);
        let key = self.inner.request(who, "defer", &request.request_id, &content)?;
        let verb = TaskVerb::Defer { epoch: request.epoch, until_us: request.until_us, code: request.code };
        self.on_task(who, key, &request.task, verb).await
    }

    /// Reports a failed attempt.
    ///
    /// # Errors
    /// See the refusal's reason; nothing was changed.
    pub async fn fail(&self, who: &Principal, request: Failure) -> Result<Receipt, Refusal> {
        who.may(Verb::WorkTasks)?;
        let address = &request.task;
        let content = json!([address.id, address.case, address.step, request.epoch, request.code]);
        let key = self.inner.request(who, "fail", &request.request_id, &content)?;
        let verb = TaskVerb::Fail { epoch: request.epoch, code: request.code };
        self.on_task(who, key, &request.task, verb).await
    }

    async fn on_task(
        &self,
        who: &Principal,
        key: RequestKey,
        address: &TaskAddress,
        verb: TaskVerb,
    ) -> Result<Receipt, Refusal> {
        let (case, step) = locate(address)?;
        let op = Op::OnTask { case, step, offer: offer(address), verb: Box::new(verb) };
        receipt(self.inner.execute(who, Some(key), op).await?)
    }

    /// Prolongs a lease that is still good.
    ///
    /// # Errors
    /// `STALE_EPOCH` when the task has gone to somebody else or was taken back.
    pub async fn heartbeat(&self, who: &Principal, request: Heartbeat) -> Result<Receipt, Refusal> {
        who.may(Verb::WorkTasks)?;
        let (case, step) = locate(&request.task)?;
        let lease_us = self.inner.lease_us(request.lease)?;
        let offer = offer(&request.task);
        let op = Op::Heartbeat { case, step, offer, epoch: request.epoch, lease_us };
        receipt(self.inner.execute(who, None, op).await?)
    }
}

fn offer(address: &TaskAddress) -> Option<u32> {
    kaiban_engine::task_address(&address.id).map(|(.., offer)| offer)
}

fn receipt(done: Done) -> Result<Receipt, Refusal> {
    match done {
        Done::Receipt(receipt) => Ok(receipt),
        _ => Err(Refusal::not_found()),
    }
}

pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl Inner {
    /// A lease's length, within bounds.
    pub fn lease_us(&self, lease: Option<Duration>) -> Result<Option<i64>, Refusal> {
        let (min, max) = (self.settings.limits.lease_min, self.settings.limits.lease_max);
        match lease {
            Some(lease) if lease < min || lease > max => Err(Refusal::argument(
                "LEASE_INVALID",
                format!("租约须为{}秒至{}天。", min.as_secs(), max.as_secs() / 86_400),
                format!("A lease is {} seconds to {} days.", min.as_secs(), max.as_secs() / 86_400),
            )),
            lease => Ok(lease.map(micros)),
        }
    }

    /// The steps that a call wants from an office; none named = all that its party may be offered.
    pub fn steps(&self, who: &Principal, office: &str, named: &[String]) -> Result<Vec<String>, Refusal> {
        let party = self.library.directory.office_by_id(office).map_or(who.organisation.as_str(), |o| o.party.as_str());
        let known = self.library.steps_of(party);
        if named.is_empty() {
            return Ok(known);
        }
        match named.iter().find(|step| !known.contains(step)) {
            None => Ok(named.to_vec()),
            Some(_) => Err(Refusal::argument(
                "UNKNOWN_STEP",
                "所列环节不属于该机构。",
                "A step that was named is never offered to this office.",
            )),
        }
    }
}
