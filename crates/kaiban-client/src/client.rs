//! Calls through the endpoint that answers, and again where that may help.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kaiban_api::{Bearer, Call, Channel, ConnectError, Tls, connect_lazy, unary};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep, timeout};
use tonic::{Request, Response, Status};

use crate::error::{Again, CallError};
use crate::policy::Policy;

/// Where to call, as whom, and how patiently.
#[derive(Clone, Debug)]
pub struct Settings {
    /// One or more of the same installation, `http://host:port` or `https://host:port`. The first is used until it does
    /// not answer, then the next, and so on round; callers that want to spread over several nodes begin with different
    /// ones.
    pub endpoints: Vec<String>,
    /// Goes with every call as `authorization: Bearer …`; none for health and reflection, or where the client's
    /// certificate says who calls.
    pub token: Option<String>,
    /// For `https://`.
    pub tls: Option<Tls>,
    /// How long one attempt may take, or the opening of a stream; the server is told of the former. A long poll needs more
    /// than it waits.
    pub deadline: Duration,
    /// When the same is sent again.
    pub policy: Policy,
}

impl Settings {
    /// With a deadline of 75 s, which the longest poll fits into, and the default policy.
    pub fn new<E: Into<String>>(endpoints: impl IntoIterator<Item = E>) -> Self {
        Self {
            endpoints: endpoints.into_iter().map(Into::into).collect(),
            token: None,
            tls: None,
            deadline: Duration::from_secs(75),
            policy: Policy::default(),
        }
    }

    /// With a token.
    #[must_use]
    pub fn token(mut self, secret: impl Into<String>) -> Self {
        self.token = Some(secret.into());
        self
    }

    /// With another policy.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }
}

/// A connection to an installation, for one token. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    policy: Policy,
    deadline: Duration,
}

struct Shared {
    lines: Vec<Channel>,
    /// The line in use.
    at: AtomicUsize,
    chance: Mutex<StdRng>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("lines", &self.shared.lines.len()).field("policy", &self.policy).finish()
    }
}

impl Client {
    /// A client that connects when it first calls, and again whenever the connection breaks. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`ConnectError`] where an endpoint, the token or a certificate cannot be used at all.
    pub fn new(settings: Settings) -> Result<Self, ConnectError> {
        let bearer = settings.token.as_deref().map_or_else(|| Ok(Bearer::none()), Bearer::new)?;
        let tls = settings.tls.as_ref();
        let lines = settings.endpoints.iter().map(|endpoint| connect_lazy(endpoint, bearer.clone(), tls));
        Self::over(lines.collect::<Result<_, _>>()?, settings)
    }

    /// The same, connected to the first endpoint that can be reached, each tried once: for programmes that would rather
    /// not start.
    ///
    /// # Errors
    /// [`ConnectError`], of the last endpoint where none can be reached.
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let client = Self::new(settings.clone())?;
        let bearer = settings.token.as_deref().map_or_else(|| Ok(Bearer::none()), Bearer::new)?;
        let mut last = ConnectError::Endpoint(String::new());
        for (at, endpoint) in settings.endpoints.iter().enumerate() {
            match kaiban_api::connect(endpoint, bearer.clone(), settings.tls.as_ref()).await {
                Ok(line) => {
                    // The connection that was made is the one that is used.
                    let mut lines = client.shared.lines.clone();
                    lines[at] = line;
                    let client = Self::over(lines, settings.clone())?;
                    client.shared.at.store(at, Ordering::Relaxed);
                    return Ok(client);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn over(lines: Vec<Channel>, settings: Settings) -> Result<Self, ConnectError> {
        if lines.is_empty() {
            return Err(ConnectError::Endpoint(String::new()));
        }
        let chance = Mutex::new(StdRng::from_os_rng());
        let shared = Arc::new(Shared { lines, at: AtomicUsize::new(0), chance });
        Ok(Self { shared, policy: settings.policy, deadline: settings.deadline })
    }

    /// The same connections under another policy.
    #[must_use]
    pub fn with_policy(&self, policy: Policy) -> Self {
        Self { policy, ..self.clone() }
    }

    /// The same connections with another deadline for each attempt.
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self { deadline, ..self.clone() }
    }

    /// The channel in use, for the generated clients. What goes through it is sent once.
    pub fn line(&self) -> Channel {
        self.current().1
    }

    /// Makes a call with one answer. A mutation without a `request_id` gets one, and keeps it however often it is sent.
    ///
    /// # Errors
    /// The last [`CallError`], once it is final or the policy's patience has ended.
    pub async fn call<Q: Call>(&self, mut request: Q) -> Result<Q::Answer, CallError> {
        if let Some(id) = request.request_id()
            && id.is_empty()
        {
            *id = self.request_id();
        }
        self.retry(Q::REPEATABLE, |line| unary(line, self.timed(request.clone()))).await
    }

    /// Makes a call, through whatever generated client, as [`Self::call`] does; `repeatable` says that it may be done
    /// twice.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn retry<T, F>(&self, repeatable: bool, attempt: impl Fn(Channel) -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<Response<T>, Status>>,
    {
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            let (at, line) = self.current();
            let error = match timeout(self.deadline, attempt(line)).await {
                Ok(Ok(answer)) => return Ok(answer.into_inner()),
                Ok(Err(status)) => CallError::from(status),
                Err(_) => CallError::too_late(),
            };
            attempts += 1;
            self.failed(at, &error);
            let worth = match error.again() {
                Again::Never => false,
                Again::NothingWasDone => true,
                Again::Unclear => repeatable,
            };
            let pause = self.pause(attempts, &error);
            if !worth || attempts >= self.policy.attempts_max || begun.elapsed() + pause > self.policy.total_max {
                return Err(error.after(attempts));
            }
            sleep(pause).await;
        }
    }

    /// A request that says how long it may take.
    pub(crate) fn timed<Q>(&self, message: Q) -> Request<Q> {
        let mut request = Request::new(message);
        request.set_timeout(self.deadline);
        request
    }

    /// Opens a stream, within the deadline of an attempt.
    pub(crate) async fn opened<T>(&self, opening: impl Future<Output = Result<T, Status>>) -> Result<T, CallError> {
        match timeout(self.deadline, opening).await {
            Ok(opened) => Ok(opened?),
            Err(_) => Err(CallError::too_late()),
        }
    }

    pub(crate) fn current(&self) -> (usize, Channel) {
        let at = self.shared.at.load(Ordering::Relaxed);
        (at, self.shared.lines[at].clone())
    }

    /// Goes on to the next endpoint where this one is at fault, unless somebody else has done so.
    pub(crate) fn failed(&self, at: usize, error: &CallError) {
        if error.is_endpoints() {
            let next = (at + 1) % self.shared.lines.len();
            let _ = self.shared.at.compare_exchange(at, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Whether a stream is opened again, or an item of one sent again: there is no end of trying unless there is no second
    /// attempt at all.
    pub(crate) fn goes_on(&self, error: &CallError) -> bool {
        error.is_passing() && self.policy.attempts_max > 1
    }

    /// How long to wait after so many failures in a row.
    pub(crate) fn pause(&self, failed: u32, error: &CallError) -> Duration {
        let share = self.chance(|chance| chance.random::<f64>());
        self.policy.pause(failed, error.retry_after, share)
    }

    /// A request id that nobody has used.
    fn request_id(&self) -> String {
        format!("{:032x}", self.chance(|chance| chance.random::<u128>()))
    }

    fn chance<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.shared.chance.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
