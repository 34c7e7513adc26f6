//! Certificates of a case as callers see them: what is asked for and why, what stands for it, since when and by whom, and
//! who may promise instead.

use kaiban_calendar::local_date;
use kaiban_definition::{Certificate, Definition, Needed, Step, Work, branch_parts};
use kaiban_engine::{Case, Documents, StepState, Way};
use kaiban_findings::{Finding, Text};
use serde_json::Value;

use crate::access::{RowFacts, Sight, Verb, permit};
use crate::app::App;
use crate::execute::Working;
use crate::principal::{Principal, Role};
use crate::refusal::Refusal;

/// A certificate that a package asks for.
#[derive(Clone, Debug)]
pub struct CertificateView {
    /// The step that asks for it.
    pub step: String,
    /// Title.
    pub title: Text,
    /// Law article that asks for it.
    pub law: String,
    /// Why it is asked for.
    pub why: Text,
    /// Where the form names the document.
    pub evidence: String,
    /// Whether it is needed here.
    pub needed: Needed,
    /// Why, why not, or why that is not known yet.
    pub needed_why: Text,
    /// Where the step stands.
    pub state: StepState,
    /// What stands for it.
    pub way: Option<Way>,
    /// Since when, µs.
    pub since_us: Option<i64>,
    /// Who: of a commitment the person's key, of shared data the offices that answered, of a document who handed the
    /// case in. Empty where it may not be shown.
    pub by: Vec<String>,
    /// The open correction that asks for it.
    pub correction: Option<String>,
    /// How it can be promised; none = it cannot.
    pub commitment: Option<CommitmentView>,
}

/// How a certificate can be promised.
#[derive(Clone, Debug)]
pub struct CommitmentView {
    /// Name of the letter.
    pub letter: String,
    /// Grounds on which nobody may, each with its law.
    pub grounds: Vec<GroundView>,
    /// Who could, one by one; only where it was asked for.
    pub persons: Vec<EligibilityView>,
    /// What was said, in order.
    pub said: Vec<SaidView>,
}

/// A ground on which a certificate cannot be promised.
#[derive(Clone, Debug)]
pub struct GroundView {
    /// Stable code.
    pub code: String,
    /// In a sentence.
    pub text: Text,
    /// Law article.
    pub law: String,
}

/// Whether a person may promise.
#[derive(Clone, Debug)]
pub struct EligibilityView {
    /// The person's key in the form.
    pub person: String,
    /// Every ground against it; empty = may.
    pub exclusions: Vec<Finding>,
}

/// What a person said about a commitment.
#[derive(Clone, Debug)]
pub struct SaidView {
    /// The person's key in the form; empty where it may not be shown.
    pub person: String,
    /// When it was signed or declined, µs.
    pub at_us: i64,
    /// SHA-256 of the text that was signed; none = declined.
    pub text_sha256: Option<String>,
    /// How it was signed.
    pub scheme: Option<String>,
    /// When it was withdrawn, µs.
    pub withdrawn_at_us: Option<i64>,
}

/// A certificate that a form will be asked for.
#[derive(Clone, Debug)]
pub struct CertificateAsked {
    /// The step that asks for it.
    pub step: String,
    /// Title.
    pub title: Text,
    /// Law article that asks for it.
    pub law: String,
    /// Why it is asked for.
    pub why: Text,
    /// Where the form names the document.
    pub evidence: String,
    /// Whether the form names it already.
    pub given: bool,
    /// Whether it will be asked for.
    pub needed: Needed,
    /// Why, why not, or why that is not known yet.
    pub needed_why: Text,
    /// Shared data may stand for it.
    pub shared: bool,
    /// How it can be promised; none = it cannot.
    pub commitment: Option<CommitmentView>,
}

/// Every certificate of a package with the step that asks for it.
pub(crate) fn declared(def: &Definition) -> impl Iterator<Item = (&Step, &Certificate)> {
    def.order.iter().filter_map(|name| def.steps.get(name)).filter_map(|step| match &step.work {
        Work::Prove(certificate) => Some((step.as_ref(), certificate.as_ref())),
        _ => None,
    })
}

