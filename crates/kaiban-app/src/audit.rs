//! What an auditor reads: who was shown which personal data, and journals without their documents.

use kaiban_store::{AccessRecordRow, PageRequest};

use crate::access::Verb;
use crate::app::App;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::view::{AccessRecord, JournalEntry};

/// Whose records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordsOf {
    /// Of one case.
    Case(String),
    /// Of every case that holds this citizen number.
    Person(String),
    /// Of one token, in any case.
    Token {
        /// Its id.
        id: String,
        /// From when on, business time.
        from_us: i64,
        /// Before when.
        until_us: i64,
    },
}

impl App {
    /// A page of access records, the oldest first, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// The citizen number is none, or the page token is none of ours.
    pub async fn access_records(
        &self,
        who: &Principal,
        of: RecordsOf,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<AccessRecord>, String), Refusal> {
        who.may(Verb::ReadAccessRecords)?;
        let inner = &self.inner;
        let token = Some(page_token.to_owned()).filter(|token| !token.is_empty());
        let page = PageRequest { size: page_size.clamp(1, inner.settings.limits.page_max), token };
        let page = match of {
            RecordsOf::Case(case) => inner.store.access_records_of_case(&case, &page).await?,
            RecordsOf::Person(number) => {
                let person = inner.persons.digest(&number).ok_or_else(not_a_number)?;
                inner.store.access_records_of_person(&person, &page).await?
            }
            RecordsOf::Token { id, from_us, until_us } => {
                inner.store.access_records_of_token(&id, from_us, until_us, &page).await?
            }
        };
        Ok((page.rows.into_iter().map(record).collect(), page.next.unwrap_or_default()))
    }

    /// A page of a case's journal as it was hashed, and the token of the next page; empty on the last.
    ///
    /// # Errors
    /// There is no such case, or the page token is none of ours.
    pub async fn journal(
        &self,
        who: &Principal,
        case: &str,
        page_size: u32,
        page_token: &str,
    ) -> Result<(Vec<JournalEntry>, String), Refusal> {
        who.may(Verb::ReadJournal)?;
        let inner = &self.inner;
        let after = match page_token {
            "" => 0,
            token => token.parse::<i64>().ok().filter(|seq| *seq > 0).ok_or(kaiban_store::StoreError::BadPageToken)?,
        };
        let row = inner.row(case).await?;
        let size = page_size.clamp(1, inner.settings.limits.journal_page_max);
        let entries = inner.entries(case, after, u64::from(size)).await?;
        let last = entries.last().map_or(after, |entry| entry.seq);
        let next = if last < row.seq && !entries.is_empty() { last.to_string() } else { String::new() };
        let entries = entries.into_iter().map(|entry| JournalEntry {
            seq: entry.seq,
            at_us: entry.at_us,
            bytes: entry.bytes,
            hash: entry.hash,
        });
        Ok((entries.collect(), next))
    }
}

fn record(row: AccessRecordRow) -> AccessRecord {
    AccessRecord {
        id: row.id,
        at_us: row.at_us,
        token: row.token,
        role: row.role,
        organisation: row.organisation,
        officer: row.officer,
        case: row.case_id,
        fields: serde_json::from_str(&row.fields).unwrap_or_default(),
        purpose: row.purpose,
    }
}

pub(crate) fn not_a_number() -> Refusal {
    Refusal::argument(
        "CITIZEN_NUMBER_INVALID",
        "公民身份号码不符合编码规则。",
        "This is no citizen number: its form or its check character is wrong.",
    )
}
