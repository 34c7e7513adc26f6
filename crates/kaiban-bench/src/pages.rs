//! Lists, as managers and banks read them: how long a page of cases takes on this database.

use std::time::{Duration, Instant};

use kaiban_api::v1::{CaseFilter, CaseOrder, CaseState, ListCasesRequest};
use kaiban_client::Client;

use crate::failure::BenchError;

/// Lists that are walked through, pages of each, and how often.
const PAGES: usize = 5;
const ROUNDS: usize = 20;

/// Filters and orders: a division's closed cases, a bank's of one outcome, what is open by promise, everything.
fn lists() -> [ListCasesRequest; 4] {
    let list = |filter, order: CaseOrder| ListCasesRequest {
        filter: Some(filter),
        order: order.into(),
        page_size: 50,
        ..ListCasesRequest::default()
    };
    let division =
        CaseFilter { division: "350102".to_owned(), state: CaseState::Closed.into(), ..CaseFilter::default() };
    let outcome = CaseFilter { workflow: "six-step".to_owned(), outcome: "opened".to_owned(), ..CaseFilter::default() };
    let open = CaseFilter { state: CaseState::Open.into(), ..CaseFilter::default() };
    [
        list(division, CaseOrder::ReceivedDesc),
        list(outcome, CaseOrder::ReceivedAsc),
        list(open, CaseOrder::PromiseDue),
        list(CaseFilter::default(), CaseOrder::ReceivedDesc),
    ]
}

/// How long each page took; the connection and the lists' first pages are warm.
pub(crate) async fn read(manager: &Client) -> Result<Vec<Duration>, BenchError> {
    let mut lengths = Vec::new();
    for round in 0..=ROUNDS {
        for mut request in lists() {
            for _ in 0..PAGES {
                let begun = Instant::now();
                let page = manager.call(request.clone()).await.map_err(BenchError::made("ListCases"))?;
                if round > 0 {
                    lengths.push(begun.elapsed());
                }
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
        }
    }
    lengths.sort_unstable();
    Ok(lengths)
}
