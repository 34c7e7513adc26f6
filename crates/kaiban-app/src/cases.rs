//! What terminals and the bureau do with cases.

use kaiban_calendar::local_date;
use kaiban_engine::{Case, Documents, Rejection};
use kaiban_findings::Severity;
use kaiban_store::{CaseQuery, CaseRow, CaseSort, EntryRow};
use serde::Serialize;
use serde_json::{Value, json};

use crate::access::{Reach, RowFacts, Verb, permit, reaches};
use crate::app::{App, Inner};
use crate::documents::Brought;
use crate::execute::{CaseVerb, Done, Op, RequestKey, SubmitOp, Who, Working, case_at, rebuild};
use crate::present::{Standing, findings};
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::request::{Detail, EndCase, ListCases, Order, Resubmit, Submit};
use crate::view::{CaseView, Submitted};

impl App {
    /// Submits a form. The same request again gets the original reply, with `created` false.
    ///
    /// # Errors
    /// `FORM_INVALID` with every finding; see the refusal's reason.
    pub async fn submit(&self, who: &Principal, request: Submit) -> Result<Submitted, Refusal> {
        let inner = &self.inner;
        who.may(Verb::SubmitCase)?;
        // Another outlet's submission is another one, even word for word: its reply would show a case out of sight.
        let form = Brought::new("form", request.form);
        let content = format!("[{},{},{}]", json!(who.outlet), json!(request.workflow), form.bytes);
        let key = inner.request_as_text(who, "submit", &request.request_id, &content)?;
        inner.check_bytes(form.bytes.len())?;
        let now_us = inner.business_now_us();
        let mut found = match inner.library.current(&request.workflow, now_us) {
            None => Vec::new(),
            Some(def) => def.check_form(&form.filed.content, local_date(now_us)),
        };
        let missing = inner.check_references(who, None, &form.filed.content).await?;
        if !missing.is_empty() {
            found.extend(missing);
            return Err(Rejection::FormInvalid(found).into());
        }
        let doubts: Vec<_> = found.into_iter().filter(|finding| finding.severity == Severity::Doubt).collect();
        let doubts_filed = (!doubts.is_empty()).then(|| Brought::new("doubts", json(&doubts)));
        let op = SubmitOp { workflow: request.workflow, form, doubts, doubts_filed, started: None };
        let done = inner.execute(who, Some(key), Op::Submit(Box::new(op))).await?;
        let Done::Case { id, seq, created, left } = done else { return Err(Refusal::not_found()) };
        let (case, row) = match left {
            Some(left) => *left,
            None => case_at(inner, &id, seq).await?,
        };
        let doubts = match &case.doubts {
            None => Vec::new(),
            Some(digest) => findings(&inner.read_documents(&case, &[digest]).await?, digest),
        };
        let receipt = row.hash.clone();
        // What the system asks for at once, such as another name, is told with the receipt.
        let detail = if case.corrections.is_empty() { Detail::Basic } else { Detail::Steps };
        let view = inner.present_entry(who, &case, &row, detail).await?;
        if !created {
            inner.record_cases(who, std::slice::from_ref(&view)).await?;
        }
        Ok(Submitted { case: view, created, receipt, doubts })
    }

