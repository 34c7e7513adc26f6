//! Cases: the newest state of each, and the lists of them.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::{case, case_office};
use crate::paging::{Page, Place};
use crate::{Store, StoreError};

/// How far a case has come; what a list of open cases is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CaseState {
    /// Received, not yet accepted (受理).
    Intake,
    /// Accepted, and running.
    Open,
    /// Ended, with an outcome.
    Closed,
}

impl CaseState {
    /// The text in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            CaseState::Intake => "intake",
            CaseState::Open => "open",
            CaseState::Closed => "closed",
        }
    }

    pub(crate) fn read(text: &str) -> Result<Self, StoreError> {
        match text {
            "intake" => Ok(CaseState::Intake),
            "open" => Ok(CaseState::Open),
            "closed" => Ok(CaseState::Closed),
            _ => Err(StoreError::Corrupt("cases.state".into())),
        }
    }
}

/// One case (办件) as it stands after entry `seq` of its journal.
///
/// `organisation`, `outlet`, `division`, `received_at_us` and `parent` are facts of the receipt: they are
/// written when the case is new and a later change of the row leaves them as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The case's id.
    pub id: String,
    /// Name of the workflow package that the case is pinned to.
    pub workflow: String,
    /// Version of that package.
    pub version: String,
    /// Digest of that package.
    pub digest: String,
    /// The registering division, six digits (GB/T 2260).
    pub division: String,
    /// Who submitted it.
    pub organisation: String,
    /// Through which outlet, if any.
    pub outlet: Option<String>,
    /// Whom or what the case is about, as the application names it; never personal data.
    pub subject: String,
    /// How far it has come.
    pub state: CaseState,
    /// The case's outcome, once closed.
    pub outcome: Option<String>,
    /// Number of the last journal entry; 1 is the first.
    pub seq: i64,
    /// Hash of the last journal entry.
    pub head: String,
    /// When it was received.
    pub received_at_us: i64,
    /// When it was accepted (受理).
    pub accepted_at_us: Option<i64>,
    /// When the promise runs out, as far as it is known.
    pub promise_due_us: Option<i64>,
    /// When it ended.
    pub closed_at_us: Option<i64>,
    /// The engine's state of the case, serialized by the application; empty once the case was moved to a file.
    pub snapshot: String,
    /// Whether a correction is with the applicant and unanswered.
    pub waiting: bool,
    /// Whether a step or the promise is an incident.
    pub troubled: bool,
    /// The case that started this one, if one did.
    pub parent: Option<String>,
    /// Of a case that a draw decides over: whether somebody went there; none while that is open, and of all others.
    pub visited: Option<bool>,
}

impl CaseRow {
    /// Whether journal, documents and snapshot are in a file, and not in the database.
    pub fn is_archived(&self) -> bool {
        self.snapshot.is_empty()
    }
}

/// That a task of the case was offered to the office, ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseOfficeRow {
    /// The case's id.
    pub case_id: String,
    /// The office: an agency in a division, named by the application.
    pub office: String,
}

/// The order of a list of cases. Equal keys are ordered by the case's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CaseSort {
    /// The oldest receipt first.
    #[default]
    ReceivedAsc,
    /// The newest receipt first.
    ReceivedDesc,
    /// The promise that runs out first; cases without a due time last.
    PromiseDue,
}

/// Which cases to list. A filter that is `None` lets every case through; filters are joined by *and*.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseQuery {
    /// Submitted by this organisation.
    pub organisation: Option<String>,
    /// Submitted through this outlet.
    pub outlet: Option<String>,
    /// Of this registering division.
    pub division: Option<String>,
    /// Of this workflow package.
    pub workflow: Option<String>,
    /// Ended with this outcome.
    pub outcome: Option<String>,
    /// In this state.
    pub state: Option<CaseState>,
    /// Not closed (intake or open).
    pub open_only: bool,
    /// With an unanswered correction, or without one.
    pub waiting: Option<bool>,
    /// With an incident, or without one.
    pub troubled: Option<bool>,
    /// Received at this instant or later.
    pub received_from_us: Option<i64>,
    /// Received before this instant.
    pub received_to_us: Option<i64>,
    /// With a task ever offered to one of these offices; of an empty list there is no case.
    pub offices: Option<Vec<String>>,
    /// The order.
    pub sort: CaseSort,
    /// How many rows a page has at most; 0 counts as 1.
    pub page_size: u32,
    /// Where to go on: the `next` of the page before, for a query with the same filters and order.
    pub page_token: Option<String>,
}

/// What `cases` is sorted by for [`CaseSort::PromiseDue`], as the index has it.
const PROMISE_OR_LAST: &str = "COALESCE(promise_due_us, 9223372036854775807)";

impl Store {
    /// A case.
    pub async fn case(&self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        let row = case::Entity::find_by_id(id).one(self.reader()).await?;
        row.map(CaseRow::try_from).transpose()
    }

