use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement, Value};

use crate::claims::{self, Found, FoundTask};
use crate::dialect::Dialect;
use crate::entities::{blob, case, credential, credit_entry, register, request, task};
use crate::{
    BlobRow, CaseRow, Changes, CredentialRow, CreditEntryRow, RegisterRow, RequestRow, StoreError, TaskRow, save,
};

/// What a batch of commands is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Keys of requests that may have been answered before.
    pub requests: Vec<String>,
    /// Ids of cases that commands name.
    pub cases: Vec<String>,
    /// Queues that tasks are wanted from.
    pub claims: Vec<Claim>,
    /// Digests of blobs.
    pub blobs: Vec<String>,
    /// Records of registers, by register and key.
    pub registers: Vec<(String, String)>,
    /// Hashes of credentials that commands are given with.
    pub credentials: Vec<String>,
    /// Subjects whose credit history is looked at or added to.
    pub credit: Vec<String>,
    /// Operating time, which decides whether a lease ran out. PostgreSQL's own clock takes its place there.
    pub operating_us: i64,
}

/// Tasks wanted from a queue.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The office.
    pub office: String,
    /// The steps; empty for all.
    pub steps: Vec<String>,
    /// How many tasks at most.
    pub limit: u32,
}

/// What a batch works on; on PostgreSQL its cases stay locked until the batch ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Loaded {
    /// PostgreSQL's clock, read after the locks; `None` on SQLite.
    pub now_us: Option<i64>,
    /// By key: those that were answered before.
    pub requests: HashMap<String, RequestRow>,
    /// By id: the wanted ones that exist, and those of the candidates, but for the `unchanged`.
    pub cases: HashMap<String, CaseRow>,
    /// Those of them that stand at the entry at which they are known.
    pub unchanged: HashSet<String>,
    /// All open tasks of these cases, by case and id; not those of the `unchanged` in a batch that has an era.
    pub tasks: Vec<TaskRow>,
    /// For each claim, ids of tasks that it can have, in the queue's order: the earliest due first, then the
    /// earliest offered, then by id. No task is in two of the lists.
    pub candidates: Vec<Vec<String>>,
    /// For each claim, whether its queues have nothing but the candidates: no more of them, and none that another batch
    /// holds.
    pub emptied: Vec<bool>,
    /// For each claim, cases with tasks that it could have, were they not held by another batch at this moment.
    pub passed_over: Vec<Vec<String>>,
    /// Number of the publication of calendars that came last, on PostgreSQL. None comes while the batch lasts.
    pub publication: Option<i64>,
    /// By digest.
    pub blobs: HashMap<String, BlobRow>,
    /// By register and key: those that there are. They are not locked; that somebody else changed one shows when
    /// the batch is saved.
    pub registers: HashMap<(String, String), RegisterRow>,
    /// By hash.
    pub credentials: HashMap<String, CredentialRow>,
    /// By subject, the first entry first; of a subject with nothing on record there is no list.
    pub credit: HashMap<String, Vec<CreditEntryRow>>,
}

/// A transaction. [`Batch::save`] ends it; dropping it rolls everything back, as [`Batch::cancel`] does.
pub struct Batch {
    transaction: DatabaseTransaction,
    dialect: Dialect,
    era: Option<u64>,
}

impl std::fmt::Debug for Batch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch").field("backend", &self.dialect.0).finish_non_exhaustive()
    }
}

impl Batch {
    pub(crate) fn new(transaction: DatabaseTransaction, dialect: Dialect, era: Option<u64>) -> Self {
        Batch { transaction, dialect, era }
    }

    /// A number that is another one after somebody else has written to a SQLite file, which one process ought to own:
    /// nothing that is known from before holds then. None on PostgreSQL, where many servers write, and the rows say what
    /// has changed.
    pub fn era(&self) -> Option<u64> {
        self.era
    }

    /// Reads and locks what the batch is about, in at most nine statements. To be called once with cases or
    /// claims in a batch: the locks are taken in the order of the ids, and a second call could wait for a batch
    /// that waits for this one. Blobs, requests, registers and credit histories may be
    /// asked for again.
    ///
    /// A case that a command names is waited for; a case that is only in reach of a claim is passed over when
    /// another batch has it locked.
    pub async fn load(&mut self, wanted: &Wanted) -> Result<Loaded, StoreError> {
        self.load_beside(wanted, |_| None).await
    }

