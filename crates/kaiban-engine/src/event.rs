//! What happened, in past tense. Released events never change meaning: a new meaning is a new variant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::case::{Parent, Signed, Way};
use crate::pause::PauseReason;
use crate::rows::TimerKind;

/// Who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Actor {
    /// The applicant, through a terminal.
    Terminal {
        /// The bank.
        organisation: String,
        /// The outlet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet: Option<String>,
    },
    /// An agency's programme.
    Agency {
        /// Token that it used.
        holder: String,
    },
    /// A person of an agency or of the bureau.
    Officer {
        /// Staff number.
        officer: String,
    },
    /// The applicant in person, by a credential of the real-name step.
    Applicant {
        /// Key of the person in the form.
        person: String,
    },
    /// A person of the bureau with administrative rights.
    Admin {
        /// Token that was used.
        holder: String,
    },
    /// A timer or a rule.
    System,
}

/// Why a step was taken back for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Another of several was first.
    Others,
    /// Its element is no longer in the list.
    ElementRemoved,
    /// The applicant no longer wants it.
    Applicant,
    /// What it rests on was taken back (撤销).
    Revoked,
    /// The version of the package that the case goes on by does not have it.
    Migrated,
}

/// Working time used, as it was reported; kept when calendars change later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// Working time, µs.
    pub working_us: i64,
    /// Version of the calendar that it was measured on.
    pub calendar: String,
    /// When the promise was broken, if it was; journals of before do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at_us: Option<i64>,
}

/// What a promise clock read before and after a calendar was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reread {
    /// The step or branch; none = the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Its calendar.
    pub calendar: String,
    /// Working time used, µs: before, after.
    pub elapsed_us: (i64, i64),
    /// When the budget is used up: before, after.
    pub due_us: (Option<i64>, Option<i64>),
}

/// A date that a calendar had fixed, before and after another was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The step or branch.
    pub step: String,
    /// Which date.
    pub kind: TimerKind,
    /// Index into the package's list of reminders and escalations, where it is one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// Before.
    pub from_us: i64,
    /// After.
    pub to_us: i64,
}

/// What a step's package does when it takes long, by another list than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The step or branch, by its new name.
    pub step: String,
    /// Which of the list were given in this round.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<u32>,
    /// Which are to come: index into the list, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overdue: Vec<(u32, i64)>,
}

