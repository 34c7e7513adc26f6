//! What TLS needs: files, and who has to show a certificate.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use kaiban_server::{ClientAuth, TlsIdentity};

use crate::failure::Failure;

/// Whether a client has to show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Demand {
    /// Connections without one are turned away.
    Required,
    /// Connections without one are let in, with a token.
    Optional,
}

/// Flags of TLS.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Tls {
    /// PEM file with the server's certificate and those between it and its root.
    #[arg(long = "tls-cert", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// PEM file with its private key.
    #[arg(long = "tls-key", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// PEM file with the certificates that may have signed a client's: the server then asks clients for theirs (mutual TLS).
    #[arg(long = "tls-client-ca", value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Whether a client has to show one; required unless it is said.
    #[arg(long = "tls-client-auth", value_enum, value_name = "DEMAND")]
    pub client_auth: Option<Demand>,
}

impl Tls {
    /// Reads the files; none where TLS is not asked for.
    ///
    /// # Errors
    /// `TLS_PAIR` when something is missing, `FILE` and `NOT_PEM` for a file.
    pub fn read(&self) -> Result<Option<TlsIdentity>, Failure> {
        let (cert, key) = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => (cert, key),
            (None, None) if self.client_ca.is_none() => return Ok(None),
            _ => {
                let zh = "启用 TLS 须同时给出服务器证书和私钥。";
                return Err(Failure::local("TLS_PAIR", zh, "TLS needs the server's certificate and its key")
                    .with_hint("give both --tls-cert and --tls-key, or tls.cert and tls.key in the configuration"));
            }
        };
        let clients = match &self.client_ca {
            None => None,
            Some(authorities) => Some(ClientAuth {
                authorities_pem: read_pem(authorities)?,
                optional: self.client_auth == Some(Demand::Optional),
            }),
        };
        Ok(Some(TlsIdentity { certificate_pem: read_pem(cert)?, key_pem: read_pem(key)?, clients }))
    }
}

fn read_pem(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    if !bytes.windows(10).any(|window| window == b"-----BEGIN") {
        return Err(Failure::local(
            "NOT_PEM",
            format!("{shown} 不是 PEM 文件。"),
            format!("{shown} is not a PEM file"),
        ));
    }
    Ok(bytes)
}
