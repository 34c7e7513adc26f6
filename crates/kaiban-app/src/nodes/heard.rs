//! What is done about what other nodes said: rows are read again, and those who wait for them here are told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kaiban_engine::task_address;
use kaiban_store::{CaseRow, TaskRow, TaskState};

use super::{PAUSE, Words};
use crate::app::Inner;
use crate::dispatch::InHand;
use crate::execute::{Gone, Why, Working};
use crate::refusal::Refusal;
use crate::work::pull_all;

/// Rows read at a time.
const PORTION: usize = 500;

/// Does what the words ask for; whatever goes wrong is to be done again, all of it.
pub(super) async fn act(inner: &Arc<Inner>, words: Words) -> Result<(), Refusal> {
    let Words { cases, queues, tokens, released, calendars, packages, doubt, everything, farewell } = words;
    if doubt {
        // The database may still be at it. What takes it longer is found when leases run out.
        inner.clock.wait(PAUSE).await;
        inner.dispatcher.unheard();
        inner.bell.ring(i64::MIN);
        inner.nodes.tell(|words| words.everything = true);
    }
    let everything = everything || doubt;
    if packages || everything {
        inner.learn_packages().await?;
    }
    if calendars || everything {
        inner.follow_publications().await?;
    }
    match everything {
        true => inner.tokens.forget(None),
        false if tokens.is_empty() => {}
        false => inner.end_tokens(&tokens),
    }
    take_back(inner, (!everything).then_some(&cases)).await?;
    inner.dispatcher.ended_elsewhere((!everything && !farewell).then_some(&released));
    pull_all(inner, inner.dispatcher.arrived((!everything).then_some(&queues)));
    show(inner, cases, everything).await
}

/// Those who follow cases see them as they are now.
async fn show(inner: &Inner, cases: BTreeSet<String>, everything: bool) -> Result<(), Refusal> {
    let followed = if everything { inner.watches.all_followed() } else { inner.watches.followed(cases.iter()) };
    for portion in followed.chunks(PORTION) {
        let rows = inner.store.cases_named(portion).await?;
        inner.know_packages(&rows).await?;
        inner.watches.publish(rows);
    }
    if everything {
        // Which of the others changed nobody can say.
        inner.watches.end_lists();
    }
    Ok(())
}

/// Tasks in hand here whose cases changed elsewhere: what is no longer their holder's is taken from them.
pub(crate) async fn take_back(inner: &Arc<Inner>, cases: Option<&BTreeSet<String>>) -> Result<(), Refusal> {
    // INVARIANT: what is in hand was committed before it is read below, so what is read is never older.
    let in_hand = inner.dispatcher.in_hand(cases);
    let mut of_case: BTreeMap<String, Vec<InHand>> = BTreeMap::new();
    for held in in_hand {
        let Some((case, ..)) = task_address(&held.task) else { continue };
        of_case.entry(case.to_owned()).or_default().push(held);
    }
    let named: Vec<String> = of_case.keys().cloned().collect();
    let mut gone = Vec::new();
    for portion in named.chunks(PORTION) {
        let tasks = inner.store.tasks_of_all(portion).await?;
        let tasks: HashMap<&str, &TaskRow> = tasks.iter().map(|task| (task.id.as_str(), task)).collect();
        let mut ended = Vec::new();
        for held in portion.iter().filter_map(|case| of_case.get(case)).flatten() {
            match tasks.get(held.task.as_str()) {
                None => ended.push(held),
                Some(task) => gone.extend(why_gone(held, task).map(|why| held.gone(why))),
            }
        }
        if ended.is_empty() {
            continue;
        }
        let mut named: Vec<String> =
            ended.iter().filter_map(|held| task_address(&held.task)).map(|(case, ..)| case.to_owned()).collect();
        named.dedup();
        let rows = inner.store.cases_named(&named).await?;
        inner.know_packages(&rows).await?;
        let rows: HashMap<&str, &CaseRow> = rows.iter().map(|row| (row.id.as_str(), row)).collect();
        gone.extend(ended.into_iter().map(|held| held.gone(why_ended(inner, held, &rows))));
    }
    inner.dispatcher.taken_back(gone);
    Ok(())
}

/// Why a task that is open has left the hands that it was in; none = it has not.
fn why_gone(held: &InHand, task: &TaskRow) -> Option<Why> {
    match task.state {
        _ if task.epoch > held.epoch => Some(Why::Expired),
        // Its holder put it off, or gave it back, through another node.
        TaskState::Deferred | TaskState::Retrying => Some(Why::Own),
        TaskState::Ready | TaskState::Leased if task.holder.as_deref() != Some(&held.holder) => Some(Why::Reassigned),
        TaskState::Ready | TaskState::Leased => None,
    }
}

/// Why a task that is not open any more has left them: its holder ended it through another node, or it was taken back.
fn why_ended(inner: &Inner, held: &InHand, rows: &HashMap<&str, &CaseRow>) -> Why {
    let ended_by_holder = || {
        let (case, step, offer) = task_address(&held.task)?;
        let working = Working::read(&inner.library, rows.get(case)?).ok()?;
        let run = working.case.steps.get(step)?;
        Some(run.offers == offer && run.epoch == held.epoch && !run.state.took_task_away())
    };
    if ended_by_holder().unwrap_or_default() { Why::Own } else { Why::Withdrawn }
}

impl InHand {
    fn gone(&self, why: Why) -> Gone {
        Gone { task: self.task.clone(), epoch: self.epoch, why }
    }
}
