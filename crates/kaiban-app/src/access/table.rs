//! The table: what can be asked for, by whom, about which rows. Data only; [`super::permit`] reads it.

use crate::principal::Role;

/// Everything that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// Look at a form before it is handed in.
    CheckForm,
    /// Hand in a form.
    SubmitCase,
    /// One case.
    ReadCase,
    /// Lists of cases.
    ListCases,
    /// Cases as they change.
    WatchCases,
    /// A case's journal, without documents.
    ReadJournal,
    /// Heads over the journals of all cases.
    ReadHeads,
    /// Answer a correction.
    ResubmitCase,
    /// Take an application back.
    WithdrawCase,
    /// End a case that cannot go on.
    CancelCase,
    /// End a case whose correction nobody answered.
    CloseUnanswered,
    /// Ask for a step that was left out at first (分时办理).
    RequestStep,
    /// Take a step back that was asked for.
    WithdrawStep,
    /// Begin a pause of a step.
    PauseStep,
    /// End a pause of a step.
    ResumeStep,
    /// Prolong the period that the law sets for a step.
    ExtendStep,
    /// Prolong the period that the law sets for a case.
    ExtendCase,
    /// Say why a step took longer than promised.
    ExplainDelay,
    /// Steps that ended later than promised.
    ListDelays,
    /// Say that the cause of an incident is gone.
    ResolveIncident,
    /// Steps and promises that cannot go on by themselves.
    ListIncidents,
    /// Steps that take too long, and promises that run out or are broken.
    ListLateness,
    /// Letters, messages and deadlines that fail.
    ListFailures,
    /// Take tasks and end them.
    WorkTasks,
    /// One task with what it shares.
    ReadTask,
    /// Hand in a document.
    UploadDocument,
    /// A document.
    ReadDocument,
    /// A letter of a case.
    ReadLetter,
    /// Say how it was.
    RateCase,
    /// Give an applicant, whose identity was checked, a credential.
    IssueCredential,
    /// What stands for the certificates of a case, and who may promise.
    ReadCertificates,
    /// The letter of a commitment, before it is signed.
    PreviewCommitment,
    /// Sign a commitment, decline to, or take it back.
    SignCommitment,
    /// How certificates were proved, promised and checked, in numbers.
    ReadCommitmentFigures,
    /// Put something on a subject's credit record; decide on repair.
    RecordCredit,
    /// Apply for the repair of a credit record.
    ApplyForRepair,
    /// A subject's credit record.
    ReadCredit,
    /// Entries of a register that the bureau keeps.
    KeepRegister,
    /// Read them.
    ListRegister,
    /// Announce a draw, freeze its pool, enter its public value.
    RunDraw,
    /// Give a number to a draw.
    TakePartInDraw,
    /// Draw, once all numbers are there.
    HoldDraw,
    /// Draws and their records.
    ReadDraw,
    /// Tokens and their roles.
    ManageTokens,
    /// The server itself.
    ReadServer,
    /// Put calendars in force.
    PublishCalendar,
    /// Move running cases to another version of their package.
    MigrateCases,
    /// Who saw which personal data.
    ReadAccessRecords,
    /// Workflow packages.
    ReadWorkflow,
}

/// Which rows a role reaches with a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// The verb is about no case.
    Anything,
    /// Cases that the caller's outlet handed in.
    OwnOutlet,
    /// Cases that any outlet of the caller's bank handed in.
    OwnBank,
    /// Cases that reached one of the caller's offices; of a verb about a step, steps of these offices.
    OwnOffice,
    /// Cases that the caller's office registers.
    OwnBureau,
    /// Cases of the caller's divisions, with personal data masked.
    OwnDivision,
    /// The one case of an applicant, with what is said there of other persons masked.
    OwnCase,
    /// Every case; what is shown holds no document.
    All,
}

/// What is shown of a row within reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sight {
    /// All of it.
    Full,
    /// All of it, but of lists only the own entry whole: in those of others personal data is masked.
    Own,
    /// Steps of the caller's offices with what they share.
    Shares,
    /// How far all steps are; results and corrections of the caller's offices only.
    Progress,
    /// All of it with personal data masked.
    Masked,
    /// Nothing that is in a document.
    Facts,
}

