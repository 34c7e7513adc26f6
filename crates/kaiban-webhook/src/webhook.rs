use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, Url};

use crate::answer::judge;
use crate::{Cause, CloudEvent, DeliveryError, Secret};

/// How much of an answer is read, so that the connection can be used again; the rest is not worth waiting for.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// How to reach a web hook.
#[derive(Clone)]
pub struct WebhookSettings {
    /// `https://…`; `http://…` only to this machine, since events name people. No user name and no password.
    pub url: String,
    /// What the receiver tells our events by.
    pub secret: Secret,
    /// How long an attempt may take, from connecting to the end of the answer.
    pub timeout: Duration,
    /// A PEM file with the certificates to trust instead of the machine's.
    pub ca_file: Option<PathBuf>,
}

/// Leaves out the secret and all of the URL but its host: keys are often in the rest.
impl fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookSettings")
            .field("host", &Url::parse(&self.url).ok().as_ref().and_then(Url::host_str))
            .field("timeout", &self.timeout)
            .field("ca_file", &self.ca_file)
            .finish_non_exhaustive()
    }
}

/// Why there cannot be a web hook with these settings. Repeats neither URL nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Not an HTTP URL with a host.
    #[error("the webhook's URL is not one of https://HOST/… without user name and password")]
    Url,
    /// Unprotected, to another machine.
    #[error("the webhook's URL must be https://…; http://… is for this machine only")]
    Plain,
    /// No time to answer.
    #[error("the webhook's timeout must be more than zero")]
    Timeout,
    /// The file with certificates.
    #[error("no certificates can be read from {0}")]
    CaFile(PathBuf),
    /// TLS could not be set up.
    #[error("TLS cannot be set up with the certificates that are trusted")]
    Tls,
}

/// A receiver of events over HTTP. Its connections are kept between attempts.
pub struct Webhook {
    client: Client,
    url: Url,
    secret: Secret,
}

/// Shows the host only.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl Webhook {
    /// Prepares for deliveries; nothing is sent yet. Reads the file with certificates, once.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn open(settings: &WebhookSettings) -> Result<Webhook, SettingsError> {
        let url = Url::parse(&settings.url).map_err(|_| SettingsError::Url)?;
        let host = url.host_str().ok_or(SettingsError::Url)?;
        let here = is_this_machine(host);
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingsError::Url);
        }
        match url.scheme() {
            "https" => {}
            "http" if here => {}
            "http" => return Err(SettingsError::Plain),
            _ => return Err(SettingsError::Url),
        }
        if settings.timeout.is_zero() {
            return Err(SettingsError::Timeout);
        }
        let mut client = Client::builder()
            .user_agent(concat!("kaiban/", env!("CARGO_PKG_VERSION")))
            .timeout(settings.timeout)
            .redirect(Policy::none());
        if here {
            client = client.no_proxy();
        }
        if let Some(path) = &settings.ca_file {
            let unreadable = || SettingsError::CaFile(path.clone());
            let pem = std::fs::read(path).map_err(|_| unreadable())?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|_| unreadable())?;
            if certificates.is_empty() {
                return Err(unreadable());
            }
            client = client.tls_built_in_root_certs(false);
            for certificate in certificates {
                client = client.add_root_certificate(certificate);
            }
        }
        let client = client.build().map_err(|_| SettingsError::Tls)?;
        Ok(Webhook { client, url, secret: settings.secret.clone() })
    }

    /// One attempt, at this instant of operating time. `Ok` when the receiver took the event (status 2xx).
    ///
    /// # Errors
    /// See [`DeliveryError`].
    pub async fn deliver(&self, event: &CloudEvent, now_us: i64) -> Result<(), DeliveryError> {
        let body = event.body()?;
        let timestamp = now_us.div_euclid(1_000_000).to_string();
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &event.id)
            .header("webhook-signature", self.secret.sign(&event.id, &timestamp, &body))
            .header("webhook-timestamp", timestamp)
            .body(body);
        let response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        // The status has decided already.
        drain(response).await;
        judge(status, retry_after.as_deref(), now_us)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

fn failed(error: &reqwest::Error) -> DeliveryError {
    let cause = match error {
        error if error.is_timeout() => Cause::TimedOut,
        error if error.is_connect() => Cause::Unreachable,
        _ => Cause::Broken,
    };
    DeliveryError::Retry { after: None, cause }
}

async fn drain(mut response: Response) {
    let mut read = 0;
    while read < ANSWER_BYTES_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        read += chunk.len();
    }
}
