use sea_orm::entity::prelude::*;

use crate::AccessRecordRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub at_us: i64,
    pub token: String,
    pub role: String,
    pub organisation: String,
    pub officer: Option<String>,
    pub case_id: String,
    pub fields: String,
    pub purpose: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for AccessRecordRow {
    fn from(model: Model) -> Self {
        AccessRecordRow {
            id: model.id,
            at_us: model.at_us,
            token: model.token,
            role: model.role,
            organisation: model.organisation,
            officer: model.officer,
            case_id: model.case_id,
            fields: model.fields,
            purpose: model.purpose,
        }
    }
}

impl Stored for AccessRecordRow {
    const TABLE: Table = Table {
        name: "access_records",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("at_us", Kind::Int),
            ("token", Kind::Text),
            ("role", Kind::Text),
            ("organisation", Kind::Text),
            ("officer", Kind::TextOrNull),
            ("case_id", Kind::Text),
            ("fields", Kind::Text),
            ("purpose", Kind::Text),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Int(self.at_us),
            Cell::Text(&self.token),
            Cell::Text(&self.role),
            Cell::Text(&self.organisation),
            Cell::TextOrNull(self.officer.as_deref()),
            Cell::Text(&self.case_id),
            Cell::Text(&self.fields),
            Cell::Text(&self.purpose),
        ]);
    }
}
