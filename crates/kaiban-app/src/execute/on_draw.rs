//! A draw that was held is carried out to one of its cases. The row of what waited goes in the same transaction, so that
//! whoever carries the draw out after a restart, or beside another server, does each item once.

use kaiban_engine::{Actor, Command};

use super::job::Done;
use super::stage::Stage;
use crate::documents::Brought;
use crate::draws::items;
use crate::refusal::{Canonical, Refusal};

pub(super) fn run(
    stage: &mut Stage<'_>,
    case: &str,
    step: &str,
    item: &str,
    result: &Brought,
) -> Result<Done, Refusal> {
    let working = stage.working(case)?;
    if !items::waiting(&working.def, &working.case).iter().any(|waiting| waiting == item) {
        // It was taken back, or another server was faster.
        stage.changes.draw_items_gone.push(item.to_owned());
        return Ok(Done::Fired);
    }
    stage.see(result);
    let command = Command::Drawn { step: step.to_owned(), result: result.filed.clone() };
    match stage.apply(case, &Actor::System, None, &command) {
        Ok(()) => stage.bring(case, Some(step), result),
        Err(refusal) if refusal.code == Canonical::Internal => return Err(refusal),
        Err(refusal) => {
            tracing::error!(case, step, reason = refusal.reason, "a draw cannot be carried out");
            return Err(refusal);
        }
    }
    Ok(Done::Fired)
}

impl Stage<'_> {
    /// Makes the rows of what waits for a draw follow the case.
    pub(super) fn reconcile_items(&mut self, id: &str, before: &[String], entered: Vec<kaiban_store::DrawItemRow>) {
        let Some(working) = self.cases.get(id) else { return };
        let after = items::waiting(&working.def, &working.case);
        for gone in before.iter().filter(|item| !after.contains(item)) {
            self.changes.draw_items.retain(|row| row.id != *gone);
            self.changes.draw_items_gone.push(gone.clone());
        }
        for row in entered.into_iter().filter(|row| !before.contains(&row.id)) {
            self.changes.draw_items_gone.retain(|gone| *gone != row.id);
            self.changes.draw_items.push(row);
        }
    }
}
