//! Records of years: heads that notice what is missing, cases that were moved to files, documents that were erased.

use std::path::Path;

use kaiban_api::Channel;
use kaiban_api::v1::audit_service_client::AuditServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::{
    Case, CaseView, DownloadDocumentRequest, ExplainCaseRequest, GetCaseRequest, ListCasesRequest, ListHeadsRequest,
    ListJournalRequest, Role, WithdrawCaseRequest,
};
use kaiban_app::{
    Archive, Beside, ErasureAsked, Files, HeadKept, HeadView, Kept, Limits, Rules, Settings, VerifyError, VerifyReport,
    archive, erase, verify_beside,
};
use kaiban_engine::{Entry, Event};
use kaiban_store::{CaseState, Changes, Options, Store};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Terminal, look, refusal, submitted};
use crate::counter;
use crate::database::Database;
use crate::forms;

on_both!(
    a_head_covers_all_journals,
    a_missing_case_is_noticed,
    a_clock_that_was_set_back_adds_nothing_to_a_window,
    an_archived_case_is_read_through_the_same_door,
    what_is_archived_twice_or_half_is_there_once,
    what_is_erased_is_said_to_be,
    a_file_stays_while_a_case_needs_it,
);

async fn auditor(city: &City) -> AuditServiceClient<Channel> {
    AuditServiceClient::new(city.town.bureau(Role::Auditor).await.expect("an auditor"))
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

async fn looked(city: &City, store: &Store, beside: &Beside) -> VerifyReport {
    city.settles().await;
    verify_beside(store, city.town.app().library(), beside).await.expect("a look")
}

fn withdrawal(case: &str, request: &str) -> WithdrawCaseRequest {
    WithdrawCaseRequest { request_id: request.into(), case_id: case.into(), reason: "不再办理。".into() }
}

/// Takes a case back, and waits until nothing of it is on its way.
async fn ends(city: &City, terminal: &mut Terminal, case: &str) -> Case {
    terminal.withdraw_case(withdrawal(case, &format!("end-{case}"))).await.expect("ended");
    city.settles().await;
    look(terminal, case).await
}

async fn a_head_covers_all_journals(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let app = city.town.app().clone();
    assert_eq!(app.take_heads(true).await.expect("none"), 0, "nothing happened");
    let first = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    assert_eq!(app.take_heads(false).await.expect("none"), 0, "the hour is not over");
    city.at("2026-03-02T10:30:00+08:00").await;
    let second = counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    assert_eq!(app.take_heads(false).await.expect("a head"), 1);
    city.at("2026-03-02T10:30:00.000001+08:00").await;
    assert_eq!(app.take_heads(true).await.expect("a head"), 1);
    assert_eq!(app.take_heads(true).await.expect("none"), 0, "nothing happened since");

    // As an auditor computes them from the journals.
    let mut auditor = auditor(&city).await;
    let page = |token: &str| ListHeadsRequest { page_size: 1, page_token: token.into() };
    let one = auditor.list_heads(page("")).await.expect("a page").into_inner();
    let two = auditor.list_heads(page(&one.next_page_token)).await.expect("a page").into_inner();
    assert_eq!((one.heads.len(), two.heads.len(), two.next_page_token.as_str()), (1, 1, ""));
    assert_eq!(reason(&auditor.list_heads(page("x")).await.unwrap_err()), "PAGE_TOKEN_INVALID");
    let mut before = "0".repeat(64);
    for head in [&one.heads[0], &two.heads[0]] {
        let us = |at: &Option<prost_types::Timestamp>| at.as_ref().and_then(kaiban_api::micros).expect("an instant");
        let (from, until) = (us(&head.from), us(&head.until));
        let mut lines = String::new();
        let mut cases = [first.clone(), second.clone()];
        cases.sort();
        for case in cases {
            let journal = ListJournalRequest { case_id: case.clone(), ..ListJournalRequest::default() };
            for entry in auditor.list_journal(journal).await.expect("a journal").into_inner().entries {
                if (from..until).contains(&us(&entry.at)) {
                    lines.push_str(&format!("{case} {} {}\n", entry.seq, entry.hash));
                }
            }
        }
        assert_eq!((head.entries as usize, &head.lines), (lines.lines().count(), &sha256(&lines)));
        let text = format!("{before}\n{} {from} {until} {} {}\n", head.number, head.entries, head.lines);
        assert_eq!(head.head, sha256(&text));
        before = head.head.clone();
    }
    let mut officer = AuditServiceClient::new(city.town.bureau(Role::Manager).await.expect("a manager"));
    assert_eq!(officer.list_heads(page("")).await.unwrap_err().code(), Code::PermissionDenied);

    let kept = |number, head: &str| Beside { heads: vec![HeadKept { number, head: head.into() }], ..Beside::default() };
    let report = looked(&city, &db.store, &kept(Some(2), &before)).await;
    assert!(report.clean, "{:?}", report.problems);
    assert_eq!((report.heads, report.last_head.map(|last: HeadView| last.head)), (2, Some(before.clone())));
    for other in [kept(Some(1), &before), kept(None, &"0".repeat(64))] {
        let report = looked(&city, &db.store, &other).await;
        assert_eq!(report.problems.iter().map(|problem| problem.check.as_str()).collect::<Vec<_>>(), ["heads"]);
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes everything that `verify` looks at into another database, changed on the way.
async fn copied(from: &Store, to: &Store, change: impl Fn(&mut Changes)) {
    let mut changes = Changes::default();
    for row in from.cases_after("", 1_000).await.expect("cases") {
        let entries = from.entries(&row.id, 0, 1_000).await.expect("entries");
        let read = entries.iter().map(|entry| serde_json::from_str::<Entry>(&entry.bytes).expect("an entry"));
        let named: Vec<Event> = read.flat_map(|entry| entry.events).collect();
        let digests: Vec<String> = named.iter().flat_map(Event::documents).map(str::to_owned).collect();
        changes.blobs.extend(from.blobs(&digests).await.expect("blobs"));
        changes.tasks.extend(from.tasks_of(&row.id).await.expect("tasks"));
        changes.timers.extend(from.timers_of(&row.id).await.expect("timers"));
        changes.delays.extend(from.delays_of(&row.id).await.expect("delays"));
        changes.commitments.extend(from.commitments_of(&row.id).await.expect("commitments"));
        changes.entries.extend(entries);
        changes.cases_new.push(row);
    }
    change(&mut changes);
    to.begin().await.expect("begin").save(&changes).await.expect("save");
    for head in from.heads(0, 1_000).await.expect("heads") {
        to.put_head(&head).await.expect("a head");
    }
}

async fn a_missing_case_is_noticed(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let lost = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    city.at("2026-03-02T10:30:00+08:00").await;
    city.town.app().take_heads(true).await.expect("a head");

    let folder = tempfile::tempdir().expect("a folder");
    let with = async |name: &str, change: &dyn Fn(&mut Changes)| {
        let url = format!("sqlite://{}", folder.path().join(name).display());
        let store = Store::open(&url, Options::default()).await.expect("another database");
        copied(&db.store, &store, change).await;
        let report = looked(&city, &store, &Beside::default()).await;
        store.close().await.expect("closed");
        report
    };
    let whole = with("whole.db", &|_| {}).await;
    assert!(whole.clean, "{:?}", whole.problems);

    // The case as a whole, with everything that belongs to it.
    let report = with("less.db", &|changes: &mut Changes| {
        changes.cases_new.retain(|row| row.id != lost);
        changes.entries.retain(|row| row.case_id != lost);
        changes.blobs.retain(|row| row.case_id != lost);
        changes.tasks.retain(|row| row.case_id != lost);
        changes.timers.retain(|row| row.case_id != lost);
    })
    .await;
    assert_eq!((report.cases, report.clean, report.problems.len()), (1, false, 1), "{:?}", report.problems);
    let problem = &report.problems[0];
    assert_eq!((problem.case.as_str(), problem.check.as_str()), ("head 1", "heads"));
    assert!(
        problem.detail.contains("2026-03-02T10:00:00+08:00: 2 entries when it was taken, 1 are there now"),
        "{problem:?}"
    );

    // An event that says something else.
    let report = with("other.db", &|changes: &mut Changes| {
        let entry = changes.entries.iter_mut().find(|row| row.case_id == lost).expect("its entry");
        entry.bytes = entry.bytes.replace("350100", "350102");
    })
    .await;
    assert!(report.problems.iter().any(|problem| problem.case == lost && problem.check == "chain"), "{report:?}");
}

async fn a_clock_that_was_set_back_adds_nothing_to_a_window(db: &Database) {
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    city.at("2026-03-02T12:00:00+08:00").await;
    assert!(city.town.app().take_heads(true).await.expect("heads") > 0);
    let until_us = db.store.last_head().await.expect("a head").expect("a head").until_us;
    city.town.stop().await;

    // The next server's clock is three hours behind.
    let city = counter::start(db).await;
    let mut terminal = city.terminal().await;
    let id = counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    assert_eq!(db.store.case(&id).await.expect("a row").expect("a row").received_at_us, until_us);
    let report = looked(&city, &db.store, &Beside::default()).await;
    assert!(report.clean, "{:?}", report.problems);
}

/// A city whose archive is a folder.
async fn with_archive(db: &Database, folder: &Path) -> City {
    let settings = Settings { archive: Archive::folder(folder), ..Settings::default() };
    City::start_as(db, &["counter"], settings).await
}

async fn archives(city: &City, db: &Database, folder: &Archive) -> kaiban_app::ArchiveReport {
    let before_us = city.town.app().business_now_us() + 1;
    archive(&db.store, folder, city.town.clock(), &Limits::default(), before_us).await.expect("moved")
}

async fn an_archived_case_is_read_through_the_same_door(db: &Database) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Archive::folder(place.path().join("archive"));
    let city = with_archive(db, folder.path().expect("named")).await;
    let mut terminal = city.terminal().await;
    let first = counter::submit(&mut terminal, "r1", &counter::form("350100")).await.expect("a case");
    let id = first.case.as_ref().expect("a case").id.clone();
    let refused = counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    let open = counter::submitted(&mut terminal, "r3", &counter::form("350100")).await;
    let mut registry = city.office("market-regulation", "market-regulation-350100").await;
    let task = registry.claims().await.into_iter().find(|task| task.case_id == refused).expect("a task");
    registry.ends(&task, refusal()).await.expect("refused");
    city.at("2026-03-02T11:00:00+08:00").await;
    ends(&city, &mut terminal, &id).await;
    city.at("2026-03-03T11:00:00+08:00").await;

    let mut auditor = auditor(&city).await;
    let mut seen = Vec::new();
    for case in [&id, &refused] {
        let journal = ListJournalRequest { case_id: case.clone(), ..ListJournalRequest::default() };
        let journal = auditor.list_journal(journal).await.expect("a journal").into_inner();
        let explain = ExplainCaseRequest { id: case.clone() };
        let told = terminal.explain_case(explain).await.expect("told").into_inner();
        seen.push((look(&mut terminal, case).await, journal, told));
    }
    let listed = terminal.list_cases(ListCasesRequest::default()).await.expect("cases").into_inner();

    let report = archives(&city, db, &folder).await;
    assert_eq!((report.cases, report.files, report.left), (2, 1, 0), "{report:?}");
    for (case, (before, entries, explained)) in [&id, &refused].into_iter().zip(seen) {
        assert_eq!(look(&mut terminal, case).await, before);
        let journal = ListJournalRequest { case_id: case.clone(), ..ListJournalRequest::default() };
        assert_eq!(auditor.list_journal(journal).await.expect("a journal").into_inner(), entries);
        let explain = ExplainCaseRequest { id: case.clone() };
        assert_eq!(terminal.explain_case(explain).await.expect("told").into_inner(), explained);
    }
    let again = terminal.list_cases(ListCasesRequest::default()).await.expect("cases").into_inner();
    assert_eq!(again, listed, "lists show them as before");

    // What was asked before is answered as it was; nothing else is done.
    let same = counter::submit(&mut terminal, "r1", &counter::form("350100")).await.expect("the same");
    assert_eq!((same.case, same.receipt, same.created), (first.case, first.receipt, false));
    let ended = terminal.withdraw_case(withdrawal(&id, &format!("end-{id}"))).await.expect("the same").into_inner();
    assert_eq!(ended.case.expect("a case").outcome, "withdrawn");
    registry.ends(&task, refusal()).await.expect("the same receipt");
    let status = terminal.withdraw_case(withdrawal(&id, "w2")).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "CASE_ARCHIVED"));
    let mut stranger = city.terminal_of("b02", "b02-001").await;
    for answer in [
        stranger.withdraw_case(withdrawal(&id, "w3")).await.unwrap_err(),
        stranger.get_case(GetCaseRequest { id: id.clone(), view: CaseView::Full.into() }).await.unwrap_err(),
    ] {
        assert_eq!(answer.code(), Code::NotFound, "to others it is not there");
    }

    let beside = Beside { archive: folder.clone(), ..Beside::default() };
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.clean, "{:?}", report.problems);
    assert_eq!((report.cases, report.archived), (3, 2));
    let unnamed = verify_beside(&db.store, city.town.app().library(), &Beside::default()).await.unwrap_err();
    assert!(matches!(unnamed, VerifyError::Archive(_)), "{unnamed}");
    assert_eq!(db.store.case(&open).await.expect("a row").expect("a row").state, CaseState::Open);

    // One byte of the file, in the case that ended first.
    let file =
        std::fs::read_dir(folder.path().expect("named")).expect("files").next().expect("one").expect("it").path();
    let mut bytes = std::fs::read(&file).expect("its bytes");
    bytes[40] ^= 1;
    std::fs::write(&file, bytes).expect("altered");
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.problems.iter().any(|problem| problem.check == "archive"), "{:?}", report.problems);
    let status = terminal.get_case(GetCaseRequest { id: refused, view: CaseView::Full.into() }).await.unwrap_err();
    assert_eq!(reason(&status), "ARCHIVE_UNAVAILABLE");
}

