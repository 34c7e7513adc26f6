use sea_orm::entity::prelude::*;

use crate::CommitmentRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commitments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: String,
    pub step: String,
    pub workflow: String,
    pub division: String,
    pub calendar: String,
    pub since_us: i64,
    pub asked_at_us: Option<i64>,
    pub proved_at_us: Option<i64>,
    pub way: Option<String>,
    pub declined: i64,
    pub withdrawn: i64,
    pub checks: String,
    pub revoked: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CommitmentRow {
    fn from(model: Model) -> Self {
        CommitmentRow {
            id: model.id,
            case_id: model.case_id,
            step: model.step,
            workflow: model.workflow,
            division: model.division,
            calendar: model.calendar,
            since_us: model.since_us,
            asked_at_us: model.asked_at_us,
            proved_at_us: model.proved_at_us,
            way: model.way,
            declined: model.declined != 0,
            withdrawn: model.withdrawn != 0,
            checks: model.checks,
            revoked: model.revoked,
        }
    }
}

impl Stored for CommitmentRow {
    const TABLE: Table = Table {
        name: "commitments",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("workflow", Kind::Text),
            ("division", Kind::Text),
            ("calendar", Kind::Text),
            ("since_us", Kind::Int),
            ("asked_at_us", Kind::IntOrNull),
            ("proved_at_us", Kind::IntOrNull),
            ("way", Kind::TextOrNull),
            ("declined", Kind::Int),
            ("withdrawn", Kind::Int),
            ("checks", Kind::Text),
            ("revoked", Kind::TextOrNull),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.workflow),
            Cell::Text(&self.division),
            Cell::Text(&self.calendar),
            Cell::Int(self.since_us),
            Cell::IntOrNull(self.asked_at_us),
            Cell::IntOrNull(self.proved_at_us),
            Cell::TextOrNull(self.way.as_deref()),
            Cell::Int(i64::from(self.declined)),
            Cell::Int(i64::from(self.withdrawn)),
            Cell::Text(&self.checks),
            Cell::TextOrNull(self.revoked.as_deref()),
        ]);
    }
}
