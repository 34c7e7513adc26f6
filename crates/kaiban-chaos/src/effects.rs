//! What follows from commits outside the cases: letters and messages. A server that was killed leaves them to others, so
//! they may take a while; none is forgotten, and none fails for good because the storage did for a moment.

use std::time::{Duration, Instant};

use anyhow::Result;
use kaiban_store::{Options, OutboxRow, Store};

use crate::book::Book;

/// A dead server's claim lasts a minute, and pauses after failures grow.
const MAX: Duration = Duration::from_secs(200);

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);

/// Waits, while servers run, until everything that followed from these cases is carried out; notes what is not.
pub(crate) async fn settle(url: &str, cases: &[String], book: &Book) -> Result<()> {
    let options = Options { migrate: false, writers: 1, readers: 1, ..Options::default() };
    let store = Store::open(url, options).await?;
    let begun = Instant::now();
    loop {
        let mut left: Vec<OutboxRow> = Vec::new();
        for case in cases {
            left.extend(store.outbox_of(case).await?);
        }
        let (failed, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(|row| row.failed_code.is_some());
        if waiting.is_empty() || begun.elapsed() > MAX {
            for row in failed {
                let code = row.failed_code.unwrap_or_default();
                book.violation(format!("the effect {} failed for good: {code}", row.id));
            }
            for row in waiting {
                book.violation(format!("the effect {} was not carried out, after {} attempts", row.id, row.attempts));
            }
            break;
        }
        tokio::time::sleep(EVERY).await;
    }
    store.close().await?;
    Ok(())
}
