//! Serving until told to stop, and stopping without losing anything.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use kaiban_api::v1::admin_service_server::AdminServiceServer;
use kaiban_api::v1::audit_service_server::AuditServiceServer;
use kaiban_api::v1::case_service_server::CaseServiceServer;
use kaiban_api::v1::commitment_service_server::CommitmentServiceServer;
use kaiban_api::v1::credit_service_server::CreditServiceServer;
use kaiban_api::v1::document_service_server::DocumentServiceServer;
use kaiban_api::v1::draw_service_server::DrawServiceServer;
use kaiban_api::v1::incident_service_server::IncidentServiceServer;
use kaiban_api::v1::task_service_server::TaskServiceServer;
use kaiban_api::v1::workflow_service_server::WorkflowServiceServer;
use kaiban_app::App;
use tokio::net::TcpListener;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::HealthReporter;
use tracing::{info, warn};

use crate::answer::Answers;
use crate::caller::Callers;
use crate::connection::connections;
use crate::grpc::Api;
use crate::layers::GuardLayer;
use crate::limits::Limits;
use crate::room::Room;
use crate::stopping::{Stopping, stopping};

/// A certificate and its key.
#[derive(Clone)]
pub struct TlsIdentity {
    /// The server's certificate and those between it and its root, PEM.
    pub certificate_pem: Vec<u8>,
    /// Its private key, PEM.
    pub key_pem: Vec<u8>,
    /// Ask clients for certificates; none = their tokens are enough.
    pub clients: Option<ClientAuth>,
}

/// Which certificates clients may show (mutual TLS).
#[derive(Clone, Debug)]
pub struct ClientAuth {
    /// Certificates, PEM, of which one must have signed a client's.
    pub authorities_pem: Vec<u8>,
    /// Whether a client may come without one.
    pub optional: bool,
}

/// Does not show the key.
impl std::fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TlsIdentity(…)")
    }
}

/// How to serve. The bounds are the app's.
#[derive(Clone, Debug, Default)]
pub struct ServerSettings {
    /// Speak TLS; none = plain text.
    pub tls: Option<TlsIdentity>,
}

impl ServerSettings {
    /// Whether certificates and keys can be used.
    ///
    /// # Errors
    /// [`ServeError::Tls`].
    pub fn check(&self) -> Result<(), ServeError> {
        match &self.tls {
            Some(tls) => tls.apply(Server::builder(), Duration::MAX).map(drop),
            None => Ok(()),
        }
    }
}

impl TlsIdentity {
    fn apply(&self, builder: Server, handshake_max: Duration) -> Result<Server, ServeError> {
        let identity = Identity::from_pem(&self.certificate_pem, &self.key_pem);
        let mut config = ServerTlsConfig::new().identity(identity).timeout(handshake_max);
        if let Some(clients) = &self.clients {
            let authorities = Certificate::from_pem(&clients.authorities_pem);
            config = config.client_ca_root(authorities).client_auth_optional(clients.optional);
        }
        builder.tls_config(config).map_err(|error| ServeError::Tls(chain(&error)))
    }
}

/// Why the server could not begin, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The certificate or the key cannot be used.
    #[error("the TLS certificate or key cannot be used: {0}")]
    Tls(String),
    /// The reflection service has no descriptors: the program was built wrongly.
    #[error("the descriptors of the API cannot be read: {0}")]
    Descriptors(String),
    /// The transport failed.
    #[error("the server failed: {0}")]
    Transport(String),
    /// The port cannot be used.
    #[error("the port cannot be used: {0}")]
    Listener(#[from] io::Error),
}

/// Serves the app on a port until `shutdown` is ready; then takes no new calls, ends streams with UNAVAILABLE
/// (STOPPING), answers the calls under way, and stops the app. Returns when nothing is left to be done.
///
/// # Errors
/// [`ServeError`]; the app is stopped in any case.
pub async fn serve(
    app: App,
    listener: TcpListener,
    settings: ServerSettings,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let result = serve_until(&app, listener, settings, shutdown).await;
    app.stop().await;
    result
}

