//! Erasing documents at the end of their period (个人信息保护法 §47). The journal names documents by salted digests only, so
//! it stays as it was hashed, and so do heads and figures. What is left of a document is its digest, its kind, and the rule
//! by which it went; content and salt are gone, so that nobody can try contents against the digest.
//!
//! For an archived case its file is written anew without the documents, and the old one removed.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use kaiban_files::{Digest, Files};
use kaiban_store::{ArchivedRow, BlobRow, CaseRow, EndedCaseRow, Erasing, ErasureRow, Store, StoreError};
use serde::Serialize;

pub use rules::{Rule, Rules, months_before};

use crate::archive::{Archive, ArchiveError, documents};
use crate::clock::Clock;
use crate::limits::Limits;
use crate::records::PersonKey;
use rules::FILE;

/// Why erasing stopped.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// The database.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Uploaded files.
    #[error("the file store cannot be used: {0}")]
    Files(#[from] kaiban_files::FilesError),
}

/// What was erased, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ErasureReport {
    /// Cases whose documents were looked through.
    pub cases: u64,
    /// Documents by the rule under which their period has ended.
    pub erased: BTreeMap<String, u64>,
    /// Uploaded files that another case still needs.
    pub shared: u64,
}

/// Where everything is.
pub struct Kept<'a> {
    /// The database.
    pub store: &'a Store,
    /// The archive.
    pub archive: &'a Archive,
    /// Uploaded files.
    pub files: &'a Files,
}

/// How it is gone about.
#[derive(Clone, Debug)]
pub struct ErasureAsked<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// Only count.
    pub dry_run: bool,
    /// Look through cases again that were looked through under other rules.
    pub again: bool,
}

/// Erases every document whose period is over.
///
/// # Errors
/// See [`ErasureError`]; what was erased until then is recorded, and calling again goes on.
pub async fn erase(
    kept: &Kept<'_>,
    clock: &dyn Clock,
    limits: &Limits,
    asked: &ErasureAsked<'_>,
) -> Result<ErasureReport, ErasureError> {
    let operating_us = kept.store.now_us().await?.unwrap_or_else(|| clock.operating_us());
    let now_us = clock.business_us(operating_us);
    let run = Run { kept, asked, now_us, operating_us, persons: PersonKey::load(kept.store).await? };
    let mut report = ErasureReport::default();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let periods: BTreeSet<u32> = asked.rules.all().iter().map(|rule| rule.months).collect();
    for months in periods {
        let before_us = months_before(now_us, months);
        // A month is at most 31 days: a case may be looked through once more than needed, and never once less.
        let period_us = if asked.again { i64::MAX / 4 } else { i64::from(months) * 31 * 86_400_000_000 };
        let mut last: Option<EndedCaseRow> = None;
        loop {
            let page = kept.store.erasable(before_us, period_us, last.as_ref(), limits.archive_portion).await?;
            if page.is_empty() {
                break;
            }
            let cases: Vec<EndedCaseRow> = page.iter().filter(|case| seen.insert(case.id.clone())).cloned().collect();
            run.portion(&cases, &mut report).await?;
            last = page.into_iter().last();
        }
    }
    Ok(report)
}

struct Run<'a> {
    kept: &'a Kept<'a>,
    asked: &'a ErasureAsked<'a>,
    now_us: i64,
    operating_us: i64,
    persons: PersonKey,
}

