//! Tokens of the load's terminals and agencies, issued for the run and revoked at its end.

use std::time::Duration;

use kaiban_api::v1::{GetServerRequest, GetServerResponse, IssueTokenRequest, RevokeTokenRequest, Role};
use kaiban_api::{Channel, Tls, timestamp};
use kaiban_app::{Clock, SystemClock};
use kaiban_client::{Client, Policy, Settings};

use crate::failure::BenchError;

/// What all tokens of benchmarks are called; a database with other ones is not thrown away.
pub(crate) const LABEL: &str = "bench";

/// How much longer than the run its tokens are good.
const SPARE: Duration = Duration::from_secs(3_600);

/// The bureau's side of a run.
pub(crate) struct Bureau {
    endpoint: String,
    tls: Option<Tls>,
    security: Client,
    expires_at_us: i64,
    issued: Vec<String>,
}

impl Bureau {
    pub async fn new(endpoint: &str, token: &str, tls: Option<Tls>, length: Duration) -> Result<Self, BenchError> {
        let security = client(endpoint, token, tls.clone()).await?;
        let life_us = i64::try_from((length + SPARE).as_micros()).unwrap_or(i64::MAX);
        Ok(Self {
            endpoint: endpoint.to_owned(),
            tls,
            security,
            expires_at_us: SystemClock.operating_us().saturating_add(life_us),
            issued: Vec::new(),
        })
    }

    /// A connection for an outlet of a bank.
    pub async fn terminal(&mut self, bank: &str, outlet: &str) -> Result<Channel, BenchError> {
        Ok(self.terminal_client(bank, outlet).await?.line())
    }

    /// The same as a client; it makes each call once.
    pub async fn terminal_client(&mut self, bank: &str, outlet: &str) -> Result<Client, BenchError> {
        let request = IssueTokenRequest {
            organisation: bank.to_owned(),
            outlet: outlet.to_owned(),
            ..IssueTokenRequest::default()
        };
        self.caller(request, Role::Terminal).await
    }

    /// A connection for the programme of an office.
    pub async fn office(&mut self, party: &str, office: &str) -> Result<Channel, BenchError> {
        Ok(self.office_client(party, office).await?.line())
    }

    /// The same as a client; it makes each call once.
    pub async fn office_client(&mut self, party: &str, office: &str) -> Result<Client, BenchError> {
        let request = IssueTokenRequest {
            organisation: party.to_owned(),
            offices: vec![office.to_owned()],
            ..IssueTokenRequest::default()
        };
        self.caller(request, Role::Agency).await
    }

    /// A manager of the whole city.
    pub async fn manager(&mut self) -> Result<Client, BenchError> {
        let request = IssueTokenRequest {
            organisation: "bench".to_owned(),
            person: "bench-manager".to_owned(),
            ..IssueTokenRequest::default()
        };
        self.caller(request, Role::Manager).await
    }

    async fn caller(&mut self, mut request: IssueTokenRequest, role: Role) -> Result<Client, BenchError> {
        request.role = role.into();
        request.label = LABEL.to_owned();
        request.expires_at = Some(timestamp(self.expires_at_us));
        let issued = self.security.call(request).await.map_err(BenchError::made("IssueToken"))?;
        self.issued.extend(issued.token.map(|token| token.id));
        client(&self.endpoint, &issued.secret, self.tls.clone()).await
    }

    /// What the server says of itself.
    pub async fn server(&mut self) -> Result<GetServerResponse, BenchError> {
        let request = IssueTokenRequest {
            organisation: "bench".to_owned(),
            person: "bench-admin".to_owned(),
            ..IssueTokenRequest::default()
        };
        let admin = self.caller(request, Role::Admin).await?;
        admin.call(GetServerRequest {}).await.map_err(BenchError::made("GetServer"))
    }

    /// Ends every token that was issued here.
    pub async fn close(self) -> Result<(), BenchError> {
        for id in self.issued {
            self.security.call(RevokeTokenRequest { id }).await.map_err(BenchError::made("RevokeToken"))?;
        }
        Ok(())
    }
}

/// Whatever fails, fails the run: a repetition would be measured as well.
async fn client(endpoint: &str, token: &str, tls: Option<Tls>) -> Result<Client, BenchError> {
    let settings = Settings { tls, ..Settings::new([endpoint]).token(token).policy(Policy::once()) };
    Ok(Client::connect(settings).await?)
}