async fn serve_until(
    app: &App,
    listener: TcpListener,
    settings: ServerSettings,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let address = listener.local_addr()?;
    let limits = Arc::new(app.limits().clone());
    let (stop, stopping) = stopping();
    let (mut health, health_server) = health().await;
    let (room, answers) = (Room::new(&limits), Answers::new(&limits));
    let callers = Callers::new(app.clone(), stopping.clone());
    let routes = routes(app, &limits, &stopping, &room, health_server)?;

    let mut builder = Server::builder()
        .max_concurrent_streams(limits.streams_per_connection_max)
        .initial_stream_window_size(limits.stream_ahead_max_bytes)
        .initial_connection_window_size(limits.connection_ahead_max_bytes)
        .http2_keepalive_interval(Some(limits.keepalive))
        .http2_keepalive_timeout(Some(limits.keepalive_answer_max));
    if let Some(tls) = &settings.tls {
        builder = tls.apply(builder, limits.handshake_max)?;
    }

    let signal = async {
        shutdown.await;
        info!("stopping: no new calls, streams end");
        withdraw(&mut health).await;
        stop.say();
    };
    let serving = builder
        .layer(GuardLayer::new(callers, Arc::clone(&limits), room, answers.clone()))
        .serve_with_incoming_shutdown(routes, connections(listener, &limits), signal);
    info!(%address, "serving");

    let overdue = async {
        stopping.heard().await;
        tokio::time::sleep(limits.drain_max).await;
    };
    tokio::select! {
        served = serving => served.map_err(|error| ServeError::Transport(chain(&error))),
        never = answers.overseen() => match never {},
        () = overdue => {
            warn!("calls that did not end in time were left behind");
            Ok(())
        }
    }
}

fn routes(
    app: &App,
    limits: &Arc<Limits>,
    stopping: &Stopping,
    room: &Room,
    health: HealthServer<impl tonic_health::pb::health_server::Health>,
) -> Result<Routes, ServeError> {
    let api = Api::new(app.clone(), Arc::clone(limits), stopping.clone(), room.clone());
    let (request, response) = (limits.request_max_bytes, limits.response_max_bytes);
    macro_rules! bounded {
        ($server:ident) => {
            $server::new(api.clone()).max_decoding_message_size(request).max_encoding_message_size(response)
        };
    }
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(kaiban_api::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let descriptors = |error: tonic_reflection::server::Error| ServeError::Descriptors(error.to_string());
    Ok(Routes::new(bounded!(CaseServiceServer))
        .add_service(bounded!(TaskServiceServer))
        .add_service(bounded!(DocumentServiceServer))
        .add_service(bounded!(IncidentServiceServer))
        .add_service(bounded!(WorkflowServiceServer))
        .add_service(bounded!(AdminServiceServer))
        .add_service(bounded!(AuditServiceServer))
        .add_service(bounded!(DrawServiceServer))
        .add_service(bounded!(CommitmentServiceServer))
        .add_service(bounded!(CreditServiceServer))
        .add_service(health)
        .add_service(reflection().build_v1().map_err(descriptors)?)
        .add_service(reflection().build_v1alpha().map_err(descriptors)?))
}

/// Names of the services that health speaks of; the empty one is the server as a whole.
const SERVICES: [&str; 11] = [
    "",
    CaseServiceServer::<Api>::NAME,
    TaskServiceServer::<Api>::NAME,
    DocumentServiceServer::<Api>::NAME,
    IncidentServiceServer::<Api>::NAME,
    WorkflowServiceServer::<Api>::NAME,
    AdminServiceServer::<Api>::NAME,
    AuditServiceServer::<Api>::NAME,
    DrawServiceServer::<Api>::NAME,
    CommitmentServiceServer::<Api>::NAME,
    CreditServiceServer::<Api>::NAME,
];

async fn health() -> (HealthReporter, HealthServer<impl tonic_health::pb::health_server::Health>) {
    let (reporter, server) = tonic_health::server::health_reporter();
    for service in SERVICES {
        reporter.set_service_status(service, ServingStatus::Serving).await;
    }
    (reporter, server)
}

/// Tells who watches that the server goes, and ends their watches, which would otherwise hold it up.
async fn withdraw(reporter: &mut HealthReporter) {
    for service in SERVICES {
        reporter.set_service_status(service, ServingStatus::NotServing).await;
        reporter.clear_service_status(service).await;
    }
}

/// An error with all its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
