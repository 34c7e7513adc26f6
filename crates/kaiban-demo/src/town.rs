//! A server on a database of its own, and a token for everybody.

use std::net::SocketAddr;
use std::sync::Arc;

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::{IssueTokenRequest, IssueTokenResponse, Role as WireRole};
use kaiban_api::{Bearer, Channel, connect};
use kaiban_app::{App, IssueToken, Role, Settings, SimulatedClock, VerifyReport, issue_token_offline, verify};
use kaiban_definition::{Files, Workflows};
use kaiban_server::{ServerSettings, serve};
use kaiban_store::Store;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::DemoError;

/// What the bureau's own people belong to.
const BUREAU: &str = "bureau";

/// A running server with a clock that is moved by hand.
pub struct Town {
    app: App,
    clock: Arc<SimulatedClock>,
    address: SocketAddr,
    security: Channel,
    store: Store,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Town {
    /// Starts a server on a free loopback port; `start_us` is the business time that it begins with.
    ///
    /// # Errors
    /// The app or the port cannot be used.
    pub async fn start(store: Store, workflows: Workflows, files: &Files, start_us: i64) -> Result<Self, DemoError> {
        Self::start_with(store, workflows, files, start_us, Settings::default()).await
    }

    /// The same with other bounds.
    ///
    /// # Errors
    /// The app or the port cannot be used.
    pub async fn start_with(
        store: Store,
        workflows: Workflows,
        files: &Files,
        start_us: i64,
        settings: Settings,
    ) -> Result<Self, DemoError> {
        let failed = |error: &dyn std::fmt::Display| DemoError::Start(error.to_string());
        let clock = Arc::new(SimulatedClock::new(start_us));
        let app = App::start(store.clone(), workflows, files, Arc::clone(&clock) as _, settings)
            .await
            .map_err(|error| failed(&error))?;
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let (stop, stopped) = oneshot::channel();
        let served = app.clone();
        let serving = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            if let Err(error) = serve(served, listener, ServerSettings::default(), shutdown).await {
                tracing::error!(%error, "the demo's server failed");
            }
        });
        let request = IssueToken::new(Role::Security, BUREAU).of_person("town-security").called("demo");
        let (_, secret) = issue_token_offline(&store, &app.library().directory, request)
            .await
            .map_err(|refusal| DemoError::Start(refusal.message.en))?;
        let security = line(address, &secret).await?;
        Ok(Self { app, clock, address, security, store, stop: Some(stop), serving })
    }

    /// The app behind the server, for what a simulated clock needs.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Business time.
    pub fn clock(&self) -> &SimulatedClock {
        &self.clock
    }

    /// The same, for whoever moves it beside the conductor.
    pub(crate) fn clock_handle(&self) -> Arc<SimulatedClock> {
        Arc::clone(&self.clock)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection with the token that gives out the others.
    pub fn security(&self) -> Channel {
        self.security.clone()
    }

    /// A connection for somebody of the bureau; the token was issued over the API.
    ///
    /// # Errors
    /// The role is not one of the bureau's.
    pub async fn bureau(&self, role: WireRole) -> Result<Channel, DemoError> {
        let name = role.as_str_name().trim_start_matches("ROLE_").to_lowercase();
        let request = IssueTokenRequest {
            role: role.into(),
            organisation: BUREAU.to_owned(),
            person: format!("town-{name}"),
            label: name,
            ..IssueTokenRequest::default()
        };
        self.line(&self.issue(request).await?.secret).await
    }

    /// A connection for an officer of the directory; the token was issued over the API.
    ///
    /// # Errors
    /// The directory has no such officer.
    pub async fn officer(&self, party: &str, officer: &str) -> Result<Channel, DemoError> {
        let request = IssueTokenRequest {
            role: WireRole::Officer.into(),
            organisation: party.to_owned(),
            person: officer.to_owned(),
            label: officer.to_owned(),
            ..IssueTokenRequest::default()
        };
        self.line(&self.issue(request).await?.secret).await
    }

    /// A connection with another token, or none.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub async fn line(&self, secret: &str) -> Result<Channel, DemoError> {
        line(self.address, secret).await
    }

    /// A connection for an outlet; its token was issued over the API.
    ///
    /// # Errors
    /// The directory has no such outlet.
    pub async fn terminal(&self, bank: &str, outlet: &str) -> Result<Channel, DemoError> {
        let request = IssueTokenRequest {
            role: WireRole::Terminal.into(),
            organisation: bank.to_owned(),
            outlet: outlet.to_owned(),
            label: outlet.to_owned(),
            ..IssueTokenRequest::default()
        };
        self.line(&self.issue(request).await?.secret).await
    }

    /// A connection for the programme of one office; its token was issued over the API.
    ///
    /// # Errors
    /// The directory has no such office.
    pub async fn office(&self, party: &str, office: &str) -> Result<Channel, DemoError> {
        let request = IssueTokenRequest {
            role: WireRole::Agency.into(),
            organisation: party.to_owned(),
            offices: vec![office.to_owned()],
            label: office.to_owned(),
            ..IssueTokenRequest::default()
        };
        self.line(&self.issue(request).await?.secret).await
    }

    /// A token for a programme of several offices of a party.
    pub(crate) async fn agency(&self, party: &str, offices: &[String], label: &str) -> Result<String, DemoError> {
        let request = IssueTokenRequest {
            role: WireRole::Agency.into(),
            organisation: party.to_owned(),
            offices: offices.to_vec(),
            label: label.to_owned(),
            ..IssueTokenRequest::default()
        };
        Ok(self.issue(request).await?.secret)
    }

    /// A token for the first outlet of the directory.
    pub(crate) async fn guest(&self) -> Result<String, DemoError> {
        let outlet = self.app.library().directory.outlets().next();
        let outlet = outlet.ok_or_else(|| DemoError::Start("the directory has no outlet".into()))?;
        let request = IssueTokenRequest {
            role: WireRole::Terminal.into(),
            organisation: outlet.bank.clone(),
            outlet: outlet.id.clone(),
            label: "guest".to_owned(),
            ..IssueTokenRequest::default()
        };
        Ok(self.issue(request).await?.secret)
    }

    /// Issues a token over the API.
    ///
    /// # Errors
    /// The server refuses it.
    pub async fn issue(&self, request: IssueTokenRequest) -> Result<IssueTokenResponse, DemoError> {
        let mut client = AdminServiceClient::new(self.security.clone());
        Ok(client.issue_token(request).await.map_err(DemoError::call("IssueToken"))?.into_inner())
    }

    /// Looks at the whole database.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn verify(&self) -> Result<VerifyReport, DemoError> {
        verify(&self.store, self.app.library()).await.map_err(|error| DemoError::Start(error.to_string()))
    }

    /// Stops the server; what was acknowledged is on the disk.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let _ = self.serving.await;
    }
}

/// A connection with a token.
async fn line(address: SocketAddr, secret: &str) -> Result<Channel, DemoError> {
    let failed = |error: kaiban_api::ConnectError| DemoError::Start(error.to_string());
    let bearer = if secret.is_empty() { Bearer::none() } else { Bearer::new(secret).map_err(failed)? };
    connect(&format!("http://{address}"), bearer, None).await.map_err(failed)
}
