//! Tokens: who may call, by the hash of a bearer token.

use std::fmt;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};

use crate::entities::token;
use crate::{Store, StoreError};

/// A bearer token that was issued. The token itself is not stored.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// The token's id, which lists show and which revoking names.
    pub id: String,
    /// The hash that the token is found by; unique.
    pub hash: String,
    /// The principal's role.
    pub role: String,
    /// The organisation it speaks for.
    pub organisation: String,
    /// What it is narrowed to, JSON.
    pub scope: String,
    /// What people call it.
    pub label: String,
    /// Since when it is valid.
    pub issued_at_us: i64,
    /// Operating time at which it ends by itself.
    pub expires_at_us: Option<i64>,
    /// When it was revoked.
    pub revoked_at_us: Option<i64>,
}

/// Leaves out the hash.
impl fmt::Debug for TokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRow")
            .field("id", &self.id)
            .field("role", &self.role)
            .field("organisation", &self.organisation)
            .field("label", &self.label)
            .field("expires_at_us", &self.expires_at_us)
            .field("revoked_at_us", &self.revoked_at_us)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Adds a token.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its id or its hash is there already.
    pub async fn put_token(&self, row: &TokenRow) -> Result<(), StoreError> {
        let row = row.clone();
        let model = token::ActiveModel {
            id: Set(row.id),
            hash: Set(row.hash),
            role: Set(row.role),
            organisation: Set(row.organisation),
            scope: Set(row.scope),
            label: Set(row.label),
            issued_at_us: Set(row.issued_at_us),
            expires_at_us: Set(row.expires_at_us),
            revoked_at_us: Set(row.revoked_at_us),
        };
        token::Entity::insert(model).exec_without_returning(self.writer()).await?;
        Ok(())
    }

    /// The token with this hash, revoked and expired ones included.
    pub async fn token_by_hash(&self, hash: &str) -> Result<Option<TokenRow>, StoreError> {
        let row = token::Entity::find().filter(token::Column::Hash.eq(hash)).one(self.reader()).await?;
        Ok(row.map(TokenRow::from))
    }

    /// All tokens, the oldest first.
    pub async fn tokens(&self) -> Result<Vec<TokenRow>, StoreError> {
        let rows = token::Entity::find()
            .order_by_asc(token::Column::IssuedAtUs)
            .order_by_asc(token::Column::Id)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(TokenRow::from).collect())
    }

    /// Revokes a token and answers whether this call did: `false` when there is none with this id, or it was
    /// revoked before; the first instant stays.
    pub async fn revoke_token(&self, id: &str, at_us: i64) -> Result<bool, StoreError> {
        let result = token::Entity::update_many()
            .col_expr(token::Column::RevokedAtUs, Expr::value(at_us))
            .filter(token::Column::Id.eq(id))
            .filter(token::Column::RevokedAtUs.is_null())
            .exec(self.writer())
            .await?;
        Ok(result.rows_affected == 1)
    }
}
