//! Certificates that are promised instead of handed in (告知承诺): looked at, signed in person, declined, taken back; and
//! everything that is no signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::commitment_service_client::CommitmentServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    Case, Certificate, CertificateWay, CheckFormRequest, CommitmentSignature, DeclineCommitmentRequest,
    GetLetterRequest, IssueApplicantCredentialRequest, ListCertificatesRequest, Needed, PreviewCommitmentRequest,
    PreviewCommitmentResponse, ResubmitCaseRequest, SignCommitmentRequest, StepState, SubmitCaseRequest,
    UploadDocumentRequest, UploadHeader, WithdrawCommitmentRequest,
};
use kaiban_api::{Channel, from_struct};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::city::{City, Ending, Office, Terminal, finding, look, step};
use crate::database::Database;
use crate::forms::{PAPERS, promise, wire, with};

on_both!(
    a_promise_is_signed_in_person_and_stands,
    a_letter_that_has_changed_is_looked_at_again,
    what_is_no_signature_changes_nothing,
    who_has_a_key_signs_with_it,
    what_is_satisfied_or_not_needed_is_not_promised,
    a_promise_is_declined_and_taken_back,
    a_form_is_told_what_will_be_asked,
);

pub const NAME: &str = "张样例";
pub const PLACE: &str = "福州市鼓楼区温泉路1号";

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// A case of the package `promise`, its person identified, its place looked up.
pub struct Matter {
    pub city: City,
    pub terminal: Terminal,
    pub case: String,
    pub bureau: Office,
    calls: u32,
}

impl Matter {
    /// Handed in, nothing done yet.
    pub async fn handed_in(db: &Database, form: &Value) -> Self {
        Self::handed_in_at(City::start_of(db, &["promise", "recheck"]).await, form).await
    }

    /// The same in a city that is there.
    pub async fn handed_in_at(city: City, form: &Value) -> Self {
        let mut terminal = city.terminal().await;
        let case = hands_in(&mut terminal, "r1", form).await;
        let bureau = city.desk("market-regulation-350100").await;
        Self { city, terminal, case, bureau, calls: 0 }
    }

    /// The same with the person identified and the place not in shared data: the proof is asked for.
    pub async fn asked(db: &Database) -> Self {
        let mut matter = Self::handed_in(db, &promise(PLACE, true)).await;
        matter.identifies(json!({"verified": true})).await;
        matter.looks_up(false).await;
        matter
    }

    pub async fn identifies(&mut self, result: Value) {
        self.bureau.does(Ending::new("approve").with(result)).await;
    }

    /// Of what is ready, the identity of this case's person.
    async fn identifies_one(&mut self) {
        for task in self.bureau.claims().await {
            if task.case_id == self.case && task.step == "identity[p1]" {
                let ending = Ending::new("approve").with(json!({"verified": true}));
                self.bureau.ends(&task, ending).await.expect("identified");
            }
        }
        self.city.settles().await;
    }

    pub async fn looks_up(&mut self, found: bool) {
        self.city.desk("domicile-data-350100").await.does(Ending::new("done").with(json!({ "found": found }))).await;
        self.city.settles().await;
    }

    /// A line with a fresh credential of the person.
    pub async fn applicant(&self) -> Channel {
        let line = self.city.town.office("market-regulation", "market-regulation-350100").await.expect("an office");
        let request = IssueApplicantCredentialRequest { case_id: self.case.clone(), person_key: "p1".into() };
        let issued = AdminServiceClient::new(line).issue_applicant_credential(request).await.expect("a credential");
        self.city.town.line(&issued.into_inner().secret).await.expect("a connection")
    }

    pub async fn previews(&self, line: &Channel) -> PreviewCommitmentResponse {
        let request =
            PreviewCommitmentRequest { case_id: self.case.clone(), step: "proof".into(), person_key: "p1".into() };
        CommitmentServiceClient::new(line.clone()).preview_commitment(request).await.expect("a letter").into_inner()
    }

