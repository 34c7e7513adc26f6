//! What an answer leads to.

use std::time::Duration;

use kaiban_webhook::{Cause, DeliveryError, Webhook, WebhookSettings};

use crate::receiver::{Answer, Receiver, status};
use crate::{MONDAY_US, event, settings, webhook};

async fn outcome(answer: Answer) -> Result<(), DeliveryError> {
    let receiver = Receiver::start([answer]).await;
    webhook(&receiver.url()).deliver(&event(), MONDAY_US).await
}

fn retry(cause: Cause, after_s: Option<u64>) -> Result<(), DeliveryError> {
    Err(DeliveryError::Retry { after: after_s.map(Duration::from_secs), cause })
}

#[tokio::test]
async fn a_status_2xx_is_taken() {
    for code in [200, 201, 202, 204] {
        assert_eq!(outcome(status(code, "", "")).await, Ok(()), "{code}");
    }
}

#[tokio::test]
async fn a_status_4xx_is_refused() {
    for code in [400, 401, 403, 404, 409, 410, 413, 422, 451] {
        assert_eq!(outcome(status(code, "", "no")).await, Err(DeliveryError::Refused { status: code }), "{code}");
    }
}

#[tokio::test]
async fn the_receivers_own_trouble_is_worth_another_attempt() {
    for code in [408, 425, 429, 500, 502, 503, 504] {
        assert_eq!(outcome(status(code, "", "")).await, retry(Cause::Status(code), None), "{code}");
    }
    let busy = status(429, "Retry-After: 90\r\n", "");
    assert_eq!(outcome(busy).await, retry(Cause::Status(429), Some(90)));
    let until = status(503, "Retry-After: Mon, 02 Mar 2026 01:02:00 GMT\r\n", "");
    assert_eq!(outcome(until).await, retry(Cause::Status(503), Some(120)));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start([]).await;
    for code in [301, 302, 303, 307, 308] {
        let answer = status(code, &format!("Location: {}\r\n", elsewhere.url()), "");
        assert_eq!(outcome(answer).await, Err(DeliveryError::Refused { status: code }), "{code}");
    }
    assert_eq!(elsewhere.requests(), []);
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_worth_another_attempt() {
    let receiver = Receiver::start([Answer::Silence]).await;
    let hurried = WebhookSettings { timeout: Duration::from_millis(50), ..settings(&receiver.url()) };
    let webhook = Webhook::open(&hurried).expect("a webhook");
    assert_eq!(webhook.deliver(&event(), MONDAY_US).await, retry(Cause::TimedOut, None));
    receiver.gone().await;
}

#[tokio::test]
async fn a_connection_that_breaks_is_worth_another_attempt() {
    assert_eq!(outcome(Answer::HangUp).await, retry(Cause::Broken, None));
    assert_eq!(outcome(Answer::Bytes(b"SSH-2.0-OpenSSH\r\n".to_vec())).await, retry(Cause::Broken, None));
}

#[tokio::test]
async fn nobody_there_is_worth_another_attempt() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let webhook = webhook(&format!("http://{address}/"));
    assert_eq!(webhook.deliver(&event(), MONDAY_US).await, retry(Cause::Unreachable, None));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    let endless = Receiver::start([Answer::Forever(head, chunk)]).await;
    assert_eq!(webhook(&endless.url()).deliver(&event(), MONDAY_US).await, Ok(()));
    endless.gone().await;
}

#[tokio::test]
async fn a_status_counts_when_its_answer_breaks_off() {
    let half = Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec());
    let receiver = Receiver::start([half]).await;
    let hurried = WebhookSettings { timeout: Duration::from_millis(50), ..settings(&receiver.url()) };
    assert_eq!(Webhook::open(&hurried).expect("a webhook").deliver(&event(), MONDAY_US).await, Ok(()));
}
