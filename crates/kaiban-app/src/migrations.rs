//! Running cases are moved to another version of their package by a mapping: all of a case or nothing of it, and each with
//! its reason. Whether a case can go on is told here, beside the writer; only what can goes to it, and the writer takes it
//! when it has room, as it does after a publication of calendars.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::future::join_all;
use kaiban_calendar::local_date;
use kaiban_definition::{CaseFacts, Definition, Migration, MigrationFile, Scope};
use kaiban_engine::{Context, RegisterRecord, Registers, decide, registers_needed};
use kaiban_findings::Finding;
use kaiban_store::{CaseRow, CaseState, OutboxRow};
use serde_json::{Value, json};

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::execute::{Done, Kept, Op, RequestKey, Who, Working};
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};

/// How often a case is looked at again that changes while it is looked at.
const LOOKS: usize = 5;

/// Which cases are moved, and how.
#[derive(Clone, Debug)]
pub struct MigrateCases {
    /// Unique within (organisation, method); a dry run needs none.
    pub request_id: String,
    /// Name of the mapping file, for findings.
    pub name: String,
    /// Its text.
    pub mapping: String,
    /// Digest of the version that cases leave, where the file names one of several; empty = as the file says.
    pub from: String,
    /// The same of the version that they go on by.
    pub to: String,
    /// The cases; empty = all running ones of the old version.
    pub cases: Vec<String>,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// What became of a case.
#[derive(Clone, Debug)]
pub enum MigrationOutcome {
    /// It goes on by the new version.
    Migrated {
        /// Journal position at which it changed.
        seq: i64,
    },
    /// It would.
    WouldMigrate,
    /// It stays as it is, for this reason.
    Left(Box<Refusal>),
}

/// A case that was looked at.
#[derive(Clone, Debug)]
pub struct MigratedCase {
    /// Its number.
    pub case: String,
    /// What became of it.
    pub outcome: MigrationOutcome,
}

/// Two versions and what lies between them.
#[derive(Debug)]
pub(crate) struct Plan {
    pub to: Arc<Definition>,
    pub migration: Arc<Migration>,
    from: Arc<Definition>,
}

/// Moves cases, a page at a time, for as long as it is asked.
pub struct MigrationRun {
    inner: Arc<Inner>,
    who: Principal,
    plan: Arc<Plan>,
    key: Option<RequestKey>,
    /// Those that were named and are still to come; none = all.
    named: Option<VecDeque<String>>,
    after: String,
}

/// It changed between two looks, or was being changed.
pub(crate) fn moved_on() -> Refusal {
    Refusal {
        retry_after: Some(std::time::Duration::from_millis(200)),
        ..Refusal::new(
            Canonical::Aborted,
            "CASE_BUSY",
            "办件正在变动，本次未改用新版本，请稍后重试。",
            "The case kept changing and was left as it is: try it again.",
        )
    }
}

fn invalid(findings: Vec<Finding>) -> Refusal {
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    let zh = format!("版本映射文件有{errors}处错误，未改动任何办件。");
    let en = format!("The mapping has {errors} error(s); no case was changed.");
    Refusal { findings, ..Refusal::argument("MIGRATION_INVALID", zh, en) }
}

impl App {
    /// Reads the mapping, and holds it against both versions. Nothing is moved until the run is asked for its first page.
    ///
    /// # Errors
    /// `MIGRATION_INVALID` with every problem and its place; `ROLE_NOT_ALLOWED`, `REQUEST_ID_INVALID`.
    pub fn migrate_cases(&self, who: &Principal, request: MigrateCases) -> Result<MigrationRun, Refusal> {
        who.may(Verb::MigrateCases)?;
        let inner = &self.inner;
        let content = json!([request.mapping, request.from, request.to, request.cases]);
        let key = match request.dry_run {
            true => None,
            false => Some(inner.request(who, "MigrateCases", &request.request_id, &content)?),
        };
        let (file, findings) = MigrationFile::read(&request.name, &request.mapping);
        let file = file.ok_or_else(|| invalid(findings))?;
        let (from, to) = (inner.version(&file, true, &request.from), inner.version(&file, false, &request.to));
        let (from, to) = match (from, to) {
            (Ok(from), Ok(to)) => (from, to),
            (from, to) => {
                return Err(invalid([from.err(), to.err()].into_iter().flatten().map(|found| *found).collect()));
            }
        };
        let (migration, findings) = file.check(&from, &to);
        let migration = Arc::new(migration.ok_or_else(|| invalid(findings))?);
        let named = Some(request.cases).filter(|cases| !cases.is_empty()).map(VecDeque::from);
        let plan = Arc::new(Plan { to, migration, from });
        Ok(MigrationRun { inner: Arc::clone(inner), who: who.clone(), plan, key, named, after: String::new() })
    }
}

impl Inner {
    /// The version that a mapping names, by version or by digest.
    fn version(&self, file: &MigrationFile, old: bool, digest: &str) -> Result<Arc<Definition>, Box<Finding>> {
        let named = if old { file.from() } else { file.to() };
        let wanted = if digest.is_empty() { named } else { digest };
        let fits = |def: &Arc<Definition>| {
            let by_digest = wanted.len() >= 8 && def.digest.starts_with(wanted);
            def.workflow == file.workflow() && (by_digest || digest.is_empty() && def.version == wanted)
        };
        let mut found: Vec<Arc<Definition>> = self.library.known().into_iter().filter(fits).collect();
        found.sort_unstable_by(|a, b| a.digest.cmp(&b.digest));
        let said = |code, zh, en| Err(Box::new(file.at_version(old, code, zh, en)));
        match found.as_slice() {
            [only] => Ok(Arc::clone(only)),
            [] => {
                let versions = self.library.known().into_iter().filter(|def| def.workflow == file.workflow());
                let mut versions: Vec<String> =
                    versions.map(|def| format!("{} ({})", def.version, &def.digest[..12])).collect();
                versions.sort_unstable();
                let known = versions.join(", ");
                let zh = format!("本服务没有流程 {} 的版本 {wanted}，有：{known}。", file.workflow());
                let en = format!("There is no version {wanted} of {} here; there is: {known}.", file.workflow());
                said("MIGRATION_UNKNOWN_VERSION", zh, en)
            }
            several => {
                let digests: Vec<&str> = several.iter().map(|def| &def.digest[..12]).collect();
                let digests = digests.join(", ");
                let zh = format!("版本 {wanted} 有多个，请用摘要指明：{digests}。");
                let en = format!("Several versions are called {wanted}: name one by its digest: {digests}.");
                said("MIGRATION_SEVERAL_VERSIONS", zh, en)
            }
        }
    }
}

impl MigrationRun {
    /// Name, version and digest of what cases leave, and of what they go on by.
    pub fn versions(&self) -> (&Definition, &Definition) {
        (&self.plan.from, &self.plan.to)
    }