async fn what_is_archived_twice_or_half_is_there_once(db: &Database) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Archive::folder(place.path().join("archive"));
    let city = with_archive(db, folder.path().expect("named")).await;
    let mut terminal = city.terminal().await;
    for n in 0..12 {
        let case = counter::submitted(&mut terminal, &format!("r{n}"), &counter::form("350100")).await;
        ends(&city, &mut terminal, &case).await;
    }
    city.at("2026-03-03T11:00:00+08:00").await;

    // Two at once: each case goes into one file, whoever is first.
    let before_us = city.town.app().business_now_us();
    let limits = Limits { archive_portion: 5, ..Limits::default() };
    let at_once = || archive(&db.store, &folder, city.town.clock(), &limits, before_us);
    let (one, two) = tokio::join!(at_once(), at_once());
    let (one, two) = (one.expect("moved"), two.expect("moved"));
    let third = at_once().await.expect("moved");
    assert_eq!(one.cases + two.cases + third.cases, 12);
    let beside = Beside { archive: folder.clone(), ..Beside::default() };
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.clean, "{:?}", report.problems);
    assert_eq!((report.cases, report.archived), (12, 12));

    // Killed after the file and before the transaction: a file that no case is in, and half of one.
    let path = folder.path().expect("named");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let files: Vec<_> = std::fs::read_dir(path).expect("files").map(name).collect();
    std::fs::copy(path.join(&files[0]), path.join("2026-03-03-left.jsonl.gz")).expect("a stray");
    std::fs::write(path.join(".incoming-left"), b"half").expect("half a file");
    assert_eq!(folder.sweep(&db.store, 0).await.expect("swept"), 0, "somebody may still be writing them");
    assert_eq!(folder.sweep(&db.store, i64::MAX).await.expect("swept"), 2);
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.clean, "{:?}", report.problems);
}