    /// A signature of the letter as it stands.
    pub async fn signature(&mut self, line: &Channel) -> SignCommitmentRequest {
        self.calls += 1;
        SignCommitmentRequest {
            request_id: format!("sign-{}", self.calls),
            case_id: self.case.clone(),
            step: "proof".into(),
            text_sha256: self.previews(line).await.text_sha256,
            typed_name: NAME.into(),
            signature: None,
        }
    }

    /// Signs with a fresh credential.
    pub async fn signs(&mut self) -> Result<Case, Status> {
        let line = self.applicant().await;
        let request = self.signature(&line).await;
        sign(&line, request).await
    }

    pub async fn certificate(&self, line: Channel) -> Certificate {
        let request = ListCertificatesRequest { case_id: self.case.clone() };
        let answer = CommitmentServiceClient::new(line).list_certificates(request).await.expect("certificates");
        let mut all = answer.into_inner().certificates;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Digest of the lease, which the terminal hands in.
    pub async fn lease(&self) -> String {
        let header = Part::Header(UploadHeader { name: "租赁合同.pdf".into(), ..UploadHeader::default() });
        let parts = [header, Part::Chunk(PAPERS[0].1.into())].map(|part| UploadDocumentRequest { part: Some(part) });
        let mut documents = DocumentServiceClient::new(self.clerk().await);
        let answer = documents.upload_document(tokio_stream::iter(parts)).await.expect("a document");
        answer.into_inner().document.expect("a document").digest
    }

    async fn clerk(&self) -> Channel {
        self.city.town.terminal("b01", "b01-001").await.expect("a terminal")
    }

    pub async fn looks(&mut self) -> Case {
        look(&mut self.terminal, &self.case).await
    }

    async fn resubmits(&mut self, correction: &str, form: &Value) {
        let request = ResubmitCaseRequest {
            request_id: format!("answer-{correction}"),
            case_id: self.case.clone(),
            correction_id: correction.into(),
            form: wire(form),
        };
        self.terminal.resubmit_case(request).await.expect("answered");
        self.city.settles().await;
    }
}

pub async fn hands_in(terminal: &mut Terminal, request_id: &str, form: &Value) -> String {
    let request = SubmitCaseRequest { request_id: request_id.into(), workflow: "promise".into(), form: wire(form) };
    terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case").id
}

pub async fn sign(line: &Channel, request: SignCommitmentRequest) -> Result<Case, Status> {
    let answer = CommitmentServiceClient::new(line.clone()).sign_commitment(request).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

async fn a_promise_is_signed_in_person_and_stands(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let asked = matter.certificate(matter.clerk().await).await;
    assert_eq!(
        (asked.needed(), asked.state(), asked.way()),
        (Needed::Yes, StepState::Correction, CertificateWay::Unspecified)
    );
    assert_eq!((asked.evidence.as_str(), asked.correction_id.as_str()), ("/lease", "proof.1"));
    let commitment = asked.commitment.expect("it can be promised");
    assert_eq!(commitment.grounds.len(), 3);
    assert_eq!(
        commitment.persons.iter().map(|p| (p.person_key.as_str(), p.allowed)).collect::<Vec<_>>(),
        [("p1", true)]
    );

    let line = matter.applicant().await;
    let letter = matter.previews(&line).await;
    assert_eq!(hex(&Sha256::digest(letter.text.as_bytes())), letter.text_sha256, "whoever has the text has its hash");
    for part in
        ["福州市市场监督管理局", "《市场主体登记管理条例》第十六条", NAME, "居民身份证 11010519491231002X", PLACE]
    {
        assert!(letter.text.contains(part), "{part}: {}", letter.text);
    }
    assert_eq!((letter.exclusions.len(), letter.signature_scheme.as_str()), (0, ""));
    assert_eq!(matter.previews(&line).await, letter, "the same each time, whatever the clock says");

    let request = matter.signature(&line).await;
    let signed = sign(&line, request.clone()).await.expect("signed");
    assert_eq!(step(&signed, "proof").state(), StepState::Completed);
    let again = sign(&line, request).await.expect("the same answer");
    assert_eq!(again.revision, signed.revision);

    matter.city.settles().await;
    let case = matter.looks().await;
    let certificate = &case.certificates[0];
    assert_eq!(
        (certificate.way(), certificate.by.as_slice()),
        (CertificateWay::Commitment, ["p1".to_owned()].as_slice())
    );
    let event = &certificate.commitment.as_ref().expect("a commitment").events[0];
    assert_eq!((event.signed, &event.text_sha256, event.scheme.as_str()), (true, &letter.text_sha256, "typed"));
    // Each side has a copy: the signed text, and under it who signed and who has it.
    let copy = case.letters.iter().find(|letter| letter.letter == "commitment").expect("a copy").number.clone();
    assert!(copy.starts_with("榕诺字〔2026〕"), "{copy}");
    let officer = CaseServiceClient::new(matter.city.officer("market-regulation-350100-1").await);
    for mut reader in [matter.terminal.clone(), CaseServiceClient::new(line.clone()), officer] {
        let request = GetLetterRequest { case_id: matter.case.clone(), number: copy.clone() };
        let read = reader.get_letter(request).await.expect("a copy").into_inner();
        assert!(read.text.starts_with(&letter.text), "{}", read.text);
        for part in [copy.as_str(), NAME, &letter.text_sha256, "福州市市场监督管理局（电子收讫）", "2026年3月2日"]
        {
            assert!(read.text.contains(part) && read.html.contains(part), "{part}: {}", read.text);
        }
    }
    let task = matter.bureau.claims_one().await;
    let shared = from_struct(task.shared.clone().expect("shares")).expect("JSON");
    assert_eq!(shared.pointer("/results/proof/way"), Some(&json!("commitment")));

    // A second signature, and a signature after the decision.
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "ALREADY_SIGNED");
    matter.bureau.ends(&task, Ending::new("approve")).await.expect("registered");
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "ALREADY_DECIDED");
    let late = withdraw(&matter, "late").await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "ALREADY_DECIDED"));
    matter.city.verify().await;
}

