//! The hands of streams. A stream that ends leaves its tasks leased, and marked so that another one of the same token is
//! given them again, under the epoch that they have: they never left their holder. Nothing of it is journalled.

use kaiban_engine::task_address;
use kaiban_store::{TaskRow, TaskState};

use super::job::{Done, InHandOp};
use super::stage::{Pulled, Stage};
use crate::holder::{Holder, Through};
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, case: &str, task: &str, op: &InHandOp) -> Result<Done, Refusal> {
    let (_, step, _) = task_address(task).ok_or_else(Refusal::not_found)?;
    let held = |row: &&TaskRow, holder: &str| {
        row.id == task && row.state == TaskState::Leased && row.holder.as_deref() == Some(holder)
    };
    let row = stage.working(case)?.tasks.get(step);
    match op {
        InHandOp::LetGo { holder } => {
            // It was ended, or is somebody else's by now.
            let Some(row) = row.filter(|row| held(row, holder)) else { return Ok(Done::Fired) };
            let token = Holder::read(holder).token;
            stage.news.released.insert((row.office.clone(), token.clone()));
            stage.hold(case, step, &Holder { token, through: Through::Ended }, None);
        }
        InHandOp::Resume { from, who, session, lease_us } => {
            let Some(row) = row.filter(|row| held(row, from)) else { return Ok(Done::Fired) };
            let wanted_us = stage.operating_us.saturating_add(*lease_us);
            let until_us = wanted_us.max(row.lease_until_us.unwrap_or_default());
            let view = stage.show_again(case, step, who, until_us)?;
            let (session, token) = (*session, who.token.clone());
            let holder = stage.dispatcher.holder(&token, session);
            stage.hold(case, step, &holder, Some(until_us));
            stage.news.pulled.push(Pulled { session, token, view });
        }
    }
    Ok(Done::Fired)
}
