//! `WatchCases`: what the app says of the cases, until one side has enough.
//!
//! There may be many thousands of these streams, nearly all of them idle: none has a task or a queue of its own. The app
//! keeps what a reader has not taken, and cuts off who lets it grow.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures::{StreamExt, stream};
use kaiban_api::v1;
use kaiban_app::{CaseStream, Refusal, Watch};
use tokio_stream::Stream;
use tonic::Status;

use super::Api;
use crate::caller::Caller;
use crate::map::case;
use crate::refuse::{self, status};

/// What the transport reads.
pub(crate) type Watched = Pin<Box<dyn Stream<Item = Result<v1::WatchCasesResponse, Status>> + Send>>;

struct Watching {
    api: Api,
    who: Arc<Caller>,
    /// What is wanted, until it was asked for.
    wanted: Option<Box<Watch>>,
    changes: Option<CaseStream>,
    /// Ready when the token is over.
    dismissed: Pin<Box<dyn Future<Output = Status> + Send>>,
}

/// Follows cases.
pub(super) fn watch(api: Api, who: Arc<Caller>, wanted: Watch) -> Watched {
    let asked = Arc::clone(&who);
    let dismissed = Box::pin(async move { asked.dismissed().await });
    let watching = Watching { api, who, wanted: Some(Box::new(wanted)), changes: None, dismissed };
    let words = stream::unfold(Some(watching), async |watching| {
        let mut watching = watching?;
        match watching.next().await {
            Ok(Some(case)) => Some((Ok(case), Some(watching))),
            Ok(None) => None,
            Err(word) => Some((Err(word), None)),
        }
    });
    // A panic ends one stream, and never as if all were well.
    let words = AssertUnwindSafe(words).catch_unwind();
    Box::pin(words.map(|word| word.unwrap_or_else(|_| Err(refuse::defect()))))
}

impl Watching {
    async fn next(&mut self) -> Result<Option<v1::WatchCasesResponse>, Status> {
        if let Some(wanted) = self.wanted.take() {
            self.changes = Some(Box::pin(self.api.app.watch(&self.who, *wanted)).await.map_err(status)?);
        }
        let Some(changes) = &mut self.changes else { return Ok(None) };
        tokio::select! {
            change = changes.next() => match change {
                Some(Ok(change)) => {
                    let case = Some(case::present(change).map_err(status)?);
                    Ok(Some(v1::WatchCasesResponse { case }))
                }
                Some(Err(refusal)) => Err(status(refusal)),
                None => Ok(None),
            },
            () = self.api.stopping.heard() => Err(status(Refusal::stopping())),
            word = &mut self.dismissed => Err(word),
        }
    }
}
