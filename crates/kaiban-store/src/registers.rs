//! Registers (名录): keyed, dated records outside any case, such as reserved names.
//!
//! A record changes only from the version that the decision was made on. Two batches may read the same record and
//! decide differently; one of them is a conflict and decides again.

use sea_orm::FromQueryResult;

use crate::bulk::{Cell, Kind, Stored, Table};
use crate::entities::register;
use crate::paging::{Page, PageRequest, Place};
use crate::{Store, StoreError};

/// One record of a register. (register, key) is its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// The register.
    pub register: String,
    /// What is recorded, as the application normalized it.
    pub key: String,
    /// The case that holds it.
    pub holder: String,
    /// Since when.
    pub since_us: i64,
    /// Until when, if it ends by itself.
    pub until_us: Option<i64>,
    /// How it stands, as the application names it.
    pub state: String,
    /// What else is recorded, JSON.
    pub value: String,
    /// Rises with each change; what a change names as the one that it was decided on.
    pub version: i64,
}

/// A record as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterWrite {
    /// The record, with its new version.
    pub row: RegisterRow,
    /// The version that is there; `None` when there must be none.
    pub expected_version: Option<i64>,
}

/// A write that replaces: the row, and the version that is there in a column of that name.
pub(crate) const REPLACED: Table = Table {
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
        ("expected_version", Kind::Int),
    ],
};

/// What a removal names.
pub(crate) const REMOVED: Table = Table {
    name: "registers",
    key: 3,
    columns: &[("register", Kind::Text), ("key", Kind::Text), ("version", Kind::Int)],
};

impl RegisterWrite {
    pub(crate) fn cells<'a>(&'a self, expected_version: i64, row: &mut Vec<Cell<'a>>) {
        self.row.cells(row);
        row.push(Cell::Int(expected_version));
    }
}

impl Store {
    /// The records of a register with these keys, in no order; those that are not there are left out.
    pub async fn register(&self, register: &str, keys: &[String]) -> Result<Vec<RegisterRow>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect().list(keys.iter().map(String::as_str));
        let statement = self.dialect().statement(
            "SELECT r.* FROM json_each($2) AS w CROSS JOIN registers AS r ON r.register = $1 AND r.key = w.value",
            "SELECT * FROM registers WHERE register = $1 AND key = ANY ($2)",
            vec![register.into(), list],
        );
        let rows = register::Model::find_by_statement(statement).all(self.reader()).await?;
        Ok(rows.into_iter().map(RegisterRow::from).collect())
    }

    /// A page of the records of a register whose keys start with `prefix` (empty for all), in the order of the
    /// keys' bytes.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from a list of this register and prefix.
    pub async fn registers(
        &self,
        register: &str,
        prefix: &str,
        page: &PageRequest,
    ) -> Result<Page<RegisterRow>, StoreError> {
        let list = ["registers", register, prefix];
        let after = page.place(&list)?.map(|place| place.id);
        let mut sql = "SELECT * FROM registers WHERE register = $1 AND key >= $2".to_owned();
        let mut values = vec![register.into(), prefix.into()];
        for (comparison, bound) in [("<", successor(prefix)), (">", after)] {
            if let Some(bound) = bound {
                values.push(bound.into());
                sql.push_str(&format!(" AND key {comparison} ${}", values.len()));
            }
        }
        sql.push_str(&format!(" ORDER BY key LIMIT {}", page.fetched()));
        let rows = register::Model::find_by_statement(self.dialect().same(&sql, values)).all(self.reader()).await?;
        let rows = rows.into_iter().map(RegisterRow::from).collect();
        Ok(page.cut(rows, &list, |row: &RegisterRow| Place { key: 0, id: row.key.clone() }))
    }
}

/// The first text after all those that start with `prefix`, if there is one.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // A range of characters passes over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::successor;

    #[test]
    fn the_successor_follows_every_text_with_the_prefix() {
        assert_eq!(successor(""), None);
        assert_eq!(successor("福州"), Some("福巟".into()));
        assert_eq!(successor("a\u{d7ff}"), Some("a\u{e000}".into()));
        assert_eq!(successor("a\u{10ffff}\u{10ffff}"), Some("b".into()));
        assert_eq!(successor("\u{10ffff}"), None);
    }
}
