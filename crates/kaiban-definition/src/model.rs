//! A checked workflow package: what the engine runs. Everything here was proven sound by the loader, so the engine
//! looks things up instead of checking again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use kaiban_calendar::Budget;
use kaiban_documents::Letter;
use kaiban_findings::Text;

use crate::guard::{Guard, GuardError, Scope, TextExpression};
use crate::schema::Schema;
use crate::share::Share;

/// Name of the step that an officer's intake task runs under; reserved, no package may use it.
pub const INTAKE: &str = "intake";

pub use kaiban_limits::package::{BRANCH_KEY_MAX, BRANCHES_MAX};

/// One version of one workflow package. Immutable once released; a case pins `workflow` and `digest`.
#[derive(Debug)]
pub struct Definition {
    /// Name of the flow: the folder's name, kebab-case.
    pub workflow: String,
    /// The package's own version, a text that only people read ("2026.1").
    pub version: String,
    /// SHA-256 over all files of the package, lower-case hex; what a case pins.
    pub digest: String,
    /// First day (+08:00) on which new cases may use this version.
    pub effective_from: Date,
    /// Title.
    pub title: Text,
    /// Shape of the one form; [`Definition::check_form`] checks more than the shape.
    pub form: Schema,
    /// Pointers of the form's fields, `*` for an item of a list, in the order of the schema file: findings are told so.
    pub field_order: Vec<String>,
    /// What a form must also keep to, beyond its shape; see [`FormRule`].
    pub rules: Vec<FormRule>,
    /// What has to be handed in with the form, and why; see [`Evidence`].
    pub evidence: Vec<Evidence>,
    /// JSON pointer into the form at the code of the registering division (GB/T 2260).
    pub registrar: String,
    /// JSON pointer into the form at the name that lists show for a case.
    pub subject: String,
    /// JSON pointer into the form at where the applicant is reached, such as a telephone number.
    pub contact: Option<String>,
    /// JSON pointer into the form at who hands it in for the applicant (代理人).
    pub agent: Option<String>,
    /// The step whose branches are the real-name checks (实名认证), one a person: whoever it confirms may act for himself.
    pub identity: Option<String>,
    /// Name of the case outcome when every step has ended and none closed the case ("opened").
    pub closes: String,
    /// Promises, in the order of the file; see [`Definition::promise_at`].
    pub promise: Vec<Promise>,
    /// What the law gives for the case as a whole; none = the steps' periods only.
    pub statutory: Option<Statutory>,
    /// When and by whom an application is looked at before it is accepted; none = accepted on submission.
    pub intake: Option<Intake>,
    /// Reminders of an unanswered correction, and when an officer may give the case up.
    pub corrections: Corrections,
    /// Letters by name.
    pub letters: BTreeMap<String, NamedLetter>,
    /// Letter that the applicant gets on receipt.
    pub on_receipt: Option<String>,
    /// Letter that the applicant gets on acceptance.
    pub on_acceptance: Option<String>,
    /// Registers (名录) that the package's steps reserve keys in, by name.
    pub registers: BTreeMap<String, Register>,
    /// The steps by name; `order` has them so that every step stands after what it needs.
    pub steps: BTreeMap<String, Arc<Step>>,
    /// Step names in topological order, ties in file order.
    pub order: Vec<String>,
}

/// A working-time budget that applicants are promised from a date on.
#[derive(Debug)]
pub struct Promise {
    /// First acceptance date (+08:00) it holds for.
    pub from: Date,
    /// Holds only where this is true; it may read `case` and `form`.
    pub when: Option<Guard>,
    /// The budget, on the registering division's calendar.
    pub within: Budget,
}

/// A period that the law sets (法定期限). Working days do not count the first day and end at the close of business of
/// the last; hours begin at once (民法典 §200-203). It stands still while the promise clock is paused.
#[derive(Debug)]
pub struct Statutory {
    /// How long.
    pub within: Budget,
    /// How much longer, once, where a named head approves.
    pub extend_once: Option<Budget>,
    /// Whether the applicant's answer to a correction begins it anew.
    pub restarts: bool,
    /// Law article.
    pub law: String,
    /// Letter that tells the applicant of an extension.
    pub letter: Option<String>,
}

