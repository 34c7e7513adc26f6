//! The letters: those that are named exist, each has a number word of its own, and what they print is there.

use std::collections::BTreeSet;

use kaiban_documents::{Field, LetterSet, Read};
use kaiban_findings::{Finding, Place};

use super::draft::{Draft, DraftStep, DraftWork};
use super::graph::Graph;
use super::reader::{Log, Spot};
use super::schemas::{Found, Schemas, by_key};
use crate::files::Files;
use crate::schema::{Kind, Part};
use crate::tree::At;

/// The letters that could be compiled.
pub(super) fn load(
    package: &str,
    draft: &Draft,
    files: &Files,
    schemas: &Schemas,
    graph: &Graph,
    log: &mut Log<'_>,
) -> LetterSet {
    let (set, findings) = LetterSet::load(files.iter());
    let is_told = |name: &str| {
        let halves = [format!("letters/{name}.html.hbs"), format!("letters/{name}.txt.hbs")];
        halves.iter().any(|path| files.get(path).is_some())
    };
    log.findings.extend(findings.into_iter().map(|finding| match finding.place {
        Place::File { path, line, column } => {
            Finding { place: Place::File { path: format!("{package}/{path}"), line, column }, ..finding }
        }
        _ => Finding { place: At::START.place(&log.path), ..finding },
    }));
    for letter in &draft.letters {
        let name = &letter.name.value;
        if !is_told(name) {
            let zh = format!("没有文件 letters/{name}.html.hbs 和 letters/{name}.txt.hbs。");
            let en = format!("There is neither `letters/{name}.html.hbs` nor `letters/{name}.txt.hbs`.");
            log.error(letter.name.at, "FILE_MISSING", zh, en);
            log.help(
                "每种文书有 .html.hbs 和 .txt.hbs 两个文件。",
                "A letter has two files, `.html.hbs` and `.txt.hbs`.",
            );
        }
        if let Some(compiled) = set.get(name) {
            let users: Vec<&DraftStep> = draft.steps.iter().filter(|step| sends(step, name)).collect();
            // The period of the case may be prolonged whatever has been done by then.
            let of_case = draft.statutory.iter().filter_map(|period| period.letter.as_ref());
            let early = letter.on.is_some()
                || intake_sends(draft, name)
                || of_case.into_iter().any(|named| named.value == *name)
                || is_promised(draft, name);
            let mut told = BTreeSet::new();
            let promised = is_promised(draft, name);
            for field in compiled.fields() {
                let finding = of_promise(field, promised)
                    .or_else(|| Fields { draft, schemas, graph, users: &users, early }.check(field));
                if let Some((code, zh, en)) = finding
                    && told.insert((field.file.clone(), field.line, field.column))
                {
                    let at = At { line: field.line, column: field.column };
                    log.findings.push(Finding::error(code, at.place(&format!("{package}/{}", field.file)), zh, en));
                }
            }
        }
    }
    for letter in set.iter().filter(|letter| !draft.letters.iter().any(|known| known.name.value == letter.name())) {
        log.findings.push(Finding::doubt(
            "UNUSED_FILE",
            At::START.place(&format!("{package}/letters/{}.html.hbs", letter.name())),
            "letters 中没有列出这种文书。",
            "`letters` does not list this letter.",
        ));
    }
    set
}

fn sends(step: &DraftStep, letter: &str) -> bool {
    let extension = step.statutory.iter().filter_map(|statutory| statutory.letter.as_ref());
    let outcomes = step.outcomes.iter().filter_map(|outcome| outcome.letter.as_ref());
    let mut named = outcomes.chain(of_system(step)).chain(extension);
    named.any(|named| named.value == letter)
}

/// Whoever promises may do so before anything has a result.
fn is_promised(draft: &Draft, letter: &str) -> bool {
    let certificates = draft.steps.iter().filter_map(|step| step.certificate());
    let mut promised = certificates.filter_map(|certificate| certificate.commitment.as_ref()?.letter.as_ref());
    promised.any(|named| named.value == letter)
}

