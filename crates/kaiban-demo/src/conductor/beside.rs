//! Time beside a left-out party. While it has work, business time goes on at a fixed rate and stops for whatever is due;
//! while it has none, time jumps as ever. Nobody polls: the next thing that is due or the next change of a case ends a
//! wait.

use std::collections::BTreeSet;

use kaiban_api::v1::Case;

use super::{Conductor, Pace, at};
use crate::failure::DemoError;

impl Conductor<'_> {
    /// Looks at what changed: applicants are told, offices take what has opened, officers resolve incidents.
    pub(super) async fn look_beside(&mut self) -> Result<(), DemoError> {
        loop {
            let Some(beside) = &mut self.beside else { return Ok(()) };
            let mut touched = std::mem::take(&mut beside.touched);
            touched.extend(beside.follow.told());
            if touched.is_empty() {
                return Ok(());
            }
            let cases = beside.follow.look(touched).await?;
            let mut divisions = BTreeSet::new();
            for case in &cases {
                self.resolve(case).await?;
                divisions.insert(case.division.clone());
                let asked = case.corrections.iter().any(|correction| correction.answered_at.is_none());
                if let Some(index) = self.indexes.get(&case.id).copied().filter(|_| asked) {
                    self.tell(index, self.town.clock().now_us()).await?;
                }
            }
            self.sync(Some(&divisions)).await?;
            self.town.app().effects_settled().await;
        }
    }

    async fn resolve(&mut self, case: &Case) -> Result<(), DemoError> {
        let Some(beside) = &mut self.beside else { return Ok(()) };
        let stuck: Vec<(String, String)> =
            beside.follow.stuck(case).map(|(step, office)| (step.to_owned(), office.to_owned())).collect();
        for (step, office) in stuck {
            beside.left_out.resolve(self.town, case, &step, &office).await?;
            beside.touched.insert(case.id.clone());
        }
        Ok(())
    }

    /// Waits until business time is at what is due; none = a case changed first, or nothing is due and nobody outside
    /// has work.
    pub(super) async fn until(
        &mut self,
        due: Option<(i64, bool)>,
        pace: Option<&Pace>,
    ) -> Result<Option<(i64, bool)>, DemoError> {
        let Some(beside) = &mut self.beside else {
            if let (Some(pace), Some((now_us, _))) = (pace, due) {
                pace.wait(now_us).await;
            }
            return Ok(due);
        };
        if beside.follow.waiting() == 0 && (pace.is_none() || due.is_none()) {
            return Ok(due);
        }
        let (clock, tempo) = (self.town.clock(), &beside.left_out.tempo);
        let left = tempo.start(clock.now_us(), due.map(|(due_us, _)| due_us));
        let reached = async {
            match left {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        let reached = tokio::select! {
            () = reached => true,
            changed = beside.follow.changed() => {
                beside.touched.extend(changed);
                false
            }
        };
        tempo.stop(clock);
        Ok(due.filter(|_| reached))
    }

    /// Whether nothing is left to be done, once everything that is open has been looked at again.
    pub(super) async fn is_over(&mut self, due: Option<(i64, bool)>) -> Result<bool, DemoError> {
        let Some(beside) = &mut self.beside else { return Ok(true) };
        if due.is_some() || beside.follow.waiting() > 0 || !beside.touched.is_empty() {
            return Ok(false);
        }
        let open = beside.follow.open().clone();
        beside.touched.extend(open);
        self.look_beside().await?;
        let waiting = self.beside.as_ref().map_or(0, |beside| beside.follow.waiting());
        Ok(waiting == 0 && self.next().await?.is_none())
    }

    /// Whether an applicant's answer changes nothing: nobody knows how to mend what the left-out party's client asked
    /// for. Then the case cannot go on.
    pub(super) async fn cannot_answer(&self, index: u64) -> Result<(), DemoError> {
        let (Some(beside), Some(known)) = (&self.beside, &self.known[at(index)]) else { return Ok(()) };
        beside.left_out.unanswered();
        self.bureau.cancel(&known.number, &known.division).await.map(drop)
    }
}