    /// The next page of cases, moved as far as they can be; none once all have been looked at. A server that dies in
    /// between has moved some of them, each whole; asking again goes on with the rest.
    ///
    /// # Errors
    /// The database does not answer, the server stops, or the request id was used for something else.
    pub async fn next(&mut self) -> Result<Option<Vec<MigratedCase>>, Refusal> {
        let page = self.inner.settings.limits.recompute_page.max(1);
        let rows = match &mut self.named {
            Some(named) => {
                let most = named.len().min(usize::try_from(page).unwrap_or(usize::MAX));
                let ids: Vec<String> = named.drain(..most).collect();
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    let row = self.inner.store.case(&id).await?;
                    rows.push((id, row));
                }
                if rows.is_empty() {
                    return Ok(None);
                }
                rows
            }
            None => {
                let cases = self.inner.store.open_cases_after(&self.after, page).await?;
                let Some(last) = cases.last() else { return Ok(None) };
                self.after.clone_from(&last.id);
                let of_old = cases.into_iter().filter(|row| row.digest == self.plan.migration.from);
                of_old.map(|row| (row.id.clone(), Some(row))).collect()
            }
        };
        let looks = rows.into_iter().map(|(id, row)| self.one(id, row));
        join_all(looks).await.into_iter().collect::<Result<Vec<_>, _>>().map(Some)
    }

