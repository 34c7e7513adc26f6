//! Who calls, and for how long: a call is authenticated once, what stays open is asked again: at once when a token was
//! revoked, on whatever server, and now and then in case that was not heard.

use std::ops::Deref;
use std::time::Duration;

use kaiban_app::{App, Canonical, Principal, Refusal};
use tonic::Status;

use crate::refuse;

/// How often a caller that stays is looked at again. The app answers from memory most of the time.
const AGAIN: Duration = Duration::from_secs(5);

/// What a caller shows.
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

/// An authenticated caller and what it showed.
pub(crate) struct Caller {
    principal: Principal,
    proof: Proof,
}

impl Caller {
    /// The caller behind a proof.
    ///
    /// # Errors
    /// UNAUTHENTICATED, or that the storage is not available.
    pub(crate) async fn of(app: &App, proof: Proof) -> Result<Self, Status> {
        let principal = proof.of(app).await.map_err(refuse::status)?;
        Ok(Self { principal, proof })
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
            match Box::pin(self.proof.of(app)).await {
                Err(refusal) if refusal.code == Canonical::Unauthenticated => return refuse::status(refusal),
                Ok(_) | Err(_) => {}
            }
        }
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
