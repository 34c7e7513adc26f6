//! Who calls, and for how long: a call is authenticated once, what stays open is asked again: at once when a token was
//! revoked, on whatever server, and now and then in case that was not heard. A token is asked about once, however many
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

/// How often a token that holds something open is looked up again.
const AGAIN: Duration = Duration::from_secs(5);

/// Why a token holds nothing open any more, once it is so.
type Word = Option<Refusal>;

/// The tokens that hold something open, by secret.
#[derive(Clone)]
pub(crate) struct Watchmen {
    app: App,
    stopping: Stopping,
    tokens: Arc<Mutex<HashMap<String, watch::Receiver<Word>>>>,
}

impl Watchmen {
    pub(crate) fn new(app: App, stopping: Stopping) -> Self {
        Self { app, stopping, tokens: Arc::default() }
    }

    /// The caller behind a secret.
    ///
    /// # Errors
    /// UNAUTHENTICATED, or that the storage is not available.
    pub(crate) async fn caller(&self, secret: &str) -> Result<Caller, Status> {
        let principal = self.app.authenticate(secret).await.map_err(refuse::status)?;
        Ok(Caller { principal, secret: secret.to_owned(), watchmen: self.clone() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Word>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the word about a token comes.
    fn listen(&self, secret: &str) -> watch::Receiver<Word> {
        let mut tokens = self.lock();
        if let Some(word) = tokens.get(secret).filter(|word| word.has_changed().is_ok()) {
            return word.clone();
        }
        let (tell, word) = watch::channel(None);
        tokens.insert(secret.to_owned(), word.clone());
        tokio::spawn(self.clone().watch(secret.to_owned(), tell));
        word
    }

    /// Looks a token up now and then, as long as it holds something open. That it cannot be looked up for a moment ends
    /// nothing.
    async fn watch(self, secret: String, tell: watch::Sender<Word>) {
        let mut revocations = self.app.revocations();
        loop {
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = revocations.changed() => {}
                () = self.stopping.heard() => return,
            }
            {
                let mut tokens = self.lock();
                // Nobody listens but the table.
                if tell.receiver_count() <= 1 {
                    tokens.remove(&secret);
                    return;
                }
            }
            if let Err(refusal) = self.app.authenticate(&secret).await
                && refusal.code == Canonical::Unauthenticated
            {
                self.lock().remove(&secret);
                tell.send_replace(Some(refusal));
                return;
            }
        }
    }
}

/// An authenticated caller and the secret that it came with.
pub(crate) struct Caller {
    principal: Principal,
    secret: String,
    watchmen: Watchmen,
}

impl Caller {
    /// Returns when the token was revoked, by whatever way, or has expired, or when the server stops.
    pub(crate) async fn dismissed(&self) -> Status {
        let mut word = self.watchmen.listen(&self.secret);
        // Without a word only the server's end ends the watch.
        let refusal = word.wait_for(Option::is_some).await.ok().and_then(|word| word.clone());
        refuse::status(refusal.unwrap_or_else(Refusal::stopping))
    }
}

/// Does not show the secret.
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
