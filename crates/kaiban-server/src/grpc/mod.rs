//! The handlers: each reads its message, asks the app, presents the answer.

mod admin;
mod audit;
mod case;
mod commitment;
mod credit;
mod document;
mod draw;
mod incident;
mod task;
mod watch;
mod work;
mod workflow;

use std::sync::Arc;

use kaiban_app::{App, Refusal};
use tonic::{Request, Status};

use crate::caller::Caller;
use crate::limits::Limits;
use crate::refuse;
use crate::stopping::Stopping;

/// All services of `kaiban.v1`. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Api {
    app: App,
    limits: Arc<Limits>,
    stopping: Stopping,
}

impl Api {
    pub(crate) fn new(app: App, limits: Arc<Limits>, stopping: Stopping) -> Self {
        Self { app, limits, stopping }
    }
}

/// The caller, as the layers found it, and the message.
fn open<T>(mut request: Request<T>) -> Result<(Arc<Caller>, T), Status> {
    let who = request.extensions_mut().remove::<Arc<Caller>>();
    let who = who.ok_or_else(|| refuse::status(Refusal::unauthenticated()))?;
    Ok((who, request.into_inner()))
}
