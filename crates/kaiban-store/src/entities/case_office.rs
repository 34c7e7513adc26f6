use sea_orm::entity::prelude::*;

use crate::CaseOfficeRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_offices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub office: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Stored for CaseOfficeRow {
    const TABLE: Table =
        Table { name: "case_offices", key: 2, columns: &[("case_id", Kind::Text), ("office", Kind::Text)] };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([Cell::Text(&self.case_id), Cell::Text(&self.office)]);
    }
}
