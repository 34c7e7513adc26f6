//! What a letter may speak of. Whoever sends a letter fills this in; a template reads it by these names.

use serde::Serialize;
use serde_json::Value;

/// The facts of one letter. Times are microseconds UTC and printed in +08:00.
///
/// Fields that a letter does not speak of may stay `None` or empty; a letter that prints one that is missing is not
/// rendered (see [`RenderError`](crate::RenderError)).
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// The letter itself.
    pub letter: Issue,
    /// The case that it belongs to.
    pub case: Case,
    /// Whom it is addressed to.
    pub applicant: Applicant,
    /// The office that sends it and answers for it.
    pub office: Office,
    /// The form as submitted, in the words of the package's schema.
    pub form: Value,
    /// The results of finished steps, by step.
    pub results: Value,
    /// All that is to be corrected, told at once (市场主体登记管理条例 §19).
    pub findings: Vec<Item>,
    /// What was decided, and why.
    pub decision: Option<Decision>,
    /// How soon it will be done.
    pub promise: Option<Promise>,
    /// By how much the period of the law was prolonged, and why.
    pub extension: Option<Extension>,
    /// What the applicant can do against it.
    pub remedies: Option<Remedies>,
    /// What happens next, a sentence each.
    pub next: Vec<String>,
    /// The certificate that a promise replaces; only in the letter of a commitment.
    pub certificate: Option<Certificate>,
    /// Who promises; only in the letter of a commitment.
    pub signatory: Option<Signatory>,
}

/// A certificate that a promise replaces (证明事项).
#[derive(Clone, Debug, Serialize)]
pub struct Certificate {
    /// Its Chinese title.
    pub title: String,
    /// Law article that asks for it, as documents quote it: `《市场主体登记管理条例》第十六条`.
    pub law: String,
    /// Why it is asked for, in Chinese.
    pub why: String,
}

/// Who promises, as the real-name check knows the person. The letter names its signatory in full: it is the person's own.
#[derive(Clone, Debug, Serialize)]
pub struct Signatory {
    /// Name.
    pub name: String,
    /// Chinese name of the document: `居民身份证`.
    pub document: String,
    /// Number of the document.
    pub number: String,
    /// Telephone, where the form has one.
    pub phone: Option<String>,
    /// Address, where the form has one.
    pub address: Option<String>,
}

/// The letter itself. Its title is not here: the first line of the text template is the title.
#[derive(Clone, Debug, Serialize)]
pub struct Issue {
    /// Document number (文书编号), unique in the office's year.
    pub number: String,
    /// Date on the letter. The letter of a commitment has none: its text is signed as it stands, and the day of the
    /// signature stands in the signature's block.
    pub issued_at_us: i64,
    /// Articles that the outcome rests on, as packages write them: `市场主体登记管理条例 §19`.
    pub law: Vec<String>,
}

/// The case that the letter belongs to.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Case number.
    pub id: String,
    /// Chinese title of the workflow.
    pub workflow: String,
    /// Chinese title of the step that the letter comes from, if it comes from one.
    pub step: Option<String>,
    /// When the application arrived.
    pub received_at_us: i64,
    /// When it was accepted, if it was.
    pub accepted_at_us: Option<i64>,
    /// Division of the registrar (GB/T 2260, six digits).
    pub registrar: String,
    /// Chinese name of the registering office.
    pub office: String,
}

/// Whom the letter is addressed to.
#[derive(Clone, Debug, Serialize)]
pub struct Applicant {
    /// The business that is to be, or the owner of an individual business.
    pub name: String,
    /// Who handed the application in for it.
    pub agent: Option<String>,
}

/// The office that sends the letter.
#[derive(Clone, Debug, Serialize)]
pub struct Office {
    /// Its full Chinese name, as on its seal.
    pub title: String,
    /// Telephone for questions.
    pub phone: String,
    /// Address of its counter.
    pub address: String,
}

/// One thing to correct.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// JSON pointer into the form (RFC 6901), for programmes.
    pub pointer: String,
    /// The place in the form as the form's titles call it, for people: `住所 / 详细地址`.
    pub place: String,
    /// Code of the finding.
    pub code: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What the officer added.
    pub text: Option<String>,
    /// What to do about it, in Chinese.
    pub help: Option<String>,
}

/// What was decided.
#[derive(Clone, Debug, Serialize)]
pub struct Decision {
    /// Chinese title of the outcome.
    pub outcome: String,
    /// Why, a reason each; an adverse decision has at least one (行政许可法 §38).
    pub reasons: Vec<String>,
    /// Articles that it rests on, as packages write them.
    pub law: Vec<String>,
}

/// How soon it will be done.
#[derive(Clone, Debug, Serialize)]
pub struct Promise {
    /// The promised time in Chinese: `5个工作小时`.
    pub budget: String,
    /// When it ends, in Chinese: `2026年11月23日12时00分`. `None` while it cannot be computed for certain: a provisional
    /// time is printed in no letter.
    pub due: Option<String>,
}

/// That the period of the law was prolonged; the applicant is told why (行政许可法 §42).
#[derive(Clone, Debug, Serialize)]
pub struct Extension {
    /// The period in Chinese: `3个工作日`.
    pub within: String,
    /// What it was prolonged by: `3个工作日`.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it ends now, in Chinese. `None` while it cannot be computed for certain.
    pub due: Option<String>,
}

/// What the applicant can do against a decision.
#[derive(Clone, Debug, Serialize)]
pub struct Remedies {
    /// Body that reconsiders (行政复议法 §24).
    pub reconsideration_body: String,
    /// Days in which reconsideration can be asked for (行政复议法 §20).
    pub reconsideration_days: u32,
    /// Court that hears the case (行政诉讼法 §18).
    pub litigation_court: String,
    /// Months in which the decision can be taken to court (行政诉讼法 §46).
    pub litigation_months: u32,
}

impl Remedies {
    /// Remedies with the periods of the law: 60 days (行政复议法 §20), 6 months (行政诉讼法 §46).
    pub fn lawful(reconsideration_body: impl Into<String>, litigation_court: impl Into<String>) -> Self {
        Self {
            reconsideration_body: reconsideration_body.into(),
            reconsideration_days: 60,
            litigation_court: litigation_court.into(),
            litigation_months: 6,
        }
    }
}
