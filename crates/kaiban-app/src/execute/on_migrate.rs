//! A case goes on by another version of its package. It was looked at beside the writer; what has changed since is seen
//! by whoever looks again.

use kaiban_engine::Command;

use super::job::{Done, Who};
use super::stage::Stage;
use crate::delays;
use crate::migrations::{Plan, moved_on};
use crate::refusal::Refusal;

pub(super) fn run(stage: &mut Stage<'_>, who: &Who, case: &str, seq: i64, plan: &Plan) -> Result<Done, Refusal> {
    let working = stage.working(case)?;
    if working.seq != seq {
        return Err(moved_on());
    }
    let delays = delays::rows(&working.case);
    stage.apply(case, &who.actor(), None, &plan.command())?;
    stage.follow_names(case, &delays, plan);
    let seq = stage.working(case)?.seq;
    Ok(Done::Case { id: case.to_owned(), seq, created: false, left: None })
}

impl Stage<'_> {
    /// Rows that are called by a step follow its new name; lists show what the new version shows.
    fn follow_names(&mut self, case: &str, delays: &[kaiban_store::DelayRow], plan: &Plan) {
        let Some(working) = self.cases.get(case) else { return };
        let after = delays::rows(&working.case);
        let gone = delays.iter().filter(|old| after.iter().all(|new| new.id != old.id));
        self.changes.delays_gone.extend(gone.map(|row| row.id.clone()));
        self.changes.delays.extend(after.into_iter().filter(|new| !delays.contains(new)));
        for new in plan.migration.renamed.values() {
            let of_step =
                working.case.steps.iter().filter(|(branch, _)| kaiban_definition::branch_parts(branch).0 == new);
            for (branch, run) in of_step {
                let Some(result) = run.result.as_ref().and_then(|digest| self.documents.get(digest)) else { continue };
                self.changes.case_files.extend(crate::files::attached(case, branch, result));
            }
        }
        let form = working.case.form().and_then(|digest| self.documents.get(digest)).cloned();
        if let Some(form) = form {
            self.set_subject(case, &form);
        }
    }
}

impl Plan {
    pub(crate) fn command(&self) -> Command {
        Command::Migrate { to: self.to.clone(), migration: self.migration.clone() }
    }
}
