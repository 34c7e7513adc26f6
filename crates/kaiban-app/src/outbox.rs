//! Carries out effects: letters, messages, started cases. An effect is a row that was written with the events it follows
//! from. The node that committed it carries it out at once; if that one dies, any other does once the claim runs out.
//! What comes back of an effect is a command like any other, and ends the row in its own transaction.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kaiban_engine::{Effect, Parent, StepState, started_form};
use kaiban_store::OutboxRow;
use kaiban_webhook::{CloudEvent, DeliveryError};
use serde_json::{Value, json};

use crate::app::Inner;
use crate::documents::Brought;
use crate::execute::{CLAIM_US, Done, EffectVerb, Op, RequestKey, Started, SubmitOp, Who, Working, case_at};
use crate::letters::{Order, Unwritten};
use crate::refusal::{Canonical, Refusal};
use crate::tasks::micros;

/// Effects taken from the store at a time.
const BATCH: u32 = 256;

/// Why an effect was not carried out.
enum Obstacle {
    /// Later it may work: after so many µs at the earliest, and what was in the way now.
    Later(i64, String),
    /// It needs a person.
    Never(&'static str),
}

/// Carries out what the writers hand over and what other nodes left, until the app stops. A receiver that is slow to
/// answer keeps one place of `effects_at_once`, not those behind it.
pub(crate) async fn run(inner: Arc<Inner>, mut fresh: tokio::sync::mpsc::Receiver<Vec<OutboxRow>>) {
    let mut waiting: VecDeque<(OutboxRow, bool)> = VecDeque::new();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < inner.settings.limits.effects_at_once
            && let Some((row, own)) = waiting.pop_front()
        {
            let inner = Arc::clone(&inner);
            under_way.push(async move {
                // It waited for too long, or this server stood still: another one may be at it, and if not, it is found again.
                if row.claimed_until_us.is_none_or(|until_us| inner.clock.operating_us() < until_us) {
                    carry_out(&inner, row).await;
                }
                own
            });
        }
        let look = tokio::select! {
            rows = fresh.recv() => match rows {
                Some(rows) => {
                    waiting.extend(rows.into_iter().map(|row| (row, true)));
                    false
                }
                None => return,
            },
            Some(own) = under_way.next() => {
                if own {
                    inner.effects.send_modify(|pending| *pending -= 1);
                }
                false
            }
            () = inner.bell.outbox() => true,
            () = inner.clock.wait(inner.settings.limits.outbox_poll) => true,
            () = inner.bell.stopped() => return,
        };
        if look && waiting.is_empty() {
            waiting.extend(left_behind(&inner).await.into_iter().map(|row| (row, false)));
        }
    }
}

async fn left_behind(inner: &Inner) -> Vec<OutboxRow> {
    let now_us = inner.clock.operating_us();
    match inner.store.claim_outbox(now_us, now_us + CLAIM_US, BATCH).await {
        Ok(rows) => rows,
        Err(error) => {
            tracing::error!(%error, "the outbox cannot be read");
            Vec::new()
        }
    }
}

async fn carry_out(inner: &Arc<Inner>, row: OutboxRow) {
    let outcome = match serde_json::from_str::<Effect>(&row.payload) {
        Ok(effect) => attempt(inner, &row, effect).await,
        Err(_) => Err(Obstacle::Never("EFFECT_UNREADABLE")),
    };
    let limits = &inner.settings.limits;
    let noted = match outcome {
        Ok(()) => return,
        Err(Obstacle::Later(_, why)) if row.attempts + 1 >= i64::from(limits.effect_attempts_max) => {
            tracing::error!(effect = row.id, case = row.case_id, why, "an effect failed for good");
            inner.store.fail_outbox(&row.id, "DELIVERY_FAILED").await
        }
        Err(Obstacle::Later(after_us, why)) => {
            if row.attempts == 0 {
                tracing::warn!(effect = row.id, case = row.case_id, why, "an effect failed and is tried again");
            }
            let doubled = limits.effect_pause_first.saturating_mul(1 << row.attempts.clamp(0, 20));
            let back_off_us = micros(doubled.min(limits.effect_pause_max));
            let due_us = inner.clock.operating_us().saturating_add(back_off_us.max(after_us));
            inner.store.retry_outbox(&row.id, u32::try_from(row.attempts + 1).unwrap_or(u32::MAX), due_us).await
        }
        Err(Obstacle::Never(code)) => {
            tracing::error!(effect = row.id, case = row.case_id, code, "an effect failed for good");
            inner.store.fail_outbox(&row.id, code).await
        }
    };
    if let Err(error) = noted {
        tracing::error!(effect = row.id, %error, "the outbox cannot be written");
    }
}

