//! What was granted on a false promise is taken back (撤销): under the hands of the agencies while the case is open, and
//! beside what it has reported when it has ended.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::{
    AnnounceDrawRequest, Case, CaseState, ClockState, GetLetterRequest, IssueApplicantCredentialRequest,
    PreviewCommitmentRequest, SignCommitmentRequest, StepState, SubmitCaseRequest, WithdrawCaseRequest,
};
use kaiban_api::{from_struct, micros};
use kaiban_calendar::format_instant;
use serde_json::{Value, json};

use crate::city::{City, Ending, Terminal, awaits, codes, licence, look, step, submitted};
use crate::commitments::{reason, sign};
use crate::database::Database;
use crate::drawing::{Hall, terms};
use crate::forms::{company, wire};
use crate::receiver::{Delivery, Receiver};
use crate::results;

on_both!(
    a_registration_is_revoked_while_agencies_are_at_work,
    a_case_that_has_ended_keeps_what_it_reported,
    a_kept_promise_and_its_check_change_nothing,
);

const BUREAU: &str = "market-regulation-350100";

/// A person signs with a fresh credential of the identity office.
async fn promises(city: &City, case: &str, certificate: &str) -> Case {
    let identity = city.town.office("identity", "identity-350100").await.expect("an office");
    let request = IssueApplicantCredentialRequest { case_id: case.into(), person_key: "p1".into() };
    let issued = AdminServiceClient::new(identity).issue_applicant_credential(request).await.expect("a credential");
    let line = city.town.line(&issued.into_inner().secret).await.expect("a connection");
    let (case_id, step) = (case.to_owned(), certificate.to_owned());
    let request = PreviewCommitmentRequest { case_id: case_id.clone(), step: step.clone(), person_key: "p1".into() };
    let letter = CommitmentServiceClient::new(line.clone()).preview_commitment(request).await.expect("a letter");
    let text_sha256 = letter.into_inner().text_sha256;
    let (request_id, typed_name) = (format!("{case}-sign"), "林晓舟".to_owned());
    let request = SignCommitmentRequest { request_id, case_id, step, text_sha256, typed_name, signature: None };
    sign(&line, request).await.expect("signed")
}

/// The check of a case's promise, once it has begun.
async fn check_of(terminal: &mut Terminal, case: &str, starts: &str) -> String {
    let case = awaits(terminal, case, |case| !step(case, starts).sub_case.is_empty()).await;
    step(&case, starts).sub_case.clone()
}

