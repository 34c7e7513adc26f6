//! Credit records: who has promised falsely may not promise again until that is repaired, on both sides of the rules of
//! 2026-04-01; and nothing disappears.

use kaiban_api::Channel;
use kaiban_api::v1::credit_service_client::CreditServiceClient;
use kaiban_api::v1::credit_subject::Of;
use kaiban_api::v1::{
    ApplyForRepairRequest, CasePerson, Credit, CreditClass, CreditReason, CreditSubject, DecideRepairRequest,
    GetCreditRequest, RecordCorrectionRequest, RecordCreditRequest, Text,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::commitments::{Matter, hands_in, reason};
use crate::database::Database;
use crate::forms::promise;

on_both!(a_false_promise_bars_until_it_is_repaired, a_record_is_read_by_whom_it_concerns);

const OFFICER: &str = "market-regulation-350100-1";
const NUMBER: &str = "11010519491231002X";

fn number() -> Option<CreditSubject> {
    Some(CreditSubject { of: Some(Of::CitizenNumber(NUMBER.into())) })
}

fn false_promise(request_id: &str, subject: Option<CreditSubject>) -> RecordCreditRequest {
    RecordCreditRequest {
        request_id: request_id.into(),
        subject,
        record_id: "rec-1".into(),
        class: CreditClass::Minor.into(),
        reason: CreditReason::FalseCommitment.into(),
        text: Some(Text {
            zh: "承诺的住所使用权不实。".into(),
            en: "The place that was promised was not theirs.".into(),
        }),
        source: "榕市监信〔2026〕1号".into(),
        law: "国办发〔2020〕42号".into(),
        decided_on: "2026-03-02".into(),
        ..RecordCreditRequest::default()
    }
}

async fn read(line: Channel, subject: Option<CreditSubject>, on: &str) -> Result<Credit, Status> {
    let request = GetCreditRequest { subject, on: on.into() };
    Ok(CreditServiceClient::new(line).get_credit(request).await?.into_inner().credit.expect("a credit"))
}

fn findings(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let code = |description: &str| description.split(':').next().unwrap_or_default().to_owned();
    violations.iter().map(|violation| code(&violation.description)).collect()
}

async fn a_false_promise_bars_until_it_is_repaired(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let officer = matter.city.officer(OFFICER).await;
    let mut bureau = CreditServiceClient::new(officer.clone());
    let of_case = CasePerson { case_id: matter.case.clone(), person_key: "p1".into() };
    let subject = Some(CreditSubject { of: Some(Of::CasePerson(of_case)) });
    let recorded = bureau.record_credit(false_promise("c1", subject.clone())).await.expect("recorded").into_inner();
    let credit = recorded.credit.expect("a credit");
    assert!(credit.barred && credit.bars[0].ground == "FALSE_COMMITMENT", "{credit:?}");
    assert!(!credit.subject.contains("1949"), "no number is kept");
    let again = bureau.record_credit(false_promise("c1", subject.clone())).await.expect("the same").into_inner();
    assert_eq!(again.credit, Some(credit));
    let twice = bureau.record_credit(false_promise("c2", subject.clone())).await.unwrap_err();
    assert_eq!(
        (reason(&twice).as_str(), findings(&twice)),
        ("CREDIT_ENTRY_REFUSED", vec!["CREDIT_RECORD_KNOWN".into()])
    );

    // Told to whoever asks, and held against the signature.
    let told = matter.certificate(matter.applicant().await).await.commitment.expect("a commitment");
    let exclusions = &told.persons[0].exclusions;
    assert_eq!((told.persons[0].allowed, exclusions[0].code.as_str()), (false, "BROKEN_PROMISE"));
    assert!(exclusions[0].help.as_ref().expect("help").zh.contains("国办发〔2020〕42号"));
    let refused = matter.signs().await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "COMMITMENT_NOT_ALLOWED"));
    assert_eq!(findings(&refused), ["BROKEN_PROMISE"]);

    // Repair: the duty is done, it is applied for with a public promise, it is granted.
    let apply = |id: &str, public_promise| ApplyForRepairRequest {
        request_id: id.into(),
        subject: number(),
        record_id: "rec-1".into(),
        public_promise,
        ..ApplyForRepairRequest::default()
    };
    let early = bureau.apply_for_repair(apply("a1", true)).await.unwrap_err();
    assert_eq!(findings(&early), ["CREDIT_DUTY_OUTSTANDING"]);
    let done = RecordCorrectionRequest {
        request_id: "k1".into(),
        subject: number(),
        record_id: "rec-1".into(),
        done_on: "2026-03-02".into(),
        ..RecordCorrectionRequest::default()
    };
    bureau.record_correction(done).await.expect("recorded under the number as well as under the case");
    matter.city.at("2026-04-02T10:00:00+08:00").await;
    let without = bureau.apply_for_repair(apply("a2", false)).await.unwrap_err();
    assert_eq!(findings(&without), ["CREDIT_PROMISE_MISSING"]);
    // Who is concerned applies in person; that uses the credential up.
    let line = matter.applicant().await;
    let own = ApplyForRepairRequest { subject: None, ..apply("a3", true) };
    CreditServiceClient::new(line.clone()).apply_for_repair(own.clone()).await.expect("applied");
    let used = ApplyForRepairRequest { request_id: "a4".into(), ..own };
    assert_eq!(reason(&CreditServiceClient::new(line).apply_for_repair(used).await.unwrap_err()), "CREDENTIAL_USED");
    let decide = DecideRepairRequest {
        request_id: "g1".into(),
        subject: number(),
        record_id: "rec-1".into(),
        granted: true,
        ..DecideRepairRequest::default()
    };
    let credit = bureau.decide_repair(decide).await.expect("decided").into_inner().credit.expect("a credit");
    assert!(!credit.barred && credit.records.is_empty());
    matter.signs().await.expect("open again");

    // Nothing disappears, and a past day stays what it was.
    let kinds = |credit: &Credit| credit.entries.iter().map(|entry| entry.kind.clone()).collect::<Vec<_>>();
    let now = read(officer.clone(), number(), "").await.expect("a credit");
    assert_eq!(kinds(&now), ["recorded", "corrected", "repair_applied", "repair_granted"]);
    let then = read(officer, number(), "2026-03-31").await.expect("a credit");
    assert!(then.barred && kinds(&then) == ["recorded", "corrected"]);
    assert_ne!(now.law, then.law, "the rules of the day");
    matter.city.verify().await;
}

