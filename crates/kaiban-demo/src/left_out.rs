//! A party whose offices nobody plays: a client of somebody else's works their queues, through a line that is bad on
//! purpose, and the demo keeps a book of how it does.

mod account;
mod fate;
mod follow;
mod tempo;
mod wire;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use kaiban_api::Channel;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::{Case, ListJournalRequest, ResolveIncidentRequest, Role};
use kaiban_app::SimulatedClock;
use kaiban_definition::Directory;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Endpoint, Server};

use account::{Account, Handed};
pub use account::{Foreign, Hard};
pub(crate) use follow::Follow;
use tempo::Tempo;
use wire::{Wire, World, lock};

use crate::bureau::Bureau;
use crate::failure::DemoError;
use crate::town::Town;

/// Business seconds in one real second while the left-out party has work, unless the plan says otherwise.
const RATE: f64 = 60.0;

/// What a foreign client needs to begin.
#[derive(Clone, Debug, Serialize)]
pub struct Invitation {
    /// Where to connect: `host:port`, without TLS.
    pub endpoint: String,
    /// The left-out party.
    pub party: String,
    /// Its offices; the token is for all of them.
    pub offices: Vec<String>,
    /// Bearer token of role agency.
    pub token: String,
    /// The package whose cases come.
    pub workflow: String,
    /// Bearer token of a terminal, to look around with: cases that it submits are nobody's.
    pub terminal_token: String,
}

/// A left-out party with the line that its client comes through.
pub struct LeftOut {
    invitation: Invitation,
    account: Arc<Mutex<Account>>,
    pub(crate) tempo: Arc<Tempo>,
    hang_up: Option<oneshot::Sender<()>>,
}

impl LeftOut {
    /// Opens the line; `speed` is how many business seconds go by in a real one while the party has work.
    ///
    /// # Errors
    /// The directory has no such party, or the port cannot be used.
    pub async fn open(town: &Town, party: &str, seed: u64, speed: Option<f64>) -> Result<Self, DemoError> {
        let directory = &town.app().library().directory;
        let offices: Vec<String> =
            directory.offices().filter(|office| office.party == party).map(|office| office.id.clone()).collect();
        if offices.is_empty() {
            let known: Vec<&str> = directory.parties().map(|party| party.id.as_str()).collect();
            return Err(DemoError::Start(format!("no party `{party}`; there are {}", known.join(", "))));
        }
        let token = town.agency(party, &offices, "foreign").await?;
        let colleague = town.line(&town.agency(party, &offices, "colleague").await?).await?;
        let account = Arc::new(Mutex::new(Account::new(party)));
        let tempo = Arc::new(Tempo::new(speed.unwrap_or(RATE)));
        let bureau = Bureau::new(town, directory).await?;
        let world = Streets { clock: town.clock_handle(), tempo: Arc::clone(&tempo), bureau };
        let failed = |error: &dyn std::fmt::Display| DemoError::Start(error.to_string());
        let server = Endpoint::from_shared(format!("http://{}", town.address())).map_err(|error| failed(&error))?;
        let server = server.connect().await.map_err(|error| failed(&error))?;
        let wire = Wire::new(server, colleague, Arc::new(world), Arc::clone(&account), seed);
        let (address, hang_up) = listen(wire).await.map_err(|error| failed(&error))?;
        let invitation = Invitation {
            endpoint: address.to_string(),
            party: party.to_owned(),
            offices,
            token,
            workflow: crate::conductor::WORKFLOW.to_owned(),
            terminal_token: town.guest().await?,
        };
        Ok(Self { invitation, account, tempo, hang_up: Some(hang_up) })
    }

    /// What the foreign client needs to begin.
    pub fn invitation(&self) -> &Invitation {
        &self.invitation
    }

    /// Ends the line: no new calls; streams end when the server ends them.
    pub fn close(mut self) {
        if let Some(hang_up) = self.hang_up.take() {
            let _ = hang_up.send(());
        }
    }

    pub(crate) fn party(&self) -> &str {
        &self.invitation.party
    }

    /// Tasks that the client has ended so far.
    pub(crate) fn completed(&self) -> u64 {
        lock(&self.account).completed()
    }

    /// No applicant knows how to answer a correction that the client asked for.
    pub(crate) fn unanswered(&self) {
        lock(&self.account).unanswered();
    }

    /// An officer of the party lets a step go on whose retries the client has used up.
    pub(crate) async fn resolve(&self, town: &Town, case: &Case, step: &str, office: &str) -> Result<(), DemoError> {
        let directory: &Directory = &town.app().library().directory;
        let officer = directory.office_by_id(office).and_then(|office| office.officers.first());
        let Some(officer) = officer else { return Ok(()) };
        let mut line = IncidentServiceClient::new(town.officer(self.party(), &officer.id).await?);
        let request = ResolveIncidentRequest {
            request_id: format!("{}-{step}-{}", case.id, case.revision),
            incident: format!("{}/{step}", case.id),
            officer: officer.id.clone(),
            ..Default::default()
        };
        if crate::terminals::ended(line.resolve_incident(request).await, "ResolveIncident")? {
            lock(&self.account).incident();
        }
        Ok(())
    }

    /// How the client did: its receipts are looked up in the journals.
    pub(crate) async fn book(&self, town: &Town) -> Result<Foreign, DemoError> {
        let heads = lock(&self.account).heads();
        let mut auditor = AuditServiceClient::new(town.bureau(Role::Auditor).await?);
        let mut lost = 0;
        for (case, heads) in heads {
            let journal = journal(&mut auditor, &case).await?;
            lost += heads.difference(&journal).count() as u64;
        }
        Ok(lock(&self.account).close(lost))
    }
}

/// Hashes of a case's journal.
async fn journal(auditor: &mut AuditServiceClient<Channel>, case: &str) -> Result<BTreeSet<String>, DemoError> {
    let mut request = ListJournalRequest { case_id: case.to_owned(), page_size: 200, ..ListJournalRequest::default() };
    let mut hashes = BTreeSet::new();
    loop {
        let page = auditor.list_journal(request.clone()).await.map_err(DemoError::call("ListJournal"))?.into_inner();
        hashes.extend(page.entries.into_iter().map(|entry| entry.hash));
        if page.next_page_token.is_empty() {
            return Ok(hashes);
        }
        request.page_token = page.next_page_token;
    }
}

/// Serves the line on a free loopback port.
async fn listen(wire: Wire) -> std::io::Result<(SocketAddr, oneshot::Sender<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (hang_up, hung_up) = oneshot::channel::<()>();
    tokio::spawn(async move {
        let ended = async {
            let _ = hung_up.await;
        };
        let server = Server::builder().add_routes(wire.routes());
        if let Err(error) = server.serve_with_incoming_shutdown(TcpListenerStream::new(listener), ended).await {
            tracing::error!(%error, "the line to the left-out party failed");
        }
    });
    Ok((address, hang_up))
}

/// What goes on beside the line.
struct Streets {
    clock: Arc<SimulatedClock>,
    tempo: Arc<Tempo>,
    bureau: Bureau,
}

impl World for Streets {
    fn tick(&self) {
        self.tempo.tell(&self.clock);
    }

    fn cancel(&self, task: Handed) -> BoxFuture<'_, bool> {
        async move { self.bureau.cancel(&task.case, &task.division).await.unwrap_or(false) }.boxed()
    }
}
