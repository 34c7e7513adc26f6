//! Figures of commitments: exactly what happened, for managers and auditors; and rows that `verify` holds to their cases.

use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::credit_service_client::CreditServiceClient;
use kaiban_api::v1::{
    CasePerson, CertificateFigures, CommitmentCount, CreditClass, CreditReason, CreditSubject,
    DeclineCommitmentRequest, GetCommitmentFiguresRequest, RecordCreditRequest, ResubmitCaseRequest, Role, StepState,
    Text, WithdrawCommitmentRequest, credit_subject,
};
use kaiban_api::{Channel, duration, from_struct};
use kaiban_store::Changes;
use serde_json::{Value, json};
use tonic::{Code, Status};

use crate::city::{Ending, awaits, step};
use crate::commitments::{Matter, PLACE, hands_in, reason};
use crate::database::Database;
use crate::drawing::{Hall, terms};
use crate::forms::{promise, wire};

on_both!(figures_are_what_happened, what_contradicts_a_case_is_found);

const MINUTE_US: i64 = 60_000_000;

async fn figures(line: Channel, request: GetCommitmentFiguresRequest) -> Result<Vec<CertificateFigures>, Status> {
    Ok(CommitmentServiceClient::new(line).get_commitment_figures(request).await?.into_inner().certificates)
}

