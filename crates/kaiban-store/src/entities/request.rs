use sea_orm::entity::prelude::*;

use crate::RequestRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub content: String,
    pub case_id: Option<String>,
    pub reply: String,
    pub at_us: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for RequestRow {
    fn from(model: Model) -> Self {
        RequestRow {
            key: model.key,
            content: model.content,
            case_id: model.case_id,
            reply: model.reply,
            at_us: model.at_us,
        }
    }
}

impl Stored for RequestRow {
    const TABLE: Table = Table {
        name: "requests",
        key: 1,
        columns: &[
            ("key", Kind::Text),
            ("content", Kind::Text),
            ("case_id", Kind::TextOrNull),
            ("reply", Kind::Text),
            ("at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.key),
            Cell::Text(&self.content),
            Cell::TextOrNull(self.case_id.as_deref()),
            Cell::Text(&self.reply),
            Cell::Int(self.at_us),
        ]);
    }
}
