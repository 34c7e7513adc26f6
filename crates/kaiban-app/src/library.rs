//! The packages that this server knows: the ones it was started with, and every version that a stored case is pinned to. A
//! server that is newer may store further ones at any time; they are read when a case is met that is pinned to one.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use kaiban_calendar::{Calendars, local_date};
use kaiban_definition::{Definition, Directory, Effect, Office, Step, Workflows};
use kaiban_store::{CaseRow, Store, StoreError};

use crate::app::{Inner, StartError, read_package};
use crate::in_force::InForce;
use crate::publication;
use crate::refusal::Refusal;

/// Definitions by digest, the current ones by workflow, and the shared data beside them.
#[derive(Debug)]
pub struct Library {
    /// None where a package is stored that this version cannot load.
    by_digest: RwLock<HashMap<String, Option<Arc<Definition>>>>,
    current: Vec<Arc<Definition>>,
    /// Divisions, agencies, banks.
    pub directory: Arc<Directory>,
    in_force: RwLock<Arc<InForce>>,
}

impl Library {
    /// Starts from what was loaded from files; `stored` are older versions that cases are pinned to.
    pub(crate) fn new(workflows: Workflows, stored: Stored, in_force: InForce) -> Self {
        let shipped = workflows.definitions.iter().map(|def| (def.digest.clone(), Some(Arc::clone(def))));
        let by_digest: HashMap<_, _> = shipped.chain(stored).collect();
        Self {
            by_digest: RwLock::new(by_digest),
            current: workflows.definitions,
            directory: workflows.directory,
            in_force: RwLock::new(Arc::new(in_force)),
        }
    }

    /// The working calendars in force.
    pub fn calendars(&self) -> Arc<Calendars> {
        Arc::clone(&self.in_force().calendars)
    }

    pub(crate) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on these calendars are in force.
    pub(crate) fn enforce(&self, in_force: InForce) {
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }

    /// Starts from what was loaded from files and from what the database has kept, for looking at a database without a
    /// server.
    ///
    /// # Errors
    /// The database cannot be read, or what it keeps of calendars cannot be loaded any more.
    pub async fn open(store: &Store, workflows: Workflows) -> Result<Self, StartError> {
        let stored = restore(store, &workflows).await?;
        let in_force = publication::recorded(store, &workflows).await?;
        Ok(Self::new(workflows, stored, in_force))
    }

    /// The version that a case is pinned to.
    pub fn pinned(&self, digest: &str) -> Option<Arc<Definition>> {
        self.by_digest().get(digest).cloned().flatten()
    }

