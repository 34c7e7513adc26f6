//! `backup`, `archive`, `erase`: what keeps records, as an operator meets it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kaiban_api::to_struct;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::{SubmitCaseRequest, SubmitCaseResponse};
use kaiban_api::{Bearer, Channel, connect};
use serde_json::Value;

use crate::command::{Said, kaiban, run};
use crate::server::{Place, Server};
use crate::shows;

/// Acknowledged before a copy is begun.
const BEFORE: usize = 20;

fn backup(place: &Place, to: &Path, more: &[&str]) -> Said {
    run(place.command(&[&["backup", "--to", to.to_str().expect("a name")], more].concat()))
}

fn check(folder: &Path, more: &[&str]) -> Said {
    run(kaiban(&[&["backup", "check", folder.to_str().expect("a name")], more].concat()))
}

#[test]
fn a_copy_is_taken_beside_a_running_server_and_put_in_its_place() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place::Folder(folder.path().join("data"));
    let server = Server::start(&place);
    let terminal = place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]);
    let lease = folder.path().join("lease.pdf");
    std::fs::write(&lease, include_bytes!("../../../../tests/forms/documents/lease.pdf")).expect("a file");
    server.asked(&terminal, &["document", "upload", lease.to_str().expect("a name")]).fine();

    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("tokio");
    let to = folder.path().join("copy");
    let acknowledged = runtime.block_on(async {
        let cases = cases(&server, &terminal).await;
        let over = Arc::new(AtomicBool::new(false));
        let (told, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
        let mut working = tokio::task::JoinSet::new();
        for counter in 0..4 {
            let (mut cases, told, over) = (cases.clone(), told.clone(), Arc::clone(&over));
            working.spawn(async move {
                for number in 0.. {
                    let request = request(&format!("{counter}-{number}"));
                    let reply = cases.submit_case(request.clone()).await.expect("a case").into_inner();
                    let _ = told.send((request, reply));
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        let mut before = Vec::new();
        while before.len() < BEFORE {
            before.push(acknowledged.recv().await.expect("somebody works"));
        }
        let (from, target) = (folder.path().join("data"), to.clone());
        let taken = tokio::task::spawn_blocking(move || backup(&Place::Folder(from), &target, &["--format", "json"]));
        let taken: Value = serde_json::from_str(&taken.await.expect("taken").fine()).expect("one object");
        over.store(true, Ordering::Relaxed);
        while let Some(ended) = working.join_next().await {
            ended.expect("nobody was held up for good");
        }
        assert!(taken["cases"].as_u64() >= Some(BEFORE as u64), "{taken}");
        before
    });
    assert_eq!(server.stop().code, Some(0));

    let report: Value = serde_json::from_str(&check(&to, &["--format", "json"]).fine()).expect("one object");
    assert_eq!(report["clean"], true, "{report}");
    shows!("backup_there_already", backup(&place, &to, &[]).within(folder.path()));
    let names = || {
        let entries = std::fs::read_dir(folder.path()).expect("a folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["copy", "data", "lease.pdf"], "nothing half-done is left");

    // In its place, it is the server that was: what it acknowledged it acknowledges again.
    let restored = Place::Folder(to.clone());
    let server = Server::start(&restored);
    runtime.block_on(async {
        let mut cases = cases(&server, &terminal).await;
        for (request, first) in acknowledged {
            let again = cases.submit_case(request).await.expect("it was acknowledged").into_inner();
            assert_eq!(again, SubmitCaseResponse { created: false, ..first });
        }
    });
    assert_eq!(server.stop().code, Some(0));
    assert_eq!(restored.verify()["clean"], true);

    // A byte of a document, and a copy that was never complete.
    let again = folder.path().join("again");
    backup(&place, &again, &[]).fine();
    let document = found(&again.join("kaiban.files"));
    let mut bytes = std::fs::read(&document).expect("its bytes");
    bytes[100] ^= 1;
    std::fs::write(&document, bytes).expect("altered");
    let said: Value = serde_json::from_str(&check(&again, &["--format", "json"]).stdout).expect("one object");
    assert_eq!(said["problems"][0]["check"], "backup", "{said}");
    std::fs::remove_file(again.join("manifest.json")).expect("a manifest");
    shows!("backup_no_manifest", check(&again, &[]).within(folder.path()));
}

async fn cases(server: &Server, token: &str) -> CaseServiceClient<Channel> {
    let token = Bearer::new(token).expect("a token");
    CaseServiceClient::new(connect(&server.endpoint, token, None).await.expect("a connection"))
}

fn request(id: &str) -> SubmitCaseRequest {
    let form: Value = serde_json::from_str(include_str!("../forms/six-step.json")).expect("a form");
    let form = Some(to_struct(&form).expect("a form"));
    SubmitCaseRequest { request_id: id.into(), workflow: "six-step".into(), form }
}

/// The one file somewhere below.
fn found(folder: &Path) -> std::path::PathBuf {
    let mut at = folder.to_owned();
    while at.is_dir() {
        at = std::fs::read_dir(&at).expect("a folder").next().expect("an entry").expect("an entry").path();
    }
    at
}

#[test]
fn what_has_just_ended_stays_and_what_is_young_is_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place::Folder(folder.path().join("data"));
    place.token(&["--role", "security", "--person", "lin"]);
    shows!("archive_nothing", run(place.command(&["archive", "--older-than", "24"])));
    shows!("erase_dry_run", run(place.command(&["erase", "--dry-run", "--keep", "reason=60"])));
    shows!("erase_keep_what", run(place.command(&["erase", "--keep", "photo=60"])));
    shows!("verify_other_head", run(place.command(&["verify", "--head", &"0".repeat(64)])));
    shows!("verify_no_heads", run(place.command(&["verify", "--head", "/dev/null"])));
}

#[test]
fn postgres_has_its_own_ways() {
    let place = Place::Url("postgres://nobody@127.0.0.1:1/nothing".into());
    shows!("backup_postgres", backup(&place, Path::new("/nowhere/copy"), &[]));
    shows!("archive_where", run(place.command(&["archive", "--older-than", "24"])));
}
