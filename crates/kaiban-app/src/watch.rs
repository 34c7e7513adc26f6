//! Following cases as they change: the present state first, then every change, until the watcher hangs up or lags.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use kaiban_store::{CaseRow, CaseState};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use crate::access::{RowFacts, Verb, permit};
use crate::app::App;
use crate::execute::Working;
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};
use crate::request::{CaseFilter, ListCases, Order, Watch};
use crate::view::CaseView;

/// A case as a commit left it.
#[derive(Debug)]
pub(crate) struct Change {
    pub row: CaseRow,
}

/// Cases as they change.
pub type CaseStream = Pin<Box<dyn Stream<Item = Result<CaseView, Refusal>> + Send>>;

impl App {
    /// Follows the cases that match and that the caller may see.
    ///
    /// # Errors
    /// The named case is not there or not the caller's to see.
    pub async fn watch(&self, who: &Principal, request: Watch) -> Result<CaseStream, Refusal> {
        who.may(Verb::WatchCases)?;
        if !request.case.is_empty() {
            self.case(who, &request.case, crate::Detail::Basic).await?;
        }
        // Subscribed before the present state is read: a change in between comes twice rather than never.
        let mut changes = self.inner.changes.subscribe();
        let (sender, receiver) = mpsc::channel(64);
        let (app, who) = (self.clone(), who.clone());
        tokio::spawn(async move {
            let run = async {
                if !request.changes_only {
                    app.send_present(&who, &request, &sender).await?;
                }
                loop {
                    let received = tokio::select! {
                        received = changes.recv() => received,
                        () = sender.closed() => return Ok(()),
                        () = app.inner.bell.stopped() => return Err(Refusal::stopping()),
                    };
                    let change = match received {
                        Ok(change) => change,
                        Err(RecvError::Closed) => return Err(Refusal::stopping()),
                        Err(RecvError::Lagged(_)) => return Err(slow()),
                    };
                    if let Some(view) = app.changed(&who, &request, &change).await?
                        && sender.send(Ok(view)).await.is_err()
                    {
                        return Ok(());
                    }
                }
            };
            if let Err(refusal) = run.await {
                let _ = sender.send(Err(refusal)).await;
            }
        });
        Ok(Box::pin(futures::stream::unfold(receiver, |mut receiver| async move {
            receiver.recv().await.map(|item| (item, receiver))
        })))
    }

    async fn send_present(
        &self,
        who: &Principal,
        request: &Watch,
        sender: &mpsc::Sender<Result<CaseView, Refusal>>,
    ) -> Result<(), Refusal> {
        if !request.case.is_empty() {
            let view = self.case(who, &request.case, request.detail).await?;
            let _ = sender.send(Ok(view)).await;
            return Ok(());
        }
        let mut list = ListCases {
            filter: request.filter.clone(),
            order: Order::ReceivedAsc,
            page_size: self.inner.settings.limits.page_max,
            page_token: String::new(),
            detail: request.detail,
        };
        loop {
            let (views, next) = self.cases(who, list.clone()).await?;
            for view in views {
                if sender.send(Ok(view)).await.is_err() {
                    return Ok(());
                }
            }
            if next.is_empty() {
                return Ok(());
            }
            list.page_token = next;
        }
    }

    async fn changed(
        &self,
        who: &Principal,
        request: &Watch,
        change: &Arc<Change>,
    ) -> Result<Option<CaseView>, Refusal> {
        let row = &change.row;
        let wanted = if request.case.is_empty() { matches(&request.filter, row) } else { row.id == request.case };
        if !wanted {
            return Ok(None);
        }
        let working = Working::read(&self.inner.library, row)?;
        let facts = RowFacts::of(&working.case, &self.inner.library);
        if permit(who, Verb::WatchCases, Some(&facts)).is_err() {
            return Ok(None);
        }
        let view = self.inner.present_row(who, row, request.detail).await?;
        self.inner.record_cases(who, std::slice::from_ref(&view)).await?;
        Ok(Some(view))
    }
}

fn matches(filter: &CaseFilter, row: &CaseRow) -> bool {
    let equal = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
    let state: Option<CaseState> = filter.state;
    equal(&filter.workflow, &row.workflow)
        && equal(&filter.division, &row.division)
        && equal(&filter.outlet, row.outlet.as_deref().unwrap_or_default())
        && equal(&filter.outcome, row.outcome.as_deref().unwrap_or_default())
        && state.is_none_or(|state| state == row.state)
        && (!filter.waiting || row.waiting)
        && filter.received_from_us.is_none_or(|from| row.received_at_us >= from)
        && filter.received_before_us.is_none_or(|before| row.received_at_us < before)
}

fn slow() -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_secs(1)),
        ..Refusal::new(
            Canonical::ResourceExhausted,
            "SLOW_READER",
            "读取过慢，已断开；请重新订阅。",
            "This reader is too slow and was cut off: watch again.",
        )
    }
}
