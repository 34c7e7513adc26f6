use sea_orm::entity::prelude::*;

use crate::CaseFileRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pointer: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CaseFileRow {
    fn from(model: Model) -> Self {
        CaseFileRow { case_id: model.case_id, digest: model.digest, pointer: model.pointer, step: model.step }
    }
}

impl Stored for CaseFileRow {
    const TABLE: Table = Table {
        name: "case_files",
        key: 4,
        columns: &[("case_id", Kind::Text), ("digest", Kind::Text), ("pointer", Kind::Text), ("step", Kind::Text)],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.case_id),
            Cell::Text(&self.digest),
            Cell::Text(&self.pointer),
            Cell::Text(&self.step),
        ]);
    }
}
