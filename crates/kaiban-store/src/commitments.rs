//! What stands for the certificates of cases, and who was not allowed to promise: what figures are counted from. Rows of
//! the first kind are written with their cases; those of the second are only ever added.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use crate::bulk::{Scripts, Verb};
use crate::entities::{commitment, commitment_refusal};
use crate::{Store, StoreError};

/// A certificate that a case needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentRow {
    /// `<case>/<step>`.
    pub id: String,
    /// Case number.
    pub case_id: String,
    /// The step that asks for it.
    pub step: String,
    /// Package of the case.
    pub workflow: String,
    /// Registering division of the case.
    pub division: String,
    /// The case's calendar.
    pub calendar: String,
    /// When it first came up: asked for, spoken of, or proved.
    pub since_us: i64,
    /// When it was first asked for; none where nobody had to ask.
    pub asked_at_us: Option<i64>,
    /// Since when something stands for it.
    pub proved_at_us: Option<i64>,
    /// What does, as the application names it.
    pub way: Option<String>,
    /// Somebody did not want to promise.
    pub declined: bool,
    /// A promise was taken back.
    pub withdrawn: bool,
    /// Numbers of the cases that check the promise, a JSON list.
    pub checks: String,
    /// A check took the decision back: when, as the application names it.
    pub revoked: Option<String>,
}

/// That somebody was not allowed to promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentRefusalRow {
    /// Names case, step, person and grounds: the same refusal again is no other row.
    pub id: String,
    /// Case number.
    pub case_id: String,
    /// The step that asks for the certificate.
    pub step: String,
    /// Package of the case.
    pub workflow: String,
    /// Registering division of the case.
    pub division: String,
    /// Codes of the grounds, a JSON list.
    pub codes: String,
    /// When it was refused first.
    pub at_us: i64,
}

/// How a case has ended, as far as figures need it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct EndedRow {
    /// Case number.
    pub id: String,
    /// Digest of its package.
    pub digest: String,
    /// Its outcome; none while it is open.
    pub outcome: Option<String>,
    /// Of a case that a draw decides over: 1 = somebody went there, 0 = nobody will.
    pub visited: Option<i64>,
}

/// Which rows. All that is set must hold; of an empty list of divisions there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitmentQuery {
    /// Of cases of one of these divisions.
    pub divisions: Option<Vec<String>>,
    /// Of this package.
    pub workflow: Option<String>,
    /// Came up, or was refused, at this instant or later.
    pub from_us: Option<i64>,
    /// Before this instant.
    pub before_us: Option<i64>,
}

impl Store {
    /// Rows in the order in which they came up, after this one, at most `limit`.
    pub async fn commitments(
        &self,
        query: &CommitmentQuery,
        after: Option<&CommitmentRow>,
        limit: u64,
    ) -> Result<Vec<CommitmentRow>, StoreError> {
        use commitment::Column::{Division, Id, SinceUs, Workflow};
        let after = after.map(|row| (row.since_us, row.id.clone()));
        let filter = query.filter(Division, Workflow, (SinceUs, Id), after);
        let rows = commitment::Entity::find().filter(filter).order_by_asc(SinceUs).order_by_asc(Id).limit(limit);
        Ok(rows.all(self.reader()).await?.into_iter().map(CommitmentRow::from).collect())
    }

    /// Refusals in the order of their time, after this one, at most `limit`.
    pub async fn commitment_refusals(
        &self,
        query: &CommitmentQuery,
        after: Option<&CommitmentRefusalRow>,
        limit: u64,
    ) -> Result<Vec<CommitmentRefusalRow>, StoreError> {
        use commitment_refusal::Column::{AtUs, Division, Id, Workflow};
        let after = after.map(|row| (row.at_us, row.id.clone()));
        let filter = query.filter(Division, Workflow, (AtUs, Id), after);
        let rows = commitment_refusal::Entity::find().filter(filter).order_by_asc(AtUs).order_by_asc(Id).limit(limit);
        Ok(rows.all(self.reader()).await?.into_iter().map(CommitmentRefusalRow::from).collect())
    }

    /// How these cases have ended, in no order; of one that is not there nothing.
    pub async fn ended(&self, cases: &[String]) -> Result<Vec<EndedRow>, StoreError> {
        const SQLITE: &str = "SELECT cases.id, digest, outcome, visited
            FROM json_each($1) AS w CROSS JOIN cases ON cases.id = w.value";
        const POSTGRES: &str = "SELECT id, digest, outcome, visited FROM cases WHERE id = ANY ($1)";
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect().list(cases.iter().map(String::as_str));
        let statement = self.dialect().statement(SQLITE, POSTGRES, vec![list]);
        Ok(EndedRow::find_by_statement(statement).all(self.reader()).await?)
    }

    /// The certificates of a case, by step.
    pub async fn commitments_of(&self, case_id: &str) -> Result<Vec<CommitmentRow>, StoreError> {
        let found = commitment::Entity::find().filter(commitment::Column::CaseId.eq(case_id));
        let rows = found.order_by_asc(commitment::Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(CommitmentRow::from).collect())
    }

    /// The refusals of a case.
    pub async fn commitment_refusals_of(&self, case_id: &str) -> Result<Vec<CommitmentRefusalRow>, StoreError> {
        let found = commitment_refusal::Entity::find().filter(commitment_refusal::Column::CaseId.eq(case_id));
        let rows = found.order_by_asc(commitment_refusal::Column::Id).all(self.reader()).await?;
        Ok(rows.into_iter().map(CommitmentRefusalRow::from).collect())
    }

    /// Adds a refusal; one that is there already stays as it is.
    pub async fn put_commitment_refusal(&self, row: &CommitmentRefusalRow) -> Result<(), StoreError> {
        let mut scripts = Scripts::default();
        scripts.rows(Verb::InsertMissing, std::slice::from_ref(row))?;
        self.write(scripts).await
    }
}

impl CommitmentQuery {
    fn filter<C: ColumnTrait>(
        &self,
        division: C,
        workflow: C,
        (at, id): (C, C),
        after: Option<(i64, String)>,
    ) -> Condition {
        let behind = after.map(|(at_us, last)| {
            let row = Expr::tuple([Expr::col(at), Expr::col(id)]);
            row.gt(Expr::tuple([Expr::value(at_us), Expr::value(last)]))
        });
        Condition::all()
            .add_option(self.divisions.as_ref().map(|divisions| division.is_in(divisions.iter())))
            .add_option(self.workflow.as_ref().map(|named| workflow.eq(named.as_str())))
            .add_option(self.from_us.map(|from_us| at.gte(from_us)))
            .add_option(self.before_us.map(|before_us| at.lt(before_us)))
            .add_option(behind)
    }
}
