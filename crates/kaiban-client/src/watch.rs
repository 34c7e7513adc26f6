//! Cases as they change, over however many streams that takes.

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{Case, WatchCasesRequest, WatchCasesResponse};
use tokio::time::sleep;
use tonic::Streaming;

use crate::client::Client;
use crate::error::CallError;

/// Follows cases. What comes is in memory only as far as the transport reads ahead; a reader that is too slow is cut off
/// by the server, and then begins anew like after any other break.
#[derive(Debug)]
pub struct Watch {
    client: Client,
    request: WatchCasesRequest,
    stream: Option<(usize, Streaming<WatchCasesResponse>)>,
    /// Breaks since something was last heard.
    failed: u32,
    opened_before: bool,
}

/// What a watcher hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Watched {
    /// A case, as it stands. The same may come twice: `revision` tells.
    Case(Box<Case>),
    /// The stream broke and is open again. Unless only changes were asked for, every case that matches comes again now;
    /// if so, list them: what happened in between is not told.
    Reopened,
}

impl Client {
    /// Follows the cases that match, from the first [`Watch::next`] on.
    pub fn watch(&self, request: WatchCasesRequest) -> Watch {
        Watch { client: self.clone(), request, stream: None, failed: 0, opened_before: false }
    }
}

impl Watch {
    /// The next news. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`CallError`], where the server refuses to be watched.
    pub async fn next(&mut self) -> Result<Watched, CallError> {
        loop {
            let (at, error) = match &mut self.stream {
                Some((at, stream)) => match stream.message().await {
                    Ok(Some(change)) => {
                        self.failed = 0;
                        return Ok(Watched::Case(Box::new(change.case.unwrap_or_default())));
                    }
                    Ok(None) => (*at, CallError::ended()),
                    Err(status) => (*at, status.into()),
                },
                None => {
                    let (at, line) = self.client.current();
                    let mut cases = CaseServiceClient::new(line);
                    match self.client.opened(cases.watch_cases(self.request.clone())).await {
                        Ok(opened) => {
                            self.stream = Some((at, opened.into_inner()));
                            if std::mem::replace(&mut self.opened_before, true) {
                                return Ok(Watched::Reopened);
                            }
                            continue;
                        }
                        Err(error) => (at, error),
                    }
                }
            };
            self.stream = None;
            self.failed += 1;
            self.client.failed(at, &error);
            if !self.client.goes_on(&error) {
                return Err(error.after(self.failed));
            }
            sleep(self.client.pause(self.failed, &error)).await;
        }
    }
}