    async fn one(&self, case: String, row: Option<CaseRow>) -> Result<MigratedCase, Refusal> {
        let left = |refusal: Refusal| MigrationOutcome::Left(Box::new(refusal));
        let mut row = match row {
            Some(row)
                if permit(&self.who, Verb::MigrateCases, Some(&RowFacts::stored(&row, &self.inner.library)))
                    .is_ok() =>
            {
                row
            }
            _ => return Ok(MigratedCase { case, outcome: left(Refusal::not_found()) }),
        };
        let mut outcome = left(moved_on());
        for _ in 0..LOOKS {
            match self.look_and_move(&row).await {
                Ok(Some(done)) => {
                    outcome = done;
                    break;
                }
                // It went on in between: what was seen is no longer so.
                Ok(None) => match self.inner.store.case(&case).await? {
                    Some(again) => row = again,
                    None => break,
                },
                // The whole run has met something that does not lie with the case.
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(MigratedCase { case, outcome })
    }

    /// Moves a case as it was read; none where it has changed since.
    async fn look_and_move(&self, row: &CaseRow) -> Result<Option<MigrationOutcome>, Refusal> {
        let key = self.key.as_ref().map(|key| {
            let RequestKey { key, content } = key;
            RequestKey { key: format!("{key}\u{1f}{}", row.id), content: content.clone() }
        });
        // What this request moved before is told again by the writer, which knows.
        let moved = row.digest == self.plan.migration.to && key.is_some();
        if !moved && let Err(refusal) = self.would(row).await? {
            return Ok(Some(MigrationOutcome::Left(Box::new(refusal))));
        }
        if key.is_none() {
            return Ok(Some(MigrationOutcome::WouldMigrate));
        }
        let op = Op::Migrate { case: row.id.clone(), seq: row.seq, plan: Arc::clone(&self.plan) };
        match self.inner.queue()?.execute(Who::Caller(self.who.clone()), key, op).await {
            Ok(Done::Case { seq, .. } | Done::Kept(Kept::Case { seq, .. })) => {
                Ok(Some(MigrationOutcome::Migrated { seq }))
            }
            Ok(_) => Ok(None),
            Err(refusal) if refusal.reason == "CASE_BUSY" => Ok(None),
            Err(refusal) if refusal.retry_after.is_some() || refusal.reason == "REQUEST_ID_REUSED" => Err(refusal),
            Err(refusal) => Ok(Some(MigrationOutcome::Left(Box::new(refusal)))),
        }
    }

    /// Whether a case can go on by the new version, decided on what is stored and written nowhere.
    async fn would(&self, row: &CaseRow) -> Result<Result<(), Refusal>, Refusal> {
        let (inner, plan) = (&self.inner, &self.plan);
        if row.state == CaseState::Closed {
            return Ok(Err(kaiban_engine::Rejection::CaseClosed.into()));
        }
        let working = match Working::read(&inner.library, row) {
            Ok(working) => working,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Some(refusal) = self.in_flight(&inner.store.outbox_of(&row.id).await?) {
            return Ok(Err(refusal));
        }
        let documents = inner.read_documents(&working.case, &working.case.documents()).await?;
        let now_us = inner.business_now_us().max(working.case.last_at_us);
        let form = working.case.form().and_then(|digest| documents.get(digest));
        let mut registers = Registers::new();
        if let Some(form) = form.filter(|_| !plan.to.registers.is_empty()) {
            let date = local_date(now_us).to_string();
            let case = CaseFacts { registrar: &row.division, workflow: &plan.to.workflow, doubts: 0, date: &date };
            let results = std::collections::BTreeMap::new();
            let scope = Scope { form, case, results: &results, item: None, credit: None };
            for (register, key) in registers_needed(&plan.to, form, &scope) {
                let record =
                    |row: kaiban_store::RegisterRow| RegisterRecord { holder: row.holder, until_us: row.until_us };
                let found = inner.store.register(&register, std::slice::from_ref(&key)).await?;
                registers.extend(found.into_iter().next().map(|row| ((register, key), record(row))));
            }
        }
        let calendars = inner.library.calendars();
        let cx = Context {
            now_us,
            operating_us: inner.clock.operating_us(),
            actor: &self.who.actor(),
            directory: &inner.library.directory,
            calendars: &calendars,
            documents: &documents,
            lease: None,
            registers: &registers,
            credit: None,
            salt: &crate::ids::salt(),
            tells: inner.settings.notifier.is_some(),
            limits: &inner.settings.limits.engine,
        };
        Ok(decide(&working.def, &working.case, &plan.command(), &cx).map(|_| ()).map_err(Refusal::from))
    }

    /// A letter or message that is still to go out and is called as the new version does not call it.
    fn in_flight(&self, effects: &[OutboxRow]) -> Option<Refusal> {
        let migration = &self.plan.migration;
        let other_name = |effect: &&OutboxRow| {
            let payload: Value = serde_json::from_str(&effect.payload).unwrap_or_default();
            let step = payload["step"].as_str().filter(|_| effect.kind != "ended");
            let letter = payload["letter"].as_str();
            step.is_some_and(|step| migration.branch(step).as_deref() != Some(step))
                || letter.is_some_and(|letter| !self.plan.to.letters.contains_key(letter))
        };
        let effect = effects.iter().find(other_name)?;
        Some(Refusal::new(
            Canonical::FailedPrecondition,
            "EFFECT_PENDING",
            format!("办件还有未完成的文书或通知（{}），其名称在新版本中不同；请待其完成后重试。", effect.kind),
            format!(
                "A letter or message of the case is still to be carried out ({}), and is called otherwise in the new version: try again once it is.",
                effect.kind
            ),
        ))
    }
}
