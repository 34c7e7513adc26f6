//! Records of reads on their way to the disk. What comes up while one statement is under way goes with the next: a hundred
//! who follow a case that changes cost one transaction, not a hundred. Each still waits until its own records are on the
//! disk before anything is shown.

use tokio::sync::{mpsc, oneshot};

use super::{AccessRecordRow, Arc, Inner, Refusal, Store, StoreError};

/// Reads whose records wait; further ones wait outside, each with its own.
const WAITING_MAX: usize = 1_024;

/// Records in one statement, about.
const ROWS_MAX: usize = 1_000;

/// The way to the statement that is next.
pub(crate) struct Gatherer(mpsc::Sender<Waiting>);

/// What one read waits for.
pub(crate) struct Waiting {
    rows: Vec<AccessRecordRow>,
    written: oneshot::Sender<Result<(), StoreError>>,
}

impl Gatherer {
    pub fn open() -> (Self, mpsc::Receiver<Waiting>) {
        let (sender, waiting) = mpsc::channel(WAITING_MAX);
        (Self(sender), waiting)
    }

    /// Returns when the records are on the disk.
    pub async fn write(&self, store: &Store, rows: Vec<AccessRecordRow>) -> Result<(), Refusal> {
        let (written, heard) = oneshot::channel();
        if let Err(mpsc::error::SendError(alone)) = self.0.send(Waiting { rows, written }).await {
            // The app is stopping, and somebody still reads.
            return Ok(store.put_access_records(&alone.rows).await?);
        }
        Ok(heard.await.map_err(|_| Refusal::stopping())??)
    }
}

/// Writes until the app stops, and then what still waits.
pub(crate) async fn run(inner: Arc<Inner>, mut waiting: mpsc::Receiver<Waiting>) {
    loop {
        let first = tokio::select! {
            first = waiting.recv() => first,
            () = inner.bell.stopped(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
        };
        let Some(mut first) = first else { return };
        let mut rows = std::mem::take(&mut first.rows);
        let mut together = vec![(first.written, rows.len())];
        while rows.len() < ROWS_MAX
            && let Ok(more) = waiting.try_recv()
        {
            together.push((more.written, more.rows.len()));
            rows.extend(more.rows);
        }
        put(&inner.store, &rows, together).await;
    }
}

/// Writes records of several reads and tells each; `together` says how many are whose.
async fn put(
    store: &Store,
    mut rows: &[AccessRecordRow],
    together: Vec<(oneshot::Sender<Result<(), StoreError>>, usize)>,
) {
    let all = store.put_access_records(rows).await;
    let away = matches!(all, Err(StoreError::Unavailable(_) | StoreError::Held | StoreError::Full));
    let one_by_one = all.is_err() && !away && together.len() > 1;
    for (written, count) in together {
        let (own, others) = rows.split_at(count);
        rows = others;
        // What is wrong with one is not the others' fault.
        let result = if one_by_one { store.put_access_records(own).await } else { all.clone() };
        // Nobody waits any more where the caller has hung up; the record stays.
        let _ = written.send(result);
    }
}
