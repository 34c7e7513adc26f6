use sea_orm::entity::prelude::*;

use crate::DrawRow;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draws")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub pool: String,
    pub state: String,
    pub announced_at_us: i64,
    pub due_us: Option<i64>,
    pub ended_at_us: Option<i64>,
    pub version: i64,
    pub summary: String,
    pub record: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for DrawRow {
    fn from(model: Model) -> Self {
        DrawRow {
            id: model.id,
            pool: model.pool,
            state: model.state,
            announced_at_us: model.announced_at_us,
            due_us: model.due_us,
            ended_at_us: model.ended_at_us,
            version: model.version,
            summary: model.summary,
            record: model.record,
        }
    }
}
