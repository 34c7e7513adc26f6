use sea_orm::entity::prelude::*;

use crate::bulk::{Cell, Kind, Stored, Table};
use crate::{StoreError, TaskRow, TaskState};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: String,
    pub step: String,
    pub office: String,
    pub division: String,
    pub state: String,
    pub due_at_us: i64,
    pub offered_at_us: i64,
    pub epoch: i64,
    pub holder: Option<String>,
    pub lease_until_us: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for TaskRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(TaskRow {
            id: model.id,
            case_id: model.case_id,
            step: model.step,
            office: model.office,
            division: model.division,
            state: TaskState::read(&model.state)?,
            due_at_us: model.due_at_us,
            offered_at_us: model.offered_at_us,
            epoch: model.epoch,
            holder: model.holder,
            lease_until_us: model.lease_until_us,
        })
    }
}

impl Stored for TaskRow {
    const TABLE: Table = Table {
        name: "tasks",
        key: 1,
        columns: &[
            ("id", Kind::Text),
            ("case_id", Kind::Text),
            ("step", Kind::Text),
            ("office", Kind::Text),
            ("division", Kind::Text),
            ("state", Kind::Text),
            ("due_at_us", Kind::Int),
            ("offered_at_us", Kind::Int),
            ("epoch", Kind::Int),
            ("holder", Kind::TextOrNull),
            ("lease_until_us", Kind::IntOrNull),
        ],
    };

    fn cells<'a>(&'a self, row: &mut Vec<Cell<'a>>) {
        row.extend([
            Cell::Text(&self.id),
            Cell::Text(&self.case_id),
            Cell::Text(&self.step),
            Cell::Text(&self.office),
            Cell::Text(&self.division),
            Cell::Text(self.state.as_str()),
            Cell::Int(self.due_at_us),
            Cell::Int(self.offered_at_us),
            Cell::Int(self.epoch),
            Cell::TextOrNull(self.holder.as_deref()),
            Cell::IntOrNull(self.lease_until_us),
        ]);
    }
}