    /// As [`Batch::load`], for a caller who remembers cases as earlier batches of this store left them: `known` gives
    /// the number of the last entry of one that it remembers, from this [`Batch::era`]. What still stands there is not read
    /// again.
    pub async fn load_beside(
        &mut self,
        wanted: &Wanted,
        known: impl Fn(&str) -> Option<i64>,
    ) -> Result<Loaded, StoreError> {
        let mut loaded = Loaded::default();
        self.load_cases(LOCK_CASES, &wanted.cases, &known, &mut loaded).await?;
        // After the locks: what another batch answered while this one waited is seen.
        for row in self.rows::<request::Model>(REQUESTS, &wanted.requests).await? {
            loaded.requests.insert(row.key.clone(), row.into());
        }
        let found = claims::search(&self.transaction, self.dialect, wanted).await?;
        let mut in_reach: Vec<String> = found.tasks.iter().map(|found| found.case_id.clone()).collect();
        in_reach.retain(|id| !loaded.cases.contains_key(id) && !loaded.unchanged.contains(id));
        in_reach.sort_unstable();
        in_reach.dedup();
        self.load_cases(READ_CASES, &in_reach, &known, &mut loaded).await?;
        self.load_tasks(&mut loaded).await?;
        self.hand_out(wanted, &found, &mut loaded);
        for row in self.rows::<blob::Model>(BLOBS, &wanted.blobs).await? {
            loaded.blobs.insert(row.digest.clone(), row.into());
        }
        for row in self.rows::<credential::Model>(CREDENTIALS, &wanted.credentials).await? {
            loaded.credentials.insert(row.hash.clone(), row.into());
        }
        for row in self.rows::<credit_entry::Model>(CREDIT, &wanted.credit).await? {
            loaded.credit.entry(row.subject.clone()).or_default().push(row.into());
        }
        if !wanted.registers.is_empty() {
            let statement = self.dialect.register_records(&wanted.registers);
            for row in register::Model::find_by_statement(statement).all(&self.transaction).await? {
                loaded.registers.insert((row.register.clone(), row.key.clone()), row.into());
            }
        }
        Ok(loaded)
    }

    /// Writes everything and commits. When this returns, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else wrote one of the rows first; nothing is written then, nor on
    /// any other error, except that after [`StoreError::Unavailable`] it is unknown.
    pub async fn save(self, changes: &Changes) -> Result<(), StoreError> {
        save::save(&self.transaction, self.dialect, changes).await?;
        self.transaction.commit().await?;
        Ok(())
    }

    /// Rolls back and waits until it is done. Dropping the batch does it a moment later, during which its cases
    /// are still locked.
    pub async fn cancel(self) -> Result<(), StoreError> {
        self.transaction.rollback().await?;
        Ok(())
    }

    async fn load_cases(
        &self,
        sql: Texts,
        ids: &[String],
        known: &impl Fn(&str) -> Option<i64>,
        loaded: &mut Loaded,
    ) -> Result<(), StoreError> {
        let (ids, seqs): (Vec<&str>, Vec<i64>) = match self.dialect.0 {
            crate::Backend::Sqlite => {
                let (kept, read) = ids.iter().partition(|id| known(id).is_some());
                loaded.unchanged.extend(Vec::into_iter(kept).cloned());
                (Vec::into_iter(read).map(String::as_str).collect(), Vec::new())
            }
            // Numbers of entries begin at 1.
            crate::Backend::Postgres => ids.iter().map(|id| (id.as_str(), known(id).unwrap_or_default())).unzip(),
        };
        if ids.is_empty() {
            return Ok(());
        }
        let mut values = vec![self.dialect.list(ids.into_iter())];
        if self.dialect.0 == crate::Backend::Postgres {
            values.push(seqs.into());
        }
        for row in self.transaction.query_all_raw(self.statement(sql, values)).await? {
            let row = case::Model::from_query_result(&row, "")?;
            match row.snapshot == UNCHANGED {
                true => drop(loaded.unchanged.insert(row.id)),
                false => drop(loaded.cases.insert(row.id.clone(), row.try_into()?)),
            }
        }
        Ok(())
    }

    async fn load_tasks(&self, loaded: &mut Loaded) -> Result<(), StoreError> {
        let unchanged = loaded.unchanged.iter().filter(|_| self.era.is_none());
        let ids = self.dialect.list(loaded.cases.keys().chain(unchanged).map(String::as_str));
        // PostgreSQL's clock is wanted even for a batch without cases.
        if loaded.cases.is_empty() && self.dialect.0 == crate::Backend::Sqlite {
            return Ok(());
        }
        for row in self.transaction.query_all_raw(self.statement(TASKS, vec![ids])).await? {
            loaded.now_us = row.try_get("", "now_us")?;
            loaded.publication = row.try_get("", "publication")?;
            if row.try_get::<Option<String>>("", "id")?.is_some() {
                loaded.tasks.push(task::Model::from_query_result(&row, "")?.try_into()?);
            }
        }
        Ok(())
    }

