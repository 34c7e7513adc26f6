use kaiban_api::v1;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt;

use crate::office::{Office, form, reason, submission};

/// Shares no field types with any message of the contract.
#[derive(Clone, PartialEq, prost::Message)]
struct Garbage {
    #[prost(fixed64, tag = "1")]
    request_id: u64,
    #[prost(bytes = "vec", tag = "3")]
    form: Vec<u8>,
}

async fn send(office: &Office, path: &'static str, garbage: Garbage) -> Status {
    let mut grpc = tonic::client::Grpc::new(office.channel(&office.terminal).await);
    grpc.ready().await.unwrap();
    let codec: ProstCodec<Garbage, v1::SubmitCaseResponse> = ProstCodec::default();
    grpc.unary(Request::new(garbage), PathAndQuery::from_static(path), codec).await.unwrap_err()
}

#[tokio::test]
async fn a_malformed_message_is_the_callers_mistake() {
    let office = Office::open().await;
    let path = "/kaiban.v1.CaseService/SubmitCase";
    for garbage in [
        Garbage { request_id: 7, form: vec![] },
        Garbage { request_id: 0, form: vec![0xff; 100] },
        // A Struct nested more deeply than any decoder follows.
        Garbage { request_id: 0, form: nested(200) },
    ] {
        let status = send(&office, path, garbage).await;
        assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MESSAGE_MALFORMED"));
    }
}

#[tokio::test]
async fn an_unknown_method_is_named_as_such() {
    let office = Office::open().await;
    let garbage = Garbage::default();
    for path in ["/kaiban.v1.CaseService/EraseCase", "/kaiban.v9.CaseService/GetCase"] {
        let status = send(&office, path, garbage.clone()).await;
        assert_eq!((status.code(), reason(&status).as_str()), (Code::Unimplemented, "METHOD_UNKNOWN"), "{path}");
    }
}

#[tokio::test]
async fn an_oversized_message_is_refused() {
    let office = Office::open().await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let mut form = form();
    let name = prost_types::Value { kind: Some(prost_types::value::Kind::StringValue("名".repeat(400_000))) };
    form.fields.insert("name".into(), name);
    let request = v1::CheckFormRequest { workflow: "six-step".into(), form: Some(form) };
    let status = cases.check_form(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MESSAGE_TOO_LARGE"));
    assert!(status.message().contains("1048576"), "{}", status.message());
    let limit = status.get_error_details().error_info().unwrap().metadata.get("limit_bytes").cloned();
    assert_eq!(limit.as_deref(), Some("1048576"));
    assert!(status.get_error_details().retry_info().is_none(), "nobody is invited to send it again");
}

#[tokio::test]
async fn every_field_that_is_wrong_is_listed() {
    let office = Office::open().await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let request = v1::ListCasesRequest {
        filter: Some(v1::CaseFilter { state: 9, workflow: "a b".into(), ..Default::default() }),
        order: 9,
        page_size: 501,
        view: -1,
        ..Default::default()
    };
    let status = cases.list_cases(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "REQUEST_INVALID"));
    let details = status.get_error_details();
    let fields: Vec<&str> =
        details.bad_request().unwrap().field_violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["/order", "/filter/state", "/filter/workflow", "/page_size", "/view"]);
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer() {
    let office = Office::open().await;
    let mut cases = CaseServiceClient::new(office.channel(&office.terminal).await);
    let first = cases.submit_case(submission("r1")).await.unwrap().into_inner();
    let second = cases.submit_case(submission("r1")).await.unwrap().into_inner();
    assert!(first.created && !second.created);
    assert_eq!(
        (&first.receipt, first.case.as_ref().map(|case| &case.id)),
        (&second.receipt, second.case.as_ref().map(|case| &case.id))
    );
    let other = v1::SubmitCaseRequest { workflow: "business-start".into(), ..submission("r1") };
    let status = cases.submit_case(other).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
}

/// The bytes of a Struct `{"a": {"a": …}}`.
fn nested(levels: usize) -> Vec<u8> {
    let mut inner: Vec<u8> = Vec::new();
    for _ in 0..levels {
        let value = field(5, &inner);
        let entry = [field(1, b"a"), field(2, &value)].concat();
        inner = field(1, &entry);
    }
    inner
}

fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![tag << 3 | 2];
    prost::encode_length_delimiter(bytes.len(), &mut out).unwrap();
    out.extend_from_slice(bytes);
    out
}
