//! Who calls, and for how long: a call is authenticated once, what stays open is asked again: at once when a token was
//! revoked, on whatever server, and now and then in case that was not heard.

use std::ops::Deref;
use std::time::Duration;

use kaiban_app::{App, Canonical, Principal};
use tonic::Status;

use crate::refuse;

/// How often a caller that stays is looked at again. The app answers from memory most of the time.
const AGAIN: Duration = Duration::from_secs(5);

/// An authenticated caller and the secret that it came with.
pub(crate) struct Caller {
    principal: Principal,
    secret: String,
}

impl Caller {
    /// The caller behind a secret.
    ///
    /// # Errors
    /// UNAUTHENTICATED, or that the storage is not available.
    pub(crate) async fn of(app: &App, secret: &str) -> Result<Self, Status> {
        let principal = app.authenticate(secret).await.map_err(refuse::status)?;
        Ok(Self { principal, secret: secret.to_owned() })
    }

    /// Returns when the token was revoked, by whatever way, or has expired. That it cannot be looked up for a moment
    /// ends nothing.
    pub(crate) async fn dismissed(&self, app: &App) -> Status {
        let mut revocations = app.revocations();
        loop {
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = revocations.changed() => {}
            }
            match Box::pin(app.authenticate(&self.secret)).await {
                Err(refusal) if refusal.code == Canonical::Unauthenticated => return refuse::status(refusal),
                Ok(_) | Err(_) => {}
            }
        }
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
