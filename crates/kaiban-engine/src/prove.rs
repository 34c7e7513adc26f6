//! Certificates (证明事项): what stands for one, and who may promise instead of handing it in.

use std::collections::BTreeMap;
use std::sync::Arc;

use kaiban_definition::{Certificate, Commitment, Definition, Ground, Scope, Step, branch_name};
use kaiban_findings::{Finding, Place};
use serde_json::{Value, json};

use crate::case::{Case, Way};
use crate::context::Context;
use crate::event::Event;
use crate::material::item;
use crate::outlook::{Halt, Outlook, Undecidable};
use crate::rejection::Rejection;

/// What is asked when somebody may promise: every exclusion of the package that holds, as an error that says why and by
/// which law. Nothing where the promise is open to this person.
///
/// # Errors
/// The step asks for no certificate that can be promised, or a document was not handed in.
pub fn exclusions(
    def: &Definition,
    case: &Case,
    step: &str,
    person: &str,
    cx: &Context<'_>,
) -> Result<Vec<Finding>, Rejection> {
    let declared = def.steps.get(step).ok_or_else(|| Rejection::UnknownStep(step.to_owned()))?;
    match declared.certificate().and_then(|certificate| certificate.commitment.as_ref()) {
        Some(commitment) => Outlook::new(def, case, cx).exclusions(declared, commitment, person),
        None => Err(Rejection::NotPromisable { step: step.to_owned() }),
    }
}

impl<'a> Outlook<'a> {
    /// Ends the step if something stands for its certificate, and asks the applicant for it otherwise.
    pub fn prove(&mut self, step: &'a Step, certificate: &Certificate) -> Result<(), Halt> {
        let name = &step.name;
        let Some(way) = self.way(step, certificate)? else {
            let Certificate { why, evidence, commitment, .. } = certificate;
            let (zh, en) = (&step.title.zh, &step.title.en);
            let finding = Finding::error(
                "CERTIFICATE_MISSING",
                Place::Pointer(evidence.clone()),
                format!("需要{zh}：{}", why.zh),
                format!("Asked for: {en}. {}", why.en),
            );
            let finding = match commitment {
                Some(_) => finding.with_help(
                    "请上传证明材料；符合条件的，也可以由本人签署告知承诺书代替。",
                    "Upload the document; whoever may can sign a commitment in person instead.",
                ),
                None => finding.with_help("请上传证明材料。", "Upload the document."),
            };
            return Ok(self.ask(name, evidence, finding)?);
        };
        self.events.push(Event::CertificateProved { step: name.clone(), way });
        let result = match self.case.commitment(name).and_then(|run| Some((run, run.signed.as_ref()?))) {
            Some((run, signed)) if way == Way::Commitment => {
                json!({
                    "way": way.name(),
                    "person": run.person,
                    "risk": signed.risk,
                    "text_sha256": signed.text_sha256,
                })
            }
            _ => json!({ "way": way.name() }),
        };
        let digest = self.file("result", result);
        Ok(self.done_with(name, &digest)?)
    }

    /// The document first, then the promise, then what another office knows: whoever handed in the document is held to
    /// it, and nobody is checked for a promise that was not needed.
    fn way(&self, step: &Step, certificate: &Certificate) -> Result<Option<Way>, Undecidable> {
        if self.has_evidence(step) {
            return Ok(Some(Way::Evidence));
        }
        if self.case.commitment(&step.name).is_some_and(|run| run.is_in_force()) {
            return Ok(Some(Way::Commitment));
        }
        match &certificate.shared {
            Some(shared) if self.holds(shared, step, &step.name)? => Ok(Some(Way::Shared)),
            _ => Ok(None),
        }
    }

    /// The form names the document that a step asks for.
    pub fn has_evidence(&self, step: &Step) -> bool {
        let Some(certificate) = step.certificate() else { return false };
        self.form_value().is_some_and(|form| is_named(&form, &certificate.evidence))
    }

    /// Steps whose document the new form does not name any more.
    pub fn evidence_lost(&self, after: &Value) -> Vec<String> {
        let lost = |name: &&String| {
            let Some(certificate) = self.def.steps.get(*name).and_then(|step| step.certificate()) else { return false };
            let by_evidence = self.run(name).is_some_and(|run| run.way == Some(Way::Evidence));
            by_evidence && !is_named(after, &certificate.evidence)
        };
        self.def.order.iter().filter(lost).cloned().collect()
    }

    /// Why this person may not promise; see [`exclusions`].
    pub fn exclusions(&self, step: &Step, commitment: &Commitment, person: &str) -> Result<Vec<Finding>, Rejection> {
        let form = self.form_value().ok_or(Rejection::DocumentMissing)?;
        let mut findings = Vec::new();
        for unless in &commitment.unless {
            let holds = match &unless.holds {
                Ground::When(guard) => {
                    let scope =
                        Scope { item: self.signatory(&form, person), credit: self.cx.credit, ..self.facts(&form) };
                    guard.eval(&scope).map_err(|_| Undecidable)
                }
                Ground::Listed(register) => self.is_listed(register, &form),
            };
            let place = Place::Pointer(format!("/steps/{}", step.name));
            let law = &unless.law;
            findings.extend(match holds {
                Ok(false) => None,
                Ok(true) => Some(
                    Finding::error(unless.code.clone(), place, unless.message.zh.clone(), unless.message.en.clone())
                        .with_help(
                            format!("依据：{law}。请提交证明材料。"),
                            format!("By {law}. Hand in the document."),
                        ),
                ),
                // What cannot be decided is no leave to promise.
                Err(Undecidable) => Some(
                    Finding::error(
                        "EXCLUSION_UNDECIDED",
                        place,
                        format!("无法判断是否属于不适用告知承诺的情形（{}），请提交证明材料。", unless.code),
                        format!(
                            "Whether {} rules the promise out cannot be decided: hand in the document.",
                            unless.code
                        ),
                    )
                    .with_help(format!("依据：{law}。"), format!("By {law}.")),
                ),
            });
        }
        Ok(findings)
    }

    fn facts<'s>(&'s self, form: &'s Value) -> Scope<'s> {
        static NOTHING: BTreeMap<String, Value> = BTreeMap::new();
        self.scope(form, &NOTHING, None)
    }

    /// The entry of the form that the real-name check of this person is about.
    fn signatory<'v>(&self, form: &'v Arc<Value>, person: &str) -> Option<&'v Value> {
        let identity = self.def.identity.as_ref()?;
        let step = self.def.steps.get(identity)?;
        item(step, &branch_name(identity, Some(person)), form).map(|(_, item)| item)
    }

    /// Whether the case's key stands in a register that the bureau keeps, today.
    fn is_listed(&self, register: &str, form: &Value) -> Result<bool, Undecidable> {
        let declared = self.def.registers.get(register).ok_or(Undecidable)?;
        let keys = declared.keys(&self.facts(form)).map_err(|_| Undecidable)?;
        let mut records = keys.into_iter().filter_map(|key| self.cx.registers.get(&(register.to_owned(), key)));
        Ok(records.any(|record| record.until_us.is_none_or(|until_us| until_us > self.cx.now_us)))
    }
}

fn is_named(form: &Value, pointer: &str) -> bool {
    form.pointer(pointer).and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}
