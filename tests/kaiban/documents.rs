//! Documents: handed in whole or not at all, judged by their content, seen by who sees the place that refers to them.

use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use futures::{Stream, stream};
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::download_document_response::Part as Given;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    Document, DownloadDocumentRequest, GetDocumentRequest, IssueTokenRequest, ListDocumentsRequest, RevokeTokenRequest,
    Role, SubmitCaseRequest, UploadDocumentRequest, UploadHeader,
};
use kaiban_api::{Channel, to_struct};
use kaiban_app::{Files, Settings};
use kaiban_calendar::parse_instant;
use kaiban_definition::load;
use kaiban_demo::Town;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, MORNING, PATIENCE, packages};
use crate::database::Database;
use crate::samples::{jpeg, ofd, pdf, png};

on_both!(
    a_document_comes_back_as_it_was,
    the_same_content_is_one_document,
    what_is_not_a_document_is_refused,
    an_upload_has_a_header_and_chunks,
    what_breaks_off_leaves_nothing,
    a_revoked_token_ends_an_upload,
    the_next_server_sweeps_up_and_keeps_what_is_whole,
    a_foreign_document_looks_as_if_it_were_not_there,
    who_sees_the_place_sees_the_document,
    references_are_checked_before_they_are_written,
    a_server_without_a_place_for_documents_takes_none,
);

type Client = DocumentServiceClient<Channel>;

/// A server that keeps documents there.
async fn city(db: &Database, files: Files) -> City {
    City::start_with(db, Settings { files, ..Settings::default() }).await
}

async fn bank(city: &City, bank: &str, outlet: &str) -> Client {
    DocumentServiceClient::new(city.town.terminal(bank, outlet).await.expect("a terminal"))
}

fn named(name: &str) -> UploadHeader {
    UploadHeader { name: name.into(), ..UploadHeader::default() }
}

fn message(part: Part) -> UploadDocumentRequest {
    UploadDocumentRequest { part: Some(part) }
}

fn parts(header: UploadHeader, content: &[u8]) -> Vec<UploadDocumentRequest> {
    let chunks = content.chunks(60_000).map(|chunk| message(Part::Chunk(chunk.to_vec().into())));
    std::iter::once(message(Part::Header(header))).chain(chunks).collect()
}

async fn send(
    client: &mut Client,
    messages: impl Stream<Item = UploadDocumentRequest> + Send + 'static,
) -> Result<Document, Status> {
    client.upload_document(messages).await.map(|answer| answer.into_inner().document.expect("a document"))
}

async fn upload(client: &mut Client, header: UploadHeader, content: &[u8]) -> Result<Document, Status> {
    send(client, stream::iter(parts(header, content))).await
}

async fn download(client: &mut Client, digest: &str, case: &str, offset: i64) -> Result<(Document, Vec<u8>), Status> {
    let request = DownloadDocumentRequest { digest: digest.into(), case_id: case.into(), offset };
    let mut messages = client.download_document(request).await?.into_inner();
    let Some(Given::Header(header)) = messages.message().await?.and_then(|first| first.part) else {
        panic!("a header comes first")
    };
    let mut content = Vec::new();
    while let Some(message) = messages.message().await? {
        let Some(Given::Chunk(chunk)) = message.part else { panic!("chunks follow") };
        assert!(chunk.len() <= 64 * 1024);
        content.extend_from_slice(&chunk);
    }
    Ok((header, content))
}

async fn get(client: &mut Client, digest: &str, case: &str) -> Result<Document, Status> {
    let request = GetDocumentRequest { digest: digest.into(), case_id: case.into() };
    client.get_document(request).await.map(|answer| answer.into_inner().document.expect("a document"))
}

async fn list(client: &mut Client, case: &str) -> Result<Vec<Document>, Status> {
    let request = ListDocumentsRequest { case_id: case.into() };
    client.list_documents(request).await.map(|answer| answer.into_inner().documents)
}

fn said(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().map(|info| info.reason).unwrap_or_default())
}

/// The digest that content would get.
async fn digest_of(content: &[u8]) -> String {
    let mut incoming = Files::memory().receive("t", Default::default(), u64::MAX).await.expect("a beginning");
    incoming.push(content.to_vec().into()).await.expect("room");
    incoming.finish().await.expect("a whole file").digest.to_string()
}

/// How many files are below a folder.
fn count(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.map(|entry| entry.expect("an entry").path()).map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}

