//! A checked workflow package: what the engine runs. Everything here was proven sound by the loader, so the engine
//! looks things up instead of checking again.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use kaiban_calendar::Budget;
use kaiban_findings::Text;

use crate::guard::Guard;
use crate::schema::Schema;
use crate::share::Share;

/// Name of the step that an officer's intake task runs under; reserved, no package may use it.
pub const INTAKE: &str = "intake";

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
    /// The one form.
    pub form: Schema,
    /// JSON pointer into the form at the code of the registering division (GB/T 2260).
    pub registrar: String,
    /// JSON pointer into the form at the name that lists show for a case.
    pub subject: String,
    /// Name of the case outcome when every step has ended and none closed the case ("opened").
    pub closes: String,
    /// Promises, in the order of the file; see [`Definition::promise_at`].
    pub promise: Vec<Promise>,
    /// When and by whom an application is looked at before it is accepted; none = accepted on submission.
    pub intake: Option<Intake>,
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

/// A node of the package.
#[derive(Debug)]
pub struct Step {
    /// Name, unique in the package, snake_case or kebab-case.
    pub name: String,
    /// Title.
    pub title: Text,
    /// Which party of the directory does it; the office follows from the case's registrar.
    pub party: String,
    /// Edges that come in; all that hold must be satisfied.
    pub needs: Vec<Need>,
    /// The step is skipped where this is false.
    pub when: Option<Guard>,
    /// Whether the step counts towards the case's promise.
    pub counts: bool,
    /// Promise of the step itself, on its office's calendar.
    pub within: Option<Budget>,
    /// All that the step's agency ever gets.
    pub shares: Vec<Share>,
    /// Shape of the result; none = no result may be given.
    pub result: Option<Schema>,
    /// Outcomes by name; at least one completes the step.
    pub outcomes: BTreeMap<String, Outcome>,
    /// How often a failed attempt is tried again before it becomes an incident.
    pub retries_max: u32,
}

/// An edge of the graph.
#[derive(Debug)]
pub struct Need {
    /// The step that must have ended.
    pub step: String,
    /// The edge exists only where this is true. Evaluated once, when the step's unconditional needs are satisfied.
    pub when: Option<Guard>,
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
    /// Denies or takes away: only a person may decide it.
    pub adverse: bool,
    /// The law article behind it.
    pub law: Option<String>,
}

/// What an outcome does to its step and case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The step is done; what needs it may begin.
    Completes,
    /// The applicant is asked for everything that is missing; the step's promise clock pauses (补正).
    Corrects,
    /// The step's branch ends without its result; the case goes on.
    EndsBranch,
    /// The case ends with this outcome.
    Closes(String),
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

    /// The step of that name, the intake included.
    pub fn step(&self, name: &str) -> Option<&Arc<Step>> {
        match &self.intake {
            Some(intake) if name == INTAKE => Some(&intake.step),
            _ => self.steps.get(name),
        }
    }
}