/// Erases what is past these periods, in months.
async fn erases(
    city: &City,
    db: &Database,
    folder: &Archive,
    files: &Files,
    keep: &[(&str, u32)],
) -> Vec<(String, u64)> {
    let mut rules = Rules::default();
    for (kind, months) in keep {
        assert!(rules.keep(kind, *months));
    }
    let kept = Kept { store: &db.store, archive: folder, files };
    let asked = ErasureAsked { rules: &rules, dry_run: true, again: true };
    let would = erase(&kept, city.town.clock(), &Limits::default(), &asked).await.expect("counted");
    let asked = ErasureAsked { dry_run: false, ..asked };
    let report = erase(&kept, city.town.clock(), &Limits::default(), &asked).await.expect("erased");
    assert_eq!(would, report, "what would go went");
    let again = erase(&kept, city.town.clock(), &Limits::default(), &asked).await.expect("erased");
    assert!(again.erased.is_empty(), "{again:?}");
    report.erased.into_iter().collect()
}

async fn what_is_erased_is_said_to_be(db: &Database) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Archive::folder(place.path().join("archive"));
    let city = with_archive(db, folder.path().expect("named")).await;
    let mut terminal = city.terminal().await;
    let archived = counter::submitted(&mut terminal, "r1", &counter::form("350100")).await;
    ends(&city, &mut terminal, &archived).await;
    city.at("2026-03-03T09:00:00+08:00").await;
    archives(&city, db, &folder).await;
    let here = counter::submitted(&mut terminal, "r2", &counter::form("350100")).await;
    ends(&city, &mut terminal, &here).await;
    let open = counter::submitted(&mut terminal, "r3", &counter::form("350100")).await;
    city.at("2026-04-03T09:00:00+08:00").await;
    let beside = Beside { archive: folder.clone(), ..Beside::default() };
    let before = [look(&mut terminal, &archived).await, look(&mut terminal, &here).await];
    assert!(before.iter().all(|case| case.form.is_some() && case.erased.is_empty() && !case.subject.is_empty()));

    let files = Files::memory();
    assert_eq!(erases(&city, db, &folder, &files, &[]).await, [], "no period has ended");
    assert_eq!(erases(&city, db, &folder, &files, &[("form", 1)]).await, [("form-1m".to_owned(), 2)]);
    for (id, was) in [&archived, &here].into_iter().zip(before) {
        let case = look(&mut terminal, id).await;
        assert_eq!((&case.form, case.subject.as_str()), (&None, ""));
        let gone: Vec<(&str, &str)> = case.erased.iter().map(|gone| (gone.kind.as_str(), gone.rule.as_str())).collect();
        assert_eq!(gone, [("form", "form-1m")]);
        let same = |case: &Case| (case.head.clone(), case.outcome.clone(), case.steps.len(), case.promise.clone());
        assert_eq!(same(&case), same(&was), "all else is as it was");
    }
    assert!(look(&mut terminal, &open).await.form.is_some());
    terminal.list_cases(ListCasesRequest::default()).await.expect("a list has room for them");
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.clean, "{:?}", report.problems);
    assert_eq!((report.erased, report.archived), (2, 1));
    // Nothing of it is in any file.
    let entries = std::fs::read_dir(folder.path().expect("named")).expect("files");
    assert_eq!(entries.count(), 1, "the file that had it is gone");

    // Without its record it is missing.
    let row = db.store.case(&here).await.expect("a row").expect("a row");
    assert_eq!(db.store.entries(&here, 0, 10).await.expect("entries").len() as i64, row.seq);
    assert_eq!(erases(&city, db, &folder, &files, &[("form", 1), ("reason", 0)]).await, [("reason-0m".to_owned(), 2)]);
    let report = looked(&city, &db.store, &beside).await;
    assert!(report.clean, "{:?}", report.problems);
    assert_eq!(report.erased, 4);
}