async fn a_document_comes_back_as_it_was(db: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let city = city(db, Files::folder(folder.path()).unwrap()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let content = pdf(300_000);
    let size = content.len() as i64;
    let sha256 = digest_of(&content).await["sha256:".len()..].to_owned();
    let header = UploadHeader { media_type: "application/pdf".into(), size, sha256, ..named("租赁合同.pdf") };
    let document = upload(&mut client, header, &content).await.expect("a document");
    assert_eq!(document.digest, digest_of(&content).await);
    assert_eq!((document.name.as_str(), document.media_type.as_str()), ("租赁合同.pdf", "application/pdf"));
    assert_eq!((document.size, document.pointers.len()), (size, 0));
    for offset in [0, 1, 65_536, size - 1, size] {
        let (header, rest) = download(&mut client, &document.digest, "", offset).await.expect("the content");
        assert_eq!(header, document);
        assert!(rest == content[offset as usize..], "from {offset}");
    }
    let past = download(&mut client, &document.digest, "", size + 1).await.unwrap_err();
    assert_eq!(said(&past), (Code::InvalidArgument, "OFFSET_OUT_OF_RANGE".into()));
    assert_eq!(get(&mut client, &document.digest, "").await.expect("known"), document);
}

async fn the_same_content_is_one_document(db: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let city = city(db, Files::folder(folder.path()).unwrap()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let first = upload(&mut client, named("a.jpg"), &jpeg()).await.expect("a document");
    let second = upload(&mut client, named("b.jpeg"), &jpeg()).await.expect("the same");
    assert_eq!(first.digest, second.digest);
    assert_eq!(get(&mut client, &first.digest, "").await.unwrap().name, "b.jpeg", "only the name is new");
    let mut other = bank(&city, "b02", "b02-001").await;
    upload(&mut other, named("c.jpg"), &jpeg()).await.expect("somebody else's");
    assert_eq!(get(&mut other, &first.digest, "").await.unwrap().name, "c.jpg");
    assert_eq!(get(&mut client, &first.digest, "").await.unwrap().name, "b.jpeg", "to each their own");
    assert_eq!(count(folder.path()), 1);
}

async fn what_is_not_a_document_is_refused(db: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let city = city(db, Files::folder(folder.path()).unwrap()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let sized = |size| UploadHeader { size, ..named("a.png") };
    let typed = UploadHeader { media_type: "image/png".into(), ..named("a") };
    let digested = UploadHeader { sha256: "0".repeat(64), ..named("a.png") };
    let refused: Vec<(UploadHeader, Vec<u8>, &str)> = vec![
        (named("scan.pdf"), pdf(21 << 20), "FILE_TOO_LARGE"),
        (UploadHeader { size: 21 << 20, ..named("a.pdf") }, pdf(9), "FILE_TOO_LARGE"),
        (named("a.pdf"), jpeg(), "FILE_NAME_LIES"),
        (typed, ofd(), "FILE_NAME_LIES"),
        (named("a.pdf"), b"MZ\x90\0 this programme".to_vec(), "FILE_TYPE_NOT_ALLOWED"),
        (named("a.docx"), b"PK\x03\x04 not an OFD".to_vec(), "FILE_TYPE_NOT_ALLOWED"),
        (named("a.png"), Vec::new(), "FILE_EMPTY"),
        (sized(png(1, 1).len() as i64 + 1), png(1, 1), "FILE_SIZE_MISMATCH"),
        (digested, png(1, 1), "FILE_DIGEST_MISMATCH"),
        (named("../a.png"), png(1, 1), "FILE_NAME_INVALID"),
        (named(""), png(1, 1), "REQUEST_INVALID"),
        (named(&"长".repeat(201)), png(1, 1), "REQUEST_INVALID"),
    ];
    for (header, content, reason) in refused {
        let status = upload(&mut client, header, &content).await.unwrap_err();
        assert_eq!(said(&status), (Code::InvalidArgument, reason.to_owned()), "{status:?}");
        assert!(!status.get_details_localized_message().unwrap().message.is_empty(), "in Chinese too");
    }
    let widest = pdf((20 << 20) - (pdf(10_000_000).len() - 10_000_000));
    assert_eq!(widest.len(), 20 << 20);
    upload(&mut client, named("scan.pdf"), &widest).await.expect("20 MiB are taken");
    let mut security = DocumentServiceClient::new(city.town.security());
    let status = upload(&mut security, named("a.png"), &png(1, 1)).await.unwrap_err();
    assert_eq!(said(&status), (Code::PermissionDenied, "ROLE_NOT_ALLOWED".into()));
    assert_eq!(count(folder.path()), 1);
}

async fn an_upload_has_a_header_and_chunks(db: &Database) {
    let city = city(db, Files::memory()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let header = || message(Part::Header(named("a.png")));
    let chunk = || message(Part::Chunk(png(1, 1).into()));
    for (messages, reason) in [
        (vec![], "UPLOAD_HEADER_MISSING"),
        (vec![chunk()], "UPLOAD_HEADER_MISSING"),
        (vec![UploadDocumentRequest { part: None }], "UPLOAD_HEADER_MISSING"),
        (vec![header(), header(), chunk()], "UPLOAD_CHUNK_MISSING"),
        (vec![header(), UploadDocumentRequest { part: None }], "UPLOAD_CHUNK_MISSING"),
    ] {
        let status = send(&mut client, stream::iter(messages)).await.unwrap_err();
        assert_eq!(said(&status), (Code::InvalidArgument, reason.to_owned()));
    }
    let split = vec![header(), message(Part::Chunk(Default::default())), chunk()];
    send(&mut client, stream::iter(split)).await.expect("an empty chunk does no harm");
}

async fn what_breaks_off_leaves_nothing(db: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let first = city(db, files.clone()).await;
    let mut client = bank(&first, "b01", "b01-001").await;
    let content = pdf(2_000_000);
    let (say, hear) = mpsc::channel(1);
    let mut half = parts(named("a.pdf"), &content);
    half.truncate(half.len() / 2);
    let mut broken = client.clone();
    let call = tokio::spawn(async move { send(&mut broken, ReceiverStream::new(hear)).await });
    for part in half {
        say.send(part).await.expect("somebody listens");
    }
    // The client goes away in the middle: its end of the stream is reset, not closed.
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let digest = digest_of(&content).await;
    assert_eq!(get(&mut client, &digest, "").await.unwrap_err().code(), Code::NotFound);
    first.town.stop().await;

    let next = city(db, files).await;
    // Whoever drops a file on its way has it removed beside.
    let removed = async {
        while count(folder.path()) > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, removed).await.expect("nothing is left");
    let mut client = bank(&next, "b01", "b01-001").await;
    assert_eq!(get(&mut client, &digest, "").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(upload(&mut client, named("a.pdf"), &content).await.expect("once more").digest, digest);
}

async fn a_revoked_token_ends_an_upload(db: &Database) {
    let city = city(db, Files::memory()).await;
    let request = IssueTokenRequest {
        role: Role::Terminal.into(),
        organisation: "b01".into(),
        outlet: "b01-001".into(),
        ..IssueTokenRequest::default()
    };
    let issued = city.town.issue(request).await.expect("a token");
    let mut client = DocumentServiceClient::new(city.town.line(&issued.secret).await.expect("a connection"));
    let (say, hear) = mpsc::channel(1);
    let call = tokio::spawn(async move { send(&mut client, ReceiverStream::new(hear)).await });
    for part in parts(named("a.pdf"), &pdf(100_000)) {
        say.send(part).await.expect("somebody listens");
    }
    let id = issued.token.expect("a token").id;
    AdminServiceClient::new(city.town.security()).revoke_token(RevokeTokenRequest { id }).await.expect("revoked");
    let status = call.await.unwrap().unwrap_err();
    assert_eq!(said(&status), (Code::Unauthenticated, "TOKEN_REVOKED".into()));
    drop(say);
}

async fn the_next_server_sweeps_up_and_keeps_what_is_whole(db: &Database) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::folder(folder.path()).unwrap();
    let first = city(db, files.clone()).await;
    let content = pdf(90_000);
    let mut client = bank(&first, "b01", "b01-001").await;
    let kept = upload(&mut client, named("a.pdf"), &content).await.expect("a document");
    first.town.stop().await;
    // As a server leaves them that was killed while it received one and judged another.
    for name in ["0123456789abcdef#1", "fedcba9876543210"] {
        let path = folder.path().join("incoming").join(name);
        std::fs::write(&path, "half").unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    }
    let next = city(db, files).await;
    assert_eq!(count(folder.path()), 1);
    let mut client = bank(&next, "b01", "b01-001").await;
    assert!(download(&mut client, &kept.digest, "", 0).await.expect("the content").1 == content);
}

async fn a_foreign_document_looks_as_if_it_were_not_there(db: &Database) {
    let city = city(db, Files::memory()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let digest = upload(&mut client, named("a.png"), &png(7, 7)).await.expect("a document").digest;
    get(&mut bank(&city, "b01", "b01-002").await, &digest, "").await.expect("the bank's other outlets see it");
    let absent = format!("sha256:{}", "0".repeat(64));
    let tax = DocumentServiceClient::new(city.town.office("tax", "tax-350100").await.expect("an office"));
    for mut other in [bank(&city, "b02", "b02-001").await, tax] {
        let hidden = get(&mut other, &digest, "").await.unwrap_err();
        let missing = get(&mut other, &absent, "").await.unwrap_err();
        assert_eq!(hidden.code(), Code::NotFound);
        assert_eq!((hidden.message(), hidden.details()), (missing.message(), missing.details()));
        assert_eq!(download(&mut other, &digest, "", 0).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(list(&mut other, "20260302-0000000000-0").await.unwrap_err().code(), Code::NotFound);
    }
    let status = get(&mut client, "0f", "").await.unwrap_err();
    assert_eq!(said(&status), (Code::InvalidArgument, "REQUEST_INVALID".into()));
}

/// A package whose registrar sees the lease, and whose tax office sees the licence.
async fn paper(db: &Database) -> City {
    let (_, mut files) = packages();
    for (name, text) in [
        ("workflow.yaml", include_str!("../workflows/paper/workflow.yaml")),
        ("form.schema.json", include_str!("../workflows/paper/form.schema.json")),
        ("licence.schema.json", include_str!("../workflows/paper/licence.schema.json")),
    ] {
        files.insert(format!("paper/{name}"), text);
    }
    let (workflows, findings) = load(&files);
    assert!(findings.is_empty(), "{findings:?}");
    let start_us = parse_instant(MORNING).expect("an instant");
    let town = Town::start_with(db.store.clone(), workflows, &files, start_us, Settings::default()).await;
    City { town: town.expect("a server") }
}

async fn submit(city: &City, bank: &str, outlet: &str, form: &Value) -> Result<String, Status> {
    let mut cases = CaseServiceClient::new(city.town.terminal(bank, outlet).await.expect("a terminal"));
    let form = Some(to_struct(form).expect("a form"));
    let request = SubmitCaseRequest { request_id: "r1".into(), workflow: "paper".into(), form };
    cases.submit_case(request).await.map(|answer| answer.into_inner().case.expect("a case").id)
}

/// A name and the places where it is referred to.
fn places(documents: &[Document]) -> Vec<(&str, Vec<&str>)> {
    documents.iter().map(|found| (found.name.as_str(), found.pointers.iter().map(String::as_str).collect())).collect()
}

async fn who_sees_the_place_sees_the_document(db: &Database) {
    let city = paper(db).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let lease = upload(&mut client, named("lease.pdf"), &pdf(9)).await.unwrap().digest;
    let photo = upload(&mut client, named("photo.jpg"), &jpeg()).await.unwrap().digest;
    let form = json!({"registrar": "350100", "name": "纸鸢商行", "lease": lease, "photos": [photo, photo]});
    let id = submit(&city, "b01", "b01-001", &form).await.expect("a case");
    let all = [("lease.pdf", vec!["/form/lease"]), ("photo.jpg", vec!["/form/photos/0", "/form/photos/1"])];
    assert_eq!(places(&list(&mut client, &id).await.unwrap()), all);

    // The registrar sees what its step shares, the tax office nothing yet.
    let line = city.town.office("market-regulation", "market-regulation-350100").await.unwrap();
    let mut registrar = DocumentServiceClient::new(line);
    assert_eq!(places(&list(&mut registrar, &id).await.unwrap()), [("lease.pdf", vec!["/form/lease"])]);
    assert!(download(&mut registrar, &lease, &id, 0).await.unwrap().1 == pdf(9));
    assert_eq!(get(&mut registrar, &lease, "").await.unwrap_err().code(), Code::NotFound, "only through the case");
    assert_eq!(get(&mut registrar, &photo, &id).await.unwrap_err().code(), Code::NotFound, "not shared");
    let mut tax = DocumentServiceClient::new(city.town.office("tax", "tax-350100").await.unwrap());
    assert_eq!(list(&mut tax, &id).await.unwrap_err().code(), Code::NotFound);

    // Its licence goes to the terminal and, by the share of the next step, to the tax office.
    let licence = upload(&mut registrar, named("licence.ofd"), &ofd()).await.unwrap().digest;
    assert_eq!(get(&mut client, &licence, &id).await.unwrap_err().code(), Code::NotFound, "not in the case yet");
    let result = json!({"licence": licence});
    let mut office = city.office("market-regulation", "market-regulation-350100").await;
    office.does(Ending { officer: "market-regulation-350100-1", ..Ending::new("approve").with(result) }).await;
    let given = ("licence.ofd", vec!["/results/registration/licence"]);
    assert_eq!(places(&[get(&mut client, &licence, &id).await.unwrap()]), std::slice::from_ref(&given));
    assert_eq!(places(&list(&mut tax, &id).await.unwrap()), std::slice::from_ref(&given));
    assert_eq!(places(&list(&mut registrar, &id).await.unwrap()), [("lease.pdf", vec!["/form/lease"]), given]);
    assert!(download(&mut tax, &licence, &id, 0).await.unwrap().1 == ofd());
    assert_eq!(get(&mut tax, &lease, &id).await.unwrap_err().code(), Code::NotFound);

    // Another bank sees nothing, not even through its own case that refers to nothing.
    let mut other = bank(&city, "b02", "b02-001").await;
    let refused = submit(&city, "b02", "b02-001", &form).await.unwrap_err();
    assert_eq!(said(&refused), (Code::InvalidArgument, "FORM_INVALID".into()));
    let violations = refused.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["/lease", "/photos/0", "/photos/1"], "somebody else's documents");
    assert!(violations.iter().all(|violation| violation.description.starts_with("DOCUMENT_MISSING: ")));
    let other_form = json!({"registrar": "350100", "name": "另一商行"});
    let own = submit(&city, "b02", "b02-001", &other_form).await.expect("a case");
    assert!(list(&mut other, &own).await.unwrap().is_empty());
    for case in [id.as_str(), own.as_str(), ""] {
        assert_eq!(get(&mut other, &lease, case).await.unwrap_err().code(), Code::NotFound);
    }
}

async fn references_are_checked_before_they_are_written(db: &Database) {
    let city = paper(db).await;
    let app = city.town.app();
    let principal = |secret: String| async move { app.authenticate(&secret).await.expect("a caller") };
    let token = |bank: &str, outlet: &str| IssueTokenRequest {
        role: Role::Terminal.into(),
        organisation: bank.into(),
        outlet: outlet.into(),
        ..IssueTokenRequest::default()
    };
    let owner = principal(city.town.issue(token("b01", "b01-001")).await.unwrap().secret).await;
    let other = principal(city.town.issue(token("b02", "b02-001")).await.unwrap().secret).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let lease = upload(&mut client, named("lease.pdf"), &pdf(9)).await.unwrap().digest;
    let form = json!({"registrar": "350100", "name": "纸鸢商行", "lease": lease});
    let id = submit(&city, "b01", "b01-001", &form).await.expect("a case");

    let value = json!({"a": lease, "b": format!("sha256:{}", "0".repeat(64))});
    let codes = |found: Vec<kaiban_findings::Finding>| -> Vec<String> {
        found.iter().map(|finding| format!("{} {}", finding.place, finding.code)).collect()
    };
    let own = codes(app.check_references(&owner, None, &value).await.unwrap());
    assert_eq!(own, ["/b DOCUMENT_MISSING"]);
    let foreign = codes(app.check_references(&other, Some(&id), &value).await.unwrap());
    assert_eq!(foreign, ["/a DOCUMENT_MISSING", "/b DOCUMENT_MISSING"]);
    let many: Vec<String> = (0..101).map(|number| format!("sha256:{number:064x}")).collect();
    let many = codes(app.check_references(&owner, Some(&id), &json!(many)).await.unwrap());
    assert_eq!(
        many.iter().filter(|found| found.ends_with("TOO_MANY_DOCUMENTS")).collect::<Vec<_>>(),
        ["/99 TOO_MANY_DOCUMENTS"]
    );
}

async fn a_server_without_a_place_for_documents_takes_none(db: &Database) {
    let city = city(db, Files::nowhere()).await;
    let mut client = bank(&city, "b01", "b01-001").await;
    let status = upload(&mut client, named("a.png"), &png(1, 1)).await.unwrap_err();
    assert_eq!(said(&status), (Code::FailedPrecondition, "FILES_NOT_KEPT".into()));
}
