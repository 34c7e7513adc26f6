//! What must be true once the faults are over and everybody has gone home.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{
    Case, CaseOrder, CaseState, CaseView, CompleteTasksRequest, ListCasesRequest, SubmitCaseResponse, task_reply,
};

use crate::book::{Book, Completed, Said, Submitted};
use crate::journal::{Journal, task_of};
use crate::line::Line;

/// Completions that are repeated in one call.
const AT_ONCE: usize = 100;

/// What auditors, managers and all clients can see of one server.
pub(crate) struct Door {
    pub endpoints: Arc<[String]>,
    pub manager: String,
    pub auditor: String,
    /// By their number.
    pub terminals: Vec<String>,
    /// By their id.
    pub offices: HashMap<String, String>,
    pub book: Arc<Book>,
}

impl Door {
    fn line(&self, name: &str, token: &str) -> Line {
        Line::new(name, Arc::clone(&self.endpoints), token.to_owned(), 0, Arc::clone(&self.book))
    }

    /// Compares what was acknowledged with what is there. Everything that is wrong goes into the book.
    pub async fn check(&self, said: &Said) -> Result<()> {
        let cases = self.cases().await?;
        self.check_cases(said, &cases);
        let journals = self.journals(&cases).await;
        check_submissions(&self.book, said, &journals);
        check_completions(&self.book, said, &journals);
        self.repeat_submissions(said).await;
        self.repeat_completions(said).await;
        Ok(())
    }

    /// Every case that there is.
    pub async fn cases(&self) -> Result<Vec<Case>> {
        let mut line = self.line("manager", &self.manager);
        let mut cases = Vec::new();
        let mut request = ListCasesRequest {
            order: CaseOrder::ReceivedAsc.into(),
            page_size: 100,
            view: CaseView::Steps.into(),
            ..ListCasesRequest::default()
        };
        loop {
            let call = line.call("ListCases", Duration::from_secs(20), request.clone(), async |channel, request| {
                CaseServiceClient::new(channel).list_cases(request).await
            });
            let page = call.await.map_err(|no| anyhow::anyhow!("the cases cannot be listed: {no}"))?;
            cases.extend(page.cases);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                return Ok(cases);
            }
        }
    }

    fn check_cases(&self, said: &Said, cases: &[Case]) {
        let acknowledged: BTreeMap<&str, &Submitted> = said.submitted.iter().map(|one| (one.case(), one)).collect();
        let there: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        if acknowledged.len() != said.submitted.len() {
            self.book.violation("two submissions were answered with one case".to_owned());
        }
        if there.len() != cases.len() {
            self.book.violation("a case is listed twice".to_owned());
        }
        for (case, submitted) in &acknowledged {
            if !there.contains(case) {
                let request = &submitted.request.request_id;
                self.book.violation(format!("the acknowledged case {case} ({request}) is not there"));
            }
        }
        for case in cases {
            if case.parent.is_empty() && !acknowledged.contains_key(case.id.as_str()) {
                self.book.violation(format!("{} was acknowledged to nobody, or submitted twice", case.id));
            }
            if case.state() != CaseState::Closed {
                self.book.violation(format!("{} has not ended: {}", case.id, standing(case)));
            }
        }
    }

    async fn journals(&self, cases: &[Case]) -> HashMap<String, Journal> {
        let mut line = self.line("auditor", &self.auditor);
        let mut journals = HashMap::new();
        for case in cases {
            match Journal::read(&mut line, &case.id).await {
                Ok((journal, wrong)) => {
                    wrong.into_iter().for_each(|wrong| self.book.violation(wrong));
                    if journal.0.last().map(|entry| &entry.hash) != Some(&case.head) {
                        self.book.violation(format!("{}: the journal does not end with the case's head", case.id));
                    }
                    journals.insert(case.id.clone(), journal);
                }
                Err(no) => self.book.violation(format!("{}: the journal cannot be read: {no}", case.id)),
            }
        }
        journals
    }

    /// The same request id gets the original reply.
    async fn repeat_submissions(&self, said: &Said) {
        let mut lines: HashMap<usize, Line> = HashMap::new();
        for one in &said.submitted {
            let token = &self.terminals[one.terminal];
            let line = lines.entry(one.terminal).or_insert_with(|| self.line("again", token));
            let call = line.call("SubmitCase", Duration::ZERO, one.request.clone(), async |channel, request| {
                CaseServiceClient::new(channel).submit_case(request).await
            });
            match call.await {
                Ok(again) if again == (SubmitCaseResponse { created: false, ..one.reply.clone() }) => {}
                Ok(again) => {
                    let other = again.case.map(|case| case.id).unwrap_or_default();
                    self.book.violation(format!("{}: submitted again, the reply is another one ({other})", one.case()));
                }
                Err(no) => self.book.violation(format!("{}: submitted again, it was refused: {no}", one.case())),
            }
        }
    }

    async fn repeat_completions(&self, said: &Said) {
        let mut offices: BTreeMap<&str, Vec<&Completed>> = BTreeMap::new();
        for one in &said.completed {
            offices.entry(&one.office).or_default().push(one);
        }
        for (office, all) in offices {
            let mut line = self.line(office, self.offices.get(office).map_or("", String::as_str));
            for some in all.chunks(AT_ONCE) {
                let completions = some.iter().map(|one| one.item.clone()).collect();
                let request = CompleteTasksRequest { completions };
                let call = line.call("CompleteTasks", Duration::from_secs(20), request, async |channel, request| {
                    TaskServiceClient::new(channel).complete_tasks(request).await
                });
                let replies = match call.await {
                    Ok(answer) => answer.replies,
                    Err(no) => return self.book.violation(format!("{office}: completed again, refused: {no}")),
                };
                for (one, reply) in some.iter().zip(replies) {
                    if reply.answer != Some(task_reply::Answer::Receipt(one.receipt.clone())) {
                        let id = &one.item.request_id;
                        self.book
                            .violation(format!("{id}: completed again, the reply is another one: {:?}", reply.answer));
                    }
                }
            }
        }
    }
}