/// An officer's look at the application before acceptance.
#[derive(Debug)]
pub struct Intake {
    /// Opens an intake task only where this holds; otherwise the case is accepted on submission.
    pub when: Option<Guard>,
    /// An intake unanswered for so long counts as accepted on receipt (行政许可法 §32).
    pub deemed_within: Budget,
    /// The task: outcomes `accept` and `decline` (adverse, closes `not_accepted`), never counted.
    pub step: Arc<Step>,
}

/// What happens while a correction is unanswered. No timer gives a case up.
#[derive(Debug, Default)]
pub struct Corrections {
    /// The applicant is reminded when so much time has passed since the telling, on the registering division's calendar.
    pub remind_after: Vec<Budget>,
    /// From then on an officer may close the case as withdrawn; none = never.
    pub lapse_after: Option<Budget>,
}

/// A condition on the form that a schema cannot say. Where `broken` holds, the form has the finding.
#[derive(Debug)]
pub struct FormRule {
    /// Stable code, `SCREAMING_SNAKE_CASE`.
    pub code: String,
    /// An error, or a doubt that goes with the case to the registrar.
    pub is_error: bool,
    /// First and last day (+08:00) of submission on which the rule is law; none = always.
    pub from: Option<Date>,
    /// See `from`; inclusive.
    pub until: Option<Date>,
    /// List in the form whose elements are looked at one by one, as `item`; none = the form as a whole.
    pub for_each: Option<Share>,
    /// What must not be true. It may read `form`, `case` and, with `for_each`, `item`.
    pub broken: Guard,
    /// Where the finding stands: below the form, or below the element with [`Share::Item`].
    pub at: Share,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    pub help: Option<Text>,
    /// Law article.
    pub law: Option<String>,
}

/// A document that an application of this kind needs. Only what no agency can share is asked for (条例 §16).
#[derive(Debug)]
pub struct Evidence {
    /// The form field that names the document; with `for_each`, below the element.
    pub at: Share,
    /// List in the form whose elements each need one.
    pub for_each: Option<Share>,
    /// What is asked for.
    pub title: Text,
    /// Why.
    pub why: Text,
    /// Law article.
    pub law: Option<String>,
    /// Asked for only where this holds.
    pub when: Option<Guard>,
}

/// A letter of the package.
#[derive(Debug)]
pub struct NamedLetter {
    /// Name: that of its files under `letters/`.
    pub name: String,
    /// Title, as it stands above the text.
    pub title: Text,
    /// Word of the number, as in 榕登字〔2026〕…号.
    pub number: String,
    /// Law articles that it rests on.
    pub law: Vec<String>,
    /// Its templates, compiled.
    pub letter: Letter,
}

/// A register (名录): keyed, dated records outside any case.
#[derive(Debug)]
pub struct Register {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Text,
    /// The key of a record, from the form.
    pub key: TextExpression,
    /// A reservation holds for so many calendar months; none = nobody reserves, the bureau keeps the register.
    pub hold_months: Option<u32>,
    /// Case outcomes after which the record stays for good; after any other the key is free again.
    pub keeps: Vec<String>,
}

impl Register {
    /// The keys of the records that stand for what the form names: its own; in a register that the bureau keeps also
    /// everything that it begins with, so that one entry stands for all rooms of a building.
    ///
    /// # Errors
    /// The key cannot be computed.
    pub fn keys(&self, scope: &Scope<'_>) -> Result<Vec<String>, GuardError> {
        let key = self.key.eval(scope)?;
        if self.hold_months.is_some() {
            return Ok(vec![key]);
        }
        let key = kept_key(&key);
        let beginnings = key.char_indices().skip(1).map(|(at, _)| key[..at].to_owned());
        Ok(beginnings.chain([key.clone()]).collect())
    }
}

/// A key as registers that the bureau keeps have it, however somebody typed it: without spaces, Latin letters and digits
/// in half width and upper case.
pub fn kept_key(typed: &str) -> String {
    let plain = |character: char| match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFF01 + 0x21).unwrap_or(character),
        _ => character,
    };
    let invisible = |character: &char| {
        character.is_whitespace() || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
    };
    typed
        .chars()
        .filter(|character| !invisible(character))
        .map(|character| plain(character).to_ascii_uppercase())
        .collect()
}