/// Who promises what stands in no other letter; and what is signed is the text as it stands, which has no day yet.
fn of_promise(field: &Field, promised: bool) -> Option<Problem> {
    let shown = field.dotted();
    let names: Vec<&str> = field.path.iter().map(String::as_str).collect();
    match (names.as_slice(), promised) {
        (["certificate" | "signatory", ..], false) if field.read != Read::Condition && !field.is_ensured(1) => Some((
            "LETTER_FIELD",
            format!("{shown} 只能用在 commitment 的告知承诺书中。"),
            format!("`{shown}` is for the letter of a commitment."),
        )),
        (["letter", "issued_at_us"], true) => Some((
            "LETTER_FIELD",
            "告知承诺书签署前没有日期，签署日期由系统附在签署栏中；请不要使用 letter.issued_at_us。".to_owned(),
            "A commitment has no date before it is signed: the system adds it with the signature.".to_owned(),
        )),
        (["signatory", "phone" | "address"], true) if field.read != Read::Condition && !field.is_ensured(2) => Some((
            "LETTER_FIELD_ABSENT",
            format!("{shown} 不一定有值，请先用 {{{{#if {shown}}}}} 判断。"),
            format!("`{shown}` may be missing; ask with {{{{#if {shown}}}}} first."),
        )),
        _ => None,
    }
}

/// Letters of what the system does: a key that is taken, a certificate that is missing, a promise instead of it, an
/// outcome that is taken back.
fn of_system(step: &DraftStep) -> impl Iterator<Item = &Spot<String>> {
    let asks = match &step.work {
        Some(DraftWork::Reserve { letter, .. }) => letter.as_ref(),
        Some(DraftWork::Prove(certificate)) => certificate.letter.as_ref(),
        _ => None,
    };
    let promises = step.certificate().and_then(|certificate| certificate.commitment.as_ref()?.letter.as_ref());
    let revokes = match &step.work {
        Some(DraftWork::Start { revokes: Some(revokes), .. }) => revokes.letter.as_ref(),
        _ => None,
    };
    asks.into_iter().chain(promises).chain(revokes)
}

fn intake_sends(draft: &Draft, letter: &str) -> bool {
    let mut named = draft.intake.iter().flat_map(|intake| intake.letter.iter().chain(&intake.correction));
    named.any(|named| named.value == letter)
}

/// The fields of one letter against the form and the results of the steps before its own.
struct Fields<'f> {
    draft: &'f Draft,
    schemas: &'f Schemas,
    graph: &'f Graph,
    /// The steps that send the letter.
    users: &'f [&'f DraftStep],
    /// It is also sent before any step has begun: on receipt, on acceptance, by the intake.
    early: bool,
}

type Problem = (&'static str, String, String);

impl Fields<'_> {
    /// Whether what the letter's steps wait for is known well enough; whoever mistyped a need knows already.
    fn can_tell(&self, step: &str) -> bool {
        self.users.iter().all(|user| self.graph.can_tell(&user.name.value, step))
    }

    /// Fields that are neither of the form nor of results were checked when the letter was compiled.
    fn check(&self, field: &Field) -> Option<Problem> {
        let shown = field.dotted();
        match field.path.first().map(String::as_str) {
            Some("form") => {
                let form = self.schemas.form.as_ref()?;
                self.place(field, 1, |path| match form.look(path) {
                    Some(field) => Found::Field(field),
                    None => Found::Impossible,
                })
            }
            Some("results") => {
                let Some(step) = field.path.get(1) else {
                    return Some((
                        "LETTER_FIELD",
                        format!("{shown} 不能整体打印。"),
                        format!("`{shown}` cannot be printed."),
                    ));
                };
                if self.draft.step(step).is_none() {
                    let (zh, en) = (format!("没有名为 {step} 的环节。"), format!("There is no step `{step}`."));
                    return Some(("UNKNOWN_STEP", zh, en));
                }
                let before =
                    |user: &&DraftStep| user.name.value == *step || self.graph.comes_before(step, &user.name.value);
                if self.early || !self.users.iter().all(before) && self.can_tell(step) {
                    let zh = format!("发出这种文书时，{step} 不一定有结果。");
                    let en = format!("When this letter is sent, `{step}` may have no result.");
                    return Some(("RESULT_NOT_AWAITED", zh, en));
                }
                let unsure = self.graph.may_lack_result(step)
                    || self
                        .users
                        .iter()
                        .any(|user| user.name.value != *step && !self.graph.awaits(&user.name.value, step));
                if unsure && field.read != Read::Condition && !field.is_ensured(2) {
                    let zh = format!("{step} 可能没有结果，请先用 {{{{#if results.{step}}}}} 判断。");
                    let en = format!("`{step}` may have no result; ask with {{{{#if results.{step}}}}} first.");
                    return Some(("RESULT_MAY_BE_ABSENT", zh, en));
                }
                let many = by_key(self.draft, step, None);
                self.place(field, 2, |path| self.schemas.result(step, path, many))
            }
            _ => None,
        }
    }

    /// The parts of the path behind `skip`: each can be, is of the type that it is read as, and is surely there or asked
    /// for before it is printed.
    fn place(&self, field: &Field, skip: usize, look: impl Fn(&[Part]) -> Found) -> Option<Problem> {
        let shown = field.dotted();
        let mut path = Vec::new();
        let mut last = look(&path);
        for (length, name) in (skip + 1..).zip(&field.path[skip..]) {
            path.push(Part::Name(name.clone()));
            last = look(&path);
            let Found::Field(found) = &last else { break };
            if field.read != Read::Condition && !found.required && !field.is_ensured(length) {
                let part = field.path[..length].join(".");
                let zh = format!("{part} 不是必填项，缺少时文书无法生成；请先用 {{{{#if {part}}}}} 判断。");
                let en =
                    format!("`{part}` is optional and the letter fails without it; ask with {{{{#if {part}}}}} first.");
                return Some(("LETTER_FIELD_ABSENT", zh, en));
            }
            if field.lists.contains(&length) {
                path.push(Part::Item);
                last = look(&path);
            }
        }
        let kinds = match last {
            Found::Nothing => return None,
            Found::Impossible => {
                return Some(("UNKNOWN_FIELD", format!("没有字段 {shown}。"), format!("There is no field `{shown}`.")));
            }
            Found::Field(found) => found.kinds,
        };
        let fits = match field.read {
            Read::Condition => true,
            Read::List => kinds.contains(&Kind::List),
            Read::Object => kinds.contains(&Kind::Object),
            Read::Value => kinds.iter().any(|kind| !matches!(kind, Kind::List | Kind::Object)),
        };
        let (zh, en) = match field.read {
            Read::List => (format!("{shown} 不是列表。"), format!("`{shown}` is no list.")),
            Read::Object => (format!("{shown} 不是一组字段。"), format!("`{shown}` is no group of fields.")),
            _ => (format!("{shown} 不是单个值，不能打印。"), format!("`{shown}` is not a single value to print.")),
        };
        (!fits && !kinds.is_empty()).then_some(("LETTER_FIELD", zh, en))
    }
}