/// Every acknowledged submission is the first entry of its case's journal, and no other.
fn check_submissions(book: &Book, said: &Said, journals: &HashMap<String, Journal>) {
    for one in &said.submitted {
        let Some(journal) = journals.get(one.case()) else { continue };
        let places: Vec<i64> = journal.with_hash(&one.reply.receipt).map(|entry| entry.seq).collect();
        if places != [1] {
            let case = one.case();
            book.violation(format!("{case}: the receipt {} stands at {places:?}, not at 1", one.reply.receipt));
        }
        let received = journal.0.iter().flat_map(|entry| entry.events()).filter(|event| event["event"] == "received");
        if received.count() != 1 {
            book.violation(format!("{}: it was not received exactly once", one.case()));
        }
    }
}

/// Every acknowledged completion is in the journal once, as it was acknowledged; nothing else is, and nothing refused.
fn check_completions(book: &Book, said: &Said, journals: &HashMap<String, Journal>) {
    let mut acknowledged: BTreeSet<(&str, &str, i64)> = BTreeSet::new();
    for one in &said.completed {
        let (case, step) = task_of(&one.item);
        let (epoch, outcome) = (one.item.epoch, one.item.outcome.as_str());
        if !acknowledged.insert((case, step, epoch)) {
            book.violation(format!("{case} {step} epoch {epoch}: two acknowledgements"));
        }
        let Some(journal) = journals.get(case) else {
            book.violation(format!("{case} {step} epoch {epoch}: acknowledged, and there is no such case"));
            continue;
        };
        let recorded: Vec<_> = journal.with_hash(&one.receipt.head).collect();
        match recorded.as_slice() {
            [entry] if entry.seq == one.receipt.revision => match entry.decision() {
                Some((s, e, o)) if s == step && e == epoch && o.is_none_or(|o| o == outcome) => {}
                other => book.violation(format!(
                    "{case} {step} epoch {epoch} {outcome}: entry {} records {other:?} instead",
                    entry.seq
                )),
            },
            entries => {
                let seqs: Vec<i64> = entries.iter().map(|entry| entry.seq).collect();
                let revision = one.receipt.revision;
                book.violation(format!(
                    "{case} {step} epoch {epoch} {outcome}: acknowledged as entry {revision} ({}), found at {seqs:?}",
                    one.receipt.head
                ));
            }
        }
    }
    let refused: BTreeMap<(&str, &str, i64), &str> = said
        .refused
        .iter()
        .map(|one| {
            let (case, step) = task_of(&one.item);
            ((case, step, one.item.epoch), one.reason.as_str())
        })
        .collect();
    for (case, journal) in journals {
        for ((step, epoch), places) in journal.decisions() {
            let key = (case.as_str(), step.as_str(), epoch);
            if places.len() != 1 {
                book.violation(format!("{case} {step} epoch {epoch}: completed more than once, at {places:?}"));
            }
            if !acknowledged.contains(&key) {
                let reason = refused.get(&key).copied().unwrap_or("never answered");
                book.violation(format!(
                    "{case} {step} epoch {epoch}: done at {places:?}, acknowledged to nobody ({reason})"
                ));
            }
        }
    }
}

/// Where a case stands, for a person who looks for the reason.
pub(crate) fn standing(case: &Case) -> String {
    let open = case.steps.iter().filter(|step| step.ended_at.is_none() && step.offered_at.is_some());
    let open: Vec<String> =
        open.map(|step| format!("{} {} ({})", step.step, step.state().as_str_name(), step.office)).collect();
    let corrections = case.corrections.iter().filter(|one| one.answered_at.is_none()).map(|one| one.id.as_str());
    let corrections: Vec<&str> = corrections.collect();
    format!("{}; open steps {open:?}; open corrections {corrections:?}", case.state().as_str_name())
}