impl Reach {
    /// What is shown of it.
    pub fn sight(self) -> Sight {
        match self {
            Self::OwnOutlet | Self::OwnBank => Sight::Full,
            Self::OwnCase => Sight::Own,
            Self::OwnOffice => Sight::Shares,
            Self::OwnBureau => Sight::Progress,
            Self::OwnDivision => Sight::Masked,
            Self::Anything | Self::All => Sight::Facts,
        }
    }
}

/// What a role may do with a verb; of several reaches the first that covers the row counts.
type Cell = (Role, &'static [Reach]);

use Reach::{All, Anything, OwnBank, OwnBureau, OwnCase, OwnDivision, OwnOffice, OwnOutlet};
use Role::{Admin, Agency, Applicant, Auditor, Bank, Manager, Officer, Security, Terminal};

/// Whoever handed a case in.
const SUBMITTERS: &[Cell] = &[(Terminal, &[OwnOutlet]), (Bank, &[OwnBank])];
/// The offices that a step is at.
const OFFICES: &[Cell] = &[(Agency, &[OwnOffice]), (Officer, &[OwnOffice])];
/// An officer of the bureau that registers.
const BUREAU: &[Cell] = &[(Officer, &[OwnBureau])];

/// Who stands by when something is promised: whoever handed the case in, the bureau, and the applicant himself.
const PROMISED: &[Cell] =
    &[(Terminal, &[OwnOutlet]), (Bank, &[OwnBank]), (Officer, &[OwnBureau]), (Applicant, &[OwnCase])];

/// Who may be a party of a draw: whoever is announced as one, and nobody else, is checked with the draw.
const SOURCES: &[Cell] = &[
    (Bank, &[Anything]),
    (Agency, &[Anything]),
    (Officer, &[Anything]),
    (Manager, &[Anything]),
    (Auditor, &[Anything]),
];
/// What is no secret.
const EVERYBODY: &[Cell] = &[
    (Terminal, &[Anything]),
    (Bank, &[Anything]),
    (Agency, &[Anything]),
    (Officer, &[Anything]),
    (Manager, &[Anything]),
    (Applicant, &[Anything]),
    (Auditor, &[Anything]),
    (Security, &[Anything]),
    (Admin, &[Anything]),
];

/// The table. A role without a cell may not do the verb at all.
pub(crate) const TABLE: &[(Verb, &[Cell])] = &[
    (Verb::CheckForm, &[(Terminal, &[Anything]), (Bank, &[Anything])]),
    (Verb::SubmitCase, &[(Terminal, &[Anything]), (Bank, &[Anything])]),
    (
        Verb::ReadCase,
        &[
            (Terminal, &[OwnOutlet]),
            (Bank, &[OwnBank]),
            (Agency, &[OwnOffice]),
            (Officer, &[OwnBureau, OwnOffice]),
            (Manager, &[OwnDivision]),
            (Applicant, &[OwnCase]),
        ],
    ),
    (
        Verb::ListCases,
        &[
            (Terminal, &[OwnOutlet]),
            (Bank, &[OwnBank]),
            (Agency, &[OwnOffice]),
            (Officer, &[OwnOffice]),
            (Manager, &[OwnDivision]),
        ],
    ),
    (
        Verb::WatchCases,
        &[
            (Terminal, &[OwnOutlet]),
            (Bank, &[OwnBank]),
            (Agency, &[OwnOffice]),
            (Officer, &[OwnOffice]),
            (Manager, &[OwnDivision]),
        ],
    ),
    (Verb::ReadJournal, &[(Auditor, &[All])]),
    (Verb::ReadHeads, &[(Auditor, &[All])]),
    (Verb::ResubmitCase, SUBMITTERS),
    (Verb::WithdrawCase, SUBMITTERS),
    (Verb::CancelCase, BUREAU),
    (Verb::CloseUnanswered, BUREAU),
    (Verb::RequestStep, SUBMITTERS),
    (Verb::WithdrawStep, SUBMITTERS),
    (Verb::PauseStep, OFFICES),
    (Verb::ResumeStep, OFFICES),
    (Verb::ExtendStep, OFFICES),
    (Verb::ExtendCase, BUREAU),
    (Verb::ExplainDelay, OFFICES),
    (Verb::ListDelays, &[(Agency, &[OwnOffice]), (Officer, &[OwnOffice]), (Manager, &[OwnDivision])]),
    (Verb::ResolveIncident, &[(Officer, &[OwnBureau, OwnOffice])]),
    // Offices keep work going, managers promises, the administrator the server.
    (Verb::ListIncidents, &[(Officer, &[OwnBureau, OwnOffice])]),
    (Verb::ListLateness, &[(Officer, &[OwnBureau, OwnOffice]), (Manager, &[OwnDivision])]),
    (Verb::ListFailures, &[(Officer, &[OwnBureau, OwnOffice]), (Admin, &[All])]),
    (Verb::WorkTasks, OFFICES),
    (Verb::ReadTask, OFFICES),
    (
        Verb::UploadDocument,
        &[(Terminal, &[OwnOutlet]), (Bank, &[OwnBank]), (Agency, &[OwnOffice]), (Officer, &[OwnOffice])],
    ),
    (
        Verb::ReadDocument,
        &[
            (Terminal, &[OwnOutlet]),
            (Bank, &[OwnBank]),
            (Agency, &[OwnOffice]),
            (Officer, &[OwnOffice]),
            (Applicant, &[OwnCase]),
        ],
    ),
    (
        Verb::ReadLetter,
        &[
            (Terminal, &[OwnOutlet]),
            (Bank, &[OwnBank]),
            (Agency, &[OwnOffice]),
            (Officer, &[OwnBureau, OwnOffice]),
            (Applicant, &[OwnCase]),
        ],
    ),
    (Verb::RateCase, &[(Applicant, &[OwnCase])]),
    (Verb::IssueCredential, OFFICES),
    (Verb::ReadCertificates, PROMISED),
    (Verb::PreviewCommitment, PROMISED),
    (Verb::SignCommitment, &[(Applicant, &[OwnCase])]),
    (Verb::ReadCommitmentFigures, &[(Manager, &[OwnDivision]), (Auditor, &[All])]),
    (Verb::RecordCredit, &[(Officer, &[Anything])]),
    (Verb::ApplyForRepair, &[(Officer, &[Anything]), (Applicant, &[OwnCase])]),
    (Verb::ReadCredit, &[(Officer, &[Anything]), (Applicant, &[OwnCase]), (Auditor, &[All])]),
    (Verb::KeepRegister, &[(Officer, &[Anything]), (Admin, &[Anything])]),
    (Verb::ListRegister, &[(Officer, &[Anything]), (Auditor, &[All]), (Admin, &[Anything])]),
    (Verb::RunDraw, &[(Officer, &[Anything])]),
    (Verb::TakePartInDraw, SOURCES),
    (Verb::HoldDraw, SOURCES),
    (Verb::ReadDraw, EVERYBODY),
    (Verb::ManageTokens, &[(Security, &[Anything])]),
    (Verb::ReadServer, &[(Admin, &[Anything])]),
    (Verb::PublishCalendar, &[(Admin, &[Anything])]),
    (Verb::MigrateCases, &[(Admin, &[All])]),
    (Verb::ReadAccessRecords, &[(Auditor, &[All])]),
    (Verb::ReadWorkflow, EVERYBODY),
];

/// What a role reaches with a verb; none = it may not at all.
pub(crate) fn reaches(verb: Verb, role: Role) -> Option<&'static [Reach]> {
    let (_, cells) = TABLE.iter().find(|(listed, _)| *listed == verb)?;
    cells.iter().find(|(listed, _)| *listed == role).map(|(_, reaches)| *reaches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_in_the_table_once_and_in_the_order_of_the_enum() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0), "a verb stands twice or in the wrong place");
        assert_eq!(TABLE.last().map(|(verb, _)| *verb), Some(Verb::ReadWorkflow), "the last verb of the enum");
        assert_eq!(TABLE.len(), Verb::ReadWorkflow as usize + 1, "a verb is not in the table");
    }

    #[test]
    fn no_cell_is_empty_and_no_role_stands_twice_in_a_line() {
        for (verb, cells) in TABLE {
            assert!(!cells.is_empty() && cells.iter().all(|(_, reaches)| !reaches.is_empty()), "{verb:?}");
            for (at, (role, _)) in cells.iter().enumerate() {
                assert!(cells[at + 1..].iter().all(|(other, _)| other != role), "{verb:?} {role:?}");
            }
        }
    }

    #[test]
    fn who_gives_out_rights_runs_the_server_or_audits_touches_no_case() {
        let about_cases = |reaches: &[Reach]| !matches!(reaches, [Anything] | [All]);
        for (verb, cells) in TABLE {
            for (role, reaches) in cells.iter().filter(|(role, _)| role.is_exclusive()) {
                assert!(!about_cases(reaches), "{verb:?} {role:?}");
            }
        }
    }
}
