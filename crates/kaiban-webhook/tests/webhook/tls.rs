//! TLS with an authority of one's own, as closed networks have it. `tls/` was made with openssl: an authority whose key
//! is thrown away, and a certificate of it for `localhost` and `127.0.0.1`, valid for a hundred years.

use std::path::PathBuf;
use std::sync::Arc;

use kaiban_webhook::{Cause, DeliveryError, Webhook, WebhookSettings};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::receiver::{Receiver, status};
use crate::{MONDAY_US, event, settings};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/webhook/tls").join(name)
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_file_iter(file("receiver.pem")).expect("a certificate");
    let chain: Vec<CertificateDer> = chain.collect::<Result<_, _>>().expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(file("receiver.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a configuration");
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test]
async fn a_receiver_with_a_certificate_of_the_named_authority_is_trusted() {
    let receiver = Receiver::listen([status(200, "", "")], Some(acceptor())).await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    let webhook = Webhook::open(&WebhookSettings { ca_file: Some(file("authority.pem")), ..settings(&url) });
    assert_eq!(webhook.expect("a webhook").deliver(&event(), MONDAY_US).await, Ok(()));
    assert_eq!(receiver.requests()[0].header("webhook-id"), event().id);
}

#[tokio::test]
async fn a_receiver_that_nobody_vouches_for_gets_nothing() {
    let receiver = Receiver::listen([], Some(acceptor())).await;
    let url = format!("https://localhost:{}/", receiver.address.port());
    // The machine's authorities know nothing of this one; and its own certificate is none of an authority.
    for ca_file in [None, Some(file("receiver.pem"))] {
        let webhook = Webhook::open(&WebhookSettings { ca_file, ..settings(&url) }).expect("a webhook");
        let result = webhook.deliver(&event(), MONDAY_US).await;
        assert_eq!(result, Err(DeliveryError::Retry { after: None, cause: Cause::Unreachable }));
    }
    assert_eq!(receiver.requests(), []);
}
