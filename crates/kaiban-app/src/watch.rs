//! Following cases as they change: the present state first, then every change, until the watcher hangs up or lags.

mod hub;

use std::collections::VecDeque;
use std::pin::Pin;

use futures::Stream;
use kaiban_store::{CaseRow, CaseState};

use self::hub::Subscription;
pub(crate) use self::hub::{Change, Hub};
use crate::access::{RowFacts, Verb, permit};
use crate::app::App;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::{CaseFilter, ListCases, Order, Watch};
use crate::view::CaseView;

/// Cases that are read at a time before the first change: so many are in memory for each that begins to follow.
const PAGE: u32 = 20;

/// Cases as they change.
pub type CaseStream = Pin<Box<dyn Stream<Item = Result<CaseView, Refusal>> + Send>>;

impl App {
    /// Follows the cases that match and that the caller may see.
    ///
    /// # Errors
    /// The named case is not there or not the caller's to see.
    pub async fn watch(&self, who: &Principal, request: Watch) -> Result<CaseStream, Refusal> {
        who.may(Verb::WatchCases)?;
        let one = (!request.case.is_empty()).then_some(request.case.as_str());
        // Subscribed before the present state is read: a change in between is not missed.
        let changes = self.inner.watches.follow(one);
        let mut ready = VecDeque::new();
        if let Some(case) = one {
            let view = self.case(who, case, request.detail).await?;
            changes.shown(view.revision);
            ready.extend((!request.changes_only).then_some(view));
        }
        let present = (one.is_none() && !request.changes_only).then(|| ListCases {
            filter: request.filter.clone(),
            order: Order::ReceivedAsc,
            page_size: PAGE.min(self.inner.settings.limits.page_max),
            page_token: String::new(),
            detail: request.detail,
        });
        let present = present.map(Box::new);
        let watching = Watching { app: self.clone(), who: who.clone(), request, changes, present, ready };
        Ok(Box::pin(futures::stream::unfold(Some(watching), async |watching| {
            let mut watching = watching?;
            match watching.next().await {
                Ok(view) => Some((Ok(view), Some(watching))),
                Err(refusal) => Some((Err(refusal), None)),
            }
        })))
    }
}

/// One who follows. There may be many thousands, nearly all of them waiting: what needs room is boxed and comes when
/// something is to be told.
struct Watching {
    app: App,
    who: Principal,
    request: Watch,
    changes: Subscription,
    /// The page of the present state that is next.
    present: Option<Box<ListCases>>,
    /// What is told next.
    ready: VecDeque<CaseView>,
}

impl Watching {
    async fn next(&mut self) -> Result<CaseView, Refusal> {
        loop {
            if let Some(view) = self.ready.pop_front() {
                return Ok(view);
            }
            self.ready.shrink_to(0);
            if let Some(list) = self.present.take() {
                Box::pin(self.page(list)).await?;
                continue;
            }
            let change = self.changes.next().await?;
            if let Some(view) = Box::pin(self.changed(&change)).await? {
                return Ok(view);
            }
        }
    }

    async fn page(&mut self, mut list: Box<ListCases>) -> Result<(), Refusal> {
        let (views, next) = self.app.cases(&self.who, (*list).clone()).await?;
        self.ready.extend(views);
        self.present = (!next.is_empty()).then(|| {
            list.page_token = next;
            list
        });
        Ok(())
    }

    async fn changed(&self, change: &Change) -> Result<Option<CaseView>, Refusal> {
        let (inner, request, row) = (&self.app.inner, &self.request, &change.row);
        let wanted = if request.case.is_empty() { matches(&request.filter, row) } else { row.id == request.case };
        if !wanted {
            return Ok(None);
        }
        let working = change.working(&inner.library)?;
        let facts = RowFacts::of(&working.case, &inner.library);
        if permit(&self.who, Verb::WatchCases, Some(&facts)).is_err() {
            return Ok(None);
        }
        let view = inner.present(&self.who, &working.case, inner.standing(working), request.detail).await?;
        inner.record_cases(&self.who, std::slice::from_ref(&view)).await?;
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
