use sea_orm::entity::prelude::*;

use crate::{Progress, PublicationRow};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_publications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub published_at_us: i64,
    pub publisher: String,
    pub source: String,
    pub request: Option<String>,
    pub content: String,
    pub brought: String,
    pub files: String,
    pub done: i64,
    pub changed: i64,
    pub total: i64,
    pub last_case: String,
    pub finished_at_us: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for PublicationRow {
    fn from(model: Model) -> Self {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        PublicationRow {
            number: model.number,
            published_at_us: model.published_at_us,
            publisher: model.publisher,
            source: model.source,
            request: model.request,
            content: model.content,
            brought: model.brought,
            files: model.files,
            progress: Progress {
                done: count(model.done),
                changed: count(model.changed),
                total: count(model.total),
                last_case: model.last_case,
                finished_at_us: model.finished_at_us,
            },
        }
    }
}
