//! The line between the left-out party's client and the server. Everything passes as it is, only now and then it does
//! what lines do: answers are lost, messages come twice or late, and meanwhile the world goes on.
//!
//! Nothing here knows what a client should do about it; the server's answers are always the server's own. What is made
//! up is only that a line broke ([`broken`]) or that the server was busy ([`busy`]).

mod calls;
mod stream;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::task_service_server::TaskServiceServer;
use kaiban_api::v1::{
    ClaimTasksRequest, Error, GetTaskRequest, TaskAddress, TaskCompletion, TaskReply, Text, task_reply,
};
use kaiban_api::{Channel, duration, micros};
use kaiban_app::{Clock, SystemClock};
use tonic::codegen::{Body as HttpBody, Bytes, StdError, http};
use tonic::metadata::MetadataMap;
use tonic::service::Routes;
use tonic::transport;
use tonic::{Code, Extensions, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use tower::{Service, ServiceExt};

use super::account::{Account, Handed, Verb};
use super::fate::{Fate, Fates};

/// How long leases are here, whatever was asked for: so short that one runs out while you look.
pub(crate) const LEASE_US: i64 = 2_000_000;

/// How long a colleague holds what it took and never does.
const COLLEAGUE_US: i64 = 1_000_000;

/// How often a colleague tries to get a task whose lease is prolonged all the time.
const TRIES: usize = 3;

/// How long a busy server says to wait.
const BUSY: Duration = Duration::from_millis(200);

/// What the line can do besides passing on.
pub(crate) trait World: Send + Sync + 'static {
    /// Lets business time be now.
    fn tick(&self);
    /// Cancels a case; false when that is no longer possible.
    fn cancel(&self, task: Handed) -> BoxFuture<'_, bool>;
}

/// The line.
#[derive(Clone)]
pub(crate) struct Wire {
    upstream: transport::Channel,
    /// Another programme of the same party, which takes tasks and then does nothing.
    colleague: TaskServiceClient<Channel>,
    world: Arc<dyn World>,
    account: Arc<Mutex<Account>>,
    fates: Arc<Mutex<Fates>>,
}

impl Wire {
    pub fn new(
        upstream: transport::Channel,
        colleague: Channel,
        world: Arc<dyn World>,
        account: Arc<Mutex<Account>>,
        seed: u64,
    ) -> Self {
        let fates = Arc::new(Mutex::new(Fates::new(seed)));
        Self { upstream, colleague: TaskServiceClient::new(colleague), world, account, fates }
    }

    /// Everything that the line carries: tasks through the hands of [`Wire`], the rest untouched.
    pub fn routes(self) -> Routes {
        let upstream = self.upstream.clone();
        let tasks = TaskServiceServer::new(self)
            .max_decoding_message_size(kaiban_api::REQUEST_MAX_BYTES)
            .max_encoding_message_size(kaiban_api::RESPONSE_MAX_BYTES);
        let rest = tower::service_fn(move |request: http::Request<_>| pass(upstream.clone(), request));
        Routes::from(Routes::new(tasks).into_axum_router().fallback_service(rest))
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }

