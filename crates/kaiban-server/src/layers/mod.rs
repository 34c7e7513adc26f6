//! What every call goes through before its handler: a panic becomes INTERNAL, a call has a deadline, a caller has a
//! token, and there is room for it. What the transport itself refuses gets a reason, too.

mod deadline;
pub(crate) mod log;
mod token;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, debug_span, error};

use crate::answer::Answers;
use crate::call;
use crate::caller::Callers;
use crate::limits::Limits;
use crate::refuse;
use crate::room::Room;

/// Methods with which something new begins, from its first look at a form on.
const BEGIN: [&str; 2] = ["/kaiban.v1.CaseService/SubmitCase", "/kaiban.v1.CaseService/CheckForm"];

/// Puts a [`Guard`] before the services.
#[derive(Clone)]
pub(crate) struct GuardLayer {
    callers: Callers,
    limits: Arc<Limits>,
    room: Room,
    answers: Answers,
}

impl GuardLayer {
    pub(crate) fn new(callers: Callers, limits: Arc<Limits>, room: Room, answers: Answers) -> Self {
        Self { callers, limits, room, answers }
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
            let limits = Arc::clone(&layer.limits);
            let method = request.uri().path().to_owned();
            let length = deadline::of(request.headers(), &method, &limits);
            let span = debug_span!("call", method, token = Empty, request_id = Empty, case = Empty);
            let answering = guarded(length, layer.answer(inner, request)).instrument(span.clone());
            let (answer, facts) = call::noted(answering).await;
            let response = answer.unwrap_or_else(Status::into_http);
            // Only a response without a body has its status here: it failed before anything was sent.
            let status = Status::from_header_map(response.headers()).filter(|status| status.code() != Code::Ok);
            span.in_scope(|| log::told(&method, status.as_ref(), &facts, begun.elapsed(), &limits));
            Ok(response)
        })
    }
}

/// The answer, or INTERNAL where its making panicked, or DEADLINE_EXCEEDED where it took too long. A panic ends one call,
/// never the server.
async fn guarded<T>(length: Duration, answer: impl Future<Output = Result<T, Status>>) -> Result<T, Status> {
    match tokio::time::timeout(length, AssertUnwindSafe(answer).catch_unwind()).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => {
            error!("a handler panicked");
            Err(refuse::defect())
        }
        Err(_) => Err(refuse::too_late()),
    }
}

impl GuardLayer {
    async fn answer<S>(self, mut inner: S, mut request: http::Request<Body>) -> Result<http::Response<Body>, Status>
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
    {
        let place = self.room.call()?;
        let at_its_pace = deadline::is_work(request.uri().path());
        if !token::is_open(request.uri().path()) {
            let caller = token::caller(&self.callers, request.headers(), request.extensions(), &self.limits).await?;
            call::is_by(&caller.token);
            request.extensions_mut().insert(Arc::new(caller));
        }
        let mut held = None;
        if !deadline::is_stream(request.uri().path()) {
            let begins = BEGIN.contains(&request.uri().path());
            request = request.map(|body| {
                let (body, bytes) = self.room.counted(body, begins);
                held = Some(bytes);
                body
            });
        }
        let response = match inner.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        // Only a response without a body has its status here: it failed before anything was sent.
        match Status::from_header_map(response.headers()) {
            Some(status) if status.code() != Code::Ok && status.details().is_empty() => {
                Ok(refuse::transport(status, &self.limits).into_http())
            }
            _ => Ok(response.map(|body| self.answers.sent(body, place, at_its_pace))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_one_call() {
        let answer = guarded::<()>(Duration::from_secs(1), async { panic!("a defect") });
        assert_eq!(answer.await.unwrap_err().code(), Code::Internal);
    }

    #[tokio::test]
    async fn a_call_that_takes_too_long_is_told_so() {
        let answer = guarded(Duration::ZERO, std::future::pending::<Result<(), Status>>());
        assert_eq!(answer.await.unwrap_err().code(), Code::DeadlineExceeded);
    }
}
