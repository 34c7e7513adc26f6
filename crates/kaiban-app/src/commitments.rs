//! Commitments (告知承诺): the letter as it is shown, who may sign it, and what the applicant says to it.
//!
//! The letter's text follows from the package, the form and the person alone, with no clock: what was shown can be
//! rendered again when it is signed, and its hash compared. The exact text is filed with the signature.

use kaiban_definition::{Certificate, Commitment, Definition, Ground, NamedLetter, Office, Step, Work};
use kaiban_documents::{
    Applicant, Case as CaseFacts, Certificate as CertificateFacts, Facts, Issue, Office as OfficeFacts, Rendered,
    Signatory, SignatureBlock, quoted_law,
};
use kaiban_engine::{
    Actor, Case, Context, Documents, RegisterRecord, Registers, Rejection, exclusions, results_by_step,
};
use kaiban_findings::{Finding, Text};
use kaiban_identifiers::citizen_id;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::credit::entry_of;
use crate::execute::{CaseVerb, SignVerb, Working};
use crate::ids;
use crate::letters::{Unwritten, in_words};
use crate::library::Library;
use crate::principal::{Principal, Role};
use crate::records::Purpose;
use crate::refusal::{Canonical, Refusal};
use crate::signing::{self, SignatureGiven};
use crate::view::CaseView;

/// Why whoever is excluded may not sign.
const NOT_ALLOWED: &str = "COMMITMENT_NOT_ALLOWED";

/// A commitment's letter as it is shown.
#[derive(Clone, Debug)]
pub struct CommitmentPreview {
    /// The step that asks for the certificate.
    pub step: String,
    /// Key of the person who would sign.
    pub person: String,
    /// Name of the letter in the package.
    pub letter: String,
    /// Its title.
    pub title: Text,
    /// Plain text, UTF-8: what is signed.
    pub text: String,
    /// The same as a complete HTML document.
    pub html: String,
    /// SHA-256 of the text, lower-case hex.
    pub text_sha256: String,
    /// Version of the package, for people.
    pub version: String,
    /// Digest of the package.
    pub digest: String,
    /// Why this person may not sign; empty = may.
    pub exclusions: Vec<Finding>,
    /// A signature with the registered key is asked for besides the name: its scheme.
    pub scheme: Option<String>,
}

/// A commitment to be signed.
#[derive(Clone, Debug)]
pub struct Sign {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step that asks for the certificate.
    pub step: String,
    /// SHA-256 of the text that was shown, lower-case hex.
    pub text_sha256: String,
    /// The signatory's name, as typed.
    pub typed_name: String,
    /// A signature over the hash, where a key is registered.
    pub signature: Option<SignatureGiven>,
}

/// What is said of a commitment that is not signed, or not any more.
#[derive(Clone, Debug)]
pub struct Unsigned {
    /// Unique within (organisation, method).
    pub request_id: String,
    /// Case number.
    pub case: String,
    /// The step that asks for the certificate.
    pub step: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A letter rendered for one form of a case.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// Digest of the form.
    pub form: String,
    pub rendered: Rendered,
    pub sha256: [u8; 32],
}

impl Shown {
    pub fn text_sha256(&self) -> String {
        ids::hex(&self.sha256)
    }
}

impl App {
    /// The letter as it would be signed now, and why the person may not sign, if so.
    ///
    /// # Errors
    /// `NOT_FOUND` where case, step or person is not the caller's to see; `NOT_PROMISABLE`.
    pub async fn preview_commitment(
        &self,
        who: &Principal,
        case: &str,
        step: &str,
        person: &str,
    ) -> Result<CommitmentPreview, Refusal> {
        who.may(Verb::PreviewCommitment)?;
        let inner = &self.inner;
        let row = inner.row(case).await?;
        let working = Working::read(&inner.library, &row)?;
        permit(who, Verb::PreviewCommitment, Some(&RowFacts::of(&working.case, &inner.library)))?;
        let person = inner.signatory_key(who, &working, person).await?;
        let (_, _, commitment) = promisable(&working.def, step)?;
        let named = working.def.letters.get(&commitment.letter).ok_or_else(Refusal::not_found)?;
        let documents = inner.read_documents(&working.case, &working.case.documents()).await?;
        let shown = inner.show(&working.case, &working.def, step, &person, &documents)?;
        let exclusions = inner.excluded(&working, step, &person, &documents).await?;
        inner.record_read(who, case, &[format!("commitment.{step}")], Purpose::ReadCommitment(step)).await?;
        Ok(CommitmentPreview {
            step: step.to_owned(),
            letter: commitment.letter.clone(),
            title: named.title.clone(),
            text_sha256: shown.text_sha256(),
            text: shown.rendered.text,
            html: shown.rendered.html,
            version: working.def.version.clone(),
            digest: working.def.digest.clone(),
            exclusions,
            scheme: signing::scheme_of(&working.def, &working.case, &person, &documents),
            person,
        })
    }

