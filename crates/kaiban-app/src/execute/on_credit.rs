//! An entry of a subject's credit history: added where the rules of the day allow it, never changed.

use kaiban_calendar::local_date;
use kaiban_credit::{Entry, What, may_append};
use kaiban_store::CreditEntryRow;

use super::job::{Done, Who};
use super::stage::Stage;
use crate::credit::CreditOp;
use crate::refusal::{Canonical, Refusal};

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, op: &CreditOp) -> Result<Done, Refusal> {
    if op.spends {
        stage.can_spend(who)?;
    }
    let seq = adds(stage, &op.subject, &op.record, &op.by, op.what.clone())?;
    if op.spends {
        stage.spend(who);
    }
    Ok(Done::Credit { subject: op.subject.clone(), seq })
}

/// Adds an entry; gives its place in the history.
pub(super) fn adds(stage: &mut Stage<'_>, subject: &str, record: &str, by: &str, what: What) -> Result<i64, Refusal> {
    let now_us = stage.now_us;
    let today = local_date(now_us);
    let history = stage.credit.get_mut(subject).and_then(Option::as_mut);
    let history = history.ok_or_else(super::stage::unreadable)?;
    let entry = Entry { record: record.to_owned(), on: today, by: by.to_owned(), what };
    if let Err(findings) = may_append(history, &entry, today) {
        return Err(Refusal {
            findings,
            ..Refusal::new(
                Canonical::FailedPrecondition,
                "CREDIT_ENTRY_REFUSED",
                "信用记录不能这样登记，原因见各条说明。",
                "The credit history does not allow this entry; the findings say why.",
            )
        });
    }
    let bytes = serde_json::to_string(&entry).map_err(|_| super::stage::unreadable())?;
    history.push(entry);
    let seq = i64::try_from(history.len()).unwrap_or(i64::MAX);
    stage.changes.credit_entries.push(CreditEntryRow {
        subject: subject.to_owned(),
        seq,
        on: today.to_string(),
        entry: bytes,
        recorded_at_us: now_us,
    });
    Ok(seq)
}
