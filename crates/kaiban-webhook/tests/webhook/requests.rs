//! What is sent.

use kaiban_webhook::{CloudEvent, DeliveryError, NoWebhook, Notifier};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::receiver::{Receiver, status};
use crate::{KEY, MONDAY_US, SECRET, event, webhook};

#[tokio::test]
async fn a_receiver_gets_a_cloud_event_in_structured_json() {
    let receiver = Receiver::start([status(204, "", "")]).await;
    assert_eq!(webhook(&receiver.url()).deliver(&event(), MONDAY_US).await, Ok(()));
    let requests = receiver.requests();
    let [request] = requests.as_slice() else { panic!("one request: {requests:?}") };
    assert_eq!(request.line, "POST /hooks/kaiban?tenant=7 HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/cloudevents+json; charset=utf-8");
    assert_eq!(request.header("host"), receiver.address.to_string());
    assert!(request.header("user-agent").starts_with("kaiban/"));
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).expect("JSON"),
        json!({
            "specversion": "1.0",
            "id": "350102-20260302-000017/3/1",
            "source": "/kaiban/350100",
            "type": "cn.kaiban.letter-issued",
            "subject": "350102-20260302-000017",
            "time": "2026-03-02T09:00:01.5+08:00",
            "datacontenttype": "application/json",
            "data": { "letter": "correction", "phone": "13800000000", "text": "请补正：住所证明“租赁合同”缺页。" },
        })
    );
}

#[tokio::test]
async fn a_receiver_can_verify_the_signature() {
    let receiver = Receiver::start([status(200, "", "")]).await;
    webhook(&receiver.url()).deliver(&event(), MONDAY_US + 999_999).await.expect("taken");
    let request = &receiver.requests()[0];
    assert_eq!(request.header("webhook-id"), event().id);
    assert_eq!(request.header("webhook-timestamp"), "1772413200");
    let signed = [request.header("webhook-id"), ".", request.header("webhook-timestamp"), "."].concat();
    let signed = [signed.as_bytes(), &request.body].concat();
    let expected = format!("v1,{}", base64(&hmac(KEY, &signed)));
    assert_eq!(request.header("webhook-signature"), expected);
}

#[tokio::test]
async fn another_attempt_has_the_same_id_and_body_and_a_newer_signature() {
    let receiver = Receiver::start([status(503, "", "later"), status(200, "", "")]).await;
    let webhook = webhook(&receiver.url());
    webhook.deliver(&event(), MONDAY_US).await.expect_err("later");
    webhook.deliver(&event(), MONDAY_US + 60_000_000).await.expect("taken");
    let requests = receiver.requests();
    assert_eq!(requests[0].body, requests[1].body);
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_eq!(requests[1].header("webhook-timestamp"), "1772413260");
    assert_ne!(requests[0].header("webhook-signature"), requests[1].header("webhook-signature"));
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn what_is_no_event_is_not_sent() {
    let receiver = Receiver::start([]).await;
    let webhook = webhook(&receiver.url());
    let unsendable = [
        CloudEvent { id: String::new(), ..event() },
        CloudEvent { id: "办件/1".into(), ..event() },
        CloudEvent { id: "a b".into(), ..event() },
        CloudEvent { id: "a\r\nx: y".into(), ..event() },
        CloudEvent { id: "a.1".into(), ..event() },
        CloudEvent { id: "a".repeat(257), ..event() },
        CloudEvent { source: String::new(), ..event() },
        CloudEvent { event: String::new(), ..event() },
        CloudEvent { subject: String::new(), ..event() },
        CloudEvent { at_us: i64::MAX, ..event() },
    ];
    for event in unsendable {
        let results = [webhook.deliver(&event, MONDAY_US).await, NoWebhook.deliver(&event, MONDAY_US).await];
        assert!(matches!(results, [Err(DeliveryError::Unsendable(_)), Err(DeliveryError::Unsendable(_))]), "{event:?}");
    }
    assert_eq!(receiver.requests(), []);
}

#[tokio::test]
async fn a_notifier_is_one_or_the_other() {
    let receiver = Receiver::start([status(202, "", "")]).await;
    let notifiers: [Box<dyn Notifier>; 2] = [Box::new(NoWebhook), Box::new(webhook(&receiver.url()))];
    for notifier in notifiers {
        assert_eq!(notifier.deliver(&event(), MONDAY_US).await, Ok(()));
    }
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn neither_secret_nor_data_nor_path_is_in_a_debug_text() {
    let receiver = Receiver::start([]).await;
    let settings = crate::settings(&receiver.url());
    let text = format!("{settings:?} {:?} {:?}", webhook(&receiver.url()), event());
    for hidden in [&SECRET[6..], "tenant", "13800000000", "租赁"] {
        assert!(!text.contains(hidden), "{text}");
    }
    assert!(text.contains("127.0.0.1") && text.contains("000017/3/1"), "{text}");
}

/// RFC 2104 by hand, so that a mistake of the crate's would show.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

/// RFC 4648 §4 by hand.
fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..4 {
            let sextet = (bits >> (18 - 6 * at) & 63) as usize;
            out.push(if at <= three.len() { alphabet[sextet] as char } else { '=' });
        }
    }
    out
}
