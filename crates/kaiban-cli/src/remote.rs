//! Which server a verb speaks to, and with which token.

use std::path::PathBuf;
use std::time::Duration;

use kaiban_api::{Call, ClientIdentity, Tls};
use kaiban_client::{Client, Policy, Settings};

use crate::failure::Failure;

/// How long a verb that has reached a server goes on trying: long enough for one to be started anew. Where none is reached
/// at first it ends at once, because mostly the address is wrong.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where the server is.
#[derive(Clone, Debug, clap::Args)]
pub struct Remote {
    /// The server: http://host:port, or https://host:port; of several nodes, with commas between, the first that answers.
    #[arg(
        long,
        value_name = "URL",
        env = "KAIBAN_ENDPOINT",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:50051"
    )]
    endpoint: Vec<String>,
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
    /// Makes one call.
    pub async fn call<Q: Call>(&self, request: Q) -> Result<Q::Answer, Failure> {
        Ok(self.client().await?.call(request).await?)
    }

    /// A client, connected.
    pub async fn client(&self) -> Result<Client, Failure> {
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
        let authorities_pem = self.tls_ca.as_ref().map(read).transpose()?.unwrap_or_default();
        let identity = match (&self.client_cert, &self.client_key) {
            (Some(cert), Some(key)) => Some(ClientIdentity { certificate_pem: read(cert)?, key_pem: read(key)? }),
            _ => None,
        };
        let tls = Tls { authorities_pem, server_name: self.tls_name.clone(), identity };
        let policy = Policy { total_max: PATIENCE, ..Policy::default() };
        let settings = Settings { token, tls: Some(tls), policy, ..Settings::new(self.endpoint.clone()) };
        Ok(Client::connect(settings).await?)
    }
}
