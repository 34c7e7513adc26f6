use sea_orm::entity::prelude::*;

use crate::CredentialRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credentials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub case_id: String,
    pub person: String,
    pub issued_at_us: i64,
    pub expires_at_us: i64,
    pub used_at_us: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for CredentialRow {
    fn from(model: Model) -> Self {
        CredentialRow {
            hash: model.hash,
            case_id: model.case_id,
            person: model.person,
            issued_at_us: model.issued_at_us,
            expires_at_us: model.expires_at_us,
            used_at_us: model.used_at_us,
        }
    }
}

impl Stored for CredentialRow {
    const TABLE: Table = Table {
        name: "credentials",
        key: 1,
        columns: &[
            ("hash", Kind::Text),
            ("case_id", Kind::Text),
            ("person", Kind::Text),
            ("issued_at_us", Kind::Int),
            ("expires_at_us", Kind::Int),
            ("used_at_us", Kind::IntOrNull),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.hash),
            Cell::Text(&self.case_id),
            Cell::Text(&self.person),
            Cell::Int(self.issued_at_us),
            Cell::Int(self.expires_at_us),
            Cell::IntOrNull(self.used_at_us),
        ]);
    }
}