/// One thing that happened to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An application arrived (code 1 已接件).
    Received {
        /// Case number.
        case: String,
        /// Package.
        workflow: String,
        /// Package version by digest.
        digest: String,
        /// Registering division.
        division: String,
        /// Its calendar.
        calendar: String,
        /// Who handed it in.
        organisation: String,
        /// Outlet.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outlet: Option<String>,
        /// Digest of the form.
        form: String,
        /// Digest of the doubts, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubts: Option<String>,
        /// How many doubts.
        #[serde(default)]
        doubt_count: u32,
        /// The step of another case that started this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Parent>,
    },
    /// The application was accepted (code 3 已受理).
    Accepted {
        /// Instant from which it counts as accepted; the receipt when nobody answered in time (行政许可法 §32).
        from_us: i64,
        /// Working time promised, on the registering division's calendar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget_us: Option<i64>,
    },
    /// The conditional needs of a step were evaluated, once.
    NeedsResolved {
        /// The step.
        step: String,
        /// The needs whose guard was false.
        waived: Vec<String>,
    },
    /// The promise could not be decided; the case was accepted without one, and a person has to look at it.
    PromiseUndecided,
    /// A person has looked at the promise that could not be decided.
    PromiseLookedAt {
        /// Who.
        officer: String,
    },
    /// A step is divided into branches, one for each key; given again whenever a resubmission changes the list.
    StepBranched {
        /// The step.
        step: String,
        /// The keys, in the order of the list.
        keys: Vec<String>,
    },
    /// All branches of a step have ended.
    StepJoined {
        /// The step.
        step: String,
    },
    /// The applicant has not asked for the step.
    StepNotRequested {
        /// The step.
        step: String,
    },
    /// The applicant asked for the step later (分时办理).
    StepRequested {
        /// The step.
        step: String,
        /// Digest of the new form, if it brought one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        form: Option<String>,
        /// Pointers that differ from the form before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
    },
    /// A step was taken back for good.
    StepWithdrawn {
        /// The step or branch.
        step: String,
        /// Why.
        because: Because,
        /// Digest of the applicant's reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease that ended with it; 0 where there was none.
        #[serde(default)]
        epoch: i64,
        /// Working time used by the step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Used>,
    },
    /// An outcome takes earlier steps back; [`Event::StepReopened`] follows for each, where the outcome asks for a
    /// correction once it is answered.
    LoopTaken {
        /// The step that decided so.
        step: String,
        /// Outcome as the package names it.
        outcome: String,
        /// Digest of what the office wrote to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease that ended with it.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// Who approved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
    },
    /// A step was taken back to be done again; its finished result is superseded.
    StepReopened {
        /// The step or branch.
        step: String,
        /// The step whose outcome did it.
        by: String,
        /// Epoch of the lease that ended with it; 0 where there was none.
        #[serde(default)]
        epoch: i64,
    },
    /// A task was taken back because the form is another in places that its step decides on; the step is offered again
    /// with the new form. Its guards are not asked again.
    TaskTakenBack {
        /// The step or branch.
        step: String,
        /// The step whose correction was answered, or that was asked for.
        by: String,
    },
    /// A superseded result has to be undone.
    UndoOpened {
        /// The branch of the undo step: `undo-step[step-round]`.
        step: String,
        /// The step or branch whose result it was.
        of: String,
        /// Its round.
        round: u32,
        /// Digest of the result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
    },
    /// The system began to wait.
    WaitStarted {
        /// The step.
        step: String,
        /// Calendar it is measured on.
        calendar: String,
        /// Whether it counts towards the case's promise.
        counted: bool,
        /// Until when; none while it waits for a case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until_us: Option<i64>,
        /// Package of the case that is to be started.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        starts: Option<String>,
    },
    /// The case that a step was to start is there.
    SubCaseStarted {
        /// The step.
        step: String,
        /// Its number.
        case: String,
    },
    /// A key of a register is held for this case.
    Reserved {
        /// The step.
        step: String,
        /// The register.
        register: String,
        /// Until when.
        until_us: i64,
    },
    /// A key of a register is held for another case.
    ReservationLost {
        /// The step.
        step: String,
        /// The register.
        register: String,
    },
    /// A started case has ended; the step that started it did not wait for that.
    SubCaseEnded {
        /// The step.
        step: String,
        /// Its number.
        case: String,
        /// How.
        outcome: String,
    },
    /// The outcome of a step was taken back (撤销), because of what a started case found. A case that was open ends as
    /// `revoked` once everything is undone; what a closed one reported stays.
    OutcomeRevoked {
        /// The step whose outcome it was.
        step: String,
        /// The step that had started the other case.
        by: String,
        /// Number of that case.
        case: String,
    },
    /// The offices that had a part in what was taken back are told.
    RevocationAnnounced {
        /// Their ids.
        offices: Vec<String>,
    },
    /// A step waits for a public draw.
    DrawAwaited {
        /// The step.
        step: String,
        /// Calendar that its time is measured on.
        calendar: String,
        /// Whether it counts towards the case's promise.
        counted: bool,
        /// What is drawn from.
        pool: String,
        /// Class of risk: one capital letter.
        stratum: String,
    },
    /// A public draw was held that decided over a step.
    Drawn {
        /// The step.
        step: String,
        /// Number of the draw.
        draw: String,
        /// Whether it was chosen; otherwise it is exempt, and this is the record of it.
        drawn: bool,
    },
    /// Something stands for the certificate that a step asks for.
    CertificateProved {
        /// The step.
        step: String,
        /// What.
        way: Way,
    },
    /// An applicant signed the commitment that replaces a certificate (告知承诺). An open correction of the step that asks
    /// for the certificate needs no answer any more.
    CommitmentSigned {
        /// The step that asks for the certificate.
        step: String,
        /// Who: the person's key in the form.
        person: String,
        /// What was signed.
        signed: Signed,
    },
    /// An applicant does not want to promise; the certificate is handed in.
    CommitmentDeclined {
        /// The step that asks for the certificate.
        step: String,
        /// Who.
        person: String,
    },
    /// An applicant took the commitment back before the matter was decided (承诺退出).
    CommitmentWithdrawn {
        /// The step that asks for the certificate.
        step: String,
        /// Who.
        person: String,
        /// Digest of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A step was paused (code 9 where the pause table says so).
    StepPaused {
        /// The step.
        step: String,
        /// Why.
        reason: PauseReason,
        /// Until when it is said to last.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until_us: Option<i64>,
        /// Digest of what was written to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Epoch of the lease that ended with it; 0 where there was none.
        #[serde(default)]
        epoch: i64,
        /// Who paused it.
        officer: String,
        /// Who approved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
    },
    /// A pause ended (code 10).
    StepResumed {
        /// The step.
        step: String,
        /// Who ended it.
        officer: String,
    },
    /// A step has taken as long as its package lists.
    OverdueReached {
        /// The step.
        step: String,
        /// Index into the package's list.
        index: u32,
        /// Party that is told; none = the step's own office.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        party: Option<String>,
    },
    /// The applicant was reminded of a correction.
    Reminded {
        /// The correction.
        correction: String,
        /// When the next reminder is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_at_us: Option<i64>,
    },
    /// A letter was written and filed.
    LetterIssued {
        /// Name in the package.
        letter: String,
        /// Its number.
        number: String,
        /// The step that it comes from, if one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// Digest of the HTML.
        html: String,
        /// Digest of the text.
        text: String,
    },
    /// The applicant was told.
    ApplicantTold {
        /// Number of the letter.
        number: String,
        /// The correction that the letter tells of, if one; its pause begins now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        correction: Option<String>,
        /// When the first reminder of that correction is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remind_at_us: Option<i64>,
    },
    /// An officer gave up a case whose applicant did not answer.
    GivenUp {
        /// The correction that was not answered.
        correction: String,
        /// Who decided.
        officer: String,
        /// Digest of the reason.
        reason: String,
    },
    /// The applicant rated the service (好差评).
    Rated {
        /// 1 to 5.
        grade: u8,
        /// Digest of the comment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// A step's guard was false: it is not needed in this case.
    StepSkipped {
        /// The step.
        step: String,
    },
    /// A step was offered to its office.
    StepOffered {
        /// The step.
        step: String,
        /// The office.
        office: String,
        /// The office's calendar.
        calendar: String,
        /// Whether it counts towards the case's promise.
        counted: bool,
        /// Working time promised for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        budget_us: Option<i64>,
        /// When the step ends by itself, in the applicant's favour.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline_us: Option<i64>,
        /// Number of the offer, from 1.
        offer: u32,
        /// Reminders and escalations to come: index into the package's list, and when.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        overdue: Vec<(u32, i64)>,
    },
    /// The task was put into somebody's hands for the first time in this offer (code 8 部门开始办理).
    TaskHandedOver {
        /// The step.
        step: String,
        /// Who got it.
        holder: String,
        /// What was shared.
        fields: Vec<String>,
    },
    /// The office put the task off.
    TaskDeferred {
        /// The step.
        step: String,
        /// Business time until which.
        until_us: i64,
        /// The office's word for why.
        code: String,
    },
    /// An attempt failed for technical reasons.
    AttemptFailed {
        /// The step.
        step: String,
        /// The office's word for why.
        code: String,
        /// Failed attempts of this offer, this one included.
        attempts: u32,
        /// Operating time at which it is offered again.
        again_at_us: i64,
    },
    /// A deferral or a back-off ended: the task may be taken again.
    TaskReady {
        /// The step.
        step: String,
    },
    /// A step needs a person: its retries are used up, or a guard could not be evaluated.
    IncidentOpened {
        /// The step.
        step: String,
        /// `RETRIES_EXHAUSTED` or `GUARD_FAILED`.
        code: String,
        /// Whether the step counts towards the case's promise.
        counted: bool,
        /// Epoch of the lease that ended with it; 0 where there was none.
        #[serde(default)]
        epoch: i64,
    },
    /// A person dealt with an incident; the step is tried afresh.
    IncidentResolved {
        /// The step.
        step: String,
    },
    /// The office asked the applicant for everything that is missing (code 6 补正开始).
    CorrectionAsked {
        /// The step.
        step: String,
        /// `<step>.<n>`.
        correction: String,
        /// The outcome that asks; none where the system asked, and in journals of before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<String>,
        /// Digest of the findings.
        findings: String,
        /// What may be edited.
        pointers: Vec<String>,
        /// Digest of what the office wrote to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease that ended with it; 0 where the system asked.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// The applicant has still to be told; until then the clock runs on.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        untold: bool,
        /// It asks for what an earlier correction of the step could have asked for.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        breach: bool,
        /// Steps that the answer takes back.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reopens: Vec<String>,
        /// When the first reminder is due.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remind_at_us: Option<i64>,
    },
    /// The applicant answered a correction with a new form (code 7 补正结束).
    Resubmitted {
        /// The correction.
        correction: String,
        /// Digest of the new form.
        form: String,
        /// Pointers that differ from the form before.
        changed: Vec<String>,
        /// Digest of the doubts about the new form, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        doubts: Option<String>,
        /// How many doubts.
        #[serde(default)]
        doubt_count: u32,
    },
    /// A step was done.
    StepCompleted {
        /// The step.
        step: String,
        /// Outcome as the package names it.
        outcome: String,
        /// Digest of the result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        /// Digest of what the office wrote to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// Index of the rule that decided, where one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<u32>,
        /// Working time used by the step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Used>,
    },
    /// A step's branch ended without its result, or its outcome closed the case.
    StepEnded {
        /// The step.
        step: String,
        /// Outcome as the package names it.
        outcome: String,
        /// Digest of the reason that the applicant reads.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Epoch of the lease.
        epoch: i64,
        /// Who decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        /// Who approved; an adverse outcome has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
        /// Working time used by the step.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        used: Option<Used>,
    },
    /// A promise clock has used so much of its budget. Each mark is given at most once; those that passed together are
    /// given as one, the highest.
    MarkReached {
        /// The step or branch; none = the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// Percent of the budget: one of [`crate::MARKS`].
        percent: u8,
        /// Working time used.
        used: Used,
    },
    /// A step ended later than promised: its office owes the public a reason (优化营商环境条例 §36).
    ReasonOwed {
        /// The step or branch.
        step: String,
        /// When the office is reminded of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remind_at_us: Option<i64>,
    },
    /// The office was reminded of the reason that it owes.
    ReasonReminded {
        /// The step or branch.
        step: String,
        /// When it is reminded again; none = no more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next_at_us: Option<i64>,
    },
    /// The office said why a step took longer than promised.
    DelayExplained {
        /// The step or branch.
        step: String,
        /// Who.
        officer: String,
        /// Digest of the reason.
        reason: String,
    },
    /// The period that the law sets for a step was prolonged, once.
    StatutoryExtended {
        /// The step or branch; none = the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<String>,
        /// Who asked for it.
        officer: String,
        /// The head who approved.
        approver: String,
        /// Digest of the reason.
        reason: String,
    },
    /// A calendar was published: the clocks of the case now read otherwise than they did.
    ClocksRecomputed {
        /// Number of the publication.
        publication: i64,
        /// What was published: the notice or decision.
        source: String,
        /// Calendars by name, each with its version before and after.
        calendars: BTreeMap<String, (String, String)>,
        /// What running clocks read before and after.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        clocks: Vec<Reread>,
        /// Dates that were moved.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<Moved>,
    },
    /// From now on the case goes by another version of its package. Entries before are of the old version, with its names.
    Migrated {
        /// Digest of the old version, and what people call it.
        from: (String, String),
        /// The same of the new one.
        to: (String, String),
        /// Steps that have another name: old, new.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        renamed: BTreeMap<String, String>,
        /// Steps that are no more, by their old names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<String>,
        /// Outcomes that have another name, by the old name of their step: old, new.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        outcomes: BTreeMap<String, BTreeMap<String, String>>,
        /// New steps that count as satisfied, because the case has come past them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        satisfied: Vec<String>,
        /// Steps and branches whose task is taken back to be offered anew, by their old names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        offered_anew: Vec<String>,
        /// Reminders and escalations by the new version's lists, where those differ.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        listed: Vec<Listed>,
        /// Dates that the new version sets otherwise, steps by their new names.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        moved: Vec<Moved>,
    },
    /// The last counted step ended: the promise clock stopped for good.
    PromiseStopped {
        /// Working time used by the case.
        used: Used,
    },
    /// The applicant took the application back (code 2 已撤件).
    Withdrawn {
        /// Digest of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// An officer ended a case that could not go on.
    Cancelled {
        /// Who decided.
        officer: String,
        /// Digest of the reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The case ended; whatever was still under way was taken back.
    Closed {
        /// How.
        outcome: String,
        /// The step whose outcome closed the case, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// Steps whose branch ended without a result.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        without: Vec<String>,
        /// Working time used by the steps that were taken back.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        taken_back: BTreeMap<String, Used>,
        /// Steps whose reserved keys are free again; any other holds its key for good.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        released: Vec<String>,
    },
}

impl Event {
    /// Digest of the reason or other document that only this event names.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::StepCompleted { reason, .. }
            | Self::StepEnded { reason, .. }
            | Self::CorrectionAsked { reason, .. }
            | Self::StepWithdrawn { reason, .. }
            | Self::LoopTaken { reason, .. }
            | Self::StepPaused { note: reason, .. }
            | Self::Rated { comment: reason, .. }
            | Self::CommitmentWithdrawn { reason, .. }
            | Self::Withdrawn { reason }
            | Self::Cancelled { reason, .. } => reason.as_deref(),
            Self::GivenUp { reason, .. }
            | Self::DelayExplained { reason, .. }
            | Self::StatutoryExtended { reason, .. } => Some(reason),
            _ => None,
        }
    }
}