/// A node of the package.
#[derive(Debug)]
pub struct Step {
    /// Name, unique in the package, kebab-case.
    pub name: String,
    /// Title.
    pub title: Text,
    /// Who or what does it.
    pub work: Work,
    /// Edges that come in; all that hold must be satisfied.
    pub needs: Vec<Need>,
    /// Besides `needs`: the first of these that completes satisfies the step.
    pub needs_any: Option<AnyOf>,
    /// One branch for each element of a list in the form.
    pub for_each: Option<ForEach>,
    /// The applicant may leave this step out and ask for it later (分时办理): offered only where this holds.
    pub requested: Option<Guard>,
    /// The step, or with `for_each` the branch, is skipped where this is false.
    pub when: Option<Guard>,
    /// Rules that decide by themselves, first match wins; none = the step is offered.
    pub decide: Vec<Rule>,
    /// Whether the step counts towards the case's promise.
    pub counts: bool,
    /// The draw whose checkers alone may end the step, where it sent any.
    pub drawn_by: Option<String>,
    /// Whether two officers end the step together: the second is named as its approver, and of a draw both are sent by it.
    pub by_two: bool,
    /// JSON pointers into the form at officers who may not end the step.
    pub recuse: Vec<String>,
    /// Promise of the step itself, on its office's calendar.
    pub within: Option<Budget>,
    /// What the law gives for the step, on its office's calendar.
    pub statutory: Option<Statutory>,
    /// All that the step's agency ever gets.
    pub shares: Vec<Share>,
    /// The part of `shares` that the step sees without deciding on it, such as whom to call: a later correction may open
    /// it though the step has ended.
    pub sees: Vec<Share>,
    /// Shape of the result; none = no result may be given.
    pub result: Option<Schema>,
    /// Outcomes by name; at least one completes the step.
    pub outcomes: BTreeMap<String, Outcome>,
    /// How often a failed attempt is tried again before it becomes an incident.
    pub retries_max: u32,
    /// What happens when the step takes long, in order of time.
    pub on_overdue: Vec<Overdue>,
    /// Step that is offered when a result of this one is superseded or revoked.
    pub undo: Option<String>,
    /// The step that this one undoes; such a step has no needs and runs only then.
    pub undoes: Option<String>,
}

/// Who or what does a step.
#[derive(Debug)]
pub enum Work {
    /// An office of this party of the directory; which one follows from the case's registrar.
    Office {
        /// The party.
        party: String,
    },
    /// Nobody: the step completes with outcome `done` when the time is over, on the registering division's calendar.
    Wait {
        /// How long.
        time: Budget,
    },
    /// The system: reserves a key in a register and completes with `done`; if another case holds the key, the applicant
    /// is asked to correct the place.
    Reserve {
        /// The register.
        register: String,
        /// The form field that the key comes from, as a pointer into the form; what a correction opens.
        at: String,
        /// What the applicant reads if the key is taken.
        taken: Text,
        /// Letter that tells him so.
        letter: String,
    },
    /// The system: asks for a certificate (证明事项) until evidence, shared data or a commitment stands for it, and
    /// completes with `done`; the result is `{"way": "evidence" | "shared" | "commitment"}`, of a commitment also with
    /// who signed (`person`), that person's class of `risk`, and the hash of the signed text (`text_sha256`).
    Prove(Box<Certificate>),
    /// The system: starts a case of another package.
    Start {
        /// The package.
        workflow: String,
        /// Its form: RFC 6901 pointers into it, and what is put there.
        form: Vec<(String, Filling)>,
        /// Whether the step waits for that case to end; its result is `{"case": …, "outcome": …}`.
        waits: bool,
        /// What the end of that case may take back here.
        revokes: Option<Revokes>,
        /// Which promise it checks, and when that was false.
        breaks: Option<Breaks>,
    },
    /// A public draw (随机抽取) decides; the result is `{"draw": …, "drawn": …, "checkers": […]}`.
    Draw {
        /// What is drawn from.
        pool: String,
        /// JSON pointer into the form at the class of risk; none = everybody is of class `A`.
        stratum: Option<String>,
        /// JSON pointers into the form at offices and officers who may not check.
        recuse: Vec<String>,
    },
}

