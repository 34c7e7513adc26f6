//! Where a server tells applicants' letters and reminders: a signed web hook, as `serve` is asked to.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kaiban_webhook::{Notifier, Secret, SettingsError, Webhook, WebhookSettings};

use crate::failure::Failure;

/// The variable with the secret, so that it is on no command line.
const SECRET_VARIABLE: &str = "KAIBAN_WEBHOOK_SECRET";

/// The web hook of a server.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Hook {
    /// Send letters and reminders to this address, as signed CloudEvents; without it they lie at the terminal.
    #[arg(long, value_name = "URL")]
    pub webhook_url: Option<String>,
    /// File with the secret that signs them: whsec_ and Base64. Without it the secret is taken from KAIBAN_WEBHOOK_SECRET.
    #[arg(long, value_name = "FILE")]
    pub webhook_secret_file: Option<PathBuf>,
    /// PEM file with the certificates that may have signed the receiver's, instead of the machine's.
    #[arg(long, value_name = "FILE")]
    pub webhook_ca: Option<PathBuf>,
}

impl Hook {
    /// Prepares it; sends nothing yet. None where no address is given. An attempt takes `timeout` at most.
    pub fn open(&self, timeout: Duration) -> Result<Option<Arc<dyn Notifier>>, Failure> {
        let Some(url) = &self.webhook_url else {
            if self.webhook_secret_file.is_some() || self.webhook_ca.is_some() {
                let zh = "给出了 Webhook 的密钥或证书，却没有地址。";
                let en = "there is a secret or a certificate for a web hook, but no address";
                return Err(Failure::local("WEBHOOK_URL_MISSING", zh, en).with_hint("name it with --webhook-url"));
            }
            return Ok(None);
        };
        let settings =
            WebhookSettings { url: url.clone(), secret: self.secret()?, timeout, ca_file: self.webhook_ca.clone() };
        let hook = Webhook::open(&settings).map_err(|error| refused(&error))?;
        Ok(Some(Arc::new(hook)))
    }

    fn secret(&self) -> Result<Secret, Failure> {
        let text = match &self.webhook_secret_file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                let shown = path.display();
                Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}"))
            })?,
            None => std::env::var(SECRET_VARIABLE).map_err(|_| {
                let zh = "未给出 Webhook 签名密钥。";
                Failure::local("WEBHOOK_SECRET_MISSING", zh, "the web hook has no secret to sign with")
                    .with_hint(format!("name a file with --webhook-secret-file, or set {SECRET_VARIABLE}"))
            })?,
        };
        text.trim().parse().map_err(|error: kaiban_webhook::BadSecret| {
            Failure::local("WEBHOOK_SECRET_INVALID", "Webhook 签名密钥格式不正确。", error.to_string())
                .with_hint("make one: echo whsec_$(head -c 32 /dev/urandom | base64 -w 0)")
        })
    }
}

/// Says neither address nor secret again: either may hold a key.
fn refused(error: &SettingsError) -> Failure {
    let (reason, zh) = match error {
        SettingsError::Url => {
            ("WEBHOOK_URL_INVALID", "Webhook 地址无效，应为不含用户名和密码的 https://…。".to_owned())
        }
        SettingsError::Plain => {
            ("WEBHOOK_URL_INSECURE", "Webhook 地址应使用 https://；只有本机可以使用 http://。".to_owned())
        }
        SettingsError::CaFile(path) => ("WEBHOOK_CA_INVALID", format!("无法从 {} 读取证书。", path.display())),
        SettingsError::Timeout | SettingsError::Tls => ("WEBHOOK_TLS", "无法启用 Webhook 的 TLS。".to_owned()),
    };
    Failure::local(reason, zh, error.to_string())
}
