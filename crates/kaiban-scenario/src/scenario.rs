//! A scenario as it was written.

use jiff::civil::{Date, Time};
use kaiban_credit::{Class, Reason};
use kaiban_engine::PauseReason;
use kaiban_findings::{Finding, Place};
use serde_json::Value;

/// One file.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Path below `workflows/`, as findings name it: `business-start/scenarios/company.md`.
    pub path: String,
    /// The first heading.
    pub title: String,
    /// The fenced blocks, in order. Prose is for people.
    pub blocks: Vec<Block>,
}

/// A fenced block.
#[derive(Clone, Debug)]
pub enum Block {
    /// What people do.
    Steps(Vec<Act>),
    /// What should have happened, or how a case should stand.
    Expected(Expected),
}

/// A block that says what should be.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Which of the two.
    pub shows: Shown,
    /// The case, where the scenario has several; none = the one without a name.
    pub case: Option<String>,
    /// Line of the opening fence, from 1.
    pub line: u32,
    /// The lines between the fences.
    pub lines: Vec<String>,
}

/// What a block shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// What happened since the case's last journal.
    Journal,
    /// How the case stands.
    Case,
}

/// One act.
#[derive(Clone, Debug)]
pub struct Act {
    /// Where it is written.
    pub place: Place,
    /// When.
    pub when: When,
    /// Which case; none = the one without a name.
    pub case: Option<String>,
    /// What is done.
    pub said: Said,
}

/// A business time in +08:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `2026-11-23 09:00`
    At(Date, Time),
    /// `09:05`, of the same day
    Time(Time),
    /// `next working day 09:05`, `3 working days later 09:05`, by the calendar of the first case's division
    WorkingDays(u16, Time),
}

/// A name from the package, its directory or its folder, and where it stands.
#[derive(Clone, Debug)]
pub struct Named {
    /// As it was written.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// One place of a form or a result that is put, appended (`/list/-`) or taken away.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// The new value; none = taken away.
    pub value: Option<Value>,
    /// Where it is written.
    pub place: Place,
}

