//! Every rejection there is, each produced by a command that a client could send, with what the client is told. The
//! golden is the reference of the reasons: a reason never changes its meaning or its class.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::Directory;
use kaiban_engine::{Command, Event, PauseReason, Rejection, TimerKind};
use serde_json::json;

use crate::sim::desk::{APPROVER, OFFICER};
use crate::sim::{Completion, Sim, cancel, world};

/// Name of the variant. The match has no wildcard: a new variant does not compile until it is here, and then it has to
/// be in [`VARIANTS`] and be produced.
fn variant(rejection: &Rejection) -> &'static str {
    match rejection {
        Rejection::FormInvalid(_) => "FormInvalid",
        Rejection::ResultInvalid(_) => "ResultInvalid",
        Rejection::UnknownDivision => "UnknownDivision",
        Rejection::UnknownStep(_) => "UnknownStep",
        Rejection::UnknownOutcome { .. } => "UnknownOutcome",
        Rejection::ResultMismatch { required: true } => "ResultMismatch required",
        Rejection::ResultMismatch { required: false } => "ResultMismatch not expected",
        Rejection::CorrectionInvalid(_) => "CorrectionInvalid",
        Rejection::OfficerRequired => "OfficerRequired",
        Rejection::ReasonRequired => "ReasonRequired",
        Rejection::StaleEpoch { .. } => "StaleEpoch",
        Rejection::NoOpenTask { .. } => "NoOpenTask",
        Rejection::NotClaimable { .. } => "NotClaimable",
        Rejection::CaseClosed => "CaseClosed",
        Rejection::AlreadyDecided => "AlreadyDecided",
        Rejection::NoOpenCorrection => "NoOpenCorrection",
        Rejection::PointerNotOpen(_) => "PointerNotOpen",
        Rejection::NothingChanged => "NothingChanged",
        Rejection::NotInIncident { .. } => "NotInIncident",
        Rejection::NoSuchTimer => "NoSuchTimer",
        Rejection::TimeOutOfRange { .. } => "TimeOutOfRange",
        Rejection::TextInvalid { .. } => "TextInvalid",
        Rejection::DocumentMissing => "DocumentMissing",
        Rejection::DirectoryMismatch { .. } => "DirectoryMismatch",
        Rejection::ApproverRequired => "ApproverRequired",
        Rejection::ApproverNotAnother => "ApproverNotAnother",
        Rejection::OfficerNotDrawn => "OfficerNotDrawn",
        Rejection::OfficerRecused => "OfficerRecused",
        Rejection::FindingsNotExpected => "FindingsNotExpected",
        Rejection::PlaceUnderCorrection(_) => "PlaceUnderCorrection",
        Rejection::PointerInUse { .. } => "PointerInUse",
        Rejection::LoopExhausted { .. } => "LoopExhausted",
        Rejection::ReservationLapsed { .. } => "ReservationLapsed",
        Rejection::NotAcceptedYet => "NotAcceptedYet",
        Rejection::NotClosed => "NotClosed",
        Rejection::AlreadyRated => "AlreadyRated",
        Rejection::GradeOutOfRange => "GradeOutOfRange",
        Rejection::NotRequestable { .. } => "NotRequestable",
        Rejection::NotOptional { .. } => "NotOptional",
        Rejection::StepOver { .. } => "StepOver",
        Rejection::NotPausable { .. } => "NotPausable",
        Rejection::NotPaused { .. } => "NotPaused",
        Rejection::UntilRequired => "UntilRequired",
        Rejection::NotLapsed => "NotLapsed",
        Rejection::UnknownLetter(_) => "UnknownLetter",
        Rejection::AlreadyIssued { .. } => "AlreadyIssued",
        Rejection::NoSuchLetter { .. } => "NoSuchLetter",
        Rejection::AlreadyTold { .. } => "AlreadyTold",
        Rejection::NotWaiting { .. } => "NotWaiting",
        Rejection::OtherSubCase { .. } => "OtherSubCase",
        Rejection::NoReasonOwed { .. } => "NoReasonOwed",
        Rejection::NotExtendable { .. } => "NotExtendable",
        Rejection::SignatoryRequired => "SignatoryRequired",
        Rejection::NotPromisable { .. } => "NotPromisable",
        Rejection::CertificateNotNeeded { .. } => "CertificateNotNeeded",
        Rejection::CertificateProved { .. } => "CertificateProved",
        Rejection::AlreadySigned { .. } => "AlreadySigned",
        Rejection::AlreadyDeclined { .. } => "AlreadyDeclined",
        Rejection::NotSigned { .. } => "NotSigned",
        Rejection::CommitmentNotAllowed(_) => "CommitmentNotAllowed",
        Rejection::OtherVersion => "OtherVersion",
        Rejection::NotMigratable(_) => "NotMigratable",
        Rejection::WrongPhase => "WrongPhase",
    }
}

