use sea_orm::entity::prelude::*;

use crate::TokenRow;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub hash: String,
    pub role: String,
    pub organisation: String,
    pub scope: String,
    pub label: String,
    pub issued_at_us: i64,
    pub expires_at_us: Option<i64>,
    pub revoked_at_us: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for TokenRow {
    fn from(model: Model) -> Self {
        TokenRow {
            id: model.id,
            hash: model.hash,
            role: model.role,
            organisation: model.organisation,
            scope: model.scope,
            label: model.label,
            issued_at_us: model.issued_at_us,
            expires_at_us: model.expires_at_us,
            revoked_at_us: model.revoked_at_us,
        }
    }
}