    /// Gives each candidate to the first claim that looks for it, unless the locks showed it gone.
    fn hand_out(&self, wanted: &Wanted, found: &Found, loaded: &mut Loaded) {
        let now_us = loaded.now_us.unwrap_or(wanted.operating_us);
        let claimable: HashSet<&str> =
            loaded.tasks.iter().filter(|task| task.is_claimable(now_us)).map(|task| task.id.as_str()).collect();
        // What was found is so still where nobody else can write.
        let as_found = |found: &FoundTask| self.era.is_some() && loaded.unchanged.contains(&found.case_id);
        let shared = claims::share(&wanted.claims, found, |found| as_found(found) || claimable.contains(found.id()));
        (loaded.candidates, loaded.emptied, loaded.passed_over) =
            (shared.candidates, shared.emptied, shared.passed_over);
    }

    async fn rows<M: FromQueryResult>(&self, sql: Texts, names: &[String]) -> Result<Vec<M>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let list = self.dialect.list(names.iter().map(String::as_str));
        let rows = self.transaction.query_all_raw(self.statement(sql, vec![list])).await?;
        Ok(rows.iter().map(|row| M::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    fn statement(&self, sql: Texts, values: Vec<Value>) -> Statement {
        self.dialect.statement(sql.sqlite, sql.postgres, values)
    }
}

/// In place of a snapshot, which is an object, or empty where the case is in the archive.
const UNCHANGED: &str = "=";

/// Cases on PostgreSQL; those that stand at the entry at which they are known come without their snapshot.
macro_rules! known_cases {
    () => {
        "SELECT c.id, c.workflow, c.version, c.digest, c.division, c.organisation, c.outlet, c.subject, c.state,
            c.outcome, c.seq, c.head, c.received_at_us, c.accepted_at_us, c.promise_due_us, c.closed_at_us,
            c.waiting, c.troubled, c.parent, c.visited,
            CASE WHEN c.seq = w.seq THEN '=' ELSE c.snapshot END AS snapshot
        FROM unnest($1::text[], $2::bigint[]) AS w (id, seq) JOIN cases AS c ON c.id = w.id"
    };
}

/// One statement in both dialects.
#[derive(Clone, Copy)]
struct Texts {
    sqlite: &'static str,
    postgres: &'static str,
}

const REQUESTS: Texts = Texts {
    sqlite: "SELECT requests.* FROM json_each($1) AS w CROSS JOIN requests ON requests.key = w.value",
    postgres: "SELECT * FROM requests WHERE key = ANY ($1)",
};
const LOCK_CASES: Texts = Texts {
    sqlite: READ_CASES.sqlite,
    // INVARIANT: the only statement of a batch that waits for another batch's cases, always in this order.
    postgres: concat!(known_cases!(), " ORDER BY c.id FOR UPDATE OF c"),
};
const READ_CASES: Texts = Texts {
    sqlite: "SELECT cases.* FROM json_each($1) AS w CROSS JOIN cases ON cases.id = w.value",
    postgres: known_cases!(),
};
const TASKS: Texts = Texts {
    sqlite: "SELECT NULL AS now_us, NULL AS publication, tasks.* FROM json_each($1) AS w CROSS JOIN tasks ON tasks.case_id = w.value
        ORDER BY tasks.case_id, tasks.id",
    // One row at least, for the clock. INVARIANT: the row that is wanted FOR KEY SHARE is never there, so no row is locked;
    // but from here to the end of the batch the table is, against [`Store::publishing`](crate::Store::publishing) alone, and
    // what is read after that lock is what holds for the batch.
    postgres: "SELECT n.now_us, n.publication, tasks.*
        FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now_us, COALESCE(
                (SELECT number FROM calendar_publications WHERE number < 0 FOR KEY SHARE),
                (SELECT max(number) FROM calendar_publications)) AS publication) AS n
        LEFT JOIN tasks ON tasks.case_id = ANY ($1) ORDER BY tasks.case_id, tasks.id",
};
const CREDENTIALS: Texts = Texts {
    sqlite: "SELECT credentials.* FROM json_each($1) AS w CROSS JOIN credentials ON credentials.hash = w.value",
    postgres: "SELECT * FROM credentials WHERE hash = ANY ($1)",
};
const CREDIT: Texts = Texts {
    sqlite:
        "SELECT credit_entries.* FROM json_each($1) AS w CROSS JOIN credit_entries ON credit_entries.subject = w.value
        ORDER BY credit_entries.subject, credit_entries.seq",
    postgres: "SELECT * FROM credit_entries WHERE subject = ANY ($1) ORDER BY subject, seq",
};
const BLOBS: Texts = Texts {
    sqlite: "SELECT blobs.* FROM json_each($1) AS w CROSS JOIN blobs ON blobs.digest = w.value",
    postgres: "SELECT * FROM blobs WHERE digest = ANY ($1)",
};
