//! Why a command changed nothing.

use kaiban_calendar::CalendarError;
use kaiban_findings::Finding;

mod text;

/// Which kind of error a rejection is; each kind has its own canonical gRPC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The command itself is wrong, whatever the state.
    InvalidArgument,
    /// The state does not allow it now.
    FailedPrecondition,
    /// Somebody else has it by now.
    Aborted,
    /// There is no such thing.
    NotFound,
    /// A defect or lost data on our side.
    Internal,
}

/// Why a command changed nothing. Texts name places and rules, never personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The form has errors.
    FormInvalid(Vec<Finding>),
    /// The result has errors.
    ResultInvalid(Vec<Finding>),
    /// The form names a division that has no registrar.
    UnknownDivision,
    /// The package has no such step.
    UnknownStep(String),
    /// The step declares no such outcome.
    UnknownOutcome {
        /// The step.
        step: String,
        /// What it declares.
        known: Vec<String>,
    },
    /// The outcome needs a result, or may not have one.
    ResultMismatch {
        /// Whether one is required.
        required: bool,
    },
    /// A correcting outcome needs findings, each with a pointer that the step shares.
    CorrectionInvalid(Vec<Finding>),
    /// Nobody named for a decision that only a person may take.
    OfficerRequired,
    /// A decision that needs a second officer, without one.
    ApproverRequired,
    /// The officer approves what the same officer decided.
    ApproverNotAnother,
    /// Somebody else than the checkers whom a draw has sent.
    OfficerNotDrawn,
    /// An officer whom the form names as one who stands aside.
    OfficerRecused,
    /// A decision without the reason that it needs: an adverse one, a cancellation, a second correction that asks for
    /// what the first could have asked for.
    ReasonRequired,
    /// Findings on an outcome that asks for no correction.
    FindingsNotExpected,
    /// A correction opens places that a step which has ended decided on.
    PointerInUse {
        /// The steps, each once.
        steps: Vec<String>,
        /// The places.
        findings: Vec<Finding>,
    },
    /// A commitment that nobody but the applicant in person can sign, decline or take back.
    SignatoryRequired,
    /// The step asks for no certificate, or for one that cannot be promised.
    NotPromisable {
        /// The step.
        step: String,
    },
    /// The certificate is not needed in this case.
    CertificateNotNeeded {
        /// The step.
        step: String,
    },
    /// Something else stands for the certificate already.
    CertificateProved {
        /// The step.
        step: String,
    },
    /// The commitment was signed.
    AlreadySigned {
        /// The step.
        step: String,
    },
    /// The applicant has said that he does not want to promise.
    AlreadyDeclined {
        /// The step.
        step: String,
    },
    /// This person has signed no commitment that could be taken back.
    NotSigned {
        /// The step.
        step: String,
    },
    /// Rules exclude this person, or this matter, from promising.
    CommitmentNotAllowed(Vec<Finding>),
    /// A step cannot end on places that another step has asked the applicant to correct.
    PlaceUnderCorrection(Vec<Finding>),
    /// A reservation ran out, and another case holds the key.
    ReservationLapsed {
        /// The step that had reserved it.
        step: String,
    },
    /// The outcome has reopened as often as the package allows.
    LoopExhausted {
        /// The step.
        step: String,
        /// How often.
        at_most: u32,
    },
    /// The epoch is not the task's.
    StaleEpoch {
        /// The step.
        step: String,
    },
    /// The step has no open task.
    NoOpenTask {
        /// The step.
        step: String,
        /// Where it stands.
        state: &'static str,
    },
    /// The task is in other hands.
    NotClaimable {
        /// The step.
        step: String,
    },
    /// The case has ended.
    CaseClosed,
    /// The case has not been accepted yet.
    NotAcceptedYet,
    /// The case has not ended yet.
    NotClosed,
    /// The applicant has rated the case.
    AlreadyRated,
    /// A grade is 1 to 5.
    GradeOutOfRange,
    /// The step cannot be asked for: it was, or everybody gets it.
    NotRequestable {
        /// The step.
        step: String,
        /// Where it stands.
        state: &'static str,
    },
    /// The package does not let the applicant leave the step out.
    NotOptional {
        /// The step.
        step: String,
    },
    /// The step has ended.
    StepOver {
        /// The step.
        step: String,
        /// Where it stands.
        state: &'static str,
    },
    /// There is no task that could be held up.
    NotPausable {
        /// The step.
        step: String,
        /// Where it stands.
        state: &'static str,
    },
    /// The step is not paused.
    NotPaused {
        /// The step.
        step: String,
    },
    /// A pause whose end has to be said, without one.
    UntilRequired,
    /// No correction has been unanswered for so long that the case may be given up.
    NotLapsed,
    /// The package has no such letter.
    UnknownLetter(String),
    /// A letter of that number was issued.
    AlreadyIssued {
        /// Its number.
        number: String,
    },
    /// No letter of that number was issued.
    NoSuchLetter {
        /// Its number.
        number: String,
    },
    /// The applicant was told of the letter.
    AlreadyTold {
        /// Its number.
        number: String,
    },
    /// The step waits for no case.
    NotWaiting {
        /// The step.
        step: String,
    },
    /// The step waits for another case than this one.
    OtherSubCase {
        /// The step.
        step: String,
    },
    /// The matter has been decided: what was granted cannot be taken back by withdrawing.
    AlreadyDecided,
    /// No correction of that id is open.
    NoOpenCorrection,
    /// The new form changes places that were not opened.
    PointerNotOpen(Vec<Finding>),
    /// The new form is the old one.
    NothingChanged,
    /// No reason is owed for the step: it was in time, or the reason was given.
    NoReasonOwed {
        /// The step.
        step: String,
    },
    /// The period that the law sets has ended, was prolonged before, or cannot be prolonged.
    NotExtendable {
        /// The step; empty = the case.
        step: String,
    },
    /// The step is not in incident.
    NotInIncident {
        /// The step.
        step: String,
    },
    /// The deadline is not, or no longer, running.
    NoSuchTimer,
    /// A time that must lie ahead, within a bound.
    TimeOutOfRange {
        /// Longest allowed, seconds.
        max_s: i64,
    },
    /// A text is too long or has characters that it must not have.
    TextInvalid {
        /// Which field.
        field: &'static str,
    },
    /// A document that the case names is not there.
    DocumentMissing,
    /// A calendar or office that the directory should have is not there, or cannot be computed with.
    DirectoryMismatch {
        /// What was looked up.
        what: String,
    },
    /// The case does not go by the version that the mapping is for.
    OtherVersion,
    /// The case cannot go on by the new version as it stands.
    NotMigratable(Vec<Finding>),
    /// A case of that id exists, or does not exist, against what the command supposes.
    WrongPhase,
}

