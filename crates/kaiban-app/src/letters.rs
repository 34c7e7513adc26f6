//! Letters to applicants: the facts that one speaks of, its rendering, and reading it again.

use kaiban_definition::{Definition, Effect as OutcomeEffect, NamedLetter};
use kaiban_documents::{
    Applicant, Case as CaseFacts, Decision, Extension, Facts, Issue, Item, Office, Promise, Remedies, Rendered,
};
use kaiban_engine::{Case, Documents, LetterRun, Phase, StepRun, results_by_step};
use kaiban_findings::{Finding, Place};
use serde_json::Value;

use crate::access::{RowFacts, Verb, permit};
use crate::app::{App, Inner};
use crate::commitments::promisable;
use crate::execute::Working;
use crate::present::findings;
use crate::principal::Principal;
use crate::records::Purpose;
use crate::refusal::Refusal;
use crate::view::LetterView;

/// A letter with its text.
#[derive(Clone, Debug)]
pub struct LetterText {
    /// Which letter.
    pub letter: LetterView,
    /// A complete HTML document.
    pub html: String,
    /// Plain text.
    pub text: String,
}

/// What a letter is about.
pub(crate) struct Order<'a> {
    pub letter: &'a str,
    pub number: &'a str,
    pub step: Option<&'a str>,
    pub correction: Option<&'a str>,
}

impl App {
    /// One letter of a case.
    ///
    /// # Errors
    /// `NOT_FOUND` when it is not there or not the caller's to read.
    pub async fn letter(&self, who: &Principal, case: &str, number: &str) -> Result<LetterText, Refusal> {
        who.may(Verb::ReadLetter)?;
        let inner = &self.inner;
        let row = inner.row(case).await?;
        let working = Working::read(&inner.library, &row)?;
        let letter = working.case.letters.iter().find(|letter| letter.number == number);
        let letter = letter.ok_or_else(Refusal::not_found)?;
        let library = &inner.library;
        let facts = match &letter.step {
            Some(step) => RowFacts::step(&working.case, step, library),
            // A letter about the whole case is no single office's.
            None => RowFacts { offices: Vec::new(), ..RowFacts::of(&working.case, library) },
        };
        // The bureau reads the letters about the case, and what the system wrote; what another office wrote is that
        // office's.
        let facts = if facts.offices.is_empty() { facts } else { RowFacts { bureau: None, ..facts } };
        permit(who, Verb::ReadLetter, Some(&facts))?;
        let documents = inner.read_documents(&working.case, &[letter.html.as_str(), letter.text.as_str()]).await?;
        if documents.is_empty() {
            return Err(inner.gone(Some(case), &letter.html).await?);
        }
        let fields = [format!("letter.{number}")];
        inner.record_read(who, case, &fields, Purpose::ReadLetter).await?;
        let text = |digest: &str| documents.get(digest).and_then(|value| value.as_str()).map(str::to_owned);
        Ok(LetterText {
            letter: view(&working.def, letter),
            html: text(&letter.html).ok_or_else(Refusal::not_found)?,
            text: text(&letter.text).ok_or_else(Refusal::not_found)?,
        })
    }
}

pub(crate) fn view(def: &Definition, letter: &LetterRun) -> LetterView {
    LetterView {
        number: letter.number.clone(),
        letter: letter.letter.clone(),
        title: def.letters.get(&letter.letter).map(|named| named.title.clone()).unwrap_or_default(),
        step: letter.step.clone(),
        issued_at_us: letter.issued_at_us,
        told_at_us: letter.told_at_us,
    }
}

/// Why a letter cannot be written.
pub(crate) enum Unwritten {
    /// What it speaks of cannot be read; that may pass.
    Refused(Refusal),
    /// What the template needs is not there; the text names places of the package, never a value.
    Package(String),
}

impl std::fmt::Display for Unwritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Refused(refusal) => refusal.reason,
            Self::Package(why) => why,
        })
    }
}