const VARIANTS: [&str; 63] = [
    "FormInvalid",
    "ResultInvalid",
    "UnknownDivision",
    "UnknownStep",
    "UnknownOutcome",
    "ResultMismatch required",
    "ResultMismatch not expected",
    "CorrectionInvalid",
    "OfficerRequired",
    "ReasonRequired",
    "StaleEpoch",
    "NoOpenTask",
    "NotClaimable",
    "CaseClosed",
    "AlreadyDecided",
    "NoOpenCorrection",
    "PointerNotOpen",
    "NothingChanged",
    "NotInIncident",
    "NoSuchTimer",
    "TimeOutOfRange",
    "TextInvalid",
    "DocumentMissing",
    "DirectoryMismatch",
    "ApproverRequired",
    "ApproverNotAnother",
    "OfficerNotDrawn",
    "OfficerRecused",
    "FindingsNotExpected",
    "PlaceUnderCorrection",
    "PointerInUse",
    "LoopExhausted",
    "ReservationLapsed",
    "NotAcceptedYet",
    "NotClosed",
    "AlreadyRated",
    "GradeOutOfRange",
    "NotRequestable",
    "NotOptional",
    "StepOver",
    "NotPausable",
    "NotPaused",
    "UntilRequired",
    "NotLapsed",
    "UnknownLetter",
    "AlreadyIssued",
    "NoSuchLetter",
    "AlreadyTold",
    "NotWaiting",
    "OtherSubCase",
    "NoReasonOwed",
    "NotExtendable",
    "SignatoryRequired",
    "NotPromisable",
    "CertificateNotNeeded",
    "CertificateProved",
    "AlreadySigned",
    "AlreadyDeclined",
    "NotSigned",
    "CommitmentNotAllowed",
    "OtherVersion",
    "NotMigratable",
    "WrongPhase",
];