impl Run<'_> {
    /// Looks through some cases. That they were looked through is written last, so that whoever is killed looks again.
    async fn portion(&self, cases: &[EndedCaseRow], report: &mut ErasureReport) -> Result<(), ErasureError> {
        let store = self.kept.store;
        let mut erasing = Erasing::default();
        let mut files: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
        let mut named: BTreeSet<String> = BTreeSet::new();
        for EndedCaseRow { id, closed_at_us } in cases {
            report.cases += 1;
            if let Some(row) = store.archived(id).await? {
                files.entry(row.file).or_default().insert(id.clone(), *closed_at_us);
            } else if let Some(row) = store.case(id).await? {
                let entries = store.entries(id, 0, u64::MAX >> 1).await?;
                self.judge(&row, *closed_at_us, store.blobs(&documents(&entries)).await?, &mut erasing);
            }
            if self.asked.rules.of_kind(FILE).is_some_and(|rule| rule.over_us(*closed_at_us) <= self.now_us) {
                named.extend(store.case_files(id).await?.into_iter().map(|file| file.digest));
            }
        }
        count(report, &erasing.rows);
        if !self.asked.dry_run {
            store.erase(&erasing).await?;
        }
        for (file, cases) in files {
            self.rewrite(&file, &cases, report).await?;
        }
        self.files(&named, report).await?;
        if !self.asked.dry_run {
            let ids: Vec<String> = cases.iter().map(|case| case.id.clone()).collect();
            store.put_looked_through(&ids, self.now_us).await?;
        }
        Ok(())
    }

    /// Sorts out what of a case goes; gives what stays.
    fn judge(&self, row: &CaseRow, closed_at_us: i64, blobs: Vec<BlobRow>, erasing: &mut Erasing) -> Vec<BlobRow> {
        let mut stays = Vec::new();
        for blob in blobs {
            let rule = self.asked.rules.of(&blob).filter(|rule| rule.over_us(closed_at_us) <= self.now_us);
            let Some(rule) = rule else {
                stays.push(blob);
                continue;
            };
            if blob.kind == "form" {
                erasing.nameless.push(row.id.clone());
                if let Ok(form) = serde_json::from_str(&blob.bytes) {
                    erasing.persons.extend(self.persons.persons(&row.id, &form));
                }
            }
            erasing.rows.push(self.record(&row.id, blob.digest, blob.kind, &rule.code));
        }
        stays
    }

    fn record(&self, case: &str, digest: String, kind: String, rule: &str) -> ErasureRow {
        let (case_id, rule, erased_at_us) = (case.to_owned(), rule.to_owned(), self.operating_us);
        ErasureRow { case_id, digest, kind, rule, erased_at_us }
    }

    /// Writes a file of the archive without what goes.
    async fn rewrite(
        &self,
        file: &str,
        cases: &BTreeMap<String, i64>,
        report: &mut ErasureReport,
    ) -> Result<(), ErasureError> {
        let Kept { store, archive, .. } = self.kept;
        let rows = store.archived_in(file).await?;
        let (mut members, mut erasing) = (Vec::new(), Erasing::default());
        for located in &rows {
            let mut member = archive.read(located.clone()).await?;
            if let (Some(closed_at_us), Some(row)) = (cases.get(&member.case), store.case(&member.case).await?) {
                member.documents = self.judge(&row, *closed_at_us, member.documents, &mut erasing);
            }
            members.push(member);
        }
        count(report, &erasing.rows);
        if self.asked.dry_run || erasing.rows.is_empty() {
            return Ok(());
        }
        let written = archive.write(members, self.operating_us).await?;
        let moved: Vec<ArchivedRow> = written
            .into_iter()
            .zip(&rows)
            .map(|(row, was)| ArchivedRow { archived_at_us: was.archived_at_us, ..row })
            .collect();
        store.put_rewritten(file, &moved, &erasing).await?;
        archive.remove(file).await?;
        Ok(())
    }

    /// Uploaded files that no case needs any more. Each case that named one has the record.
    async fn files(&self, named: &BTreeSet<String>, report: &mut ErasureReport) -> Result<(), ErasureError> {
        let Kept { store, files, .. } = self.kept;
        let Some(rule) = self.asked.rules.of_kind(FILE).filter(|_| !named.is_empty()) else { return Ok(()) };
        let digests: Vec<String> = named.iter().cloned().collect();
        let rows = store.files(&digests).await?;
        let known: BTreeSet<&str> = rows.iter().map(|row| row.digest.as_str()).collect();
        // Handed in again, for a case that is still to come.
        let young = rows.iter().filter(|row| rule.over_us(row.created_at_us) > self.now_us);
        let mut needed: BTreeSet<&str> = young.map(|row| row.digest.as_str()).collect();
        let references = store.cases_of_files(&digests).await?;
        for (digest, case) in &references {
            let ended = store.case(case).await?.and_then(|row| row.closed_at_us);
            if ended.is_none_or(|ended| rule.over_us(ended) > self.now_us) {
                needed.insert(digest);
            }
        }
        report.shared += needed.iter().filter(|digest| known.contains(*digest)).count() as u64;
        let rows: Vec<ErasureRow> = references
            .iter()
            .filter(|(digest, _)| known.contains(digest.as_str()) && !needed.contains(digest.as_str()))
            .map(|(digest, case)| self.record(case, digest.clone(), FILE.to_owned(), &rule.code))
            .collect();
        let erased: BTreeSet<&str> = rows.iter().map(|row| row.digest.as_str()).collect();
        if !erased.is_empty() {
            *report.erased.entry(rule.code.clone()).or_default() += erased.len() as u64;
        }
        if self.asked.dry_run {
            return Ok(());
        }
        store.erase_files(&rows).await?;
        // Whoever was killed before this has forgotten the file already, and its content is still there.
        let free = digests.iter().filter(|digest| !needed.contains(digest.as_str()));
        for digest in free.filter_map(|digest| Digest::from_hex(digest).ok()) {
            files.remove(&digest).await?;
        }
        Ok(())
    }
}

fn count(report: &mut ErasureReport, rows: &[ErasureRow]) {
    for row in rows {
        *report.erased.entry(row.rule.clone()).or_default() += 1;
    }
}