impl From<Refusal> for Unwritten {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<&str> for Unwritten {
    fn from(why: &str) -> Self {
        Self::Package(why.to_owned())
    }
}

impl From<String> for Unwritten {
    fn from(why: String) -> Self {
        Self::Package(why)
    }
}

impl Inner {
    /// Renders a letter about a case as it stands.
    ///
    /// # Errors
    /// See [`Unwritten`].
    pub async fn render(&self, working: &Working, order: Order<'_>) -> Result<Rendered, Unwritten> {
        let Working { case, def, .. } = working;
        let named = def.letters.get(order.letter).ok_or("no such letter")?;
        // What was signed is copied, not written again.
        if let (Some(step), None) = (order.step, order.correction)
            && promisable(def, step).is_ok_and(|(_, _, commitment)| commitment.letter == order.letter)
        {
            return self.signed_copy(working, step, order.number).await;
        }
        let mut digests: Vec<String> = case.documents().into_iter().map(str::to_owned).collect();
        let run = order.step.and_then(|step| case.steps.get(step));
        digests.extend(run.and_then(|run| run.reason.clone()));
        let extension = run.map_or(&case.extension, |run| &run.extension);
        digests.extend(extension.as_ref().map(|extension| extension.reason.clone()));
        digests.extend(case.corrections.iter().map(|correction| correction.findings.clone()));
        let documents = self.read_documents(case, &digests).await?;
        let facts = self.facts(case, def, named, &order, run, &documents).ok_or("a document is missing")?;
        Ok(named.letter.render(&facts).map_err(|error| error.to_string())?)
    }

    fn facts(
        &self,
        case: &Case,
        def: &Definition,
        named: &NamedLetter,
        order: &Order<'_>,
        run: Option<&StepRun>,
        documents: &Documents,
    ) -> Option<Facts> {
        let form = documents.get(case.form()?)?;
        let directory = &self.library.directory;
        let division = directory.division(&case.division)?;
        let step = order.step.and_then(|step| def.step(step));
        let registering = self.library.registering_office(def, &case.division);
        let office = run.and_then(|run| directory.office_by_id(&run.office)).or(registering);
        let office_title = |office: &kaiban_definition::Office| office.title.zh.clone();
        let asked = case.corrections.iter().find(|correction| Some(correction.id.as_str()) == order.correction);
        // A correction is no outcome that ends its step; where the system asks, there is none.
        let outcome = match order.correction {
            Some(_) => step.and_then(|step| step.outcomes.get(asked?.outcome.as_ref()?)),
            None => run.and_then(|run| step?.outcomes.get(run.outcome.as_ref()?)),
        };
        let own_law = outcome.filter(|_| asked.is_some()).and_then(|outcome| outcome.law.clone());
        // A revocation is no outcome of the step that found it, and as adverse as any.
        let revokes = step.and_then(|step| step.revokes()).is_some_and(|revokes| revokes.letter == order.letter);
        let adverse = revokes || outcome.is_some_and(|outcome| outcome.adverse);
        let reason = run.and_then(|run| documents.get(run.reason.as_ref()?)?.as_str().map(str::to_owned));
        let text = |pointer: &str| form.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        Some(Facts {
            letter: Issue {
                number: order.number.to_owned(),
                issued_at_us: self.business_now_us().max(case.last_at_us),
                law: own_law.map_or_else(|| named.law.clone(), |law| vec![law]),
            },
            case: CaseFacts {
                id: case.id.clone(),
                workflow: def.title.zh.clone(),
                step: step.map(|step| step.title.zh.clone()),
                received_at_us: case.received_at_us,
                accepted_at_us: case.accepted_at_us,
                registrar: case.division.clone(),
                office: registering.map_or_else(|| division.title.zh.clone(), office_title),
            },
            applicant: Applicant { name: def.subject_of(form), agent: def.agent.as_deref().and_then(text) },
            office: Office {
                title: office.map_or_else(|| division.title.zh.clone(), office_title),
                phone: office.map(|office| office.phone.clone()).unwrap_or_default(),
                address: office.map(|office| office.address.clone()).unwrap_or_default(),
            },
            form: form.as_ref().clone(),
            results: serde_json::to_value(results_by_step(case, documents)).unwrap_or_default(),
            findings: asked.map(|asked| items(def, &findings(documents, &asked.findings))).unwrap_or_default(),
            decision: outcome.map(|outcome| Decision {
                outcome: outcome.title.zh.clone(),
                reasons: reason.into_iter().collect(),
                law: outcome.law.clone().into_iter().collect(),
            }),
            promise: self.promised(case),
            extension: self.extension(case, def, order, documents),
            remedies: adverse.then(|| {
                // The people's government reconsiders what its own departments decide; tax and other bodies that are
                // led from above have another (行政复议法 §24, §27).
                let own = office.zip(registering).is_some_and(|(office, own)| office.party == own.party);
                let body = match own {
                    true => format!("{}人民政府", division.title.zh),
                    false => "有管辖权的行政复议机关".to_owned(),
                };
                Remedies::lawful(body, "有管辖权的人民法院")
            }),
            next: next(case, outcome.map(|outcome| &outcome.effect), asked.is_some()),
            certificate: None,
            signatory: None,
        })
    }

