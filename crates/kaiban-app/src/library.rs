//! The packages that this server knows: the ones it was started with, and every version that a stored case is pinned to.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kaiban_calendar::{Calendars, local_date};
use kaiban_definition::{Definition, Directory, Effect, Office, Step, Workflows};
use kaiban_store::Store;

use crate::app::{StartError, read_package};
use crate::in_force::InForce;
use crate::publication;

/// Definitions by digest, the current ones by workflow, and the shared data beside them.
#[derive(Debug)]
pub struct Library {
    by_digest: HashMap<String, Arc<Definition>>,
    current: Vec<Arc<Definition>>,
    /// Divisions, agencies, banks.
    pub directory: Arc<Directory>,
    in_force: RwLock<Arc<InForce>>,
}

impl Library {
    /// Starts from what was loaded from files; `stored` are older versions that cases are pinned to.
    pub(crate) fn new(workflows: Workflows, stored: Vec<Arc<Definition>>, in_force: InForce) -> Self {
        let by_digest = workflows.definitions.iter().chain(&stored).map(|def| (def.digest.clone(), Arc::clone(def)));
        Self {
            by_digest: by_digest.collect(),
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
    pub fn pinned(&self, digest: &str) -> Option<&Arc<Definition>> {
        self.by_digest.get(digest)
    }

    /// The version that a case received at `at_us` gets: the latest that is in effect on that day.
    pub fn current(&self, workflow: &str, at_us: i64) -> Option<&Arc<Definition>> {
        let today = local_date(at_us);
        let shipped = |def: &Arc<Definition>| self.current.iter().any(|current| current.digest == def.digest);
        let known = self.by_digest.values().filter(|def| def.workflow == workflow && def.effective_from <= today);
        known.max_by_key(|def| (def.effective_from, shipped(def)))
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
    pub(crate) fn known(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.by_digest.values()
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
        let steps = self.by_digest.values().flat_map(|def| {
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

/// The stored versions that are not among the current ones.
pub(crate) async fn restore(store: &Store, workflows: &Workflows) -> Result<Vec<Arc<Definition>>, StartError> {
    let mut restored = Vec::new();
    for row in store.packages().await? {
        if workflows.definitions.iter().all(|def| def.digest != row.digest) {
            match read_package(&row, workflows) {
                Ok(def) => restored.push(Arc::new(def)),
                // Cases that are pinned to it cannot be worked on; everybody else's can.
                Err(error) => tracing::error!(%error, "a stored package is left out"),
            }
        }
    }
    Ok(restored)
}