impl Matter {
    async fn figures(&self) -> CertificateFigures {
        let line = self.city.town.bureau(Role::Manager).await.expect("a manager");
        let mut all = figures(line, GetCommitmentFiguresRequest::default()).await.expect("figures");
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// As many cases, everybody identified.
    async fn cases<const N: usize>(&mut self) -> [String; N] {
        let mut cases = [const { String::new() }; N];
        cases[0] = self.case.clone();
        for (number, case) in cases.iter_mut().enumerate().skip(1) {
            *case = hands_in(&mut self.terminal, &format!("case-{number}"), &promise(PLACE, true)).await;
        }
        self.bureau.does_all(&Ending::new("approve").with(json!({ "verified": true }))).await;
        cases
    }

    async fn declines(&mut self, case: &str) {
        let line = self.applicant_of(case).await;
        let request =
            DeclineCommitmentRequest { request_id: format!("{case}-d"), case_id: case.into(), step: "proof".into() };
        CommitmentServiceClient::new(line).decline_commitment(request).await.expect("declined");
    }

    async fn withdraws(&mut self, case: &str) {
        let line = self.applicant_of(case).await;
        let (request_id, case_id) = (format!("{case}-w"), case.to_owned());
        let request = WithdrawCommitmentRequest { request_id, case_id, step: "proof".into(), reason: String::new() };
        CommitmentServiceClient::new(line).withdraw_commitment(request).await.expect("taken back");
    }

    async fn applicant_of(&mut self, case: &str) -> Channel {
        self.case = case.into();
        self.applicant().await
    }

    async fn signs_in(&mut self, case: &str) -> Result<(), Status> {
        self.case = case.into();
        self.signs().await.map(|_| ())
    }

    /// The lease is handed in.
    async fn proves(&mut self, case: &str, lease: &str) {
        let mut form = promise(PLACE, true);
        form["lease"] = json!(lease);
        let request = ResubmitCaseRequest {
            request_id: format!("{case}-e"),
            case_id: case.into(),
            correction_id: "proof.1".into(),
            form: wire(&form),
        };
        self.terminal.resubmit_case(request).await.expect("answered");
    }

    async fn check_of(&mut self, case: &str) -> String {
        let case = awaits(&mut self.terminal, case, |case| !step(case, "check").sub_case.is_empty()).await;
        step(&case, "check").sub_case.clone()
    }

    /// The bureau works off what there is of checks; those of `kept` find the promise kept.
    async fn checks(&mut self, kept: &[&str]) {
        loop {
            self.city.settles().await;
            let tasks = self.bureau.claims().await;
            if tasks.is_empty() {
                return;
            }
            for task in tasks {
                let ending = match task.step.as_str() {
                    "visit" => {
                        let shared = from_struct(task.shared.clone().expect("shares")).expect("JSON");
                        let drawn = shared.pointer("/results/draw/checkers/0").and_then(Value::as_str);
                        let officer: &'static str = drawn.expect("who was drawn").to_owned().leak();
                        Ending { officer, ..Ending::new("done") }
                    }
                    "decision" if kept.contains(&task.case_id.as_str()) => Ending::new("upheld"),
                    "decision" => {
                        let reason = "该地址无此房号，系虚假承诺。";
                        Ending { approver: "staff-2", reason, ..Ending::new("revoke") }
                    }
                    other => panic!("no step of a check: {other}"),
                };
                self.bureau.ends(&task, ending).await.expect("done");
            }
        }
    }
}

fn false_promise(case: &str) -> RecordCreditRequest {
    let person = CasePerson { case_id: case.into(), person_key: "p1".into() };
    RecordCreditRequest {
        request_id: "credit".into(),
        subject: Some(CreditSubject { of: Some(credit_subject::Of::CasePerson(person)) }),
        record_id: "rec-1".into(),
        class: CreditClass::Minor.into(),
        reason: CreditReason::FalseCommitment.into(),
        text: Some(Text { zh: "承诺的住所使用权不实。".into(), en: "The place was not theirs.".into() }),
        source: "榕市监信〔2026〕1号".into(),
        law: "国办发〔2020〕42号".into(),
        decided_on: "2026-03-02".into(),
        ..RecordCreditRequest::default()
    }
}

fn counts(counted: &[CommitmentCount]) -> Vec<(&str, i64)> {
    counted.iter().map(|counted| (counted.code.as_str(), counted.count)).collect()
}

async fn figures_are_what_happened(db: &Database) {
    let mut matter = Matter::handed_in(db, &promise(PLACE, true)).await;
    let cases = matter.cases::<8>().await;
    let [evidence, kept, open, ended, shared, declined, withdrawn, refused] = &cases;
    let mut register = matter.city.desk("domicile-data-350100").await;
    for task in register.claims().await {
        let found = json!({ "found": task.case_id == *shared });
        register.ends(&task, Ending::new("done").with(found)).await.expect("looked up");
    }
    matter.city.settles().await;
    let asked = matter.figures().await;
    assert_eq!((asked.needed, asked.by_shared, asked.by_commitment), (8, 1, 0));
    assert_eq!((asked.median_commitment, asked.saved), (None, None), "nobody has promised");

    matter.city.at("2026-03-02T09:30:00+08:00").await;
    for case in [kept, open, ended, withdrawn] {
        matter.signs_in(case).await.expect("signed");
    }
    matter.withdraws(withdrawn).await;
    matter.declines(declined).await;
    matter.city.at("2026-03-02T11:00:00+08:00").await;
    let lease = matter.lease().await;
    matter.proves(evidence, &lease).await;
    let officer = matter.city.officer("market-regulation-350100-1").await;
    CreditServiceClient::new(officer).record_credit(false_promise(refused)).await.expect("recorded");
    for _ in 0..2 {
        assert_eq!(reason(&matter.signs_in(refused).await.unwrap_err()), "COMMITMENT_NOT_ALLOWED");
    }
    matter.city.settles().await;
    matter.bureau.does_all(&Ending::new("approve")).await;
    matter.city.settles().await;
    let mut tax = matter.city.desk("tax-350100").await;
    for task in tax.claims().await.into_iter().filter(|task| task.case_id != *open) {
        tax.ends(&task, Ending::new("approve")).await.expect("issued");
    }
    let checks = [matter.check_of(kept).await, matter.check_of(open).await, matter.check_of(ended).await];
    let waiting = matter.figures().await;
    assert_eq!((waiting.checks_open, waiting.checked, waiting.visited, waiting.exempted), (3, 0, 0, 0));

    // What came in before the announcement is drawn over.
    matter.city.at("2026-03-02T11:30:00+08:00").await;
    {
        let mut hall = Hall::of(&matter.city).await;
        let draw = hall.reveals_all(terms(&[("A", 10)])).await;
        hall.holds(&draw).await.expect("held");
    }
    for check in &checks {
        awaits(&mut matter.terminal, check, |check| step(check, "draw").state() == StepState::Completed).await;
    }
    matter.checks(&[&checks[0]]).await;
    matter.city.verify().await;

    let figures_now = matter.figures().await;
    assert_eq!(counts(&figures_now.not_allowed_for), [("BROKEN_PROMISE", 1)], "asked twice, counted once");
    assert!(figures_now.not_allowed_for[0].text.as_ref().is_some_and(|text| text.zh.contains("虚假承诺")));
    assert_eq!(counts(&figures_now.outcomes), [("found-false", 2), ("upheld", 1)]);
    let expected = CertificateFigures {
        workflow: "promise".into(),
        step: "proof".into(),
        title: Some(Text { zh: "住所使用证明".into(), en: "Proof of the place".into() }),
        needed: 8,
        by_evidence: 1,
        by_shared: 1,
        by_commitment: 3,
        declined: 1,
        withdrawn: 1,
        not_allowed: 1,
        not_allowed_for: figures_now.not_allowed_for.clone(),
        checks_open: 0,
        checked: 3,
        visited: 1,
        exempted: 2,
        found_false: 2,
        outcomes: figures_now.outcomes.clone(),
        revoked_open: 1,
        revoked_ended: 1,
        median_evidence: Some(duration(120 * MINUTE_US)),
        median_commitment: Some(duration(30 * MINUTE_US)),
        saved: Some(duration(270 * MINUTE_US)),
    };
    assert_eq!(figures_now, expected);

    // Whoever audits sees the same; days, divisions and packages cut it.
    let auditor = matter.city.town.bureau(Role::Auditor).await.expect("an auditor");
    let ask = async |from: &str, to: &str, division: &str, workflow: &str| {
        let [from, to, division, workflow] = [from, to, division, workflow].map(str::to_owned);
        figures(auditor.clone(), GetCommitmentFiguresRequest { from, to, division, workflow }).await
    };
    assert_eq!(ask("2026-03-02", "2026-03-02", "350100", "promise").await.expect("figures"), [expected]);
    assert_eq!(ask("2026-03-03", "", "", "").await.expect("figures"), [], "it came up on the second");
    assert_eq!(ask("", "2026-03-01", "", "").await.expect("figures"), []);
    assert_eq!(ask("", "", "350102", "").await.expect("figures"), []);
    assert_eq!(ask("", "", "", "business-start").await.expect("figures"), []);
    let wrong = ask("2026-3-2", "heute", "", "").await.unwrap_err();
    assert_eq!((wrong.code(), reason(&wrong).as_str()), (Code::InvalidArgument, "REQUEST_INVALID"));
}

async fn what_contradicts_a_case_is_found(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let case = matter.case.clone();
    matter.signs_in(&case).await.expect("signed");
    matter.city.verify().await;
    let rows = db.store.commitments_of(&case).await.expect("rows");
    let way = rows[0].way.as_deref();
    assert_eq!((rows.len(), way, rows[0].checks.as_str()), (1, Some("commitment"), "[]"));
    let mut falsified = rows[0].clone();
    falsified.way = Some("evidence".into());
    let batch = db.store.begin().await.expect("a transaction");
    batch.save(&Changes { commitments: vec![falsified], ..Changes::default() }).await.expect("written");
    let report = matter.city.town.verify().await.expect("verify");
    let found: Vec<_> = report.problems.iter().map(|problem| (&problem.case, problem.check.as_str())).collect();
    assert_eq!(found, [(&case, "commitments")]);
}
