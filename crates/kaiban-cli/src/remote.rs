//! Which server a verb speaks to, and with which token.

use std::path::PathBuf;

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::credit_service_client::CreditServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::draw_service_client::DrawServiceClient;
use kaiban_api::v1::incident_service_client::IncidentServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::workflow_service_client::WorkflowServiceClient;
use kaiban_api::{Bearer, Channel, ClientIdentity, Tls};

use tonic_health::pb::health_client::HealthClient;

use crate::failure::Failure;

/// Where the server is.
#[derive(Clone, Debug, clap::Args)]
pub struct Remote {
    /// The server: http://host:port, or https://host:port.
    #[arg(long, value_name = "URL", env = "KAIBAN_ENDPOINT", default_value = "http://127.0.0.1:50051")]
    endpoint: String,
    /// The token; better in the environment than on the command line.
    #[arg(long, env = "KAIBAN_TOKEN", hide_env_values = true, hide = true)]
    token: Option<String>,
    /// File with the token.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// For https: PEM file with the certificates that may have signed the server's.
    #[arg(long, value_name = "FILE", env = "KAIBAN_TLS_CA")]
    tls_ca: Option<PathBuf>,
    /// For https: the name on the server's certificate, where it is not the host.
    #[arg(long, value_name = "NAME")]
    tls_name: Option<String>,
    /// For https: PEM file with your certificate, for a server that asks for one; it may stand for a token.
    #[arg(long, value_name = "FILE", env = "KAIBAN_CLIENT_CERT", requires = "client_key")]
    client_cert: Option<PathBuf>,
    /// PEM file with its private key.
    #[arg(long, value_name = "FILE", env = "KAIBAN_CLIENT_KEY", requires = "client_cert")]
    client_key: Option<PathBuf>,
}

impl Remote {
    /// Client of the case service.
    pub async fn cases(&self) -> Result<CaseServiceClient<Channel>, Failure> {
        Ok(CaseServiceClient::new(self.connect().await?))
    }

    /// Client of the task service.
    pub async fn tasks(&self) -> Result<TaskServiceClient<Channel>, Failure> {
        Ok(TaskServiceClient::new(self.connect().await?))
    }

    /// Client of the document service.
    pub async fn documents(&self) -> Result<DocumentServiceClient<Channel>, Failure> {
        Ok(DocumentServiceClient::new(self.connect().await?))
    }

    /// Client of the draw service.
    pub async fn draws(&self) -> Result<DrawServiceClient<Channel>, Failure> {
        Ok(DrawServiceClient::new(self.connect().await?))
    }

    /// Client of the incident service.
    pub async fn incidents(&self) -> Result<IncidentServiceClient<Channel>, Failure> {
        Ok(IncidentServiceClient::new(self.connect().await?))
    }

    /// Client of the workflow service.
    pub async fn workflows(&self) -> Result<WorkflowServiceClient<Channel>, Failure> {
        Ok(WorkflowServiceClient::new(self.connect().await?))
    }

    /// Client of the admin service.
    pub async fn admin(&self) -> Result<AdminServiceClient<Channel>, Failure> {
        Ok(AdminServiceClient::new(self.connect().await?))
    }

    /// Client of the commitment service.
    pub async fn commitments(&self) -> Result<CommitmentServiceClient<Channel>, Failure> {
        Ok(CommitmentServiceClient::new(self.connect().await?))
    }

    /// Client of the credit service.
    pub async fn credit(&self) -> Result<CreditServiceClient<Channel>, Failure> {
        Ok(CreditServiceClient::new(self.connect().await?))
    }

    /// Client of the health service.
    pub async fn health(&self) -> Result<HealthClient<Channel>, Failure> {
        Ok(HealthClient::new(self.connect().await?))
    }

    /// Client of the audit service.
    pub async fn audit(&self) -> Result<AuditServiceClient<Channel>, Failure> {
        Ok(AuditServiceClient::new(self.connect().await?))
    }

    async fn connect(&self) -> Result<Channel, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|error| {
                let shown = path.display();
                Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}"))
            })
        };
        let token = match &self.token_file {
            Some(path) => Some(String::from_utf8_lossy(&read(path)?).trim().to_owned()),
            None => self.token.clone(),
        };
        let bearer = match token {
            Some(token) => Bearer::new(&token)?,
            None => Bearer::none(),
        };
        let authorities_pem = self.tls_ca.as_ref().map(read).transpose()?.unwrap_or_default();
        let client = match (&self.client_cert, &self.client_key) {
            (Some(cert), Some(key)) => Some(ClientIdentity { certificate_pem: read(cert)?, key_pem: read(key)? }),
            _ => None,
        };
        let tls = Tls { authorities_pem, server_name: self.tls_name.clone(), client };
        Ok(kaiban_api::connect(&self.endpoint, bearer, Some(&tls)).await?)
    }
}
