//! What was shown with one token. Asked seldom, when a secret got out: there is no index for it, the window is walked.

use sea_orm::{FromQueryResult, Value};

use crate::entities::access_record;
use crate::paging::{Page, PageRequest, Place};
use crate::{AccessRecordRow, Store, StoreError};

impl Store {
    /// A page of the records of one token from an instant until before another, the oldest first. Reads every record of
    /// the window: bound it.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the page token is not from this list.
    pub async fn access_records_of_token(
        &self,
        token: &str,
        from_us: i64,
        until_us: i64,
        page: &PageRequest,
    ) -> Result<Page<AccessRecordRow>, StoreError> {
        const SQL: &str = "SELECT * FROM access_records
            WHERE at_us >= $1 AND at_us < $2 AND token = $3 AND (at_us > $1 OR id > $4) ORDER BY at_us, id LIMIT $5";
        let window = format!("{from_us}-{until_us}");
        let list = ["access of token", token, &window];
        // No id is empty: the first page leaves none out.
        let after = page.place(&list)?.unwrap_or(Place { key: from_us, id: String::new() });
        let values: Vec<Value> =
            vec![after.key.into(), until_us.into(), token.into(), after.id.into(), page.fetched().into()];
        let rows = access_record::Model::find_by_statement(self.dialect().same(SQL, values)).all(self.reader()).await?;
        let rows = rows.into_iter().map(AccessRecordRow::from).collect();
        Ok(page.cut(rows, &list, |row: &AccessRecordRow| Place { key: row.at_us, id: row.id.clone() }))
    }
}