    /// Answers a correction with the whole corrected form.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn resubmit(&self, who: &Principal, request: Resubmit) -> Result<CaseView, Refusal> {
        who.may(Verb::ResubmitCase)?;
        let content = json!([request.case, request.correction, request.form]);
        let key = self.inner.request(who, "resubmit", &request.request_id, &content)?;
        self.inner.check_size(&request.form)?;
        let missing = self.inner.check_references(who, Some(&request.case), &request.form).await?;
        let form = Box::new(Brought::new("form", request.form));
        let verb = CaseVerb::Resubmit { correction: request.correction, form, missing };
        self.on_case(who, key, request.case, verb).await
    }

    /// Takes an application back.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn withdraw(&self, who: &Principal, request: EndCase) -> Result<CaseView, Refusal> {
        who.may(Verb::WithdrawCase)?;
        let content = json!([request.case, request.reason]);
        let key = self.inner.request(who, "withdraw", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?;
        self.on_case(who, key, request.case, CaseVerb::Withdraw { reason }).await
    }

    /// Ends a case that cannot go on.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn cancel(&self, who: &Principal, request: EndCase) -> Result<CaseView, Refusal> {
        who.may(Verb::CancelCase)?;
        let officer = who.officer(request.officer)?;
        let content = json!([request.case, officer, request.reason]);
        let key = self.inner.request(who, "cancel", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?;
        self.on_case(who, key, request.case, CaseVerb::Cancel { officer, reason }).await
    }

    pub(crate) async fn on_case(
        &self,
        who: &Principal,
        key: RequestKey,
        case: String,
        verb: CaseVerb,
    ) -> Result<CaseView, Refusal> {
        let done = self.inner.execute(who, Some(key), Op::OnCase { case, verb }).await?;
        let Done::Case { id, seq, left, .. } = done else { return Err(Refusal::not_found()) };
        let (case, row) = match left {
            Some(left) => *left,
            None => case_at(&self.inner, &id, seq).await?,
        };
        let view = self.inner.present_entry(who, &case, &row, Detail::Steps).await?;
        self.inner.record_cases(who, std::slice::from_ref(&view)).await?;
        Ok(view)
    }

    /// One case as it stands.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not there or not the caller's to see.
    pub async fn case(&self, who: &Principal, id: &str, detail: Detail) -> Result<CaseView, Refusal> {
        who.may(Verb::ReadCase)?;
        let row = self.inner.row(id).await?;
        let working = Working::read(&self.inner.library, &row)?;
        let view = self.inner.present(who, &working.case, self.inner.standing(&working), detail).await?;
        self.inner.record_cases(who, std::slice::from_ref(&view)).await?;
        Ok(view)
    }

    /// A page of the cases that the caller may see, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// A page token or size that is not valid.
    pub async fn cases(&self, who: &Principal, request: ListCases) -> Result<(Vec<CaseView>, String), Refusal> {
        who.may(Verb::ListCases)?;
        let mut query = self.inner.query(who, &request)?;
        let own = |row: &CaseRow| who.divisions.is_empty() || who.divisions.contains(&row.division);
        let page = loop {
            let mut page = self.inner.store.cases(&query).await?;
            self.inner.know_packages(&page.rows).await?;
            page.rows.retain(own);
            if !page.rows.is_empty() || page.next.is_none() {
                break page;
            }
            query.page_token = page.next;
        };
        let mut views = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            let row = self.inner.filled(row).await?;
            views.push(self.inner.present_row(who, &row, request.detail).await?);
        }
        self.inner.record_cases(who, &views).await?;
        Ok((views, page.next.unwrap_or_default()))
    }
}

/// A point in a case's journal, and when it is looked at.
pub(crate) struct Place<'a> {
    seq: i64,
    head: &'a str,
    subject: &'a str,
    now_us: i64,
}

impl Inner {
    pub async fn execute(&self, who: &Principal, key: Option<RequestKey>, op: Op) -> Result<Done, Refusal> {
        match self.queue()?.execute(Who::Caller(who.clone()), key, op).await? {
            // The original reply, rebuilt from stored facts; it only reads, so the writer need not wait for it.
            Done::Kept(kept) => rebuild(self, who, kept).await,
            done => Ok(done),
        }
    }

    /// Identity of a request: unique within (organisation, method), compared by its content.
    pub fn request(
        &self,
        who: &Principal,
        method: &str,
        request_id: &str,
        content: &Value,
    ) -> Result<RequestKey, Refusal> {
        self.request_as_text(who, method, request_id, &content.to_string())
    }

    /// The same, where the content is JSON already.
    pub fn request_as_text(
        &self,
        who: &Principal,
        method: &str,
        request_id: &str,
        content: &str,
    ) -> Result<RequestKey, Refusal> {
        let max = self.settings.limits.request_id_max;
        let fits =
            !request_id.is_empty() && request_id.len() <= max && request_id.bytes().all(|b| b.is_ascii_graphic());
        if !fits {
            return Err(Refusal::argument(
                "REQUEST_ID_INVALID",
                format!("request_id 须为1至{max}个可见 ASCII 字符。"),
                format!("request_id must be 1 to {max} visible ASCII characters."),
            ));
        }
        // INVARIANT: no part contains the separator, so different requests have different keys.
        let key = format!("{}\u{1f}{method}\u{1f}{request_id}", who.organisation);
        Ok(RequestKey { key, content: crate::documents::digest("", content) })
    }

    /// Refuses a value of a case that refers to documents which are not there.
    pub async fn check_case_files(&self, who: &Principal, case: &str, value: &Value) -> Result<(), Refusal> {
        let missing = self.check_references(who, Some(case), value).await?;
        if missing.is_empty() { Ok(()) } else { Err(Rejection::FormInvalid(missing).into()) }
    }

    pub fn check_size(&self, document: &Value) -> Result<(), Refusal> {
        self.check_bytes(document.to_string().len())
    }

    /// Whether a document of so many bytes is taken.
    pub fn check_bytes(&self, bytes: usize) -> Result<(), Refusal> {
        let max = self.settings.limits.document_bytes_max;
        if bytes <= max {
            return Ok(());
        }
        Err(Refusal::argument(
            "DOCUMENT_TOO_LARGE",
            format!("数据超过{max}字节，请精简后重试。"),
            format!("The document is larger than {max} bytes."),
        ))
    }