    /// The applicant signs in person.
    ///
    /// # Errors
    /// `LETTER_STALE`, `SIGNATURE_NAME_MISMATCH`, and the other refusals of signatures; `COMMITMENT_NOT_ALLOWED` with
    /// every ground; see the refusal's reason.
    pub async fn sign_commitment(&self, who: &Principal, request: Sign) -> Result<CaseView, Refusal> {
        who.may(Verb::SignCommitment)?;
        let inner = &self.inner;
        let given = request.signature.as_ref().map(|given| json!([given.scheme, ids::hex(&given.value)]));
        let content = json!([request.case, request.step, request.text_sha256, request.typed_name, given]);
        let key = inner.request(who, "sign_commitment", &request.request_id, &content)?;
        let row = inner.row(&request.case).await?;
        let working = Working::read(&inner.library, &row)?;
        permit(who, Verb::SignCommitment, Some(&RowFacts::of(&working.case, &inner.library)))?;
        let documents = inner.read_documents(&working.case, &working.case.documents()).await?;
        let person = who.person.clone().unwrap_or_default();
        // What has no letter is refused by the engine, which says why; a repeated request is answered before either.
        let shown = inner.show(&working.case, &working.def, &request.step, &person, &documents);
        let Sign { step, text_sha256, typed_name, signature, .. } = request;
        let sign = SignVerb { step, text_sha256, typed_name, signature, shown: shown.ok() };
        let named = sign.step.clone();
        let answer = self.on_case(who, key, request.case, CaseVerb::Sign(Box::new(sign))).await;
        if let Err(refusal) = &answer
            && refusal.reason == NOT_ALLOWED
        {
            inner.note_not_allowed((&working.case, &named, &person), &refusal.findings).await?;
        }
        answer
    }

    /// The applicant does not want to promise.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn decline_commitment(&self, who: &Principal, request: Unsigned) -> Result<CaseView, Refusal> {
        who.may(Verb::SignCommitment)?;
        let content = json!([request.case, request.step]);
        let key = self.inner.request(who, "decline_commitment", &request.request_id, &content)?;
        self.on_case(who, key, request.case, CaseVerb::DeclineCommitment { step: request.step }).await
    }

    /// The applicant takes a commitment back, before the matter is decided.
    ///
    /// # Errors
    /// See the refusal's reason.
    pub async fn withdraw_commitment(&self, who: &Principal, request: Unsigned) -> Result<CaseView, Refusal> {
        who.may(Verb::SignCommitment)?;
        let content = json!([request.case, request.step, request.reason]);
        let key = self.inner.request(who, "withdraw_commitment", &request.request_id, &content)?;
        let reason = self.inner.reason(&request.reason)?;
        self.on_case(who, key, request.case, CaseVerb::WithdrawCommitment { step: request.step, reason }).await
    }
}