/// A started case that ends badly takes the outcome of a step back (撤销), whether or not this case has ended.
#[derive(Debug)]
pub struct Revokes {
    /// Outcomes of that case that do.
    pub after: Vec<String>,
    /// The step.
    pub step: String,
    /// Letter that tells the applicant.
    pub letter: String,
}

/// A started case that finds a promise false puts that on the record of whoever made it.
#[derive(Debug)]
pub struct Breaks {
    /// Outcomes of that case that find it false.
    pub after: Vec<String>,
    /// The step whose certificate was promised.
    pub certificate: String,
    /// How grave the record is.
    pub class: Gravity,
}

/// Classes of credit records (信用修复管理办法).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gravity {
    /// 轻微
    Minor,
    /// 一般
    General,
    /// 严重
    Serious,
}

/// Something that the law asks for (证明事项).
#[derive(Debug)]
pub struct Certificate {
    /// Law article that asks for it.
    pub law: String,
    /// Why it is asked for.
    pub why: Text,
    /// The form field with the document that proves it, as a pointer into the form.
    pub evidence: String,
    /// Nothing is asked for where this holds.
    pub shared: Option<Guard>,
    /// Letter that asks for it.
    pub letter: String,
    /// The applicant may promise instead (告知承诺制, 国办发〔2020〕42号).
    pub commitment: Option<Commitment>,
}

/// How a certificate may be replaced by the applicant's promise.
#[derive(Debug)]
pub struct Commitment {
    /// Letter that is shown and signed.
    pub letter: String,
    /// JSON pointer into the form at the USCC of the unit that promises by the signatory: its credit counts as well.
    pub unit: Option<String>,
    /// Who may not promise, and where.
    pub unless: Vec<Exclusion>,
}

/// A ground on which a certificate cannot be replaced by a promise.
#[derive(Debug)]
pub struct Exclusion {
    /// Stable code, `SCREAMING_SNAKE_CASE`.
    pub code: String,
    /// Where it holds.
    pub holds: Ground,
    /// Why not.
    pub message: Text,
    /// Law article.
    pub law: String,
}

/// Where an exclusion holds.
#[derive(Debug)]
pub enum Ground {
    /// Where this is true. It may read `form`, `case`, `credit` and, as `item`, who would sign.
    When(Box<Guard>),
    /// Where the case's key stands in this register.
    Listed(String),
}

/// What is put into the form of a started case.
#[derive(Debug)]
pub enum Filling {
    /// A value of this case.
    Share(Share),
    /// Always the same text.
    Text(String),
    /// The staff number of whoever decided this step last.
    Officer(String),
}

/// An edge of the graph.
#[derive(Debug)]
pub struct Need {
    /// The step that must have ended.
    pub step: String,
    /// The edge exists only where this is true. Evaluated once, when the step's unconditional needs are satisfied.
    pub when: Option<Guard>,
}

/// First of several.
#[derive(Debug)]
pub struct AnyOf {
    /// The steps. If all end without one of them completed, the step is skipped.
    pub steps: Vec<String>,
    /// Whether the others are taken back as soon as one has completed; otherwise they go on.
    pub cancels_others: bool,
}

/// One branch for each element of a list.
#[derive(Debug)]
pub struct ForEach {
    /// The list, as a pointer into the form.
    pub over: String,
    /// Field of the element that names its branch: unique in the list, never personal data, 1 to 40 of `a-z 0-9 -`.
    pub key: String,
}

/// A decision by rule. It is never adverse and gives no result.
#[derive(Debug)]
pub struct Rule {
    /// Where this holds …
    pub when: Guard,
    /// … the step ends with this outcome.
    pub outcome: String,
}

/// What happens when a step has used so much time since the first offer of its round, pauses not counted.
#[derive(Debug)]
pub struct Overdue {
    /// The time, on the calendar of the step's office.
    pub after: Budget,
    /// What is done then.
    pub action: OverdueAction,
}

/// What is done when a step takes long. Never anything adverse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OverdueAction {
    /// The office is reminded.
    Remind,
    /// A party of the directory is told.
    Escalate {
        /// Whom.
        party: String,
    },
    /// The step ends with this outcome, in the applicant's favour.
    Outcome {
        /// Its name; it completes the step, without a result.
        outcome: String,
    },
}