    /// Those of these cases that there are, in no order.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn cases_named(&self, ids: &[String]) -> Result<Vec<CaseRow>, StoreError> {
        let list = self.dialect().list(ids.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT cases.* FROM json_each($1) AS w CROSS JOIN cases ON cases.id = w.value",
            "SELECT * FROM cases WHERE id = ANY ($1)",
            vec![list],
        );
        let rows = case::Model::find_by_statement(statement).all(self.reader()).await?;
        rows.into_iter().map(CaseRow::try_from).collect()
    }

    /// A page of a list of cases.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this query.
    pub async fn cases(&self, query: &CaseQuery) -> Result<Page<CaseRow>, StoreError> {
        let page_size = u64::from(Ord::max(query.page_size, 1));
        let mut select = case::Entity::find().filter(filters(query));
        let key = match query.sort {
            CaseSort::ReceivedAsc | CaseSort::ReceivedDesc => Expr::col(case::Column::ReceivedAtUs),
            CaseSort::PromiseDue => Expr::cust(PROMISE_OR_LAST),
        };
        let order = match query.sort {
            CaseSort::ReceivedAsc | CaseSort::PromiseDue => Order::Asc,
            CaseSort::ReceivedDesc => Order::Desc,
        };
        if let Some(token) = &query.page_token {
            let place = Place::read(token, &identity(query))?;
            let row = Expr::tuple([key.clone(), Expr::col(case::Column::Id)]);
            let last = Expr::tuple([Expr::value(place.key), Expr::value(place.id)]);
            // SQLite finds its way into an index on an expression only by the expression alone.
            select = match order {
                Order::Asc => select.filter(row.gt(last)).filter(key.clone().gte(place.key)),
                _ => select.filter(row.lt(last)).filter(key.clone().lte(place.key)),
            };
        }
        let models = select
            .order_by(key, order.clone())
            .order_by(case::Column::Id, order)
            .limit(page_size + 1)
            .all(self.reader())
            .await?;
        let more = models.len() as u64 > page_size;
        let rows: Vec<CaseRow> =
            models.into_iter().take(page_size as usize).map(CaseRow::try_from).collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| more).map(|row| {
            let key = match query.sort {
                CaseSort::ReceivedAsc | CaseSort::ReceivedDesc => row.received_at_us,
                CaseSort::PromiseDue => row.promise_due_us.unwrap_or(i64::MAX),
            };
            Place { key, id: row.id.clone() }.token(&identity(query))
        });
        Ok(Page { rows, next })
    }

    /// Cases in the order of their ids, after this one (an empty text for the first), at most `limit`: a walk
    /// through the whole database.
    pub async fn cases_after(&self, id: &str, limit: u64) -> Result<Vec<CaseRow>, StoreError> {
        let rows = case::Entity::find()
            .filter(case::Column::Id.gt(id))
            .order_by_asc(case::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(CaseRow::try_from).collect()
    }

    /// Cases of this workflow and division about the same subject that are not closed, the oldest first, at
    /// most `limit`.
    pub async fn open_cases_of_subject(
        &self,
        workflow: &str,
        division: &str,
        subject: &str,
        limit: u64,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let rows = case::Entity::find()
            .filter(case::Column::Division.eq(division))
            .filter(case::Column::Subject.eq(subject))
            .filter(case::Column::Workflow.eq(workflow))
            // As the index has it.
            .filter(Expr::cust("state <> 'closed'"))
            // SQLite would otherwise rather walk through the division's cases in this order than sort the few.
            .order_by(Expr::cust("+received_at_us"), Order::Asc)
            .order_by_asc(case::Column::Id)
            .limit(limit)
            .all(self.reader())
            .await?;
        rows.into_iter().map(CaseRow::try_from).collect()
    }
}

/// What tells the list of a query from the lists of all others, for its page tokens.
fn identity(query: &CaseQuery) -> Vec<u8> {
    let sort = match query.sort {
        CaseSort::ReceivedAsc => "received",
        CaseSort::ReceivedDesc => "received desc",
        CaseSort::PromiseDue => "promise",
    };
    let numbers = [query.received_from_us, query.received_to_us];
    let flags = (query.open_only, query.waiting, query.troubled, query.state);
    let texts = [&query.organisation, &query.outlet, &query.division, &query.workflow, &query.outcome];
    format!("cases {sort} {numbers:?} {flags:?} {texts:?} {:?}", query.offices).into_bytes()
}

fn filters(query: &CaseQuery) -> Condition {
    let equal = |column: case::Column, value: &Option<String>| value.as_ref().map(|text| column.eq(text));
    Condition::all()
        .add_option(equal(case::Column::Organisation, &query.organisation))
        .add_option(equal(case::Column::Outlet, &query.outlet))
        .add_option(equal(case::Column::Division, &query.division))
        .add_option(equal(case::Column::Workflow, &query.workflow))
        .add_option(equal(case::Column::Outcome, &query.outcome))
        // As the index has it.
        .add_option(query.open_only.then(|| Expr::cust("state <> 'closed'")))
        .add_option(query.state.map(|state| case::Column::State.eq(state.as_str())))
        .add_option(query.received_from_us.map(|from| case::Column::ReceivedAtUs.gte(from)))
        .add_option(query.received_to_us.map(|to| case::Column::ReceivedAtUs.lt(to)))
        .add_option(query.waiting.map(|waiting| Expr::cust(if waiting { "waiting = 1" } else { "waiting = 0" })))
        .add_option(query.troubled.map(|troubled| Expr::cust(if troubled { "troubled = 1" } else { "troubled = 0" })))
        .add_option(query.offices.as_ref().map(|offices| {
            let seen = Query::select()
                .expr(Expr::value(1))
                .from(case_office::Entity)
                .and_where(case_office::Column::Office.is_in(offices.iter()))
                .and_where(
                    Expr::col((case_office::Entity, case_office::Column::CaseId))
                        .equals((case::Entity, case::Column::Id)),
                )
                .to_owned();
            Expr::exists(seen)
        }))
}
