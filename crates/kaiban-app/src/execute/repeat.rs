//! The same request again: what is kept of each reply, and how the reply is rebuilt from it and the journal.

use kaiban_engine::{Case, Documents, Entry};
use kaiban_store::{EntryRow, RequestRow};

use super::job::{Done, Kept, KeptLease, Left, RequestKey};
use super::stage::Stage;
use crate::app::Inner;
use crate::present::TaskDesk;
use crate::principal::Principal;
use crate::records;
use crate::refusal::Refusal;

/// Keeps the reply of a request with the batch that does what it asked for.
pub(super) fn keep(stage: &mut Stage<'_>, request: &RequestKey, done: &Done) {
    let (kept, case_id) = match done {
        Done::Case { id, seq, .. } => (Kept::Case { id: id.clone(), seq: *seq }, Some(id.clone())),
        Done::Receipt(receipt) => {
            let case = kaiban_engine::task_address(&receipt.task).map(|(case, ..)| case.to_owned());
            (Kept::Receipt { receipt: receipt.clone() }, case)
        }
        // A claim that found nothing changed nothing: asking again is a new question.
        Done::Claimed(views, _) if views.is_empty() => return,
        Done::Claimed(views, _) => {
            let leases = views.iter().map(|view| KeptLease {
                case: view.case.clone(),
                step: view.step.clone(),
                epoch: view.epoch,
                until_us: view.lease_until_us.unwrap_or_default(),
                seq: stage.cases.get(&view.case).map_or(0, |working| working.seq),
            });
            (Kept::Claimed { leases: leases.collect() }, None)
        }
        Done::Credit { subject, seq } => (Kept::Credit { subject: subject.clone(), seq: *seq }, None),
        Done::Register(entry) => (Kept::Register { entry: entry.clone() }, None),
        Done::Pulled(..) | Done::Fired | Done::Recomputed(_) | Done::Kept(_) => return,
    };
    let row = RequestRow {
        key: request.key.clone(),
        content: request.content.clone(),
        case_id,
        reply: serde_json::to_string(&kept).unwrap_or_default(),
        at_us: stage.operating_us,
    };
    stage.requests.insert(row.key.clone(), row.clone());
    stage.changes.requests.push(row);
}

/// The reply that a request got; tasks that it hands out again are recorded again.
pub(crate) async fn rebuild(inner: &Inner, who: &Principal, kept: Kept) -> Result<Done, Refusal> {
    match kept {
        Kept::Case { id, seq } => Ok(Done::Case { id, seq, created: false, left: None }),
        Kept::Receipt { receipt } => Ok(Done::Receipt(receipt)),
        Kept::Credit { subject, seq } => Ok(Done::Credit { subject, seq }),
        Kept::Register { entry } => Ok(Done::Register(entry)),
        Kept::Claimed { leases } => {
            let mut views = Vec::with_capacity(leases.len());
            for lease in leases {
                let (case, row) = case_at(inner, &lease.case, lease.seq).await?;
                let def = inner.library.pinned(&case.digest).ok_or_else(Refusal::not_found)?;
                let documents: Documents = inner.read_documents(&case, &case.documents()).await?;
                let (calendars, now_us) = (&inner.library.calendars(), row.at_us);
                let desk = TaskDesk { def: &def, case: &case, calendars, documents: &documents, now_us };
                views.push(desk.view(&lease.step, lease.epoch, Some(lease.until_us))?);
            }
            let at_us = inner.business_now_us();
            let shown: Vec<_> = views.iter().map(|view| records::of_hand_over(who, view, at_us)).collect();
            inner.store.put_access_records(&shown).await?;
            Ok(Done::Claimed(views, Left::default()))
        }
    }
}

/// A case as it was after entry `seq` of its journal, and that entry's row.
pub(crate) async fn case_at(inner: &Inner, id: &str, seq: i64) -> Result<(Case, EntryRow), Refusal> {
    let rows = inner.entries(id, 0, u64::try_from(seq).unwrap_or(0)).await?;
    let mut case = Case::default();
    for row in &rows {
        let entry: Entry = serde_json::from_str(&row.bytes).map_err(|_| Refusal::not_found())?;
        for event in &entry.events {
            case.evolve(entry.at_us, event);
        }
    }
    let last = rows.into_iter().next_back().filter(|row| row.seq == seq).ok_or_else(Refusal::not_found)?;
    Ok((case, last))
}
