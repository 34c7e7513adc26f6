use sea_orm::entity::prelude::*;

use crate::DelayRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delays")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: String,
    pub step: String,
    pub office: String,
    pub division: String,
    pub since_us: i64,
    pub working_us: i64,
    pub budget_us: i64,
    pub explained_at_us: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for DelayRow {
    fn from(model: Model) -> Self {
        DelayRow {
            id: model.id,
            case_id: model.case_id,
            step: model.step,
            office: model.office,
            division: model.division,
            since_us: model.since_us,
            working_us: model.working_us,
            budget_us: model.budget_us,
            explained_at_us: model.explained_at_us,
        }
    }
}

impl Stored for DelayRow {
    const TABLE: Table = Table {
        name: "delays",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("office", Kind::Text),
            ("division", Kind::Text),
            ("since_us", Kind::Int),
            ("working_us", Kind::Int),
            ("budget_us", Kind::Int),
            ("explained_at_us", Kind::IntOrNull),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.office),
            Cell::Text(&self.division),
            Cell::Int(self.since_us),
            Cell::Int(self.working_us),
            Cell::Int(self.budget_us),
            Cell::IntOrNull(self.explained_at_us),
        ]);
    }
}