/// The step that asks for a certificate which can be promised.
pub(crate) fn promisable<'d>(
    def: &'d Definition,
    step: &str,
) -> Result<(&'d Step, &'d Certificate, &'d Commitment), Refusal> {
    let declared = def.steps.get(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    match &declared.work {
        Work::Prove(certificate) => match &certificate.commitment {
            Some(commitment) => Ok((declared, certificate.as_ref(), commitment)),
            None => Err(Rejection::NotPromisable { step: step.to_owned() }.into()),
        },
        _ => Err(Rejection::NotPromisable { step: step.to_owned() }.into()),
    }
}

impl Inner {
    /// Whom a preview is for: an applicant is the signatory himself; of one who is named, the identity list must know.
    async fn signatory_key(&self, who: &Principal, working: &Working, named: &str) -> Result<String, Refusal> {
        if who.role == Role::Applicant {
            let own = who.person.clone().unwrap_or_default();
            return if named.is_empty() || named == own { Ok(own) } else { Err(Refusal::not_found()) };
        }
        if named.is_empty() {
            return Err(Refusal::argument(
                "PERSON_REQUIRED",
                "请指明签署人在表单中的标识。",
                "Name who would sign: the person's key in the form.",
            ));
        }
        let digest = working.case.form().ok_or_else(Refusal::not_found)?;
        let documents = self.read_documents(&working.case, &[digest]).await?;
        let form = documents.get(digest).ok_or_else(Refusal::not_found)?;
        entry_of(&working.def, form, named).map(|_| named.to_owned()).ok_or_else(Refusal::not_found)
    }

    /// Renders the letter for a person of the case.
    pub fn show(
        &self,
        case: &Case,
        def: &Definition,
        step: &str,
        person: &str,
        documents: &Documents,
    ) -> Result<Shown, Refusal> {
        let (declared, certificate, commitment) = promisable(def, step)?;
        let form_digest = case.form().ok_or_else(Refusal::not_found)?;
        let form = documents.get(form_digest).ok_or(Rejection::DocumentMissing)?;
        let named = def.letters.get(&commitment.letter).ok_or_else(Refusal::not_found)?;
        let asked = Asked { step: declared, certificate, named };
        let facts = self.promise_facts(case, def, &asked, form, person).ok_or_else(Refusal::not_found)?;
        let rendered = named.letter.render(&facts).map_err(|error| {
            tracing::error!(case = case.id, step, %error, "a commitment's letter cannot be rendered");
            Refusal::new(
                Canonical::FailedPrecondition,
                "COMMITMENT_LETTER_FAILED",
                "告知承诺书无法生成，请提交证明材料，或联系管理员。",
                "The commitment's letter cannot be written: hand in the document, or tell the administrator.",
            )
        })?;
        let sha256 = Sha256::digest(rendered.text.as_bytes()).into();
        Ok(Shown { form: form_digest.to_owned(), rendered, sha256 })
    }

    fn promise_facts(
        &self,
        case: &Case,
        def: &Definition,
        asked: &Asked<'_>,
        form: &Value,
        person: &str,
    ) -> Option<Facts> {
        let directory = &self.library.directory;
        let division = directory.division(&case.division)?;
        let registering = self.library.registering_office(def, &case.division);
        let office = deciding_office(&self.library, def, case, &asked.step.name);
        let title = |office: &Office| office.title.zh.clone();
        let text = |pointer: &str| form.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let year = kaiban_calendar::local_date(case.received_at_us).year();
        Some(Facts {
            letter: Issue {
                // Known before anybody signs; each copy has a number of its own besides.
                number: format!("{}〔{year}〕{}号", asked.named.number, case.id),
                issued_at_us: 0,
                law: asked.named.law.clone(),
            },
            case: CaseFacts {
                id: case.id.clone(),
                workflow: def.title.zh.clone(),
                step: Some(asked.step.title.zh.clone()),
                received_at_us: case.received_at_us,
                accepted_at_us: None,
                registrar: case.division.clone(),
                office: registering.map_or_else(|| division.title.zh.clone(), title),
            },
            applicant: Applicant { name: def.subject_of(form), agent: def.agent.as_deref().and_then(text) },
            office: OfficeFacts {
                title: office.map_or_else(|| division.title.zh.clone(), title),
                phone: office.map(|office| office.phone.clone()).unwrap_or_default(),
                address: office.map(|office| office.address.clone()).unwrap_or_default(),
            },
            form: form.clone(),
            results: json!({}),
            findings: Vec::new(),
            decision: None,
            promise: None,
            extension: None,
            remedies: None,
            next: Vec::new(),
            certificate: Some(CertificateFacts {
                title: asked.step.title.zh.clone(),
                law: quoted_law(&asked.certificate.law),
                why: asked.certificate.why.zh.clone(),
            }),
            signatory: Some(signatory(entry_of(def, form, person)?)?),
        })
    }

    /// Why a person may not sign, as the command would find it now.
    pub async fn excluded(
        &self,
        working: &Working,
        step: &str,
        person: &str,
        documents: &Documents,
    ) -> Result<Vec<Finding>, Refusal> {
        let Working { case, def, .. } = working;
        let form = case.form().and_then(|digest| documents.get(digest)).ok_or(Rejection::DocumentMissing)?;
        let known = self.known(def, form, step, person).await?;
        let registers = self.listed(def, case, form, documents).await?;
        let actor = Actor::Applicant { person: person.to_owned() };
        let now_us = self.business_now_us().max(case.last_at_us);
        let cx = Context {
            now_us,
            operating_us: self.clock.operating_us(),
            actor: &actor,
            directory: &self.library.directory,
            calendars: &self.library.calendars(),
            documents,
            lease: None,
            registers: &registers,
            credit: known.as_ref().map(crate::credit::Known::facts),
            salt: "",
            tells: self.settings.notifier.is_some(),
            limits: &self.settings.limits,
        };
        Ok(exclusions(def, case, step, person, &cx)?)
    }

    /// What stands of the case in the registers of its package.
    async fn listed(
        &self,
        def: &Definition,
        case: &Case,
        form: &Value,
        documents: &Documents,
    ) -> Result<Registers, Refusal> {
        let mut registers = Registers::new();
        if def.registers.is_empty() {
            return Ok(registers);
        }
        let date = kaiban_calendar::local_date(self.business_now_us().max(case.last_at_us)).to_string();
        let results = results_by_step(case, documents);
        let facts = kaiban_definition::CaseFacts {
            registrar: &case.division,
            workflow: &def.workflow,
            doubts: case.doubt_count,
            date: &date,
        };
        let scope = kaiban_definition::Scope { form, case: facts, results: &results, item: None, credit: None };
        for (register, key) in kaiban_engine::registers_needed(def, form, &scope) {
            for row in self.store.register(&register, std::slice::from_ref(&key)).await? {
                let record = RegisterRecord { holder: row.holder, until_us: row.until_us };
                registers.insert((register.clone(), row.key), record);
            }
        }
        Ok(registers)
    }

    /// The copy of a signed commitment that both sides get: the signed text, and under it the signature and the receipt.
    pub async fn signed_copy(&self, working: &Working, step: &str, number: &str) -> Result<Rendered, Unwritten> {
        let Working { case, def, .. } = working;
        let signed = case.commitment(step).and_then(|run| run.signed.as_ref()).ok_or("no commitment was signed")?;
        let digests = [signed.letter.as_str(), signed.signature.as_str()];
        let documents = self.read_documents(case, &digests).await?;
        let of = |digest: &str, name: &str| documents.get(digest)?.get(name)?.as_str().map(str::to_owned);
        let letter = |name: &str| of(&signed.letter, name).ok_or("the signed letter is missing");
        let record = |name: &str| of(&signed.signature, name);
        let rendered = Rendered { html: letter("html")?, text: letter("text")? };
        let office = record("office").ok_or("the signature's record is missing")?;
        let at_us = documents.get(&signed.signature).and_then(|record| record.get("at_us")?.as_i64());
        let at_us = at_us.ok_or("the signature's record is missing")?;
        let day = kaiban_calendar::local_date(at_us);
        let block = SignatureBlock {
            number: number.to_owned(),
            name: record("name").unwrap_or_default(),
            scheme: signing::in_words(&signed.scheme).to_owned(),
            value: record("value"),
            at: in_words(at_us),
            channel: match record("outlet") {
                Some(outlet) => format!("{}（受理网点 {outlet}）", def.title.zh),
                None => def.title.zh.clone(),
            },
            text_sha256: signed.text_sha256.clone(),
            office,
            received_on: format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        };
        Ok(block.under(&rendered))
    }
}

/// The office that decides on the promise, because a step of its own waits for it; otherwise the one that registers.
pub(crate) fn deciding_office<'l>(
    library: &'l Library,
    def: &Definition,
    case: &Case,
    step: &str,
) -> Option<&'l Office> {
    let waits = |other: &&Step| other.needs.iter().any(|need| need.step == step);
    let mut deciding = def.order.iter().filter_map(|name| def.steps.get(name).map(AsRef::as_ref)).filter(waits);
    let office = deciding.find_map(|step| library.directory.office(step.party()?, &case.division));
    office.or_else(|| library.registering_office(def, &case.division))
}

