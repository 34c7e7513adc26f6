//! Where the submitter of a case meets the worker who ends it: either may come first.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

/// Cases whose submitter or whose end is being waited for.
#[derive(Debug, Default)]
pub(crate) struct Finishes(Mutex<HashMap<String, Side>>);

#[derive(Debug)]
enum Side {
    /// The submitter waits.
    Waiting(oneshot::Sender<Instant>),
    /// The case was finished before its submitter knew its number.
    Finished(Instant),
}

impl Finishes {
    /// The case's last task was acknowledged.
    pub fn finished(&self, case: &str, at: Instant) {
        let mut sides = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sides.remove(case) {
            // A submitter that has gone away misses nothing.
            Some(Side::Waiting(submitter)) => drop(submitter.send(at)),
            _ => drop(sides.insert(case.to_owned(), Side::Finished(at))),
        }
    }

    /// Waits for the end of a case; none when nobody is left to tell.
    pub async fn wait(&self, case: String) -> Option<Instant> {
        let finish = {
            let mut sides = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match sides.entry(case) {
                Entry::Occupied(side) => match side.remove() {
                    Side::Finished(at) => return Some(at),
                    Side::Waiting(_) => return None,
                },
                Entry::Vacant(place) => {
                    let (submitter, finish) = oneshot::channel();
                    place.insert(Side::Waiting(submitter));
                    finish
                }
            }
        };
        finish.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn either_side_may_come_first() {
        let (finishes, at) = (Finishes::default(), Instant::now());
        finishes.finished("early", at);
        assert_eq!(finishes.wait("early".into()).await, Some(at));
        let (found, ()) = tokio::join!(finishes.wait("late".into()), async { finishes.finished("late", at) });
        assert_eq!(found, Some(at));
        assert!(finishes.0.lock().unwrap().is_empty());
    }
}
