use sea_orm::entity::prelude::*;

use crate::bulk::{Cell, Kind, Stored, Table};
use crate::{CaseRow, CaseState, StoreError};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workflow: String,
    pub version: String,
    pub digest: String,
    pub division: String,
    pub organisation: String,
    pub outlet: Option<String>,
    pub subject: String,
    pub state: String,
    pub outcome: Option<String>,
    pub seq: i64,
    pub head: String,
    pub received_at_us: i64,
    pub accepted_at_us: Option<i64>,
    pub promise_due_us: Option<i64>,
    pub closed_at_us: Option<i64>,
    pub snapshot: String,
    pub waiting: i64,
    pub troubled: i64,
    pub parent: Option<String>,
    pub visited: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for CaseRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(CaseRow {
            id: model.id,
            workflow: model.workflow,
            version: model.version,
            digest: model.digest,
            division: model.division,
            organisation: model.organisation,
            outlet: model.outlet,
            subject: model.subject,
            state: CaseState::read(&model.state)?,
            outcome: model.outcome,
            seq: model.seq,
            head: model.head,
            received_at_us: model.received_at_us,
            accepted_at_us: model.accepted_at_us,
            promise_due_us: model.promise_due_us,
            closed_at_us: model.closed_at_us,
            snapshot: model.snapshot,
            waiting: model.waiting != 0,
            troubled: model.troubled != 0,
            parent: model.parent,
            visited: model.visited.map(|visited| visited != 0),
        })
    }
}

impl Stored for CaseRow {
    const TABLE: Table = Table {
        name: "cases",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("workflow", Kind::Text),
            ("version", Kind::Text),
            ("digest", Kind::Text),
            ("division", Kind::Text),
            ("organisation", Kind::Text),
            ("outlet", Kind::TextOrNull),
            ("subject", Kind::Text),
            ("state", Kind::Text),
            ("outcome", Kind::TextOrNull),
            ("seq", Kind::Int),
            ("head", Kind::Text),
            ("received_at_us", Kind::Int),
            ("accepted_at_us", Kind::IntOrNull),
            ("promise_due_us", Kind::IntOrNull),
            ("closed_at_us", Kind::IntOrNull),
            ("snapshot", Kind::Text),
            ("waiting", Kind::Int),
            ("troubled", Kind::Int),
            ("parent", Kind::TextOrNull),
            ("visited", Kind::IntOrNull),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.workflow),
            Cell::Text(&self.version),
            Cell::Text(&self.digest),
            Cell::Text(&self.division),
            Cell::Text(&self.organisation),
            Cell::TextOrNull(self.outlet.as_deref()),
            Cell::Text(&self.subject),
            Cell::Text(self.state.as_str()),
            Cell::TextOrNull(self.outcome.as_deref()),
            Cell::Int(self.seq),
            Cell::Text(&self.head),
            Cell::Int(self.received_at_us),
            Cell::IntOrNull(self.accepted_at_us),
            Cell::IntOrNull(self.promise_due_us),
            Cell::IntOrNull(self.closed_at_us),
            Cell::Text(&self.snapshot),
            Cell::Int(i64::from(self.waiting)),
            Cell::Int(i64::from(self.troubled)),
            Cell::TextOrNull(self.parent.as_deref()),
            Cell::IntOrNull(self.visited.map(i64::from)),
        ]);
    }
}
