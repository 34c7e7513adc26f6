//! An entry of a register that the bureau keeps: put in or ended, its history with it.

use kaiban_store::RegisterRow;

use super::job::{Done, Who};
use super::stage::Stage;
use crate::refusal::Refusal;
use crate::registers::{BUREAU, Kept, RegisterAct, RegisterEvent, RegisterOp, absent, entry};

pub(super) fn run(stage: &mut Stage<'_>, _: &Who, op: &RegisterOp) -> Result<Done, Refusal> {
    let now_us = stage.now_us;
    let key = (op.register.clone(), op.key.clone());
    let before = stage.shelf.row(&key);
    let stands = before.as_ref().is_some_and(|row| row.until_us.is_none_or(|until_us| until_us > now_us));
    let until_us = match op.act {
        RegisterAct::Put { until_us } => until_us,
        RegisterAct::End if stands => Some(now_us),
        RegisterAct::End => return Err(absent()),
    };
    let put = matches!(op.act, RegisterAct::Put { .. });
    let mut kept: Kept = before.as_ref().and_then(|row| serde_json::from_str(&row.value).ok()).unwrap_or_default();
    let event = RegisterEvent {
        at_us: now_us,
        put,
        by: op.by.clone(),
        reason: op.reason.clone(),
        until_us: until_us.filter(|_| put),
    };
    kept.history.push(event);
    let row = RegisterRow {
        register: op.register.clone(),
        key: op.key.clone(),
        holder: BUREAU.to_owned(),
        since_us: before.as_ref().filter(|_| stands).map_or(now_us, |row| row.since_us),
        until_us,
        state: if put { "listed" } else { "ended" }.to_owned(),
        value: serde_json::to_string(&kept).unwrap_or_default(),
        // The shelf says which version it becomes.
        version: 0,
    };
    let shown = entry(&row);
    stage.shelf.keep(key, row);
    Ok(Done::Register(shown))
}