async fn a_letter_that_has_changed_is_looked_at_again(db: &Database) {
    let mut matter = Matter::handed_in(db, &promise(PLACE, true)).await;
    matter.identifies(json!({"verified": true})).await;
    // Nobody has to wait for the question.
    let line = matter.applicant().await;
    let request = matter.signature(&line).await;
    let mut register = matter.city.desk("domicile-data-350100").await;
    let ending = Ending { findings: vec![finding("ADDRESS_INCOMPLETE", "/place")], ..Ending::new("correct") };
    register.does(ending).await;
    matter.resubmits("place.1", &promise("福州市鼓楼区温泉路1号501室", true)).await;
    let stale = sign(&line, request.clone()).await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::FailedPrecondition, "LETTER_STALE"));
    let fresh = SignCommitmentRequest { text_sha256: matter.previews(&line).await.text_sha256, ..request };
    let signed = sign(&line, fresh).await.expect("the credential is still good, and so is the request's id");
    assert_eq!(signed.certificates[0].commitment.as_ref().expect("a commitment").events.len(), 1);
    matter.looks_up(false).await;
    let case = matter.looks().await;
    assert_eq!((step(&case, "proof").state(), case.corrections.len()), (StepState::Completed, 1), "nothing was asked");
    matter.city.verify().await;
}