    /// A reason as a document of its own: it is for the applicant, and not for the journal.
    pub fn reason(&self, reason: &str) -> Result<Option<Brought>, Refusal> {
        let max = self.settings.limits.reason_max;
        if reason.chars().count() > max {
            return Err(Refusal::argument(
                "TEXT_INVALID",
                format!("理由最长{max}字。"),
                format!("A reason has at most {max} characters."),
            ));
        }
        let filled = !reason.trim().is_empty();
        Ok(filled.then(|| Brought::new("reason", json!(reason))))
    }

    pub async fn present_row(&self, who: &Principal, row: &CaseRow, detail: Detail) -> Result<CaseView, Refusal> {
        let working = Working::read(&self.library, row)?;
        self.present(who, &working.case, self.standing(&working), detail).await
    }

    /// A case as one entry of its journal left it: what the caller whose request that was got to see.
    async fn present_entry(
        &self,
        who: &Principal,
        case: &Case,
        row: &EntryRow,
        detail: Detail,
    ) -> Result<CaseView, Refusal> {
        let def = self.library.pinned(&case.digest).ok_or_else(Refusal::not_found)?;
        let digest = case.form().unwrap_or_default();
        let form = self.read_documents(case, &[digest]).await?;
        let subject = form.get(digest).map(|form| def.subject_of(form)).unwrap_or_default();
        let place = Place { seq: row.seq, head: &row.hash, subject: &subject, now_us: row.at_us };
        self.present(who, case, place, detail).await
    }

    pub fn standing<'w>(&self, working: &'w Working) -> Place<'w> {
        let Working { seq, head, subject, .. } = working;
        Place { seq: *seq, head, subject, now_us: self.business_now_us() }
    }

    pub async fn present(
        &self,
        who: &Principal,
        case: &Case,
        place: Place<'_>,
        detail: Detail,
    ) -> Result<CaseView, Refusal> {
        let sight = permit(who, Verb::ReadCase, Some(&RowFacts::of(case, &self.library)))?;
        let def = self.library.pinned(&case.digest).ok_or_else(Refusal::not_found)?;
        let Place { seq, head, subject, now_us } = place;
        let standing = Standing { case, def: &def, seq, head, subject, now_us: now_us.max(case.last_at_us) };
        let digests = standing.documents(detail);
        let documents = if digests.is_empty() { Documents::new() } else { self.read_documents(case, &digests).await? };
        let mut view = standing.view(who, sight, detail, &self.library.calendars(), &documents);
        view.erased = self.erased(case, &digests, &documents).await?;
        Ok(view)
    }

    fn query(&self, who: &Principal, request: &ListCases) -> Result<CaseQuery, Refusal> {
        let limits = &self.settings.limits;
        let page_size = if request.page_size == 0 { limits.page_default } else { request.page_size };
        if page_size > limits.page_max {
            return Err(Refusal::argument(
                "PAGE_SIZE_INVALID",
                format!("每页最多{}条。", limits.page_max),
                format!("A page has at most {} cases.", limits.page_max),
            ));
        }
        let filter = request.filter.clone();
        let reach = |reach: Reach| reaches(Verb::ListCases, who.role).is_some_and(|reaches| reaches.contains(&reach));
        let outlet = who.outlet.clone().filter(|_| reach(Reach::OwnOutlet));
        if filter.outlet.is_some() && outlet.is_some() && filter.outlet != outlet {
            return Err(Refusal::not_found());
        }
        let submitter = reach(Reach::OwnOutlet) || reach(Reach::OwnBank);
        let offices = reach(Reach::OwnOffice).then(|| who.offices.clone());
        let division = match who.divisions.as_slice() {
            [] => filter.division,
            own if filter.division.as_ref().is_some_and(|division| !own.contains(division)) => {
                return Err(Refusal::not_found());
            }
            [only] => Some(only.clone()),
            // Several: the others are left out where the page is read.
            _ => filter.division,
        };
        Ok(CaseQuery {
            organisation: submitter.then(|| who.organisation.clone()),
            outlet: outlet.or(filter.outlet),
            division,
            workflow: filter.workflow,
            state: filter.state,
            open_only: request.order == Order::PromiseDue,
            waiting: filter.waiting.then_some(true),
            troubled: None,
            outcome: filter.outcome,
            received_from_us: filter.received_from_us,
            received_to_us: filter.received_before_us,
            offices,
            sort: match request.order {
                Order::ReceivedDesc => CaseSort::ReceivedDesc,
                Order::ReceivedAsc => CaseSort::ReceivedAsc,
                Order::PromiseDue => CaseSort::PromiseDue,
            },
            page_size,
            page_token: Some(request.page_token.clone()).filter(|token| !token.is_empty()),
        })
    }
}

pub(crate) fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
