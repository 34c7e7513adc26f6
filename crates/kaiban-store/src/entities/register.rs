use sea_orm::entity::prelude::*;

use crate::RegisterRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "registers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub register: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub holder: String,
    pub since_us: i64,
    pub until_us: Option<i64>,
    pub state: String,
    pub value: String,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for RegisterRow {
    fn from(model: Model) -> Self {
        RegisterRow {
            register: model.register,
            key: model.key,
            holder: model.holder,
            since_us: model.since_us,
            until_us: model.until_us,
            state: model.state,
            value: model.value,
            version: model.version,
        }
    }
}

impl Stored for RegisterRow {
    const TABLE: Table = Table {
        name: "registers",
        key: 2,
        columns: &[
            ("register", Kind::Text),
            ("key", Kind::Text),
            ("holder", Kind::Text),
            ("since_us", Kind::Int),
            ("until_us", Kind::IntOrNull),
            ("state", Kind::Text),
            ("value", Kind::Text),
            ("version", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.register),
            Cell::Text(&self.key),
            Cell::Text(&self.holder),
            Cell::Int(self.since_us),
            Cell::IntOrNull(self.until_us),
            Cell::Text(&self.state),
            Cell::Text(&self.value),
            Cell::Int(self.version),
        ]);
    }
}
