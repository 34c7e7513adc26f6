use sea_orm::entity::prelude::*;

use crate::DrawItemRow;
use crate::bulk::{Cell, Kind, Stored, Table};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draw_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub pool: String,
    pub case_id: String,
    pub step: String,
    pub stratum: String,
    pub recuse: String,
    pub entered_at_us: i64,
    pub draw: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for DrawItemRow {
    fn from(model: Model) -> Self {
        DrawItemRow {
            id: model.id,
            pool: model.pool,
            case_id: model.case_id,
            step: model.step,
            stratum: model.stratum,
            recuse: model.recuse,
            entered_at_us: model.entered_at_us,
            draw: model.draw,
        }
    }
}

/// Without the draw: an item comes in undecided, and what decides over it is written with the draw.
impl Stored for DrawItemRow {
    const TABLE: Table = Table {
        name: "draw_items",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("pool", Kind::Text),
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("stratum", Kind::Text),
            ("recuse", Kind::Text),
            ("entered_at_us", Kind::Int),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.pool),
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.stratum),
            Cell::Text(&self.recuse),
            Cell::Int(self.entered_at_us),
        ]);
    }
}
