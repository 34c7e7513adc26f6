//! What follows from draws by itself: at its deadline one with something missing becomes void, and one that was held is carried
//! out to its cases, a few at a time. What is still to be done stands in the rows of the items, so that whoever starts next
//! goes on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use kaiban_draw::Draw;
use kaiban_store::{DrawItemRow, StoreError};
use serde_json::json;

use crate::app::Inner;
use crate::documents::Brought;
use crate::execute::{Op, Who};
use crate::refusal::Refusal;

/// Items that go to the writers at a time.
const PORTION: u64 = 32;

/// How often it is looked for what another server left, what failed, and what has become void.
const POLL: Duration = Duration::from_secs(2);

/// Goes on until the app stops. Where business time is simulated, deadlines wait for whoever moves it.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        if !inner.clock.is_simulated() {
            lapse(&inner).await;
        }
        match carry_out(&inner).await {
            Err(refusal) if refusal.reason == "STOPPING" => return,
            Err(refusal) => tracing::error!(reason = refusal.reason, "draws are carried out in a moment"),
            Ok(()) => {}
        }
        tokio::select! {
            () = inner.drawing.notified() => {}
            () = inner.clock.wait(POLL) => {}
            () = inner.bell.stopped() => return,
        }
    }
}

/// Ends the draws whose deadline has come with something missing.
pub(crate) async fn lapse(inner: &Inner) {
    if let Err(error) = lapse_due(inner).await {
        tracing::error!(reason = error.reason, "draws that are due cannot be ended");
    }
}

async fn lapse_due(inner: &Inner) -> Result<(), Refusal> {
    let now_us = inner.business_now_us();
    for id in inner.store.draws_due(now_us).await? {
        let (row, draw) = inner.draw(&id).await?;
        let Ok(void) = draw.lapse(now_us.max(draw.last_us())) else { continue };
        match inner.keep_draw(row.version + 1, &void, None).await {
            Ok(view) => tracing::warn!(draw = id, cause = ?view.void, "a draw is void"),
            // The missing number came in the last moment, or another server was faster.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Carries out everything that was decided, once through.
async fn carry_out(inner: &Inner) -> Result<(), Refusal> {
    let (mut after, mut draws): (Option<DrawItemRow>, HashMap<String, Draw>) = (None, HashMap::new());
    loop {
        let rows = inner.store.items_decided(after.as_ref(), PORTION).await?;
        let Some(last) = rows.last().cloned() else { return Ok(()) };
        // They come draw by draw.
        draws.retain(|id, _| rows.iter().any(|row| row.draw.as_ref() == Some(id)));
        for id in rows.iter().filter_map(|row| row.draw.as_ref()) {
            if !draws.contains_key(id) {
                draws.insert(id.clone(), inner.draw(id).await?.1);
            }
        }
        let queue = inner.queue()?;
        let jobs = rows.iter().filter_map(|row| {
            let done = queue.execute(Who::System, None, op(row, &draws)?);
            Some(async move { (row, done.await) })
        });
        for (row, answer) in join_all(jobs).await {
            match answer {
                Ok(_) => {}
                // It passes: what is left is found again.
                Err(refusal) if refusal.retry_after.is_some() => return Err(refusal),
                Err(refusal) => {
                    tracing::error!(item = row.id, reason = refusal.reason, "a draw cannot be carried out to a case");
                }
            }
        }
        after = Some(last);
    }
}

/// What is done to one case.
fn op(row: &DrawItemRow, draws: &HashMap<String, Draw>) -> Option<Op> {
    let id = row.draw.as_ref()?;
    let decision = draws.get(id)?.decision(&row.id)?;
    let result = json!({ "draw": id, "drawn": decision.drawn, "checkers": decision.checkers });
    Some(Op::Drawn {
        case: row.case_id.clone(),
        step: row.step.clone(),
        item: row.id.clone(),
        result: Box::new(Brought::new("result", result)),
    })
}