async fn a_record_is_read_by_whom_it_concerns(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let mut bureau = CreditServiceClient::new(matter.city.officer(OFFICER).await);
    bureau.record_credit(false_promise("c1", number())).await.expect("recorded");
    let own = matter.applicant().await;
    let seen = read(own.clone(), None, "").await.expect("the own record");
    assert!(seen.barred && seen.explanation.iter().all(|text| !text.zh.is_empty() && !text.en.is_empty()));
    assert_eq!(read(own, number(), "").await.unwrap_err().code(), Code::NotFound, "by no number");
    let auditor = matter.city.town.bureau(kaiban_api::v1::Role::Auditor).await.expect("an auditor");
    assert_eq!(read(auditor, number(), "").await.expect("all").subject, seen.subject);
    let tax = matter.city.officer("tax-350100-1").await;
    assert_eq!(read(tax, number(), "").await.unwrap_err().code(), Code::PermissionDenied, "not of this authority");
    let officer = matter.city.officer(OFFICER).await;
    assert_eq!(reason(&read(officer.clone(), None, "").await.unwrap_err()), "SUBJECT_REQUIRED");
    let wrong = Some(CreditSubject { of: Some(Of::CitizenNumber("110105194912310021".into())) });
    assert_eq!(reason(&read(officer, wrong, "").await.unwrap_err()), "CITIZEN_NUMBER_INVALID");
    // The next case of the same person, at another counter.
    let mut other = matter.city.terminal_of("b02", "b02-001").await;
    matter.case = hands_in(&mut other, "r9", &promise("福州市台江区广达路1号", true)).await;
    let line = matter.city.town.terminal("b02", "b02-001").await.expect("a terminal");
    let told = matter.certificate(line).await.commitment.expect("a commitment");
    assert_eq!(told.persons[0].exclusions[0].code, "BROKEN_PROMISE");
}