    fn fates(&self) -> MutexGuard<'_, Fates> {
        lock(&self.fates)
    }

    /// A client that speaks for the caller, and the message to send with it.
    fn on<T>(&self, metadata: &MetadataMap, message: T) -> (TaskServiceClient<transport::Channel>, Request<T>) {
        let mut passed = MetadataMap::new();
        for name in ["authorization", "grpc-timeout"] {
            if let Some(value) = metadata.get(name) {
                passed.insert(name, value.clone());
            }
        }
        let client = TaskServiceClient::new(self.upstream.clone())
            .max_decoding_message_size(kaiban_api::RESPONSE_MAX_BYTES)
            .max_encoding_message_size(kaiban_api::REQUEST_MAX_BYTES);
        self.world.tick();
        (client, Request::from_parts(passed, Extensions::default(), message))
    }

    /// What an item is about: the task as it was given out, else as the client names it.
    fn task(&self, address: Option<&TaskAddress>) -> String {
        let address = address.cloned().unwrap_or_default();
        let named = || match address.id.as_str() {
            "" => format!("{}/{}", address.case_id, address.step),
            id => id.to_owned(),
        };
        self.account().handed(&address).map_or_else(named, |task| task.id)
    }

    /// What happens to a completion on its way; what happens before it arrives has happened when this returns.
    async fn before(&self, completion: &TaskCompletion) -> Fate {
        let Some(address) = &completion.task else { return Fate::Plain };
        let Some(task) = self.account().handed(address) else { return Fate::Plain };
        let fate = self.fates().of_task(&task.id);
        let happened = match fate {
            Fate::TakenAway => self.take_away(&task).await,
            Fate::Cancelled => self.world.cancel(task).await,
            Fate::Plain | Fate::AnswerLost | Fate::Doubled | Fate::Busy => true,
        };
        if !happened {
            return Fate::Plain;
        }
        self.account().hard(fate);
        self.world.tick();
        fate
    }

    /// Waits until a task's lease has run out and gives it to a colleague; false when the client is quicker.
    async fn take_away(&self, task: &Handed) -> bool {
        let mut colleague = self.colleague.clone();
        for _ in 0..TRIES {
            let address = TaskAddress { id: task.id.clone(), ..TaskAddress::default() };
            let Ok(found) = colleague.get_task(GetTaskRequest { task: Some(address) }).await else { return false };
            let Some(found) = found.into_inner().task.filter(|found| found.epoch == task.epoch) else { return false };
            let until_us = found.lease_until.as_ref().and_then(micros).unwrap_or_default();
            let left_us = until_us.saturating_sub(SystemClock.operating_us()).saturating_add(10_000);
            SystemClock.wait(Duration::from_micros(u64::try_from(left_us).unwrap_or(0))).await;
            let claim = ClaimTasksRequest {
                request_id: format!("{}-{}-{until_us}", task.id, task.epoch),
                office: task.office.clone(),
                max: 100,
                lease: Some(duration(COLLEAGUE_US)),
                ..ClaimTasksRequest::default()
            };
            let Ok(taken) = colleague.claim_tasks(claim).await else { return false };
            if taken.into_inner().tasks.iter().any(|taken| taken.id == task.id) {
                return true;
            }
        }
        false
    }

    /// Books the server's replies to items, which are in the order of the items.
    fn book(&self, items: &HashMap<String, (String, i64)>, replies: &[TaskReply], verb: Verb) {
        let mut account = self.account();
        for reply in replies {
            let (task, epoch) = items.get(&reply.request_id).cloned().unwrap_or_else(|| (reply.task.clone(), 0));
            account.answered(&task, epoch, verb, reply);
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Counters and queues, consistent between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that the line does not look at.
async fn pass<B>(
    upstream: transport::Channel,
    request: http::Request<B>,
) -> Result<http::Response<tonic::body::Body>, Infallible>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError>,
{
    let request = request.map(tonic::body::Body::new);
    let answered = async { upstream.clone().ready_oneshot().await?.call(request).await };
    let lost = |_| Status::unavailable("the server cannot be reached").into_http();
    Ok(answered.await.unwrap_or_else(lost))
}

/// What a client sees when the line breaks: no word of the server's.
fn broken() -> Status {
    Status::unavailable("the line broke (on purpose: whether the call was carried out, you do not know)")
}

/// A status as it goes on to the client: one that the server has not sent says that the line to it broke.
fn passed_on(status: Status) -> Status {
    match std::error::Error::source(&status) {
        Some(_) => Status::unavailable("the server is gone"),
        None => status,
    }
}

/// How long a lease is on this line, µs, where so many seconds were asked for.
fn short_us(asked_s: Option<i64>) -> i64 {
    asked_s.map_or(LEASE_US, |asked_s| asked_s.saturating_mul(1_000_000).min(LEASE_US))
}

/// How a busy server answers a call; nothing was done.
fn busy() -> Status {
    let mut details = ErrorDetails::with_error_info("BUSY", "kaiban", HashMap::<String, String>::new());
    details.set_localized_message("zh-CN", BUSY_ZH).set_retry_info(Some(BUSY));
    Status::with_error_details(Code::ResourceExhausted, BUSY_EN, details)
}

const BUSY_ZH: &str = "系统繁忙，本次操作未生效，请稍后用同一 request_id 重试。";
const BUSY_EN: &str = "The server is busy; nothing was changed. Try again with the same request_id.";

/// How a busy server answers an item.
fn busy_item(request_id: &str, task: &str) -> TaskReply {
    let error = Error {
        code: Code::ResourceExhausted.into(),
        reason: "BUSY".into(),
        message: Some(Text { zh: BUSY_ZH.into(), en: BUSY_EN.into() }),
        retry_after: Some(kaiban_api::duration(i64::try_from(BUSY.as_micros()).unwrap_or(i64::MAX))),
        findings: Vec::new(),
    };
    let answer = Some(task_reply::Answer::Error(error));
    TaskReply { request_id: request_id.to_owned(), task: task.to_owned(), answer }
}