async fn attempt(inner: &Arc<Inner>, row: &OutboxRow, effect: Effect) -> Result<(), Obstacle> {
    let mut working = inner.working(&row.case_id).await?;
    match effect {
        Effect::Letter { letter, number, step, correction } => {
            // The letter speaks of the case as the entry left it, however late it is written.
            let (case, _) = case_at(inner, &row.case_id, entry_of(row)?).await.map_err(later)?;
            working.case = case;
            let order =
                Order { letter: &letter, number: &number, step: step.as_deref(), correction: correction.as_deref() };
            let rendered = inner.render(&working, order).await.map_err(|unwritten| match unwritten {
                Unwritten::Refused(refusal) if is_passing(&refusal) => later(refusal),
                unwritten => {
                    tracing::error!(effect = row.id, error = %unwritten, "a letter cannot be rendered");
                    Obstacle::Never("LETTER_FAILED")
                }
            })?;
            let html = Brought::new("letter", Value::String(rendered.html));
            let text = Brought::new("letter", Value::String(rendered.text));
            inner.ended(row, EffectVerb::Letter { letter, number, step, correction, html, text }).await
        }
        Effect::Tell { number, correction } => {
            let letter = working.case.letters.iter().find(|letter| letter.number == number);
            let title = letter.and_then(|letter| working.def.letters.get(&letter.letter)).map(|named| &named.title);
            let texts: Vec<&str> = letter.iter().map(|letter| letter.text.as_str()).collect();
            let documents = inner.read_documents(&working.case, &texts).await.map_err(later)?;
            let text = letter.and_then(|letter| documents.get(&letter.text)).map(|text| text.as_ref().clone());
            let data = json!({
                "number": number,
                "title": title.map(|title| json!({"zh": title.zh, "en": title.en})),
                "text": text,
                "organisation": working.case.organisation,
                "outlet": working.case.outlet,
                "phone": inner.contact(&working).await?,
            });
            inner.deliver(row, &working, "letter", data).await?;
            let mut shown = vec![format!("letter.{number}")];
            shown.extend(contact_field(&working));
            inner.told(row, shown, EffectVerb::Told { number, correction, by: None }).await
        }
        Effect::Remind { correction } => {
            let data = json!({
                "correction": correction,
                "organisation": working.case.organisation,
                "outlet": working.case.outlet,
                "phone": inner.contact(&working).await?,
            });
            inner.deliver(row, &working, "correction.reminder", data).await?;
            inner.told(row, contact_field(&working).into_iter().collect(), EffectVerb::Done).await
        }
        Effect::Overdue { step, party } => {
            let office = working.case.steps.get(&step).map(|run| run.office.clone());
            let told = match &party {
                None => office.clone(),
                Some(party) => {
                    let office = inner.library.directory.office(party, &working.case.division);
                    office.map(|office| office.id.clone())
                }
            };
            let data = json!({"step": step, "office": office, "told": told});
            inner.deliver(row, &working, "step.overdue", data).await?;
            inner.ended(row, EffectVerb::Done).await
        }
        Effect::Mark { step, percent } => {
            if inner.settings.notifier.is_some() {
                inner.deliver(row, &working, "promise.mark", inner.marked(row, step, percent).await?).await?;
            }
            inner.ended(row, EffectVerb::Done).await
        }
        Effect::Reason { step } => {
            let office = working.case.steps.get(&step).map(|run| run.office.clone());
            inner.deliver(row, &working, "delay.reason", json!({"step": step, "office": office})).await?;
            inner.ended(row, EffectVerb::Done).await
        }
        Effect::Revoked { offices } => {
            let data = json!({
                "step": working.case.revocation.as_ref().map(|revocation| &revocation.step),
                "division": working.case.division,
                "offices": offices,
            });
            inner.deliver(row, &working, "revoked", data).await?;
            inner.ended(row, EffectVerb::Done).await
        }
        Effect::Start { step } => start(inner, row, &working, step).await,
        Effect::Ended { case, step } => {
            let outcome = working.case.outcome.clone().unwrap_or_default();
            let result = Brought::new("result", json!({"case": working.case.id, "outcome": outcome}));
            let verb = EffectVerb::Ended { step, case: working.case.id.clone(), result };
            inner.come_back(case, row, verb).await
        }
    }
}