/// What a letter is about.
struct Asked<'a> {
    step: &'a Step,
    certificate: &'a Certificate,
    named: &'a NamedLetter,
}

/// Who signs, from the person's entry of the form: a citizen number wherever it stands there, or `id: {kind, number}`.
pub(crate) fn signatory(entry: &Value) -> Option<Signatory> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let (document, number) = document(entry)?;
    Some(Signatory { name: text("name")?, document, number, phone: text("phone"), address: text("address") })
}

fn document(entry: &Value) -> Option<(String, String)> {
    if let Some(number) = citizen_number(entry) {
        return Some(("居民身份证".to_owned(), number));
    }
    let id = entry.get("id")?;
    let kind = match id.get("kind").and_then(Value::as_str) {
        Some("passport") => "护照",
        Some("hong-kong-macao-permit") => "港澳居民来往内地通行证",
        Some("taiwan-permit") => "台湾居民来往大陆通行证",
        _ => "身份证件",
    };
    Some((kind.to_owned(), id.get("number")?.as_str()?.to_owned()))
}

fn citizen_number(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if (15..=40).contains(&text.len()) => citizen_id::check(text).normalized,
        Value::Object(object) => object.values().find_map(citizen_number),
        _ => None,
    }
}

/// The grounds that were asked about, as the record of the signature keeps them.
pub(crate) fn asked(commitment: &Commitment) -> Vec<Value> {
    let ground = |ground: &Ground| match ground {
        Ground::When(guard) => json!({"when": guard.source()}),
        Ground::Listed(register) => json!({"listed": register}),
    };
    let asked = commitment.unless.iter();
    asked
        .map(|unless| json!({"code": unless.code, "ground": ground(&unless.holds), "law": unless.law, "holds": false}))
        .collect()
}
