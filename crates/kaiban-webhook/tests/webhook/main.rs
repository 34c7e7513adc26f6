//! What a receiver sees of an event, and what its answers lead to: against small real HTTP servers.

mod answers;
mod receiver;
mod requests;
mod settings;
mod tls;

use std::time::Duration;

use kaiban_webhook::{CloudEvent, Secret, Webhook, WebhookSettings};

/// 2026-03-02T09:00+08:00.
const MONDAY_US: i64 = 1_772_413_200_000_000;
/// The Base64 of [`KEY`].
const SECRET: &str = "whsec_a2FpYmFuLWthaWJhbi1rYWliYW4ta2FpYmFuLWtl";
/// 30 bytes.
const KEY: &[u8] = b"kaiban-kaiban-kaiban-kaiban-ke";

fn event() -> CloudEvent {
    CloudEvent {
        id: "350102-20260302-000017/3/1".into(),
        source: "/kaiban/350100".into(),
        event: "letter-issued".into(),
        subject: "350102-20260302-000017".into(),
        at_us: MONDAY_US + 1_500_000,
        data: serde_json::json!({ "letter": "correction", "phone": "13800000000", "text": "请补正：住所证明“租赁合同”缺页。" }),
    }
}

fn settings(url: &str) -> WebhookSettings {
    let secret: Secret = SECRET.parse().expect("a secret");
    WebhookSettings { url: url.into(), secret, timeout: Duration::from_secs(20), ca_file: None }
}

fn webhook(url: &str) -> Webhook {
    Webhook::open(&settings(url)).expect("a webhook")
}