/// What ends a message that an officer has passed on by other means; none of an effect that only the server can carry out.
pub(crate) fn by_hand(row: &OutboxRow, officer: String) -> Option<EffectVerb> {
    match serde_json::from_str::<Effect>(&row.payload).ok()? {
        Effect::Tell { number, correction } => Some(EffectVerb::Told { number, correction, by: Some(officer) }),
        Effect::Remind { .. }
        | Effect::Overdue { .. }
        | Effect::Mark { .. }
        | Effect::Reason { .. }
        | Effect::Revoked { .. } => Some(EffectVerb::Done),
        Effect::Letter { .. } | Effect::Start { .. } | Effect::Ended { .. } => None,
    }
}

/// The journal entry that an effect follows from.
fn entry_of(row: &OutboxRow) -> Result<i64, Obstacle> {
    let seq = row.id.split('/').nth(1).and_then(|seq| seq.parse().ok());
    seq.ok_or(Obstacle::Never("EFFECT_UNREADABLE"))
}

/// Starts a case of another package. The request id is the effect's, so that a repetition finds the case that it started.
async fn start(inner: &Arc<Inner>, row: &OutboxRow, working: &Working, step: String) -> Result<(), Obstacle> {
    let waits = working.case.steps.get(&step).is_some_and(|run| run.state == StepState::Waiting);
    if !waits {
        return inner.ended(row, EffectVerb::Done).await;
    }
    let documents = inner.read_documents(&working.case, &working.case.documents()).await.map_err(later)?;
    let started = started_form(&working.def, &working.case, &step, &documents);
    let (workflow, filled) = started.ok_or(Obstacle::Never("EFFECT_UNREADABLE"))?;
    let case = &working.case;
    let started = Started {
        parent: Parent { case: case.id.clone(), step: step.clone() },
        organisation: case.organisation.clone(),
        outlet: case.outlet.clone(),
    };
    let form = Brought::new("form", filled);
    // The effect's id says all: what the form had become by a second attempt starts no second case.
    let key = RequestKey { key: format!("\u{1f}start\u{1f}{}", row.id), content: row.id.clone() };
    let op = SubmitOp {
        workflow: workflow.to_owned(),
        form,
        doubts: Vec::new(),
        doubts_filed: None,
        started: Some(started),
    };
    let queue = inner.queue().map_err(later)?;
    match queue.execute(Who::System, Some(key), Op::Submit(Box::new(op))).await {
        Ok(Done::Case { id, .. }) => inner.ended(row, EffectVerb::Started { step, case: id }).await,
        Ok(Done::Kept(crate::execute::Kept::Case { id, .. })) => {
            inner.ended(row, EffectVerb::Started { step, case: id }).await
        }
        Ok(_) => Err(Obstacle::Never("EFFECT_UNREADABLE")),
        Err(refusal) if is_passing(&refusal) => Err(later(refusal)),
        Err(refusal) => {
            tracing::error!(effect = row.id, reason = refusal.reason, "a case cannot be started");
            inner.ended(row, EffectVerb::StartFailed { step }).await
        }
    }
}

/// What records call the place where the applicant is reached.
fn contact_field(working: &Working) -> Option<String> {
    working.def.contact.as_ref().map(|contact| format!("form{}", contact.replace('/', ".")))
}

fn is_passing(refusal: &Refusal) -> bool {
    matches!(refusal.code, Canonical::Unavailable | Canonical::ResourceExhausted | Canonical::Aborted)
}

fn later(refusal: Refusal) -> Obstacle {
    Obstacle::Later(0, refusal.reason.to_owned())
}

