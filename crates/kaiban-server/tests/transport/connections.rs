use std::time::Duration;

use kaiban_api::v1::ListCasesRequest;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_app::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::office::Office;

/// What the server says to these bytes until it hangs up.
async fn says(office: &Office, bytes: &[u8]) -> Vec<u8> {
    let address = office.endpoint.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    // Hanging up may be a reset, when bytes of ours were never read.
    let _ = connection.read_to_end(&mut said).await;
    said
}

#[tokio::test]
async fn who_says_nothing_loses_the_connection() {
    let office = Office::open_with(Limits { quiet_max: Duration::from_millis(50), ..Limits::default() }).await;
    says(&office, b"").await;
    says(&office, b"PRI * HTTP/2.0").await;
}

#[tokio::test]
async fn what_is_not_http2_is_hung_up_on_and_harms_nobody() {
    let office = Office::open().await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: kaiban\r\n\r\n"[..],
        &[0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xff; 4_096],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        says(&office, bytes).await;
    }
    cases.list_cases(ListCasesRequest::default()).await.unwrap();
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_a_place() {
    let office = Office::open_with(Limits { connections_max: 2, ..Limits::default() }).await;
    let address = office.endpoint.trim_start_matches("http://");
    let first = TcpStream::connect(address).await.unwrap();
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    cases.list_cases(ListCasesRequest::default()).await.unwrap();
    let (endpoint, token) = (office.endpoint.clone(), office.terminal.clone());
    let third = tokio::spawn(async move {
        let channel = kaiban_api::connect(&endpoint, kaiban_api::Bearer::new(&token).unwrap(), None).await.unwrap();
        CaseServiceClient::new(channel).list_cases(ListCasesRequest::default()).await
    });
    cases.list_cases(ListCasesRequest::default()).await.unwrap();
    drop(first);
    third.await.unwrap().unwrap();
}