/// Whether a package asks for any.
pub(crate) fn has_any(def: &Definition) -> bool {
    declared(def).next().is_some()
}

fn is_given(form: &Value, pointer: &str) -> bool {
    form.pointer(pointer).and_then(Value::as_str).is_some_and(|name| !name.is_empty())
}

fn commitment(certificate: &Certificate) -> Option<CommitmentView> {
    certificate.commitment.as_ref().map(|commitment| CommitmentView {
        letter: commitment.letter.clone(),
        grounds: commitment
            .unless
            .iter()
            .map(|unless| GroundView {
                code: unless.code.clone(),
                text: unless.message.clone(),
                law: unless.law.clone(),
            })
            .collect(),
        persons: Vec::new(),
        said: Vec::new(),
    })
}

/// What a form will be asked for.
pub(crate) fn asked_for(
    def: &Definition,
    form: &Value,
    registrar: &str,
    on: jiff::civil::Date,
) -> Vec<CertificateAsked> {
    let preview = def.preview(form, registrar, on);
    let asked = declared(def).filter_map(|(step, certificate)| {
        let preview = preview.iter().find(|preview| preview.step == step.name)?;
        Some(CertificateAsked {
            step: step.name.clone(),
            title: step.title.clone(),
            law: certificate.law.clone(),
            why: certificate.why.clone(),
            evidence: certificate.evidence.clone(),
            given: is_given(form, &certificate.evidence),
            needed: preview.needed,
            needed_why: preview.why.clone(),
            shared: certificate.shared.is_some(),
            commitment: commitment(certificate),
        })
    });
    asked.collect()
}

/// The certificates of a case. Without its form, whether one is needed is told from the steps alone.
pub(crate) fn of_case(def: &Definition, case: &Case, documents: &Documents, named: bool) -> Vec<CertificateView> {
    let form = case.form().and_then(|digest| documents.get(digest));
    let preview = form.map(|form| def.preview(form, &case.division, local_date(case.received_at_us)));
    let view = |(step, certificate): (&Step, &Certificate)| {
        let run = case.steps.get(&step.name);
        let state = case.step_state(&step.name);
        let previewed = preview.iter().flatten().find(|preview| preview.step == step.name);
        let (needed, needed_why) = needed(state, previewed.map(|preview| (preview.needed, preview.why.clone())));
        let way = run.and_then(|run| run.way);
        let last = case.commitment(&step.name);
        let by = match way {
            _ if !named => Vec::new(),
            Some(Way::Commitment) => last.map(|run| run.person.clone()).into_iter().collect(),
            Some(Way::Evidence) => vec![case.organisation.clone()],
            Some(Way::Shared) => answered(certificate, case),
            None => Vec::new(),
        };
        let said = case.commitments.iter().filter(|run| run.step == step.name).map(|run| SaidView {
            person: if named { run.person.clone() } else { String::new() },
            at_us: run.at_us,
            text_sha256: run.signed.as_ref().map(|signed| signed.text_sha256.clone()),
            scheme: run.signed.as_ref().map(|signed| signed.scheme.clone()),
            withdrawn_at_us: run.withdrawn_at_us,
        });
        CertificateView {
            step: step.name.clone(),
            title: step.title.clone(),
            law: certificate.law.clone(),
            why: certificate.why.clone(),
            evidence: certificate.evidence.clone(),
            needed,
            needed_why,
            state,
            way,
            since_us: way.and(run.and_then(|run| run.ended_at_us)),
            by,
            correction: case.open_correction(&step.name).map(|correction| correction.id.clone()),
            commitment: commitment(certificate).map(|view| CommitmentView { said: said.collect(), ..view }),
        }
    };
    declared(def).map(view).collect()
}