impl Rejection {
    /// Kind of error.
    pub fn class(&self) -> Class {
        match self {
            Self::FormInvalid(_)
            | Self::ResultInvalid(_)
            | Self::UnknownDivision
            | Self::UnknownStep(_)
            | Self::UnknownOutcome { .. }
            | Self::ResultMismatch { .. }
            | Self::CorrectionInvalid(_)
            | Self::OfficerRequired
            | Self::ApproverRequired
            | Self::ApproverNotAnother
            | Self::OfficerNotDrawn
            | Self::OfficerRecused
            | Self::ReasonRequired
            | Self::FindingsNotExpected
            | Self::UntilRequired
            | Self::NotPromisable { .. }
            | Self::GradeOutOfRange
            | Self::UnknownLetter(_)
            | Self::PointerNotOpen(_)
            | Self::NothingChanged
            | Self::TimeOutOfRange { .. }
            | Self::TextInvalid { .. } => Class::InvalidArgument,
            Self::StaleEpoch { .. } => Class::Aborted,
            Self::NoOpenTask { .. }
            | Self::SignatoryRequired
            | Self::CertificateNotNeeded { .. }
            | Self::CertificateProved { .. }
            | Self::AlreadySigned { .. }
            | Self::AlreadyDeclined { .. }
            | Self::NotSigned { .. }
            | Self::CommitmentNotAllowed(_)
            | Self::NotClaimable { .. }
            | Self::CaseClosed
            | Self::PointerInUse { .. }
            | Self::PlaceUnderCorrection(_)
            | Self::LoopExhausted { .. }
            | Self::ReservationLapsed { .. }
            | Self::NotAcceptedYet
            | Self::NotClosed
            | Self::AlreadyRated
            | Self::NotRequestable { .. }
            | Self::NotOptional { .. }
            | Self::StepOver { .. }
            | Self::NotPausable { .. }
            | Self::NotPaused { .. }
            | Self::NotLapsed
            | Self::AlreadyIssued { .. }
            | Self::NoSuchLetter { .. }
            | Self::AlreadyTold { .. }
            | Self::NotWaiting { .. }
            | Self::OtherSubCase { .. }
            | Self::AlreadyDecided
            | Self::NoOpenCorrection
            | Self::NoReasonOwed { .. }
            | Self::NotExtendable { .. }
            | Self::NotInIncident { .. }
            | Self::OtherVersion
            | Self::NotMigratable(_)
            | Self::NoSuchTimer => Class::FailedPrecondition,
            Self::DocumentMissing | Self::DirectoryMismatch { .. } | Self::WrongPhase => Class::Internal,
        }
    }