pub(super) fn check(draft: &Draft, log: &mut Log<'_>) {
    let outcomes = draft.steps.iter().flat_map(|step| &step.outcomes).filter_map(|outcome| outcome.letter.as_ref());
    let intake = draft.intake.iter().flat_map(|intake| intake.letter.iter().chain(&intake.correction));
    let of_system = draft.steps.iter().flat_map(of_system);
    let periods = draft.steps.iter().filter_map(|step| step.statutory.as_ref()).chain(&draft.statutory);
    let extensions = periods.filter_map(|statutory| statutory.letter.as_ref());
    let used: Vec<&Spot<String>> = outcomes.chain(intake).chain(of_system).chain(extensions).collect();
    for letter in &used {
        if !draft.letters.iter().any(|known| known.name.value == letter.value) {
            let name = &letter.value;
            log.error(
                letter.at,
                "UNKNOWN_LETTER",
                format!("没有名为 {name} 的文书。"),
                format!("There is no letter `{name}`."),
            );
            let known: Vec<&str> = draft.letters.iter().map(|letter| letter.name.value.as_str()).collect();
            let known = known.join(", ");
            log.help(format!("本流程的文书：{known}。"), format!("The letters are: {known}."));
        }
    }
    for (index, letter) in draft.letters.iter().enumerate() {
        let earlier = &draft.letters[..index];
        let same = |a: &Option<Spot<String>>, b: &Option<Spot<String>>| match (a, b) {
            (Some(a), Some(b)) => a.value == b.value,
            _ => false,
        };
        if let Some(number) = letter.number.as_ref().filter(|_| earlier.iter().any(|e| same(&e.number, &letter.number)))
        {
            log.error(
                number.at,
                "LETTER_NUMBER_TWICE",
                format!("字号“{}”已用于另一种文书。", number.value),
                format!("Another letter has the number word `{}` already.", number.value),
            );
        }
        if let Some(on) = letter.on.as_ref().filter(|_| earlier.iter().any(|e| same(&e.on, &letter.on))) {
            log.error(
                on.at,
                "LETTER_ON_TWICE",
                format!("已有一种文书写了 on: {}。", on.value),
                format!("Another letter is sent on {} already.", on.value),
            );
        }
        if letter.on.is_none() && !used.iter().any(|used| used.value == letter.name.value) {
            let (zh, en) = ("没有结果使用这种文书。", "No outcome sends this letter.");
            log.doubt(letter.name.at, "UNUSED_LETTER", zh, en);
            log.help(
                "请在某个结果或 intake 中写 letter，或写 on: receipt / acceptance。",
                "Name it as the `letter` of an outcome or of `intake`, or give it `on:`.",
            );
        }
    }
}
