//! A small HTTP server that takes events as a bank's system would: it checks each signature, answers as it is told to,
//! and remembers what it was sent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kaiban_app::Settings;
use kaiban_webhook::{Webhook, WebhookSettings};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The Base64 of [`KEY`].
const SECRET: &str = "whsec_a2FpYmFuLWthaWJhbi1rYWliYW4ta2FpYmFuLWtl";
/// 30 bytes.
const KEY: &[u8] = b"kaiban-kaiban-kaiban-kaiban-ke";

/// An event as it came.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The CloudEvent.
    pub event: Value,
    /// What was answered; 0 = nothing, the connection was kept.
    pub status: u16,
}

impl Delivery {
    /// Number of the letter that it carries.
    pub fn number(&self) -> &str {
        self.event["data"]["number"].as_str().unwrap_or_default()
    }
}

type Answers = dyn Fn(&Value) -> u16 + Send + Sync;

pub struct Receiver {
    address: std::net::SocketAddr,
    answers: watch::Sender<Arc<Answers>>,
    deliveries: watch::Receiver<Vec<Delivery>>,
}

impl Receiver {
    /// Answers every event with the status that `answers` gives.
    pub async fn start(answers: impl Fn(&Value) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (answers, rules) = watch::channel::<Arc<Answers>>(Arc::new(answers));
        let (taken, deliveries) = watch::channel(Vec::new());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, rules.clone(), taken.clone()));
            }
        });
        Self { address, answers, deliveries }
    }

    /// From now on it answers like this.
    pub fn answers(&self, answers: impl Fn(&Value) -> u16 + Send + Sync + 'static) {
        self.answers.send_replace(Arc::new(answers));
    }

    /// What it was sent so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.borrow().clone()
    }

    /// Waits until it was sent something.
    pub async fn gets(&mut self, wanted: impl Fn(&Delivery) -> bool) -> Delivery {
        let all = self.deliveries.wait_for(|all| all.iter().any(&wanted)).await.expect("it listens");
        all.iter().find(|delivery| wanted(delivery)).expect("just seen").clone()
    }

    /// How many times it has taken the event of each letter, by the number of the letter.
    pub fn taken(&self) -> BTreeMap<String, usize> {
        let mut taken = BTreeMap::new();
        for delivery in self.deliveries().iter().filter(|delivery| delivery.status == 200) {
            *taken.entry(delivery.number().to_owned()).or_default() += 1;
        }
        taken
    }

    /// Settings of a server that sends its messages here, and tries again soon.
    pub fn settings(&self) -> Settings {
        let webhook = Webhook::open(&WebhookSettings {
            url: format!("http://{}/kaiban", self.address),
            secret: SECRET.parse().expect("a secret"),
            timeout: Duration::from_secs(60),
            ca_file: None,
        });
        let mut settings = Settings { notifier: Some(Arc::new(webhook.expect("a web hook"))), ..Settings::default() };
        settings.limits.outbox_poll = Duration::from_millis(20);
        settings
    }
}

async fn serve(mut stream: TcpStream, rules: watch::Receiver<Arc<Answers>>, taken: watch::Sender<Vec<Delivery>>) {
    let mut bytes = Vec::new();
    while let Some((head, body)) = read(&mut stream, &mut bytes).await {
        assert_signed(&head, &body);
        let event: Value = serde_json::from_slice(&body).expect("JSON");
        let answers = Arc::clone(&*rules.borrow());
        let status = answers(&event);
        if status != 0 {
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("somebody listens");
        }
        taken.send_modify(|all| all.push(Delivery { event, status }));
        if status == 0 {
            // Says nothing until the other side gives up.
            let _ = stream.read(&mut [0]).await;
        }
    }
}

type Headers = BTreeMap<String, String>;

async fn read(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<(Headers, Vec<u8>)> {
    let end = loop {
        match bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(at) => break at,
            None => more(stream, bytes).await?,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in UTF-8");
    let headers: Headers = head
        .split("\r\n")
        .skip(1)
        .map(|line| line.split_once(':').expect("a header"))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().expect("a length");
    while bytes.len() < end + 4 + length {
        more(stream, bytes).await?;
    }
    let body = bytes[end + 4..end + 4 + length].to_vec();
    bytes.drain(..end + 4 + length);
    Some((headers, body))
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(bytes).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}

/// As Standard Webhooks describes.
fn assert_signed(headers: &Headers, body: &[u8]) {
    let (id, timestamp) = (&headers["webhook-id"], &headers["webhook-timestamp"]);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    assert_eq!(headers["webhook-signature"], format!("v1,{}", base64(&hmac(KEY, &signed))));
    assert!(headers["content-type"].starts_with("application/cloudevents+json"));
}

/// RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at) & 63) as usize] as char;
            text.push(if at <= three.len() { digit } else { '=' });
        }
    }
    text
}