async fn what_is_no_signature_changes_nothing(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let before = matter.looks().await.revision;
    let line = matter.applicant().await;
    let good = matter.signature(&line).await;
    // A clerk, a bank's programme, an office and an officer are not the person.
    let officer = matter.city.officer("market-regulation-350100-1").await;
    let office = matter.city.town.office("market-regulation", "market-regulation-350100").await.expect("an office");
    for other in [matter.clerk().await, office, officer] {
        let status = sign(&other, good.clone()).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "ROLE_NOT_ALLOWED"));
    }
    let key = SigningKey::from_bytes(&[7; 32]);
    let signature = |scheme: &str| {
        let value = key.sign(&[0; 32]).to_bytes().to_vec();
        Some(CommitmentSignature { scheme: scheme.into(), value })
    };
    let wrong = [
        (SignCommitmentRequest { text_sha256: "0".repeat(64), ..good.clone() }, "LETTER_STALE"),
        (SignCommitmentRequest { typed_name: "李样例".into(), ..good.clone() }, "SIGNATURE_NAME_MISMATCH"),
        (SignCommitmentRequest { signature: signature("sm2"), ..good.clone() }, "SIGNATURE_SCHEME_UNKNOWN"),
        (SignCommitmentRequest { signature: signature("ed25519"), ..good.clone() }, "SIGNING_KEY_NOT_REGISTERED"),
        (SignCommitmentRequest { step: "registration".into(), ..good.clone() }, "NOT_PROMISABLE"),
        (SignCommitmentRequest { text_sha256: "AB".into(), ..good.clone() }, "REQUEST_INVALID"),
        (SignCommitmentRequest { typed_name: String::new(), ..good.clone() }, "REQUEST_INVALID"),
    ];
    for (request, expected) in wrong {
        assert_eq!(reason(&sign(&line, request).await.unwrap_err()), expected);
    }
    let elsewhere = hands_in(&mut matter.terminal, "r2", &promise("福州市台江区广达路1号", true)).await;
    let elsewhere = SignCommitmentRequest { case_id: elsewhere, ..good.clone() };
    assert_eq!(sign(&line, elsewhere).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(matter.looks().await.revision, before);
    sign(&line, good).await.expect("the credential is still good");
    let used = matter.signature(&line).await;
    assert_eq!(reason(&sign(&line, used).await.unwrap_err()), "CREDENTIAL_USED");
    matter.city.verify().await;
}

async fn who_has_a_key_signs_with_it(db: &Database) {
    let mut matter = Matter::handed_in(db, &promise(PLACE, true)).await;
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = STANDARD.encode(key.verifying_key().to_bytes());
    let registered = json!({"verified": true, "signing_key": {"scheme": "ed25519", "public_key": public}});
    matter.identifies(registered).await;
    matter.looks_up(false).await;
    let line = matter.applicant().await;
    let letter = matter.previews(&line).await;
    assert_eq!(letter.signature_scheme, "ed25519");
    let bare = matter.signature(&line).await;
    let hash: [u8; 32] = Sha256::digest(letter.text.as_bytes()).into();
    let with = |value: Vec<u8>, scheme: &str| SignCommitmentRequest {
        signature: Some(CommitmentSignature { scheme: scheme.into(), value }),
        ..bare.clone()
    };
    let over_another = key.sign(&Sha256::digest("另一份承诺书")).to_bytes().to_vec();
    let anothers = SigningKey::from_bytes(&[8; 32]).sign(&hash).to_bytes().to_vec();
    for (request, expected) in [
        (bare.clone(), "SIGNATURE_REQUIRED"),
        (with(over_another, "ed25519"), "SIGNATURE_INVALID"),
        (with(anothers, "ed25519"), "SIGNATURE_INVALID"),
        (with(vec![1; 63], "ed25519"), "SIGNATURE_INVALID"),
        (with(key.sign(&hash).to_bytes().to_vec(), "sm2"), "SIGNATURE_SCHEME_UNKNOWN"),
    ] {
        assert_eq!(reason(&sign(&line, request).await.unwrap_err()), expected);
    }
    let case = sign(&line, with(key.sign(&hash).to_bytes().to_vec(), "ed25519")).await.expect("signed");
    let events = &case.certificates[0].commitment.as_ref().expect("a commitment").events;
    assert_eq!(events[0].scheme, "ed25519");
    matter.city.verify().await;
}