/// A named result of a step.
#[derive(Debug)]
pub struct Outcome {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Text,
    /// What follows.
    pub effect: Effect,
    /// Denies or takes away: only a person may decide it, and a second one approves.
    pub adverse: bool,
    /// The law article behind it.
    pub law: Option<String>,
    /// Letter that the applicant gets.
    pub letter: Option<String>,
}

/// What an outcome does to its step and case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The step is done; what needs it may begin.
    Completes,
    /// The applicant is asked for everything that is missing; the step's promise clock pauses (补正). With a reopening,
    /// the answer takes the steps back, and places that they decided on may open.
    Corrects {
        /// Steps that the answer takes back.
        reopens: Option<Reopening>,
    },
    /// The step's branch ends without its result; the case goes on.
    EndsBranch,
    /// The case ends with this outcome.
    Closes(String),
    /// Earlier steps, and every step that needs them, are taken back and done again.
    Reopens(Reopening),
}

/// A loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reopening {
    /// Steps that the reopening one needs, directly or through others.
    pub steps: Vec<String>,
    /// How often in one case.
    pub at_most: u32,
}

/// Characters of a subject that lists show.
const SUBJECT_MAX: usize = 120;

impl Definition {
    /// What lists show for a form, cut to a length that rows can bear. It stays out of the journal: an individual
    /// business may bear its owner's name.
    pub fn subject_of(&self, form: &serde_json::Value) -> String {
        let subject = form.pointer(&self.subject).and_then(serde_json::Value::as_str).unwrap_or_default();
        subject.chars().take(SUBJECT_MAX).collect()
    }

    /// The step of that name, or of that branch's name; the intake included.
    pub fn step(&self, name: &str) -> Option<&Arc<Step>> {
        let (name, _) = branch_parts(name);
        match &self.intake {
            Some(intake) if name == INTAKE => Some(&intake.step),
            _ => self.steps.get(name),
        }
    }
}

impl Step {
    /// The party whose office does it; none where nobody of the directory does.
    pub fn party(&self) -> Option<&str> {
        match &self.work {
            Work::Office { party } => Some(party),
            Work::Wait { .. } | Work::Reserve { .. } | Work::Prove(_) | Work::Start { .. } | Work::Draw { .. } => None,
        }
    }

    /// The letter with which a correction is told: that of the outcome that asks, of the reservation that
    /// failed, or of the certificate that is missing.
    /// Every one has a letter; an outcome that is not known is any that asks.
    pub fn asks_with(&self, outcome: Option<&str>) -> Option<&String> {
        match &self.work {
            Work::Reserve { letter, .. } => return Some(letter),
            Work::Prove(certificate) => return Some(&certificate.letter),
            _ => {}
        }
        let mut asking = self.outcomes.values().filter(|asks| matches!(asks.effect, Effect::Corrects { .. }));
        asking.find(|asks| outcome.is_none_or(|name| asks.name == name))?.letter.as_ref()
    }

    /// The certificate that it asks for.
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.work {
            Work::Prove(certificate) => Some(certificate),
            _ => None,
        }
    }

    /// What the end of the case that it starts may take back.
    pub fn revokes(&self) -> Option<&Revokes> {
        match &self.work {
            Work::Start { revokes, .. } => revokes.as_ref(),
            _ => None,
        }
    }

    /// The promise that the case which it starts checks.
    pub fn breaks(&self) -> Option<&Breaks> {
        match &self.work {
            Work::Start { breaks, .. } => breaks.as_ref(),
            _ => None,
        }
    }

    /// Whether it is a usual part of every case; an undo step begins only when something is undone.
    pub fn is_regular(&self) -> bool {
        self.undoes.is_none()
    }
}

/// Name of one branch of a step: the step itself, or `step[key]` for an element of its list or a round that it undoes.
pub fn branch_name(step: &str, key: Option<&str>) -> String {
    match key {
        None => step.to_owned(),
        Some(key) => format!("{step}[{key}]"),
    }
}

/// Step and key of a branch's name.
pub fn branch_parts(branch: &str) -> (&str, Option<&str>) {
    match branch.strip_suffix(']').and_then(|open| open.split_once('[')) {
        Some((step, key)) => (step, Some(key)),
        None => (branch, None),
    }
}
