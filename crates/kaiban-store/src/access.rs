//! Access records: who was shown which personal data of which case, and why. Kept for three years.

use sea_orm::{FromQueryResult, Value};

use crate::bulk::{Scripts, Verb};
use crate::entities::access_record;
use crate::paging::{Page, PageRequest, Place};
use crate::{Store, StoreError};

/// One showing of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRecordRow {
    /// The record's id.
    pub id: String,
    /// When.
    pub at_us: i64,
    /// With which token.
    pub token: String,
    /// In which role.
    pub role: String,
    /// For which organisation.
    pub organisation: String,
    /// The person who acted, when one is known.
    pub officer: Option<String>,
    /// Of which case.
    pub case_id: String,
    /// Which fields, a JSON list; never their values.
    pub fields: String,
    /// What for.
    pub purpose: String,
}

/// That a person's data is in a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CasePersonRow {
    /// A keyed digest of the person's number: who does not have the key cannot tell who it is.
    pub person: String,
    /// The case.
    pub case_id: String,
}

/// How many records one statement of [`Store::forget_access_records`] removes; batches get their turn in between.
const FORGOTTEN_AT_ONCE: i64 = 5_000;

impl Store {
    /// Adds records of what was shown without anything being changed.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when one of the ids is there already; none is added then.
    pub async fn put_access_records(&self, rows: &[AccessRecordRow]) -> Result<(), StoreError> {
        let mut scripts = Scripts::default();
        scripts.rows(Verb::Insert, rows)?;
        self.write(scripts).await
    }

    /// A page of a case's records, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this case's list.
    pub async fn access_records_of_case(
        &self,
        case_id: &str,
        page: &PageRequest,
    ) -> Result<Page<AccessRecordRow>, StoreError> {
        self.access_records("case_id = $1", "access of case", case_id, page).await
    }

    /// A page of the records of all cases that a person's data is in, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::BadPageToken`] when the token is not from this person's list.
    pub async fn access_records_of_person(
        &self,
        person: &str,
        page: &PageRequest,
    ) -> Result<Page<AccessRecordRow>, StoreError> {
        let filter = "case_id IN (SELECT case_id FROM case_persons WHERE person = $1)";
        self.access_records(filter, "access of person", person, page).await
    }

    async fn access_records(
        &self,
        filter: &str,
        list: &str,
        of: &str,
        page: &PageRequest,
    ) -> Result<Page<AccessRecordRow>, StoreError> {
        let list = [list, of];
        let after = page.place(&list)?.unwrap_or(Place { key: i64::MIN, id: String::new() });
        let sql = format!(
            "SELECT * FROM access_records WHERE {filter} AND (at_us, id) > ($2, $3) ORDER BY at_us, id LIMIT $4"
        );
        let values: Vec<Value> = vec![of.into(), after.key.into(), after.id.into(), page.fetched().into()];
        let rows =
            access_record::Model::find_by_statement(self.dialect().same(&sql, values)).all(self.reader()).await?;
        let rows = rows.into_iter().map(AccessRecordRow::from).collect();
        Ok(page.cut(rows, &list, |row: &AccessRecordRow| Place { key: row.at_us, id: row.id.clone() }))
    }

    /// Removes the records from before this instant and answers how many there were.
    pub async fn forget_access_records(&self, before_us: i64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM access_records WHERE id IN
            (SELECT id FROM access_records WHERE at_us < $1 ORDER BY at_us LIMIT $2)";
        let mut forgotten = 0;
        loop {
            let removed = self.execute(sql, vec![before_us.into(), FORGOTTEN_AT_ONCE.into()]).await?;
            forgotten += removed;
            if removed < FORGOTTEN_AT_ONCE.unsigned_abs() {
                return Ok(forgotten);
            }
        }
    }
}
