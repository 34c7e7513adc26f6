//! Tokens of the load's terminals and agencies, issued for the run and revoked at its end.

use std::time::Duration;

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::{GetServerRequest, GetServerResponse, IssueTokenRequest, RevokeTokenRequest, Role};
use kaiban_api::{Bearer, Channel, Tls, connect, timestamp};
use kaiban_app::{Clock, SystemClock};

use crate::failure::BenchError;

/// What all tokens of benchmarks are called; a database with other ones is not thrown away.
pub(crate) const LABEL: &str = "bench";

/// How much longer than the run its tokens are good.
const SPARE: Duration = Duration::from_secs(3_600);

/// The bureau's side of a run.
pub(crate) struct Bureau {
    endpoint: String,
    tls: Option<Tls>,
    security: AdminServiceClient<Channel>,
    expires_at_us: i64,
    issued: Vec<String>,
}

impl Bureau {
    pub async fn new(endpoint: &str, token: &str, tls: Option<Tls>, length: Duration) -> Result<Self, BenchError> {
        let channel = connect(endpoint, Bearer::new(token)?, tls.as_ref()).await?;
        let life_us = i64::try_from((length + SPARE).as_micros()).unwrap_or(i64::MAX);
        Ok(Self {
            endpoint: endpoint.to_owned(),
            tls,
            security: AdminServiceClient::new(channel),
            expires_at_us: SystemClock.operating_us().saturating_add(life_us),
            issued: Vec::new(),
        })
    }

    /// A connection for an outlet of a bank.
    pub async fn terminal(&mut self, bank: &str, outlet: &str) -> Result<Channel, BenchError> {
        let request = IssueTokenRequest {
            organisation: bank.to_owned(),
            outlet: outlet.to_owned(),
            ..IssueTokenRequest::default()
        };
        self.line(request, Role::Terminal).await
    }

    /// A connection for the programme of an office.
    pub async fn office(&mut self, party: &str, office: &str) -> Result<Channel, BenchError> {
        let request = IssueTokenRequest {
            organisation: party.to_owned(),
            offices: vec![office.to_owned()],
            ..IssueTokenRequest::default()
        };
        self.line(request, Role::Agency).await
    }

    async fn line(&mut self, mut request: IssueTokenRequest, role: Role) -> Result<Channel, BenchError> {
        request.role = role.into();
        request.label = LABEL.to_owned();
        request.expires_at = Some(timestamp(self.expires_at_us));
        let issued = self.security.issue_token(request).await.map_err(BenchError::call("IssueToken"))?.into_inner();
        self.issued.extend(issued.token.map(|token| token.id));
        Ok(connect(&self.endpoint, Bearer::new(&issued.secret)?, self.tls.as_ref()).await?)
    }

    /// What the server says of itself.
    pub async fn server(&mut self) -> Result<GetServerResponse, BenchError> {
        let request = IssueTokenRequest {
            organisation: "bench".to_owned(),
            person: "bench-admin".to_owned(),
            ..IssueTokenRequest::default()
        };
        let mut admin = AdminServiceClient::new(self.line(request, Role::Admin).await?);
        let answer = admin.get_server(GetServerRequest {}).await.map_err(BenchError::call("GetServer"))?;
        Ok(answer.into_inner())
    }

    /// Ends every token that was issued here.
    pub async fn close(mut self) -> Result<(), BenchError> {
        for id in self.issued {
            self.security.revoke_token(RevokeTokenRequest { id }).await.map_err(BenchError::call("RevokeToken"))?;
        }
        Ok(())
    }
}