    /// Stable reason that programmes branch on.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::FormInvalid(_) => "FORM_INVALID",
            Self::ResultInvalid(_) => "RESULT_INVALID",
            Self::UnknownDivision => "UNKNOWN_DIVISION",
            Self::UnknownStep(_) => "UNKNOWN_STEP",
            Self::UnknownOutcome { .. } => "UNKNOWN_OUTCOME",
            Self::ResultMismatch { required: true } => "RESULT_REQUIRED",
            Self::ResultMismatch { required: false } => "RESULT_NOT_EXPECTED",
            Self::CorrectionInvalid(_) => "CORRECTION_INVALID",
            Self::OfficerRequired => "OFFICER_REQUIRED",
            Self::ApproverRequired => "APPROVER_REQUIRED",
            Self::ApproverNotAnother => "APPROVER_NOT_ANOTHER",
            Self::OfficerNotDrawn => "OFFICER_NOT_DRAWN",
            Self::OfficerRecused => "OFFICER_RECUSED",
            Self::ReasonRequired => "REASON_REQUIRED",
            Self::FindingsNotExpected => "FINDINGS_NOT_EXPECTED",
            Self::PointerInUse { .. } => "POINTER_IN_USE",
            Self::PlaceUnderCorrection(_) => "PLACE_UNDER_CORRECTION",
            Self::SignatoryRequired => "SIGNATORY_REQUIRED",
            Self::NotPromisable { .. } => "NOT_PROMISABLE",
            Self::CertificateNotNeeded { .. } => "CERTIFICATE_NOT_NEEDED",
            Self::CertificateProved { .. } => "CERTIFICATE_PROVED",
            Self::AlreadySigned { .. } => "ALREADY_SIGNED",
            Self::AlreadyDeclined { .. } => "ALREADY_DECLINED",
            Self::NotSigned { .. } => "NOT_SIGNED",
            Self::CommitmentNotAllowed(_) => "COMMITMENT_NOT_ALLOWED",
            Self::LoopExhausted { .. } => "LOOP_EXHAUSTED",
            Self::ReservationLapsed { .. } => "RESERVATION_LAPSED",
            Self::StaleEpoch { .. } => "STALE_EPOCH",
            Self::NoOpenTask { .. } => "NO_OPEN_TASK",
            Self::NotClaimable { .. } => "NOT_CLAIMABLE",
            Self::CaseClosed => "CASE_CLOSED",
            Self::NotAcceptedYet => "NOT_ACCEPTED_YET",
            Self::NotClosed => "NOT_CLOSED",
            Self::AlreadyRated => "ALREADY_RATED",
            Self::GradeOutOfRange => "GRADE_OUT_OF_RANGE",
            Self::NotRequestable { .. } => "NOT_REQUESTABLE",
            Self::NotOptional { .. } => "NOT_OPTIONAL",
            Self::StepOver { .. } => "STEP_OVER",
            Self::NotPausable { .. } => "NOT_PAUSABLE",
            Self::NotPaused { .. } => "NOT_PAUSED",
            Self::UntilRequired => "UNTIL_REQUIRED",
            Self::NotLapsed => "NOT_LAPSED",
            Self::UnknownLetter(_) => "UNKNOWN_LETTER",
            Self::AlreadyIssued { .. } => "ALREADY_ISSUED",
            Self::NoSuchLetter { .. } => "NO_SUCH_LETTER",
            Self::AlreadyTold { .. } => "ALREADY_TOLD",
            Self::NotWaiting { .. } => "NOT_WAITING",
            Self::OtherSubCase { .. } => "OTHER_SUB_CASE",
            Self::AlreadyDecided => "ALREADY_DECIDED",
            Self::NoOpenCorrection => "NO_OPEN_CORRECTION",
            Self::PointerNotOpen(_) => "POINTER_NOT_OPEN",
            Self::NothingChanged => "NOTHING_CHANGED",
            Self::NoReasonOwed { .. } => "NO_REASON_OWED",
            Self::NotExtendable { .. } => "NOT_EXTENDABLE",
            Self::NotInIncident { .. } => "NOT_IN_INCIDENT",
            Self::NoSuchTimer => "NO_SUCH_TIMER",
            Self::TimeOutOfRange { .. } => "TIME_OUT_OF_RANGE",
            Self::TextInvalid { .. } => "TEXT_INVALID",
            Self::DocumentMissing => "DOCUMENT_MISSING",
            Self::DirectoryMismatch { .. } => "DIRECTORY_MISMATCH",
            Self::OtherVersion => "OTHER_VERSION",
            Self::NotMigratable(_) => "NOT_MIGRATABLE",
            Self::WrongPhase => "WRONG_PHASE",
        }
    }

    /// The places in the form or the result, where that is what is wrong.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::FormInvalid(f)
            | Self::ResultInvalid(f)
            | Self::CorrectionInvalid(f)
            | Self::PointerInUse { findings: f, .. }
            | Self::PlaceUnderCorrection(f)
            | Self::CommitmentNotAllowed(f)
            | Self::NotMigratable(f)
            | Self::PointerNotOpen(f) => f,
            _ => &[],
        }
    }
}

impl From<CalendarError> for Rejection {
    fn from(error: CalendarError) -> Self {
        Self::DirectoryMismatch { what: error.to_string() }
    }
}
