//! Steps that ended later than promised: what offices owe a reason for, and how many were late (优化营商环境条例 §36).
//! Rows stay when the reason was given.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entities::delay;
use crate::paging::{Page, PageRequest, Place};
use crate::{Store, StoreError};

/// A step that ended later than promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelayRow {
    /// `<case>/<step>`.
    pub id: String,
    /// Case number.
    pub case_id: String,
    /// The step or branch.
    pub step: String,
    /// The office that owes the reason.
    pub office: String,
    /// Registering division of the case.
    pub division: String,
    /// Since when it is owed.
    pub since_us: i64,
    /// Working time that the step had taken by then.
    pub working_us: i64,
    /// Working time that was promised.
    pub budget_us: i64,
    /// When the reason was given.
    pub explained_at_us: Option<i64>,
}

/// Which delays. All that is set must hold; of an empty list of offices or divisions there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DelayQuery {
    /// Of one of these offices.
    pub offices: Option<Vec<String>>,
    /// Of cases of one of these divisions.
    pub divisions: Option<Vec<String>>,
    /// Only those whose reason was not given.
    pub owed: bool,
    /// Since this instant or later.
    pub from_us: Option<i64>,
    /// Since before this instant.
    pub before_us: Option<i64>,
}

/// How many steps were late.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelayCounts {
    /// All.
    pub late: u64,
    /// Those whose reason was not given.
    pub owed: u64,
}

impl DelayQuery {
    fn filter(&self) -> Condition {
        use delay::Column::{Division, ExplainedAtUs, Office, SinceUs};
        Condition::all()
            .add_option(self.offices.as_ref().map(|offices| Office.is_in(offices.iter())))
            .add_option(self.divisions.as_ref().map(|divisions| Division.is_in(divisions.iter())))
            .add_option(self.owed.then(|| ExplainedAtUs.is_null()))
            .add_option(self.from_us.map(|from_us| SinceUs.gte(from_us)))
            .add_option(self.before_us.map(|before_us| SinceUs.lt(before_us)))
    }

    /// What tells this list from all others, for its page tokens.
    fn identity(&self) -> String {
        format!("delays {self:?}")
    }
}

impl Store {
    /// A page of delays, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this query.
    pub async fn delays(&self, query: &DelayQuery, page: &PageRequest) -> Result<Page<DelayRow>, StoreError> {
        let identity = query.identity();
        let list = [identity.as_str()];
        let mut select = delay::Entity::find().filter(query.filter());
        if let Some(place) = page.place(&list)? {
            let row = Expr::tuple([Expr::col(delay::Column::SinceUs), Expr::col(delay::Column::Id)]);
            select = select.filter(row.gt(Expr::tuple([Expr::value(place.key), Expr::value(place.id)])));
        }
        let ordered = select.order_by_asc(delay::Column::SinceUs).order_by_asc(delay::Column::Id);
        let models = ordered.limit(page.fetched().unsigned_abs()).all(self.reader()).await?;
        let rows = models.into_iter().map(DelayRow::from).collect();
        Ok(page.cut(rows, &list, |row: &DelayRow| Place { key: row.since_us, id: row.id.clone() }))
    }

    /// How many of them there are. Counting walks through an index.
    pub async fn count_delays(&self, query: &DelayQuery) -> Result<DelayCounts, StoreError> {
        let explained = Expr::expr(Func::count(Expr::col(delay::Column::ExplainedAtUs)));
        let counted = delay::Entity::find()
            .filter(query.filter())
            .select_only()
            .expr(Expr::expr(Func::count(Expr::col(delay::Column::Id))))
            .expr(explained)
            .into_tuple::<(i64, i64)>()
            .one(self.reader())
            .await?;
        let (late, explained) = counted.unwrap_or_default();
        Ok(DelayCounts { late: late.unsigned_abs(), owed: (late - explained).unsigned_abs() })
    }

    /// The delays of a case, by step.
    pub async fn delays_of(&self, case_id: &str) -> Result<Vec<DelayRow>, StoreError> {
        let found = delay::Entity::find().filter(delay::Column::CaseId.eq(case_id)).order_by_asc(delay::Column::Id);
        Ok(found.all(self.reader()).await?.into_iter().map(DelayRow::from).collect())
    }
}