/// The visit finds something, and where that is bad the party is told and heard; `decision` is the next task of the bureau.
async fn visits(city: &City, found: &str) {
    let mut bureau = city.desk(BUREAU).await;
    let task = bureau.claims_one().await;
    assert_eq!(task.step, "visit");
    let shared = from_struct(task.shared.clone().expect("shares")).expect("JSON");
    let drawn = shared.pointer("/results/draw/checkers").cloned();
    let checkers = drawn.unwrap_or_else(|| json!([format!("{BUREAU}-2"), "market-regulation-350102-1"]));
    let [officer, approver] =
        [0, 1].map(|at| -> &'static str { checkers[at].as_str().expect("an officer").to_owned().leak() });
    let visit = json!({ "found": found, "visited_on": "2026-03-03" });
    let visited = Ending { officer, approver, ..Ending::new("done").with(visit) };
    let alone = Ending { approver: "", ..visited.clone() };
    assert_eq!(bureau.ends(&task, alone).await.unwrap_err().reason, "APPROVER_REQUIRED", "nobody goes alone");
    bureau.ends(&task, visited).await.expect("visited");
}

async fn is_heard(city: &City) {
    let mut bureau = city.desk(BUREAU).await;
    let task = bureau.claims_one().await;
    let intended = json!({ "intended": "撤销设立登记。", "hearing": false });
    let by_the_same = Ending { officer: "staff-1", approver: "staff-2", ..adverse("suspected").with(intended.clone()) };
    assert_eq!(bureau.ends(&task, by_the_same).await.unwrap_err().reason, "OFFICER_RECUSED", "who registered it");
    bureau.ends(&task, adverse("suspected").with(intended)).await.expect("told");
    bureau.does(Ending { officer: "staff-2", ..Ending::new("done").with(json!({ "statement": "waived" })) }).await;
}

fn adverse(outcome: &'static str) -> Ending {
    Ending {
        officer: "staff-2", approver: "staff-1", reason: "该地址无此房号，系虚假承诺。", ..Ending::new(outcome)
    }
}

/// The event that tells the offices.
async fn announced(receiver: &mut Receiver, case: &str) -> Delivery {
    receiver.gets(|delivery| delivery.event["type"] == "cn.kaiban.revoked" && delivery.event["subject"] == case).await
}

/// The letter of the revocation has reached the applicant.
fn told_of_it(case: &Case) -> bool {
    case.letters.iter().any(|letter| letter.letter == "revocation" && letter.told_at.is_some())
}

/// The letter of the revocation, as the applicant reads it.
async fn letter_of(terminal: &mut Terminal, case: &Case) -> String {
    let letters: Vec<_> = case.letters.iter().filter(|letter| letter.letter == "revocation").collect();
    let [letter] = letters.as_slice() else { panic!("one letter of revocation: {:?}", case.letters) };
    assert!(letter.told_at.is_some(), "told");
    let request = GetLetterRequest { case_id: case.id.clone(), number: letter.number.clone() };
    terminal.get_letter(request).await.expect("a letter").into_inner().text
}

/// A company whose domicile is promised and whose registration stands; gives the case and its check, which waits for a draw.
async fn registered(city: &City, terminal: &mut Terminal) -> (String, String) {
    let mut form = company("350100");
    form["domicile"].as_object_mut().expect("a domicile").remove("real_estate_number");
    let case = submitted(terminal, "r1", &form).await;
    city.desk("identity-350100").await.does_all(&results::identity()).await;
    let unknown = json!({ "verified_by": "document", "matches": false, "checked_on": "2026-03-02" });
    city.desk("domicile-data-350100").await.does(Ending::new("done").with(unknown)).await;
    promises(city, &case, "domicile-use").await;
    city.desk(BUREAU).await.does(licence()).await;
    city.settles().await;
    let check = check_of(terminal, &case, "domicile-check").await;
    let shared = json!({ "found": "unknown", "checked_on": "2026-03-02" });
    city.desk("domicile-data-350100").await.does(Ending::new("done").with(shared)).await;
    (case, check)
}

/// A draw over the commitments: the one that there is, is drawn.
async fn is_drawn(city: &City, check: &str) {
    city.at("2026-03-02T10:00:00+08:00").await;
    let mut hall = Hall::of(city).await;
    let over = AnnounceDrawRequest { pool: "commitments".into(), ..terms(&[]) };
    let draw = hall.reveals_all(over).await;
    hall.holds(&draw).await.expect("held");
    assert!(hall.record(&draw.id).await.decision(&format!("{check}/draw")).expect("decided").drawn);
    city.settles().await;
}

async fn a_registration_is_revoked_while_agencies_are_at_work(db: &Database) {
    let mut receiver = Receiver::start(|_| 200).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let (case, check) = registered(&city, &mut terminal).await;
    let mut seals = city.desk("seal-carver-centre").await;
    seals.does(results::seals()).await;
    let mut taxes = city.desk("tax-350100").await;
    let in_hand = taxes.claims_one().await;
    is_drawn(&city, &check).await;
    visits(&city, "false").await;
    is_heard(&city).await;
    city.at("2026-03-10T10:00:00+08:00").await;
    let before = look(&mut terminal, &case).await;
    assert_eq!(before.promise.as_ref().expect("a clock").state(), ClockState::Running);
    city.desk(BUREAU).await.does(adverse("revoke")).await;
    city.settles().await;

    // Open tasks are gone, under the hands of those who have them.
    let revoked = awaits(&mut terminal, &case, told_of_it).await;
    for taken in ["registration", "seal", "tax-registration", "social-insurance", "medical-insurance", "housing-fund"] {
        assert_eq!(step(&revoked, taken).state(), StepState::Withdrawn, "{taken}");
    }
    let late = taxes.ends(&in_hand, results::tax()).await.unwrap_err();
    assert!(["STALE_EPOCH", "NO_OPEN_TASK"].contains(&late.reason.as_str()), "{late:?}");
    assert_eq!(taxes.claims().await.len(), 0);
    assert_eq!(look(&mut terminal, &case).await.revision, revoked.revision, "nothing of it is taken");

    // The clock has stopped; applicant and offices are told.
    let clock = revoked.promise.clone().expect("a clock");
    assert_eq!(clock.state(), ClockState::Stopped);
    assert_eq!((revoked.state(), revoked.outcome.as_str()), (CaseState::Open, ""), "something is still to be undone");
    let letter = letter_of(&mut terminal, &revoked).await;
    for part in ["撤销", "福州榕光信息技术有限公司", "行政复议", "行政诉讼"] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    let event = announced(&mut receiver, &case).await.event;
    assert_eq!((&event["data"]["step"], &event["data"]["division"]), (&json!("registration"), &json!("350100")));
    let told: Vec<&str> =
        event["data"]["offices"].as_array().expect("offices").iter().filter_map(Value::as_str).collect();
    for office in [BUREAU, "seal-carver-centre", "tax-350100", "social-insurance-350100", "medical-insurance-350100"] {
        assert!(told.contains(&office), "{office}: {told:?}");
    }
    assert!(!told.contains(&"identity-350100"), "what does not rest on it is left alone: {told:?}");

    // The applicant cannot leave instead; what was finished is undone, and then the case ends.
    let request =
        WithdrawCaseRequest { request_id: "leave".into(), case_id: case.clone(), ..WithdrawCaseRequest::default() };
    assert_eq!(reason(&terminal.withdraw_case(request).await.unwrap_err()), "ALREADY_DECIDED");
    city.at("2026-03-10T16:00:00+08:00").await;
    let undone = seals.claims_one().await;
    assert_eq!(undone.step, "seal-return[seal-1]");
    let shared = from_struct(undone.shared.clone().expect("shares")).expect("JSON");
    assert!(shared.pointer("/results/seal/numbers").is_some(), "what to take back: {shared}");
    seals.ends(&undone, Ending::new("done")).await.expect("taken back");
    let mut bureau = city.desk(BUREAU).await;
    let undone = bureau.claims_one().await;
    assert_eq!(undone.step, "licence-return[registration-1]");
    bureau.ends(&undone, Ending::new("done")).await.expect("taken back");
    city.settles().await;
    let ended = look(&mut terminal, &case).await;
    assert_eq!((ended.state(), ended.outcome.as_str(), ended.code), (CaseState::Closed, "revoked", 15));
    assert_eq!(ended.promise.expect("a clock").elapsed, clock.elapsed, "taking back takes nobody's time");
    city.verify().await;
}

/// A permit for a drug on a promise, granted and over; everybody is visited, so that no draw is needed.
async fn permitted(city: &City, terminal: &mut Terminal) -> String {
    let form = include_str!("../../workflows/special-drug-purchase/scenarios/university.json");
    let form: Value = serde_json::from_str(form).expect("a form");
    let (request_id, workflow) = ("r1".to_owned(), "special-drug-purchase".to_owned());
    let request = SubmitCaseRequest { request_id, workflow, form: wire(&form) };
    let case = terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case").id;
    city.desk("identity-350100").await.does_all(&results::identity()).await;
    promises(city, &case, "lawful-use").await;
    city.at("2026-03-02T10:00:00+08:00").await;
    let permit = json!({ "number": "榕药准2026-1", "issued_on": "2026-03-02" });
    city.desk(BUREAU).await.does(Ending::new("approve").with(permit)).await;
    city.settles().await;
    check_of(terminal, &case, "use-check").await;
    case
}

async fn a_case_that_has_ended_keeps_what_it_reported(db: &Database) {
    let mut receiver = Receiver::start(|_| 200).await;
    let city = City::start_with(db, receiver.settings()).await;
    let mut terminal = city.terminal().await;
    let id = permitted(&city, &mut terminal).await;
    let before = awaits(&mut terminal, &id, |case| case.state() == CaseState::Closed).await;
    assert_eq!((before.outcome.as_str(), before.code), ("granted", 11));
    city.at("2026-03-03T10:00:00+08:00").await;
    visits(&city, "false").await;
    is_heard(&city).await;
    city.at("2026-03-11T10:00:00+08:00").await;
    city.desk(BUREAU).await.does(adverse("revoke")).await;
    city.settles().await;

    let after = awaits(&mut terminal, &id, told_of_it).await;
    let reported = |case: &Case| {
        let clocks = |step: &kaiban_api::v1::Step| (step.step.clone(), step.state, step.promise.clone(), step.wall);
        let steps: Vec<_> = case.steps.iter().map(clocks).collect();
        (case.outcome.clone(), case.closed_at, case.promise.clone(), case.wall, steps)
    };
    assert_eq!(reported(&after), reported(&before), "what was reported stays");
    assert!(after.revision > before.revision, "the revocation is added");
    let added: Vec<_> = after.codes.iter().filter(|emitted| !before.codes.contains(emitted)).collect();
    let revocation = after.revocation.as_ref().expect("a revocation");
    assert_eq!((revocation.by.as_str(), &before.revocation), ("use-check", &None));
    let [later] = added.as_slice() else { panic!("one code is added: {added:?}") };
    let at = format_instant(micros(later.at.as_ref().expect("an instant")).expect("an instant"));
    assert_eq!((later.code, at.as_str()), (15, "2026-03-11T10:00:00+08:00"));
    assert!(letter_of(&mut terminal, &after).await.contains("撤销"));
    let event = announced(&mut receiver, &id).await.event;
    assert_eq!((&event["data"]["step"], &event["data"]["offices"]), (&json!("review"), &json!([BUREAU])));
    city.verify().await;
}

async fn a_kept_promise_and_its_check_change_nothing(db: &Database) {
    let city = City::start(db).await;
    let mut terminal = city.terminal().await;
    let id = permitted(&city, &mut terminal).await;
    let before = awaits(&mut terminal, &id, |case| case.state() == CaseState::Closed).await;
    visits(&city, "true").await;
    city.desk(BUREAU).await.does(Ending { officer: "staff-2", ..Ending::new("upheld") }).await;
    city.settles().await;
    let check = step(&before, "use-check").sub_case.clone();
    assert!(!check.is_empty());
    let after = look(&mut terminal, &id).await;
    assert_eq!((after.outcome.as_str(), after.code, after.letters.len()), ("granted", 11, before.letters.len()));
    assert_eq!(codes(step(&after, "use-check")), [11]);
    assert_eq!((after.closed_at, after.promise), (before.closed_at, before.promise));
    city.verify().await;
}