/// A value: written out or kept beside the scenario, with places changed.
#[derive(Clone, Debug)]
pub struct Given {
    /// File beside the scenario.
    pub file: Option<Named>,
    /// Written out.
    pub value: Option<Value>,
    /// On top of it.
    pub changes: Vec<Change>,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Said {
    /// Nobody does anything.
    TimePasses,
    /// A terminal hands in a form.
    Submits {
        /// Outlet; none = the first of the directory.
        outlet: Option<Named>,
        /// The form.
        form: Given,
        /// Name of the case in this scenario.
        name: Option<String>,
    },
    /// The terminal answers a correction with the form as it stands and places changed.
    Answers {
        /// `<step>.<n>`.
        correction: Named,
        /// What is changed.
        changes: Vec<Change>,
    },
    /// The terminal takes the application back.
    Withdraws {
        /// Why; may be empty.
        reason: String,
    },
    /// The terminal asks for a step that was left out.
    Requests {
        /// The step.
        step: Named,
        /// What is changed in the form with it.
        changes: Vec<Change>,
    },
    /// The terminal takes one step back.
    WithdrawsStep {
        /// The step.
        step: Named,
        /// Why; may be empty.
        reason: String,
    },
    /// The step's office takes all that is ready of it.
    Takes {
        /// The party, where the scenario names it.
        party: Option<Named>,
        /// The step or branch.
        step: Named,
    },
    /// The step's office ends a task; it takes it first if nobody has it.
    Completes {
        /// The party, where the scenario names it.
        party: Option<Named>,
        /// The step or branch.
        step: Named,
        /// The outcome; none = the one that corrects.
        outcome: Option<Named>,
        /// Who; none = the office's first officer.
        officer: Option<Named>,
        /// Who approves; none = the office's second officer where the outcome is adverse.
        approver: Option<Named>,
        /// Reason; may be empty.
        reason: String,
        /// The result.
        result: Option<Box<Given>>,
        /// What is missing.
        findings: Vec<Finding>,
    },
    /// The step's office puts the task off.
    Defers {
        /// The party, where the scenario names it.
        party: Option<Named>,
        /// The step or branch.
        step: Named,
        /// Until when.
        until: When,
        /// The office's word for why.
        code: String,
    },
    /// An attempt fails; the back-off is over at once.
    Fails {
        /// The party, where the scenario names it.
        party: Option<Named>,
        /// The step or branch.
        step: Named,
        /// The office's word for what failed.
        code: String,
    },
    /// An officer of the step's office holds it up.
    Pauses {
        /// Who; none = the office's first officer.
        officer: Option<Named>,
        /// The step or branch.
        step: Named,
        /// Why.
        reason: PauseReason,
        /// Until when it is said to last.
        until: Option<When>,
        /// Who approves; none = the office's second officer where the pause table asks for one.
        approver: Option<Named>,
        /// What is written to it; may be empty.
        note: String,
    },
    /// An officer of the step's office ends a pause.
    Resumes {
        /// Who.
        officer: Option<Named>,
        /// The step or branch.
        step: Named,
    },
    /// An officer has the period of the law prolonged.
    Extends {
        /// Who; none = the office's first officer.
        officer: Option<Named>,
        /// The step or branch; none = the case.
        step: Option<Named>,
        /// Who approves; none = a head of the office.
        approver: Option<Named>,
        /// Why; may be empty.
        reason: String,
    },
    /// An officer of the step's office says why it took longer than promised.
    Explains {
        /// Who; none = the office's first officer.
        officer: Option<Named>,
        /// The step or branch.
        step: Named,
        /// Why.
        reason: String,
    },
    /// An officer of the registering office ends the case.
    Cancels {
        /// Who.
        officer: Option<Named>,
        /// Why; may be empty.
        reason: String,
    },
    /// An officer of the registering office gives up a case whose applicant does not answer.
    GivesUp {
        /// Who.
        officer: Option<Named>,
        /// Why.
        reason: String,
    },
    /// An officer says that the cause of an incident is gone.
    Resolves {
        /// Who.
        officer: Option<Named>,
        /// The step or branch; none = the promise.
        step: Option<Named>,
    },
    /// The applicant says how it was.
    Rates {
        /// Key of the person in the form.
        person: String,
        /// 1 to 5, if the applicant keeps to it.
        grade: u8,
        /// May be empty.
        comment: String,
    },
    /// The applicant signs the commitment that replaces a certificate.
    Signs {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: Named,
    },
    /// The applicant does not want to promise.
    Declines {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: Named,
    },
    /// The applicant takes a commitment back.
    TakesBack {
        /// Key of the person in the form.
        person: String,
        /// The step that asks for the certificate.
        step: Named,
        /// Why; may be empty.
        reason: String,
    },
    /// Something is put on somebody's credit record; the journal of the case does not tell of it.
    Recorded {
        /// Key of the person in the form.
        person: String,
        /// What.
        blot: Blot,
    },
    /// The bureau puts a key into a register of its own, for good.
    Listed {
        /// The register.
        register: Named,
        /// The key.
        key: String,
    },
    /// A public draw is held over cases that wait for it.
    Draws {
        /// What is drawn from.
        pool: Named,
        /// Cases, and whether they are chosen; those that wait and are not named are not.
        cases: Vec<(Option<String>, bool)>,
    },
}

/// What can be put on a credit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blot {
    /// `minor`: a minor penalty (轻微).
    Minor,
    /// `general`: a penalty (一般).
    General,
    /// `serious`: on the list of seriously dishonest subjects (严重).
    Serious,
    /// `false commitment`: what was promised was not so (虚假承诺).
    FalseCommitment,
}

impl Blot {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Minor, Self::General, Self::Serious, Self::FalseCommitment];

    /// As scenarios write it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::General => "general",
            Self::Serious => "serious",
            Self::FalseCommitment => "false commitment",
        }
    }

    /// Its class and what it is about.
    pub fn kind(self) -> (Class, Reason) {
        match self {
            Self::Minor => (Class::Minor, Reason::AdministrativePenalty),
            Self::General => (Class::General, Reason::AdministrativePenalty),
            Self::Serious => (Class::Serious, Reason::SeriousDishonestyList),
            Self::FalseCommitment => (Class::General, Reason::FalseCommitment),
        }
    }
}

impl Scenario {
    /// The acts, in order.
    pub fn acts(&self) -> impl Iterator<Item = &Act> {
        self.blocks.iter().flat_map(|block| match block {
            Block::Steps(acts) => acts.as_slice(),
            Block::Expected(_) => &[],
        })
    }

    /// Name of the package whose folder the file lies in.
    pub fn workflow(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Folder of the file.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}
