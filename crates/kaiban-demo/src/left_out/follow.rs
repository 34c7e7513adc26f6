//! What the left-out party has to do, as the bureau sees the cases. A watch says that a case has changed; what became of it is then
//! looked at, so that nobody acts on old news.

use std::collections::{BTreeSet, HashMap};

use futures::stream::{self, StreamExt, TryStreamExt};
use kaiban_api::Channel;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{Case, CaseState, CaseView, GetCaseRequest, Role, StepState, WatchCasesRequest};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::failure::DemoError;
use crate::town::Town;

/// Looks under way at a time.
const AT_ONCE: usize = 64;

/// What the watch says.
enum News {
    Changed(String),
    /// Something may have been missed.
    Missed,
}

/// Follows the cases for a left-out party.
pub(crate) struct Follow {
    bureau: CaseServiceClient<Channel>,
    offices: BTreeSet<String>,
    /// How many open tasks of the party each case has.
    waiting: HashMap<String, usize>,
    /// Cases that have not ended.
    open: BTreeSet<String>,
    news: mpsc::UnboundedReceiver<News>,
    watching: JoinHandle<()>,
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Follow {
    /// Begins to follow.
    pub async fn new(town: &Town, offices: &[String]) -> Result<Self, DemoError> {
        let bureau = CaseServiceClient::new(town.bureau(Role::Manager).await?);
        let (sender, news) = mpsc::unbounded_channel();
        let watching = tokio::spawn(watch(bureau.clone(), sender));
        let offices = offices.iter().cloned().collect();
        Ok(Self { bureau, offices, waiting: HashMap::new(), open: BTreeSet::new(), news, watching })
    }

    /// A case was submitted.
    pub fn submitted(&mut self, case: &str) {
        self.open.insert(case.to_owned());
    }

    /// Cases that have not ended.
    pub fn open(&self) -> &BTreeSet<String> {
        &self.open
    }

    /// Open tasks of the left-out party.
    pub fn waiting(&self) -> usize {
        self.waiting.values().sum()
    }

    /// Waits until some case changes.
    pub async fn changed(&mut self) -> BTreeSet<String> {
        let first = self.news.recv().await;
        let mut cases = self.told();
        if let Some(first) = first {
            self.note(first, &mut cases);
        }
        cases
    }

    /// Cases that changed and were not asked for yet.
    pub fn told(&mut self) -> BTreeSet<String> {
        let mut cases = BTreeSet::new();
        while let Ok(news) = self.news.try_recv() {
            self.note(news, &mut cases);
        }
        cases
    }

    fn note(&self, news: News, cases: &mut BTreeSet<String>) {
        match news {
            News::Changed(case) => drop(cases.insert(case)),
            News::Missed => cases.extend(self.open.iter().cloned()),
        }
    }

    /// Looks at cases as they stand (view STEPS).
    pub async fn look(&mut self, cases: BTreeSet<String>) -> Result<Vec<Case>, DemoError> {
        let looks = cases.into_iter().filter(|case| self.open.contains(case)).map(|id| {
            let mut bureau = self.bureau.clone();
            let request = GetCaseRequest { id, view: CaseView::Steps.into() };
            async move { bureau.get_case(request).await.map_err(DemoError::call("GetCase")) }
        });
        let found: Vec<_> = stream::iter(looks.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        let cases: Vec<Case> = found.into_iter().filter_map(|found| found.into_inner().case).collect();
        for case in &cases {
            let waits = |state| matches!(state, StepState::Offered | StepState::Claimed | StepState::Retrying);
            let of_party = case.steps.iter().filter(|step| self.offices.contains(&step.office));
            let waiting = of_party.filter(|step| waits(step.state())).count();
            match case.state() {
                CaseState::Closed => {
                    self.open.remove(&case.id);
                    self.waiting.remove(&case.id);
                }
                _ => drop(self.waiting.insert(case.id.clone(), waiting)),
            }
        }
        Ok(cases)
    }

    /// Steps of the party that need a person, with their offices.
    pub fn stuck<'c>(&'c self, case: &'c Case) -> impl Iterator<Item = (&'c str, &'c str)> {
        let of_party = case.steps.iter().filter(|step| self.offices.contains(&step.office));
        let stuck = of_party.filter(|step| step.state() == StepState::Incident);
        stuck.map(|step| (step.step.as_str(), step.office.as_str()))
    }
}

/// Says which cases change, until nobody listens. A watch that is cut off begins again.
async fn watch(mut bureau: CaseServiceClient<Channel>, news: mpsc::UnboundedSender<News>) {
    let request =
        WatchCasesRequest { changes_only: true, view: CaseView::Basic.into(), ..WatchCasesRequest::default() };
    while let Ok(changes) = bureau.watch_cases(request.clone()).await {
        let mut changes = changes.into_inner();
        if news.send(News::Missed).is_err() {
            return;
        }
        while let Ok(Some(change)) = changes.message().await {
            if let Some(case) = change.case
                && news.send(News::Changed(case.id)).is_err()
            {
                return;
            }
        }
    }
}
