//! The app as its callers hold it, and what its parts share.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use kaiban_calendar::Calendars;
use kaiban_definition::{Definition, Directory, Files, Workflows, load_package};
use kaiban_engine::TimerClock;
use kaiban_findings::Finding;
use kaiban_store::{Backend, OutboxRow, PackageRow, Store, StoreError};
use tokio::sync::{Notify, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::clock::{Clock, DatabaseClock};
use crate::dispatch::{Dispatcher, Follows, SharedDispatcher};
use crate::documents::DocumentCache;
use crate::execute::{Memory, News, Queue, Served};
use crate::library::Library;
use crate::limits::Settings;
use crate::nodes::Nodes;
use crate::publication::{self, Opened, PublicationView};
use crate::records::{Gatherer, PersonKey};
use crate::refusal::Refusal;
use crate::timers::TimerBell;
use crate::tokens::TokenCache;
use crate::watch::Hub;

/// The application. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
    background: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

/// What all parts share.
pub(crate) struct Inner {
    pub store: Store,
    pub library: Library,
    pub clock: Arc<dyn Clock>,
    pub settings: Settings,
    pub dispatcher: SharedDispatcher,
    pub documents: DocumentCache,
    pub memory: Memory,
    pub tokens: TokenCache,
    pub persons: PersonKey,
    /// Records of reads on their way to the disk.
    pub reads: Gatherer,
    /// Who follows cases.
    pub watches: Arc<Hub>,
    /// This node among the others of its database.
    pub nodes: Nodes,
    pub bell: TimerBell,
    /// Hands effects to who carries them out.
    outbox: mpsc::Sender<Vec<OutboxRow>>,
    /// Effects in this node's hands.
    pub effects: watch::Sender<usize>,
    /// The publication of calendars that came last, as far as it is.
    pub publications: watch::Sender<Option<PublicationView>>,
    /// One publication at a time.
    pub publishing: tokio::sync::Mutex<()>,
    /// A publication waits for being applied.
    pub recompute: Notify,
    /// A draw was held and waits for being carried out.
    pub drawing: Notify,
    /// Room for uploads.
    pub uploads: Semaphore,
    /// Transactions of the write path that are on the disk.
    pub commits: AtomicU64,
    /// Where the window of the newest head ends that this server knows of; no entry is stamped before it.
    pub covered_until: AtomicI64,
    /// Set once at start; taken at stop, so that the writers end when they have written what waits.
    queue: Mutex<Option<Arc<Queue>>>,
}

/// Why the app does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be read or written.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The calendars of the workflows contradict the ones that open cases are computed with, or what is stored of them
    /// cannot be loaded any more.
    #[error("the calendars are not those that this database goes by: {}", list(.0))]
    Calendars(Vec<Finding>),
    /// A stored package, which cases are pinned to, cannot be loaded any more.
    #[error("stored package {workflow} {digest} cannot be loaded: {finding}")]
    Package {
        /// Name of the package.
        workflow: String,
        /// Its digest.
        digest: String,
        /// The first thing wrong with it.
        finding: String,
    },
}