/// How each comes about, in words, and what came back.
fn produced() -> Vec<(&'static str, Rejection)> {
    let mut list = Vec::new();
    let mut say = |how, answer: Result<Vec<_>, Rejection>| match answer {
        Err(rejection) => list.push((how, rejection)),
        Ok(events) => panic!("{how}: {events:#?}"),
    };
    let fresh = || Sim::new(world::package("business-start"));
    let open = || Sim::business_start("350100");
    let claim = |step: &str| Command::Claim { step: step.into(), holder: "window-1".into() };
    let approve = || Completion::of("registration", "approve");

    let (mut photographed, stricter, not_its) = crate::migrate::left();
    say("an administrator moves a case to a version that it cannot go on by", photographed.run(stricter));
    say("an administrator moves a case that goes by another version", photographed.run(not_its));
    let form = world::with(world::company("350100"), "/seals/count", json!(0));
    say("a terminal submits a form for no seals", fresh().submits(form));
    say("a terminal submits a form for a division of another city", fresh().submits(world::company("350203")));
    say("an agency claims a step that no package has", open().run(claim("bank")));
    say("an agency claims a step whose turn has not come", open().run(claim("seal")));

    let mut sim = open();
    let result = sim.file(json!({ "uscc": "91350100MA2XN0014X", "issued_on": "2026-03-02" }));
    say(
        "an office gives a licence with a wrong code",
        sim.office("registration").tries(approve().result(result.clone())),
    );
    say("an office approves without the licence", sim.office("registration").tries(approve()));
    let correct = Completion::of("registration", "correct");
    let with_result = correct.clone().findings(&["/name"]).result(result);
    say("an office asks for a correction and sends a licence", sim.office("registration").tries(with_result));
    say(
        "an office decides what the step does not know",
        sim.office("registration").tries(Completion::of("registration", "reject")),
    );
    say("an office asks for a correction of nothing", sim.office("registration").tries(correct));
    let refuse = Completion::of("registration", "refuse");
    let mut refuses = |how, completion| say(how, sim.office("registration").tries(completion));
    refuses("a programme refuses", refuse.clone().nobody().reason("digest"));
    refuses("an officer refuses alone", refuse.clone().reason("digest"));
    refuses("an officer approves what the same officer refuses", refuse.clone().reason("digest").approver(OFFICER));
    refuses("two officers refuse without a reason", refuse.clone().approver(APPROVER));
    refuses("an officer refuses under a name", refuse.clone().officer("林舒").approver(APPROVER).reason("digest"));
    let with_findings = refuse.approver(APPROVER).reason("digest").findings(&["/name"]);
    refuses("two officers refuse with a list of findings", with_findings);
    say("an office answers under another's epoch", sim.run(approve().epoch(7).into()));
    say("an office ends a task that it does not have", sim.run(Completion::of("seal", "approve").into()));
    let (step, until_us) = ("registration".to_owned(), sim.now_us);
    let defer = Command::Defer { step, epoch: 1, until_us, code: "VISIT".into() };
    say("an office puts a task off until now", sim.run(defer));
    say(
        "somebody resolves what is no incident",
        sim.run(Command::Resolve { step: "registration".into(), officer: OFFICER.into() }),
    );
    let timer = Command::FireTimer { step: "registration".into(), kind: TimerKind::Retry };
    say("a timer comes for a task that does not wait", sim.run(timer));

    say(
        "an office approves under a name that ran out and is another's by now",
        crate::constructs::registers::approved_after_the_name_was_lost(),
    );

    sim.office("registration").asks_for(&["/domicile/address"]);
    let same = sim.form();
    say("a terminal answers with the same form", sim.resubmits("registration.1", same.clone()));
    say("a terminal answers a correction that nobody asked for", sim.resubmits("seal.1", same));
    say(
        "a terminal changes what was not asked for",
        sim.corrects("registration.1", "/name", json!("福州榕溪茶叶有限公司")),
    );
    sim.corrects("registration.1", "/domicile/address", json!("福州市鼓楼区东街口 2 号")).unwrap();
    sim.office("registration").approves();
    say("a terminal withdraws after the licence", sim.run(Command::Withdraw { reason: None }));
    sim.run(cancel()).unwrap();
    say("a terminal withdraws a cancelled case", sim.run(Command::Withdraw { reason: None }));

    // Only defects and lost data of our own lead to these.
    say("a command comes for a case that was never handed in", fresh().run(claim("registration")));
    let mut sim = open();
    sim.documents.clear();
    say("the store has lost the form", sim.run(claim("registration")));
    let mut sim = open();
    sim.directory = Arc::new(Directory::default());
    let result = sim.file(world::result_of(&sim.def, "registration").unwrap());
    say("the directory has lost an office", sim.office("registration").tries(approve().result(result)));
    beyond(&mut say);
    crate::constructs::commitments::refused(&mut say);
    say(
        "an officer whom no draw has sent ends the visit",
        crate::constructs::draws::sent().office("visit").tries(crate::constructs::draws::both("FZ-0591", "FZ-0598")),
    );
    say(
        "whoever handled the matter ends the review",
        crate::constructs::draws::reviewed().office("review").tries(Completion::of("review", "done")),
    );
    list
}