    /// That the period of the law was prolonged, where the letter tells of that.
    fn extension(&self, case: &Case, def: &Definition, order: &Order<'_>, documents: &Documents) -> Option<Extension> {
        let (calendars, now_us) = (self.library.calendars(), case.last_at_us);
        let (period, extended, clock) = match order.step {
            None => (def.statutory.as_ref()?, case.extension.as_ref()?, case.statutory_clock(def, &calendars, now_us)),
            Some(step) => {
                let extended = case.steps.get(step)?.extension.as_ref()?;
                let clock = case.step_statutory_clock(def, step, &calendars, now_us);
                (def.step(step)?.statutory.as_ref()?, extended, clock)
            }
        };
        if period.letter.as_deref() != Some(order.letter) {
            return None;
        }
        let clock = clock.ok().flatten()?;
        Some(Extension {
            within: clock.within_text().zh,
            by: clock.extended_by?.text().zh,
            reason: documents.get(&extended.reason)?.as_str()?.to_owned(),
            due: clock.due_us.filter(|_| !clock.provisional).map(in_words),
        })
    }

    /// What was promised, in words. A provisional due time is printed in no letter.
    fn promised(&self, case: &Case) -> Option<Promise> {
        let budget_us = case.budget_us?;
        let clock = case.promise_clock(&self.library.calendars(), case.last_at_us).ok()?;
        let minutes = budget_us / 60_000_000;
        let budget = match (minutes / 60, minutes % 60) {
            (hours, 0) => format!("{hours}个工作小时"),
            (hours, minutes) => format!("{hours}小时{minutes}分钟工作时间"),
        };
        let due = clock.due_us.filter(|_| !clock.provisional).map(in_words);
        Some(Promise { budget, due })
    }
}

/// +08:00.
const CHINA_US: i64 = 8 * 3_600_000_000;

/// `2026年11月23日12时00分`.
pub(crate) fn in_words(at_us: i64) -> String {
    let date = kaiban_calendar::local_date(at_us);
    let minutes = at_us.saturating_add(CHINA_US).div_euclid(60_000_000).rem_euclid(24 * 60);
    format!("{}年{}月{}日{:02}时{:02}分", date.year(), date.month(), date.day(), minutes / 60, minutes % 60)
}

fn items(def: &Definition, findings: &[Finding]) -> Vec<Item> {
    let item = |finding: &Finding| {
        let pointer = match &finding.place {
            Place::Pointer(pointer) => pointer.clone(),
            Place::Whole | Place::File { .. } => String::new(),
        };
        Item {
            place: def.form.title_of(&pointer),
            pointer,
            code: finding.code.to_string(),
            zh: finding.message.zh.clone(),
            text: None,
            help: finding.help.as_ref().map(|help| help.zh.clone()),
        }
    };
    findings.iter().map(item).collect()
}

/// What happens next, in words.
fn next(case: &Case, effect: Option<&OutcomeEffect>, asks: bool) -> Vec<String> {
    let text = match (case.phase, effect) {
        _ if asks => "请在补正后通过原受理网点重新提交，补正时间不计入办理时限。",
        (Phase::Closed, Some(OutcomeEffect::Closes(_))) => return Vec::new(),
        (Phase::Intake, _) => "本机关将在法定期限内决定是否受理，并告知您。",
        (_, None) => "各环节将由有关部门并联办理，您可凭办件编号查询进度。",
        (_, Some(_)) => return Vec::new(),
    };
    vec![text.to_owned()]
}
