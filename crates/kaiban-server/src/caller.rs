//! Who calls, and for how long: a call is authenticated once, what stays open is asked again: at once when a token was
//! revoked, on whatever server, and now and then in case that was not heard. A proof is asked about once, however many
//! streams it holds open: there may be thousands, and nearly always nothing has happened.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kaiban_app::{App, Canonical, Principal, Refusal};
use tokio::sync::watch;
use tonic::Status;

use crate::refuse;
use crate::stopping::Stopping;

/// How often a proof that holds something open is looked at again. The app answers from memory most of the time.
const AGAIN: Duration = Duration::from_secs(5);

/// What a caller shows.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Proof {
    /// The secret of a token.
    Secret(String),
    /// The certificate of the connection, verified, DER.
    Certificate(Vec<u8>),
}

impl Proof {
    async fn of(&self, app: &App) -> Result<Principal, Refusal> {
        match self {
            Self::Secret(secret) => app.authenticate(secret).await,
            Self::Certificate(certificate) => app.authenticate_certificate(certificate).await,
        }
    }
}

/// Why a proof holds nothing open any more, once it is so.
type Word = Option<Refusal>;

/// Everybody who calls: the door where a proof is looked at, and what holds something open.
#[derive(Clone)]
pub(crate) struct Callers {
    app: App,
    stopping: Stopping,
    staying: Arc<Mutex<HashMap<Arc<Proof>, watch::Receiver<Word>>>>,
}

impl Callers {
    pub(crate) fn new(app: App, stopping: Stopping) -> Self {
        Self { app, stopping, staying: Arc::default() }
    }

    /// The caller behind a proof.
    ///
    /// # Errors
    /// UNAUTHENTICATED, or that the storage is not available.
    pub(crate) async fn caller(&self, proof: Proof) -> Result<Caller, Status> {
        let principal = proof.of(&self.app).await.map_err(refuse::status)?;
        Ok(Caller { principal, proof: Arc::new(proof), callers: self.clone() })
    }

    fn staying(&self) -> MutexGuard<'_, HashMap<Arc<Proof>, watch::Receiver<Word>>> {
        self.staying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the word about a proof comes.
    fn listen(&self, proof: &Arc<Proof>) -> watch::Receiver<Word> {
        let mut staying = self.staying();
        if let Some(word) = staying.get(proof).filter(|word| word.has_changed().is_ok()) {
            return word.clone();
        }
        let (tell, word) = watch::channel(None);
        staying.insert(Arc::clone(proof), word.clone());
        tokio::spawn(self.clone().look_again(Arc::clone(proof), tell));
        word
    }

    /// Looks at a proof now and then, as long as it holds something open. That it cannot be looked up for a moment ends
    /// nothing.
    async fn look_again(self, proof: Arc<Proof>, tell: watch::Sender<Word>) {
        let mut revocations = self.app.revocations();
        loop {
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = revocations.changed() => {}
                () = self.stopping.heard() => return,
            }
            {
                let mut staying = self.staying();
                // Nobody listens but the table.
                if tell.receiver_count() <= 1 {
                    staying.remove(&proof);
                    return;
                }
            }
            if let Err(refusal) = proof.of(&self.app).await
                && refusal.code == Canonical::Unauthenticated
            {
                self.staying().remove(&proof);
                tell.send_replace(Some(refusal));
                return;
            }
        }
    }
}

/// An authenticated caller and what it showed.
pub(crate) struct Caller {
    principal: Principal,
    proof: Arc<Proof>,
    callers: Callers,
}

impl Caller {
    /// Returns when the token was revoked, by whatever way, or has expired, or when the server stops.
    pub(crate) async fn dismissed(&self) -> Status {
        let mut word = self.callers.listen(&self.proof);
        // Without a word only the server's end ends the watch.
        let refusal = word.wait_for(Option::is_some).await.ok().and_then(|word| word.clone());
        refuse::status(refusal.unwrap_or_else(Refusal::stopping))
    }
}

/// Does not show the proof.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}