fn list(findings: &[Finding]) -> String {
    findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl App {
    /// Starts the app: stores the packages that are new, restores the ones that cases are pinned to, starts the writers
    /// and the timers. The store's schema must be current.
    ///
    /// `files` are the packages as text, as `workflows` was loaded from them.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start(
        store: Store,
        workflows: Workflows,
        files: &Files,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<App, StartError> {
        let (clock, database) = DatabaseClock::of(&store, clock).await?;
        // From here on this node hears what the others say, and looks at everything once it knows that they are there.
        let nodes = Nodes::open(&store, database).await?;
        let stored = crate::library::restore(&store, &workflows).await?;
        for def in &workflows.definitions {
            let row = PackageRow {
                digest: def.digest.clone(),
                workflow: def.workflow.clone(),
                version: def.version.clone(),
                effective_from: def.effective_from.to_string(),
                files: serde_json::to_string(files.package(&def.workflow).as_map()).unwrap_or_default(),
                stored_at_us: clock.operating_us(),
            };
            store.put_package(&row).await?;
        }
        let Opened { in_force, standing, newer } =
            publication::open(&store, &workflows, files, clock.business_us(clock.operating_us())).await?;
        let limits = &settings.limits;
        let writers = match store.backend() {
            Backend::Sqlite => 1,
            Backend::Postgres if settings.writers == 0 => 2,
            Backend::Postgres => settings.writers,
        };
        let (outbox, effects) = mpsc::channel(limits.queue_max);
        let (reads, records) = Gatherer::open();
        let covered_until = store.last_head().await?.map_or(i64::MIN, |head| head.until_us);
        let inner = Arc::new(Inner {
            library: Library::new(workflows, stored, in_force),
            dispatcher: Arc::new(Dispatcher::new(&nodes.me)),
            documents: DocumentCache::new(limits.documents_cache_bytes),
            memory: Memory::new(limits.cases_memory_bytes),
            tokens: TokenCache::default(),
            persons: PersonKey::load(&store).await?,
            reads,
            watches: Arc::new(Hub::new(limits.watch_lag_max)),
            nodes,
            bell: TimerBell::default(),
            outbox,
            effects: watch::Sender::new(0),
            publications: watch::Sender::new(standing),
            publishing: tokio::sync::Mutex::new(()),
            recompute: Notify::new(),
            drawing: Notify::new(),
            uploads: Semaphore::new(limits.uploads_max),
            commits: AtomicU64::new(0),
            covered_until: AtomicI64::new(covered_until),
            queue: Mutex::new(None),
            store,
            clock,
            settings,
        });
        inner.sweep_files().await;
        let (queue, mut background) = Queue::start(&inner, writers);
        *lock(&inner.queue) = Some(Arc::new(queue));
        background.push(tokio::spawn(crate::recompute::run(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::recompute::watch_ends(Arc::clone(&inner))));
        match newer {
            // What is recorded is applied first; nobody waits for that.
            Some(files) if inner.library.in_force().applying.is_some() => {
                let inner = Arc::clone(&inner);
                background.push(tokio::spawn(async move { inner.publish_shipped(&files).await }));
            }
            Some(files) => inner.publish_shipped(&files).await,
            None => {}
        }
        background.push(tokio::spawn(crate::timers::run(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::outbox::run(Arc::clone(&inner), effects)));
        background.push(tokio::spawn(crate::work::poll(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::draws::carry::run(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::records::write(Arc::clone(&inner), records)));
        background.push(tokio::spawn(crate::records::keep(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::nodes::tell(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::nodes::listen(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::nodes::follow(Arc::clone(&inner))));
        background.push(tokio::spawn(crate::heads::run(Arc::clone(&inner))));
        Ok(App { inner, background: Arc::new(Mutex::new(background)) })
    }

    /// Stops: no new commands, what was queued is written, streams end.
    pub async fn stop(&self) {
        let queue = lock(&self.inner.queue).take();
        drop(queue);
        self.inner.bell.stop();
        self.inner.dispatcher.end(None, &Refusal::stopping());
        self.inner.watches.stop();
        let background = std::mem::take(&mut *lock(&self.background));
        for task in background {
            let _ = task.await;
        }
        crate::nodes::bid_farewell(&self.inner).await;
    }

    /// The packages that a case submitted now could use.
    pub fn workflows(&self) -> Vec<Arc<Definition>> {
        self.inner.library.all().to_vec()
    }

    /// A package by name, or one of its versions by digest.
    pub fn workflow(&self, name: &str, digest: Option<&str>) -> Option<Arc<Definition>> {
        match digest {
            None => self.inner.library.current(name, self.business_now_us()),
            Some(digest) => self.inner.library.pinned(digest).filter(|def| def.workflow == name),
        }
    }

    /// Packages, directory and calendars.
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    /// Business time, µs.
    pub fn business_now_us(&self) -> i64 {
        self.inner.business_now_us()
    }

    /// Whether business time is moved by hand.
    pub fn is_simulated(&self) -> bool {
        self.inner.clock.is_simulated()
    }

    /// Waits until this node has carried out, or put off, every effect that was committed so far; for whoever moves a
    /// simulated clock.
    pub async fn effects_settled(&self) {
        // The sender lives as long as the app.
        let _ = self.inner.effects.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Which database.
    pub fn backend(&self) -> Backend {
        self.inner.store.backend()
    }

    /// Transactions that the write path has committed since the start.
    pub fn commits(&self) -> u64 {
        self.inner.commits.load(Ordering::Relaxed)
    }

    /// The bounds that calls are held to.
    pub fn limits(&self) -> &crate::Limits {
        &self.inner.settings.limits
    }
}

impl Inner {
    pub fn business_now_us(&self) -> i64 {
        self.clock.business_us(self.clock.operating_us())
    }

    /// The door to the writers; none once the app stops.
    pub fn queue(&self) -> Result<Arc<Queue>, Refusal> {
        lock(&self.queue).clone().ok_or_else(Refusal::stopping)
    }

    /// Tells everybody what a committed batch means for them.
    pub fn publish(self: &Arc<Self>, mut news: News, served: Vec<Served>) {
        for (digest, value, bytes) in news.documents.drain(..) {
            self.documents.put(&digest, value, bytes);
        }
        for claim in served.iter().filter(|claim| claim.emptied) {
            self.dispatcher.emptied(&claim.office, &claim.versions);
        }
        self.nodes.tell_commit(&news);
        let Follows { pull, orphans } = self.dispatcher.publish(&mut news);
        crate::work::pull_all(self, pull);
        crate::work::let_go(self, orphans);
        if !news.effects.is_empty() {
            // What there is no room for is not lost: the rows are found by the poll when their claim runs out.
            let count = news.effects.len();
            let most = self.settings.limits.effects_max;
            let room = self.effects.send_if_modified(|pending| {
                let room = *pending + count <= most;
                *pending += if room { count } else { 0 };
                room
            });
            if room && self.outbox.try_send(std::mem::take(&mut news.effects)).is_err() {
                self.effects.send_modify(|pending| *pending -= count);
            }
        }
        for (clock, due_us) in news.deadlines {
            // Where business time is simulated, whoever moves it fires them.
            if clock == TimerClock::Operating || !self.clock.is_simulated() {
                self.bell.ring(due_us);
            }
        }
        self.watches.publish(news.cases);
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A package from its stored files.
pub(crate) fn read_package(
    row: &PackageRow,
    directory: &Directory,
    calendars: &Calendars,
) -> Result<Definition, StartError> {
    let failed =
        |finding: String| StartError::Package { workflow: row.workflow.clone(), digest: row.digest.clone(), finding };
    let map: std::collections::BTreeMap<String, String> =
        serde_json::from_str(&row.files).map_err(|error| failed(error.to_string()))?;
    let mut files = Files::new();
    for (path, text) in map {
        files.insert(path, text);
    }
    let (def, findings) = load_package(&row.workflow, &files, directory, calendars);
    let first = || findings.iter().find(|finding| finding.is_error()).map(ToString::to_string).unwrap_or_default();
    def.ok_or_else(|| failed(first()))
}
