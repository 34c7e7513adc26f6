//! A channel to a server, with the bearer token on every call.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{self, Certificate, ClientTlsConfig, Endpoint, Identity};
use tonic::{Request, Status};

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How often a quiet connection is asked whether it still lives, and how long it may take to answer.
const KEEPALIVE: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(20));

/// A connection that every generated client takes: `CaseServiceClient::new(channel)`. Cloning is cheap, and clones share
/// the connection.
pub type Channel = InterceptedService<transport::Channel, Bearer>;

/// Why there is no channel.
#[derive(Debug)]
pub enum ConnectError {
    /// Not `http://host:port` or `https://host:port`.
    Endpoint(String),
    /// The token has characters that no token has.
    Token,
    /// Nobody answers there, or not with TLS as asked for.
    Unreachable(transport::Error),
}

impl std::fmt::Display for ConnectError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Endpoint(endpoint) => write!(f, "not an endpoint: {endpoint} (write http://host:port or https://…)"),
            Self::Token => f.write_str("the token has characters that no token has"),
            Self::Unreachable(_) => f.write_str("the server cannot be reached"),
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            _ => None,
        }
    }
}

/// How to know that the server is the right one; only for `https://`.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Certificates, PEM, of which one must have signed the server's. No system certificates are used.
    pub authorities_pem: Vec<u8>,
    /// The name on the server's certificate, where it is not the endpoint's host.
    pub server_name: Option<String>,
    /// The caller's own certificate, where the server asks for one.
    pub identity: Option<ClientIdentity>,
}

/// A caller's certificate and its key.
#[derive(Clone)]
pub struct ClientIdentity {
    /// The certificate and those between it and its root, PEM.
    pub certificate_pem: Vec<u8>,
    /// Its private key, PEM.
    pub key_pem: Vec<u8>,
}

/// Does not show the key.
impl std::fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientIdentity(…)")
    }
}

/// Puts `authorization: Bearer …` on every call.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    /// Without a token: for health and reflection.
    pub fn none() -> Self {
        Self(None)
    }

    /// With a token.
    ///
    /// # Errors
    /// [`ConnectError::Token`] when it has characters that cannot be in a header.
    pub fn new(token: &str) -> Result<Self, ConnectError> {
        let mut value: MetadataValue<Ascii> = format!("Bearer {token}").parse().map_err(|_| ConnectError::Token)?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

/// Does not show the token.
impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Bearer(…)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.0 {
            request.metadata_mut().insert("authorization", value.clone());
        }
        Ok(request)
    }
}

/// Connects to `http://host:port`, or with [`Tls`] to `https://host:port`.
///
/// # Errors
/// [`ConnectError`]; the connection is made before this returns.
pub async fn connect(endpoint: &str, token: Bearer, tls: Option<&Tls>) -> Result<Channel, ConnectError> {
    let channel = built(endpoint, tls)?.connect().await.map_err(ConnectError::Unreachable)?;
    Ok(InterceptedService::new(channel, token))
}

/// As [`connect`], but the connection is made by the first call, which fails with UNAVAILABLE where it cannot be. Needs a
/// tokio runtime.
///
/// # Errors
/// [`ConnectError`], where endpoint or certificates cannot be used at all.
pub fn connect_lazy(endpoint: &str, token: Bearer, tls: Option<&Tls>) -> Result<Channel, ConnectError> {
    Ok(InterceptedService::new(built(endpoint, tls)?.connect_lazy(), token))
}

fn built(endpoint: &str, tls: Option<&Tls>) -> Result<Endpoint, ConnectError> {
    let wrong = || ConnectError::Endpoint(endpoint.to_owned());
    let https = endpoint.starts_with("https://");
    if !https && !endpoint.starts_with("http://") {
        return Err(wrong());
    }
    let built = Endpoint::from_shared(endpoint.to_owned())
        .map_err(|_| wrong())?
        .connect_timeout(CONNECT_MAX)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE.0)
        .keep_alive_timeout(KEEPALIVE.1)
        .keep_alive_while_idle(true);
    if !https {
        return Ok(built);
    }
    let tls = tls.cloned().unwrap_or_default();
    let mut config = ClientTlsConfig::new();
    if !tls.authorities_pem.is_empty() {
        config = config.ca_certificate(Certificate::from_pem(tls.authorities_pem));
    }
    if let Some(name) = tls.server_name {
        config = config.domain_name(name);
    }
    if let Some(identity) = tls.identity {
        config = config.identity(Identity::from_pem(identity.certificate_pem, identity.key_pem));
    }
    built.tls_config(config).map_err(ConnectError::Unreachable)
}
