use kaiban_findings::Finding;

use crate::Class;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What the value is, once written in its canonical form; `None` when that form breaks a rule.
    pub class: Option<Class>,
    /// The canonical form: half width, upper case, no spaces or hyphens. Present exactly when `class` is, so offering
    /// it to the person who typed the value never offers nonsense.
    pub normalized: Option<String>,
    /// Everything found. Each place is the whole value; the caller, who knows the form, may point further.
    pub problems: Vec<Finding>,
}

impl Checked {
    /// Whether the value is right exactly as it was given. Doubts do not count.
    pub fn valid(&self) -> bool {
        self.class.is_some() && !self.problems.iter().any(Finding::is_error)
    }

    pub(crate) fn new(class: Option<Class>, canonical: String, problems: Vec<Finding>) -> Self {
        Checked { class, normalized: class.map(|_| canonical), problems }
    }
}
