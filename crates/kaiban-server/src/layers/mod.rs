//! What every call goes through before its handler: a panic becomes INTERNAL, a call has a deadline, a caller has a
//! token. What the transport itself refuses gets a reason, too.

mod deadline;
mod token;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use kaiban_app::App;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http;
use tower::{Layer, Service};
use tracing::{debug, error};

use crate::limits::Limits;
use crate::refuse;

/// Puts a [`Guard`] before the services.
#[derive(Clone)]
pub(crate) struct GuardLayer {
    app: App,
    limits: Arc<Limits>,
}

impl GuardLayer {
    pub(crate) fn new(app: App, limits: Arc<Limits>) -> Self {
        Self { app, limits }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner, layer: self.clone() }
    }
}

/// Guards every call.
#[derive(Clone)]
pub(crate) struct Guard<S> {
    inner: S,
    layer: GuardLayer,
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        // The clone has not been asked whether it is ready; the one that was is used, as tower asks for.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let begun = Instant::now();
            let method = request.uri().path().to_owned();
            let length = deadline::of(request.headers(), &method, &layer.limits);
            let call = AssertUnwindSafe(layer.answer(inner, request)).catch_unwind();
            let status = match tokio::time::timeout(length, call).await {
                Ok(Ok(Ok(response))) => {
                    debug!(method, elapsed_us = begun.elapsed().as_micros() as u64, "answered");
                    return Ok(response);
                }
                Ok(Ok(Err(status))) => status,
                Ok(Err(_)) => {
                    error!(method, "a handler panicked");
                    refuse::defect()
                }
                Err(_) => refuse::too_late(),
            };
            debug!(method, code = ?status.code(), elapsed_us = begun.elapsed().as_micros() as u64, "refused");
            Ok(status.into_http())
        })
    }
}

impl GuardLayer {
    async fn answer<S>(self, mut inner: S, mut request: http::Request<Body>) -> Result<http::Response<Body>, Status>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    {
        if !token::is_open(request.uri().path()) {
            let principal = token::principal(&self.app, request.headers(), &self.limits).await?;
            request.extensions_mut().insert(Arc::new(principal));
        }
        let response = match inner.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        // Only a response without a body has its status here: it failed before anything was sent.
        match Status::from_header_map(response.headers()) {
            Some(status) if status.code() != tonic::Code::Ok && status.details().is_empty() => {
                Ok(refuse::transport(status).into_http())
            }
            _ => Ok(response),
        }
    }
}