/// What the step says where it has begun, otherwise what the form lets expect.
fn needed(state: StepState, previewed: Option<(Needed, Text)>) -> (Needed, Text) {
    match state {
        StepState::Pending | StepState::Incident => previewed.unwrap_or_else(|| {
            let why = Text::new("相关环节尚未办到，暂不能确定。", "The steps before it have not come so far.");
            (Needed::Later, why)
        }),
        StepState::Skipped => (
            Needed::No,
            Text::new("不符合要求提供的条件。", "The condition under which it is asked for does not hold."),
        ),
        StepState::NotRequested | StepState::Withdrawn | StepState::Ended => {
            (Needed::No, Text::new("该环节不再办理。", "The step is not done any more."))
        }
        _ => match previewed {
            Some((Needed::Yes, why)) => (Needed::Yes, why),
            _ => (Needed::Yes, Text::new("该环节需要此证明。", "The step has asked for it.")),
        },
    }
}

/// The offices of the steps whose results were read.
fn answered(certificate: &Certificate, case: &Case) -> Vec<String> {
    let reads = certificate.shared.iter().flat_map(|guard| guard.reads());
    let steps: Vec<String> = reads
        .filter_map(|read| {
            let rest = read.strip_prefix("results.")?;
            Some(rest.split('.').next()?.trim_matches('`').to_owned())
        })
        .collect();
    let runs = case.steps.iter().filter(|(name, _)| steps.iter().any(|step| step == branch_parts(name).0));
    let mut offices: Vec<String> =
        runs.map(|(_, run)| run.office.clone()).filter(|office| !office.is_empty()).collect();
    offices.sort_unstable();
    offices.dedup();
    offices
}

impl App {
    /// The certificates of a case, and for each that can be promised who may and who may not, and why. An applicant is
    /// told of himself alone.
    ///
    /// # Errors
    /// `NOT_FOUND` when the case is not there or not the caller's to see.
    pub async fn certificates(&self, who: &Principal, case: &str) -> Result<Vec<CertificateView>, Refusal> {
        who.may(Verb::ReadCertificates)?;
        let inner = &self.inner;
        let row = inner.row(case).await?;
        let working = Working::read(&inner.library, &row)?;
        let sight = permit(who, Verb::ReadCertificates, Some(&RowFacts::of(&working.case, &inner.library)))?;
        let documents = inner.read_documents(&working.case, &working.case.documents()).await?;
        let mut views = of_case(&working.def, &working.case, &documents, sight != Sight::Masked);
        let form = working.case.form().and_then(|digest| documents.get(digest));
        let mut persons = form.map(|form| keys(&working.def, form)).unwrap_or_default();
        if who.role == Role::Applicant {
            persons.retain(|person| who.person.as_ref() == Some(person));
        }
        for view in &mut views {
            let Some(commitment) = &mut view.commitment else { continue };
            if who.role == Role::Applicant {
                let own = |said: &SaidView| who.person.as_ref() == Some(&said.person);
                for said in commitment.said.iter_mut().filter(|said| !own(said)) {
                    said.person = String::new();
                }
            }
            for person in &persons {
                let exclusions = inner.excluded(&working, &view.step, person, &documents).await?;
                commitment.persons.push(EligibilityView { person: person.clone(), exclusions });
            }
        }
        if views.iter().any(|view| view.commitment.is_some()) && !persons.is_empty() {
            let fields = ["certificates".to_owned()];
            inner.record_read(who, case, &fields, crate::records::Purpose::ReadCase).await?;
        }
        Ok(views)
    }
}

/// Keys of the identity list.
fn keys(def: &Definition, form: &Value) -> Vec<String> {
    let identity = def.identity.as_ref().and_then(|identity| def.steps.get(identity)?.for_each.as_ref());
    let list = identity.and_then(|each| Some((form.pointer(&each.over)?.as_array()?, each.key.as_str())));
    let Some((list, key)) = list else { return Vec::new() };
    list.iter().filter_map(|entry| entry.get(key)?.as_str().map(str::to_owned)).collect()
}
