//! Every rejection there is, each produced by a command that a client could send, with what the client is told. The
//! golden is the reference of the reasons: a reason never changes its meaning or its class.

use std::collections::BTreeSet;
use std::sync::Arc;

use kaiban_definition::Directory;
use kaiban_engine::{Command, Rejection, TimerKind};
use serde_json::json;

use crate::sim::desk::OFFICER;
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
        Rejection::FindingsNotExpected => "FindingsNotExpected",
        Rejection::PointerInUse(_) => "PointerInUse",
        Rejection::LoopExhausted { .. } => "LoopExhausted",
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
        Rejection::WrongPhase => "WrongPhase",
    }
}

const VARIANTS: [&str; 47] = [
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
    "FindingsNotExpected",
    "PointerInUse",
    "LoopExhausted",
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
    say("a programme refuses", sim.office("registration").tries(refuse.clone().reason("digest")));
    say("an officer refuses without a reason", sim.office("registration").tries(refuse.clone().officer(OFFICER)));
    say("an officer refuses under a name", sim.office("registration").tries(refuse.officer("林舒").reason("digest")));
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
    let mut sim = Sim::new(world::small(
        "promise: [{ from: 2020-01-01, when: form.count * 9000000000000000000 > 2, within: 1 working day }, { from: 2020-01-01, within: 2 working days }]
steps:
  a: { title: { zh: 甲, en: A }, party: tax, counts: true, shares: [form.name], outcomes: { done: {} } }
",
    ));
    let form = world::with(world::small_form("350100"), "/count", json!(2));
    say("the guard of a promise overflows", sim.submits(form));
    list
}

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
