use sea_orm::entity::prelude::*;

use crate::CommitmentRefusalRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "commitment_refusals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: String,
    pub step: String,
    pub workflow: String,
    pub division: String,
    pub codes: String,
    pub at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CommitmentRefusalRow {
    fn from(model: Model) -> Self {
        CommitmentRefusalRow {
            id: model.id,
            case_id: model.case_id,
            step: model.step,
            workflow: model.workflow,
            division: model.division,
            codes: model.codes,
            at_us: model.at_us,
        }
    }
}

impl Stored for CommitmentRefusalRow {
    const TABLE: Table = Table {
        name: "commitment_refusals",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("workflow", Kind::Text),
            ("division", Kind::Text),
            ("codes", Kind::Text),
            ("at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.workflow),
            Cell::Text(&self.division),
            Cell::Text(&self.codes),
            Cell::Int(self.at_us),
        ]);
    }
}