async fn a_file_stays_while_a_case_needs_it(db: &Database) {
    let place = tempfile::tempdir().expect("a folder");
    let folder = Archive::folder(place.path().join("archive"));
    let files = Files::memory();
    let settings = Settings { archive: folder.clone(), files: files.clone(), ..Settings::default() };
    let city = City::start_with(db, settings).await;
    let mut terminal = city.terminal().await;
    let form = forms::company("350100");
    let (first, second) = (submitted(&mut terminal, "r1", &form).await, submitted(&mut terminal, "r2", &form).await);
    let names = references(&form);
    assert!(!names.is_empty(), "the form names documents");
    let mut documents = DocumentServiceClient::new(city.town.terminal("b01", "b01-001").await.expect("a terminal"));
    let mut given = async |case: &str| {
        let request = DownloadDocumentRequest {
            digest: names[0].clone(),
            case_id: case.to_owned(),
            ..DownloadDocumentRequest::default()
        };
        documents.download_document(request).await.map(|_| ())
    };
    ends(&city, &mut terminal, &first).await;
    city.at("2026-05-03T09:00:00+08:00").await;
    assert_eq!(erases(&city, db, &folder, &files, &[("file", 1)]).await, [], "another case needs it");
    given(&second).await.expect("a document");
    ends(&city, &mut terminal, &second).await;
    city.at("2026-07-03T09:00:00+08:00").await;
    let erased = erases(&city, db, &folder, &files, &[("file", 1)]).await;
    assert_eq!(erased, [("file-1m".to_owned(), names.len() as u64)]);
    for case in [&first, &second] {
        assert_eq!(reason(&given(case).await.unwrap_err()), "DOCUMENT_ERASED");
    }
    let unseen = given("20260302-0000000000-0").await.unwrap_err();
    assert_eq!(unseen.code(), Code::NotFound);
    city.verify().await;
}

/// Documents that a form names, each once.
fn references(value: &Value) -> Vec<String> {
    let mut found = match value {
        Value::String(text) if text.starts_with("sha256:") => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(references).collect(),
        Value::Object(object) => object.values().flat_map(references).collect(),
        _ => Vec::new(),
    };
    found.sort();
    found.dedup();
    found
}