/// What only the fuller packages lead to.
fn beyond(say: &mut impl FnMut(&'static str, Result<Vec<Event>, Rejection>)) {
    let start = || Sim::shop(FULL, &[]);
    let pause = |until_us| Command::Pause {
        step: "look".into(),
        reason: PauseReason::SpecialProcedure,
        until_us,
        note: None,
        officer: OFFICER.into(),
        approver: Some(APPROVER.into()),
    };
    let request = |step: &str| Command::Request { step: step.into(), form: None };
    let withdraw = |step: &str| Command::WithdrawStep { step: step.into(), reason: None };
    let give_up = Command::GiveUp { officer: OFFICER.into(), reason: "digest".into() };
    let rate = |grade| Command::Rate { grade, comment: None };
    let letter = |letter: &str| Command::IssueLetter {
        letter: letter.into(),
        number: "榕接字〔2026〕1号".into(),
        step: None,
        correction: None,
        html: "digest".into(),
        text: "digest".into(),
    };
    let tell = |number: &str| Command::Tell { number: number.into(), correction: None };

    let mut waiting = Sim::new(world::shop(FULL));
    waiting.submits(world::with(world::shop_form(&[]), "/count", json!(6))).unwrap();
    say("an applicant asks for seals before acceptance", waiting.run(request("seal")));
    let mut sim = start();
    say("an applicant asks for what everybody gets", sim.run(request("look")));
    say("an applicant leaves out what nobody may leave out", sim.run(withdraw("look")));
    say("an applicant takes back what was not asked for", sim.run(withdraw("seal")));
    say(
        "an officer pauses what nobody does",
        sim.run(match pause(None) {
            Command::Pause { reason, until_us, note, officer, approver, .. } => {
                Command::Pause { step: "seal".into(), reason, until_us, note, officer, approver }
            }
            other => other,
        }),
    );
    say("an officer pauses without saying until when", sim.run(pause(None)));
    say(
        "an officer resumes what is not paused",
        sim.run(Command::Resume { step: "look".into(), officer: OFFICER.into() }),
    );
    say("an officer gives up a case that waits for nobody", sim.run(give_up));
    say("an applicant rates a case that goes on", sim.run(rate(5)));
    let explain = Command::ExplainDelay { step: "look".into(), officer: OFFICER.into(), reason: "digest".into() };
    say("an office explains a delay that is none", sim.run(explain));
    let extend = |step: Option<&str>| Command::Extend {
        step: step.map(str::to_owned),
        officer: OFFICER.into(),
        approver: APPROVER.into(),
        reason: "digest".into(),
    };
    say("a head prolongs what has no period", sim.run(extend(Some("look"))));
    say("a head prolongs a case without a period", sim.run(extend(None)));
    say("a letter comes that the package does not have", sim.run(letter("refusal")));
    say("somebody is told of a letter that was not written", sim.run(tell("1号")));
    sim.run(letter("receipt")).unwrap();
    say("a letter comes twice", sim.run(letter("receipt")));
    sim.run(tell("榕接字〔2026〕1号")).unwrap();
    say("somebody is told twice", sim.run(tell("榕接字〔2026〕1号")));
    let mut waits = start();
    waits.office("look").asks_for(&["/count"]);
    let seal = Completion::of("seal", "done");
    waits.run(request("seal")).unwrap();
    say("an office decides on what another has asked for", waits.office("seal").tries(seal));
    sim.office("look").approves();
    let correct = Completion::of("licence", "correct").findings(&["/name"]);
    say("an office opens what another has decided on", sim.office("licence").tries(correct));
    sim.office("licence").decides("redo");
    sim.office("look").approves();
    say("an office goes back once too often", sim.office("licence").tries(Completion::of("licence", "redo")));
    sim.office("licence").approves();
    let started = |case: &str| Command::SubCaseStarted { step: "check".into(), case: case.into() };
    let none = Command::SubCaseStarted { step: "look".into(), case: "second".into() };
    say("a case comes that no step waits for", sim.run(none));
    sim.run(started("second")).unwrap();
    say("another case comes", sim.run(started("third")));
    sim.run(cancel()).unwrap();
    say("an applicant gives no stars", sim.run(rate(0)));
    sim.run(rate(5)).unwrap();
    say("an applicant rates twice", sim.run(rate(4)));
}

const FULL: &str = r#"intake: { party: market-regulation, when: form.count > 5, deemed_within: 2 working days }
letters:
  receipt: { title: { zh: 收件凭证, en: Receipt }, number: 榕接字, on: receipt }
corrections: { lapse_after: 30 working days }
steps:
  look:
    title: { zh: 审查, en: Look }
    party: tax
    counts: true
    shares: [form.name, form.count]
    outcomes: { done: {}, correct: { asks: applicant } }
  seal:
    title: { zh: 印章, en: Seal }
    party: seal-carver
    requested: form.wanted
    counts: true
    shares: [form.name, form.count]
    outcomes: { done: {} }
  licence:
    title: { zh: 登记, en: Licence }
    party: market-regulation
    needs: [look]
    counts: true
    shares: [form.name]
    outcomes:
      approve: {}
      correct: { asks: applicant }
      redo: { reopens: [look], at_most: 1, title: { zh: 退回, en: Redo } }
  check:
    title: { zh: 核查, en: Check }
    needs: [licence]
    starts: { workflow: commitment-check, form: { /registrar: form.registrar }, waits: true }
"#;

#[test]
fn every_variant_is_produced() {
    let produced: BTreeSet<&str> = produced().iter().map(|(_, rejection)| variant(rejection)).collect();
    assert_eq!(produced, BTreeSet::from(VARIANTS));
}

#[test]
fn reasons_are_distinct_and_stable() {
    let mut reasons = BTreeSet::new();
    let mut table = String::new();
    for (how, rejection) in produced() {
        let text = rejection.text();
        reasons.insert(rejection.reason());
        table.push_str(&format!(
            "{how}\n  {} {:?}\n  {}\n  {}\n",
            rejection.reason(),
            rejection.class(),
            text.zh,
            text.en
        ));
        for finding in rejection.findings() {
            table.push_str(&format!(
                "    {} {}\n    {}\n    {}\n",
                finding.place, finding.code, finding.message.zh, finding.message.en
            ));
        }
        table.push('\n');
    }
    assert_eq!(reasons.len(), VARIANTS.len(), "two variants share a reason");
    insta::with_settings!({ snapshot_path => "goldens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("rejections", table);
    });
}