async fn what_is_satisfied_or_not_needed_is_not_promised(db: &Database) {
    let mut matter = Matter::handed_in(db, &promise(PLACE, true)).await;
    matter.identifies(json!({"verified": true})).await;
    matter.looks_up(true).await;
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "CERTIFICATE_PROVED");
    let known = matter.certificate(matter.clerk().await).await;
    assert_eq!(
        (known.way(), known.by.as_slice()),
        (CertificateWay::Shared, ["domicile-data-350100".to_owned()].as_slice())
    );

    matter.case = hands_in(&mut matter.terminal, "r2", &promise("福州市台江区广达路1号", false)).await;
    matter.city.settles().await;
    matter.identifies_one().await;
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "CERTIFICATE_NOT_NEEDED");
    let needless = matter.certificate(matter.clerk().await).await;
    assert_eq!(needless.needed(), Needed::No, "{:?}", needless.needed_why);
    matter.city.verify().await;
}

async fn a_promise_is_declined_and_taken_back(db: &Database) {
    let mut matter = Matter::asked(db).await;
    let decline = |matter: &Matter, id: &str| DeclineCommitmentRequest {
        request_id: id.into(),
        case_id: matter.case.clone(),
        step: "proof".into(),
    };
    let line = matter.applicant().await;
    CommitmentServiceClient::new(line).decline_commitment(decline(&matter, "d1")).await.expect("declined");
    let line = matter.applicant().await;
    let twice = CommitmentServiceClient::new(line).decline_commitment(decline(&matter, "d2")).await.unwrap_err();
    assert_eq!(reason(&twice), "ALREADY_DECLINED");
    assert_eq!(reason(&withdraw(&matter, "w1").await.unwrap_err()), "NOT_SIGNED");
    matter.signs().await.expect("thought over");
    withdraw(&matter, "w2").await.expect("taken back");
    matter.city.settles().await;
    let asked = matter.certificate(matter.clerk().await).await;
    assert_eq!((asked.state(), asked.way()), (StepState::Correction, CertificateWay::Unspecified));
    let events = asked.commitment.expect("a commitment").events;
    let told: Vec<_> = events.iter().map(|event| (event.signed, event.withdrawn_at.is_some())).collect();
    assert_eq!(told, [(false, false), (true, true)]);

    let mut form = promise(PLACE, true);
    form["lease"] = json!(matter.lease().await);
    matter.resubmits(&asked.correction_id, &form).await;
    let handed_in = matter.certificate(matter.clerk().await).await;
    assert_eq!((handed_in.way(), handed_in.by.as_slice()), (CertificateWay::Evidence, ["b01".to_owned()].as_slice()));
    assert_eq!(reason(&matter.signs().await.unwrap_err()), "CERTIFICATE_PROVED");
    matter.city.verify().await;
}

async fn a_form_is_told_what_will_be_asked(db: &Database) {
    let city = City::start_of(db, &["promise", "recheck"]).await;
    let mut terminal = city.terminal().await;
    let mut check = async |form: Value| {
        let request = CheckFormRequest { workflow: "promise".into(), form: wire(&form) };
        terminal.check_form(request).await.expect("a check").into_inner().certificates.remove(0)
    };
    let asked = check(promise(PLACE, true)).await;
    assert_eq!((asked.needed(), asked.given, asked.shared), (Needed::Yes, false, true));
    let commitment = asked.commitment.expect("it can be promised");
    let codes: Vec<&str> = commitment.grounds.iter().map(|ground| ground.code.as_str()).collect();
    assert_eq!(codes, ["SERIOUS_DISHONESTY", "BROKEN_PROMISE", "NO_GO"]);
    assert!(commitment.grounds.iter().all(|ground| !ground.law.is_empty() && ground.message.is_some()));
    assert_eq!(check(with(promise(PLACE, true), "/asked", json!(false))).await.needed(), Needed::No);
}

async fn withdraw(matter: &Matter, id: &str) -> Result<Case, Status> {
    let request = WithdrawCommitmentRequest {
        request_id: id.into(),
        case_id: matter.case.clone(),
        step: "proof".into(),
        reason: "已取得租赁合同，改为提交证明。".into(),
    };
    let line = matter.applicant().await;
    let answer = CommitmentServiceClient::new(line).withdraw_commitment(request).await?;
    Ok(answer.into_inner().case.expect("a case"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
