use kaiban_store::{CaseFileRow, Changes, FileGrantRow, FileRow};

use crate::database::Database;

on_both!(
    a_file_is_remembered_once_and_granted_to_each_who_uploaded_it,
    files_and_grants_are_found_by_their_digests,
    a_case_refers_to_files_from_its_form_and_its_results,
    a_name_does_not_show_in_a_debug_text,
);

fn file(digest: &str) -> FileRow {
    FileRow { digest: digest.into(), size: 20_971_520, media_type: "application/pdf".into(), created_at_us: 5 }
}

fn grant(digest: &str, organisation: &str, uploaded_at_us: i64) -> FileGrantRow {
    FileGrantRow {
        digest: digest.into(),
        organisation: organisation.into(),
        name: "房屋租赁合同.pdf".into(),
        uploaded_at_us,
        token: "k1".into(),
    }
}

fn reference(digest: &str, pointer: &str, step: &str) -> CaseFileRow {
    CaseFileRow { case_id: "c1".into(), digest: digest.into(), pointer: pointer.into(), step: step.into() }
}

async fn a_file_is_remembered_once_and_granted_to_each_who_uploaded_it(db: &Database) {
    let digests = ["d1".to_owned()];
    db.store.put_file(&file("d1"), &grant("d1", "bank-01", 5)).await.expect("put");
    let later = FileRow { media_type: "image/png".into(), created_at_us: 9, ..file("d1") };
    db.store.put_file(&later, &grant("d1", "bank-02", 9)).await.expect("put");
    let renamed =
        FileGrantRow { name: "合同（盖章）.pdf".into(), token: "k2".into(), ..grant("d1", "bank-01", 11) };
    db.store.put_file(&file("d1"), &renamed).await.expect("put");
    assert_eq!(db.store.files(&digests).await, Ok(vec![file("d1")]));
    assert_eq!(db.store.file_grants(&digests, "bank-01").await, Ok(vec![renamed]));
    assert_eq!(db.store.file_grants(&digests, "bank-02").await, Ok(vec![grant("d1", "bank-02", 9)]));
    assert_eq!(db.store.file_grants(&digests, "bank-03").await, Ok(vec![]));
}

async fn files_and_grants_are_found_by_their_digests(db: &Database) {
    for digest in ["d1", "d2", "d3"] {
        db.store.put_file(&file(digest), &grant(digest, "bank-01", 5)).await.expect("put");
    }
    let digests = ["d3", "d1", "never-was"].map(str::to_owned);
    let mut files = db.store.files(&digests).await.expect("files");
    files.sort_by(|a, b| a.digest.cmp(&b.digest));
    assert_eq!(files, [file("d1"), file("d3")]);
    let mut grants = db.store.file_grants(&digests, "bank-01").await.expect("grants");
    grants.sort_by(|a, b| a.digest.cmp(&b.digest));
    assert_eq!(grants, [grant("d1", "bank-01", 5), grant("d3", "bank-01", 5)]);
    assert_eq!(db.store.files(&[]).await, Ok(vec![]));
    assert_eq!(db.store.file_grants(&[], "bank-01").await, Ok(vec![]));
}

async fn a_case_refers_to_files_from_its_form_and_its_results(db: &Database) {
    let refer = |rows: &[&CaseFileRow]| Changes {
        case_files: rows.iter().map(|row| (*row).clone()).collect(),
        ..Changes::default()
    };
    let lease = reference("d2", "/domicile/lease", "");
    let plan = reference("d1", "/domicile/plan", "");
    let licence = reference("d1", "/licence", "registration");
    let elsewhere = CaseFileRow { case_id: "c2".into(), ..lease.clone() };
    db.save(refer(&[&licence, &plan])).await;
    db.save(refer(&[&plan, &lease, &elsewhere])).await;
    assert_eq!(db.store.case_files("c1").await, Ok(vec![lease, plan, licence]));
    assert_eq!(db.store.case_files("c2").await, Ok(vec![elsewhere]));
    assert_eq!(db.store.case_files("c3").await, Ok(vec![]));
}

async fn a_name_does_not_show_in_a_debug_text(db: &Database) {
    db.store.put_file(&file("d1"), &grant("d1", "bank-01", 5)).await.expect("put");
    let grants = db.store.file_grants(&["d1".to_owned()], "bank-01").await.expect("grants");
    assert_eq!(grants[0].name, "房屋租赁合同.pdf");
    assert!(!format!("{grants:?}").contains("租赁"));
}