impl Inner {
    async fn working(&self, case: &str) -> Result<Working, Obstacle> {
        let row = self.row(case).await.map_err(|refusal| match refusal.code {
            Canonical::NotFound => Obstacle::Never("EFFECT_UNREADABLE"),
            _ => later(refusal),
        })?;
        Working::read(&self.library, &row).map_err(|_| Obstacle::Never("EFFECT_UNREADABLE"))
    }

    /// Where the applicant is reached, if the form says so.
    async fn contact(&self, working: &Working) -> Result<Option<String>, Obstacle> {
        let (Some(digest), Some(contact)) = (working.case.form(), &working.def.contact) else { return Ok(None) };
        let documents = self.read_documents(&working.case, &[digest]).await.map_err(later)?;
        let phone = documents.get(digest).and_then(|form| form.pointer(contact)).and_then(Value::as_str);
        Ok(phone.map(str::to_owned))
    }

    /// What is told of a mark: as the entry left the case, so that each attempt says the same.
    async fn marked(&self, row: &OutboxRow, step: Option<String>, percent: u8) -> Result<Value, Obstacle> {
        let (case, _) = case_at(self, &row.case_id, entry_of(row)?).await.map_err(later)?;
        let run = step.as_ref().and_then(|step| case.steps.get(step));
        let (calendars, at_us) = (self.library.calendars(), case.last_at_us);
        let clock = match run {
            Some(run) => run.promise_clock(&calendars, at_us).ok().flatten(),
            None => case.promise_clock(&calendars, at_us).ok(),
        };
        let due_us = clock.and_then(|clock| clock.breached_at_us.or(clock.due_us));
        Ok(json!({
            "step": step,
            "percent": percent,
            "office": run.map(|run| &run.office),
            "division": case.division,
            "due": due_us.map(kaiban_calendar::format_instant),
        }))
    }

    async fn deliver(&self, row: &OutboxRow, working: &Working, event: &str, data: Value) -> Result<(), Obstacle> {
        let Some(notifier) = &self.settings.notifier else { return Ok(()) };
        // The same at each attempt, whatever has happened in the case since.
        let (then, _) = case_at(self, &row.case_id, entry_of(row)?).await.map_err(later)?;
        let event = CloudEvent {
            id: row.id.clone(),
            source: format!("/kaiban/{}", working.case.division),
            event: event.to_owned(),
            subject: working.case.id.clone(),
            at_us: then.last_at_us,
            data,
        };
        match notifier.deliver(&event, self.clock.operating_us()).await {
            Ok(()) => Ok(()),
            Err(DeliveryError::Retry { after, cause }) => {
                let after_us = after.map_or(0, |after| i64::try_from(after.as_micros()).unwrap_or(i64::MAX));
                Err(Obstacle::Later(after_us, cause.to_string()))
            }
            Err(DeliveryError::Refused { .. }) => Err(Obstacle::Never("DELIVERY_REFUSED")),
            Err(_) => Err(Obstacle::Never("DELIVERY_FAILED")),
        }
    }

    async fn ended(&self, row: &OutboxRow, verb: EffectVerb) -> Result<(), Obstacle> {
        self.come_back(row.case_id.clone(), row, verb).await
    }

    /// As [`Self::ended`], for a message: who took it was shown these fields, which is recorded as the row goes.
    async fn told(&self, row: &OutboxRow, shown: Vec<String>, verb: EffectVerb) -> Result<(), Obstacle> {
        let shown = if self.settings.notifier.is_some() { shown } else { Vec::new() };
        self.come_back_with(row.case_id.clone(), row, shown, verb).await
    }

    async fn come_back(&self, case: String, row: &OutboxRow, verb: EffectVerb) -> Result<(), Obstacle> {
        self.come_back_with(case, row, Vec::new(), verb).await
    }

    async fn come_back_with(
        &self,
        case: String,
        row: &OutboxRow,
        shown: Vec<String>,
        verb: EffectVerb,
    ) -> Result<(), Obstacle> {
        let op = Op::Effect { case, effect: row.id.clone(), shown, verb: Box::new(verb) };
        let queue = self.queue().map_err(later)?;
        queue.execute(Who::System, None, op).await.map(|_| ()).map_err(later)
    }
}