    fn by_digest(&self) -> RwLockReadGuard<'_, HashMap<String, Option<Arc<Definition>>>> {
        self.by_digest.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one of the cases is pinned to a package that was never looked for.
    pub(crate) fn lacks<'r>(&self, rows: impl IntoIterator<Item = &'r CaseRow>) -> bool {
        let known = self.by_digest();
        rows.into_iter().any(|row| !known.contains_key(&row.digest))
    }

    fn learn(&self, stored: Stored) {
        self.by_digest.write().unwrap_or_else(PoisonError::into_inner).extend(stored);
    }

    /// The version that a case received at `at_us` gets: the latest that is in effect on that day.
    pub fn current(&self, workflow: &str, at_us: i64) -> Option<Arc<Definition>> {
        let today = local_date(at_us);
        let shipped = |def: &Arc<Definition>| self.current.iter().any(|current| current.digest == def.digest);
        let known = self.by_digest();
        let known = known.values().flatten().filter(|def| def.workflow == workflow && def.effective_from <= today);
        known.max_by_key(|def| (def.effective_from, shipped(def))).cloned()
    }

    /// All current packages.
    pub fn all(&self) -> &[Arc<Definition>] {
        &self.current
    }

    /// Names of all current packages.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.current.iter().map(|def| def.workflow.as_str())
    }

    /// All packages that cases may be pinned to, in no order.
    pub(crate) fn known(&self) -> Vec<Arc<Definition>> {
        self.by_digest().values().flatten().cloned().collect()
    }

    /// The office that registers in a division.
    pub fn registering_office(&self, def: &Definition, division: &str) -> Option<&Office> {
        self.directory.office(self.registering_party(def)?, division)
    }

    /// Whose offices register: the party of the intake, or of the step that can close the case, or of the first step that
    /// is promised, or else of the first that any office does.
    pub(crate) fn registering_party<'d>(&self, def: &'d Definition) -> Option<&'d str> {
        let closes = |step: &&Arc<Step>| step.outcomes.values().any(|o| matches!(o.effect, Effect::Closes(_)));
        let steps = || def.order.iter().filter_map(|name| def.steps.get(name)).filter(|step| step.party().is_some());
        let intake = def.intake.as_ref().map(|intake| &intake.step);
        let counts = || steps().find(|step| step.counts);
        let step = intake.or_else(|| steps().find(closes)).or_else(counts).or_else(|| steps().next())?;
        step.party()
    }

    /// Names of the steps that a party may be offered, over all known versions; queues are made of these.
    pub fn steps_of(&self, party: &str) -> Vec<String> {
        let known = self.by_digest();
        let steps = known.values().flatten().flat_map(|def| {
            def.steps
                .values()
                .chain(def.intake.as_ref().map(|intake| &intake.step))
                .filter(|step| step.party() == Some(party))
        });
        let mut names: Vec<String> = steps.map(|step| step.name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Stored packages by digest; none where one cannot be loaded.
pub(crate) type Stored = Vec<(String, Option<Arc<Definition>>)>;

/// The stored versions that are not among the current ones.
pub(crate) async fn restore(store: &Store, workflows: &Workflows) -> Result<Stored, StoreError> {
    let shipped = |digest: &str| workflows.definitions.iter().any(|def| def.digest == digest);
    read(store, &workflows.directory, &workflows.calendars, shipped).await
}

async fn read(
    store: &Store,
    directory: &Directory,
    calendars: &Calendars,
    is_known: impl Fn(&str) -> bool,
) -> Result<Stored, StoreError> {
    let rows = store.packages().await?;
    let read = rows.into_iter().filter(|row| !is_known(&row.digest)).map(|row| {
        let def = match read_package(&row, directory, calendars) {
            Ok(def) => Some(Arc::new(def)),
            // Cases that are pinned to it cannot be worked on; everybody else's can.
            Err(error) => {
                tracing::error!(%error, "a stored package is left out");
                None
            }
        };
        (row.digest, def)
    });
    Ok(read.collect())
}

impl Inner {
    /// Reads the stored packages that this node does not know yet.
    pub async fn learn_packages(&self) -> Result<(), StoreError> {
        let library = &self.library;
        let is_known = |digest: &str| library.by_digest().contains_key(digest);
        library.learn(read(&self.store, &library.directory, &library.calendars(), is_known).await?);
        Ok(())
    }

    /// Makes sure that the packages of some cases are known, as far as they are stored.
    pub async fn know_packages<'r>(
        &self,
        rows: impl IntoIterator<Item = &'r CaseRow> + Clone,
    ) -> Result<(), StoreError> {
        if !self.library.lacks(rows.clone()) {
            return Ok(());
        }
        self.learn_packages().await?;
        // A case whose package is not there at all is not looked for again.
        let known = |digest: &str| self.library.by_digest().contains_key(digest);
        let lost: Vec<_> =
            rows.into_iter().filter(|row| !known(&row.digest)).map(|row| (row.digest.clone(), None)).collect();
        self.library.learn(lost);
        Ok(())
    }

    /// A stored case, wherever it is.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not there.
    pub async fn row(&self, case: &str) -> Result<CaseRow, Refusal> {
        let row = self.case_row(case).await?.ok_or_else(Refusal::not_found)?;
        self.know_packages([&row]).await?;
        Ok(row)
    }
}
