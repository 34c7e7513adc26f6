//! Writes random `workflow.yaml` files, as a person would write them, with every construct of the language. The writer
//! keeps in mind what the loader proves, so that everything it writes is sound.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::form::{DOCUMENTS, FIELDS, PLACES, PROOF};
use super::landscape::{DIVISIONS, PARTIES};
use super::registers::LISTED;
use crate::draw::Lot;

/// Letters of a package that has any; each has two files.
pub(super) const LETTERS: [&str; 4] = ["receipt", "acceptance", "correction", "refusal"];

/// Registers, the expression that gives their key, and the field that it comes from.
const REGISTERS: [(&str, &str, &str); 3] = [
    ("names", "case.registrar + \"/\" + name_key(form.name)", "form.name"),
    ("heads", "form.people.head", "form.people.head"),
    // Optional: without a note there is no key, and a person has to look at it.
    ("notes", "form.note", "form.note"),
];

/// What the steps of the system are put before: the fields that all packages' forms have.
const FILLED: [&str; 7] = ["name", "registrar", "class", "count", "paper", "wants", "people"];

/// Grounds on which nobody promises. The telephone is now and then unknown, and then nobody can tell.
const GROUNDS: [(&str, &str); 7] = [
    ("SERIOUS", "when: credit.serious > 0"),
    ("BROKEN", "when: credit.broken_promises > 0 && credit.minor > 0"),
    ("RISKY", "when: 'credit.risk == \"D\"'"),
    ("KNOWN", "when: 'item.known && form.count > 6'"),
    ("PHONE", "when: 'item.phone == \"11\"'"),
    ("NOTED", "when: 'has(form.note) && form.note == \"x\" && credit.general > 0'"),
    ("LISTED", "listed: places"),
];

/// A package whose cases others may start.
#[derive(Clone, Debug)]
pub(super) struct Startable {
    pub name: String,
    /// Its cases may end as `refused`.
    pub refuses: bool,
}

/// A written package.
pub(super) struct Text {
    pub workflow: String,
    /// Whether any step has a result of an office.
    pub results: bool,
    /// Whether it has letters.
    pub letters: bool,
}

/// What the writer knows of a step that it wrote, so that the next ones stay sound.
struct Written {
    name: String,
    /// Has a result that others can read.
    result: Option<Result>,
    /// An office does it.
    office: bool,
    /// It may end without a result.
    resultless: bool,
    /// It ends its branch, or lies behind one that does.
    may_end: bool,
    /// Another step may take it back.
    cancellable: bool,
    /// Steps that have surely ended when it is offered.
    awaited: BTreeSet<usize>,
    /// Steps that may have ended, because one of several was enough.
    perhaps: BTreeSet<usize>,
    /// Steps that it needs at least under some condition.
    before: BTreeSet<usize>,
}

/// What a result looks like to those who read it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Result {
    Plain,
    /// An object by the keys of the branches.
    Grouped,
    /// Of a started case.
    Started,
    /// What stands for a certificate.
    Proved,
    /// Of a draw.
    Drawn,
}

/// Who or what does a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Office,
    Wait,
    Reserve(usize),
    Start,
    Prove,
    Draw,
}

struct Writer<'w> {
    out: String,
    /// Steps that undo others; they stand at the end.
    undo: String,
    lot: &'w mut Lot,
    steps: Vec<Written>,
    letters: bool,
    registers: Vec<usize>,
    startable: &'w [Startable],
    results: bool,
    /// People are checked, so that somebody can sign.
    identity: bool,
    /// The bureau keeps a register.
    listed: bool,
}

/// Draws a package; cases of the `startable` ones may be started by its steps.
pub(super) fn write(name: &str, startable: &[Startable], lot: &mut Lot) -> Text {
    let (out, undo) = (String::with_capacity(8192), String::new());
    let steps = Vec::new();
    let (letters, results, identity, listed) = (false, false, false, false);
    let registers = Vec::new();
    let mut writer = Writer { out, undo, lot, steps, letters, registers, startable, results, identity, listed };
    writer.package(name);
    let Writer { mut out, undo, letters, results, .. } = writer;
    out.push_str(&undo);
    Text { workflow: out, results, letters }
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn package(&mut self, name: &str) {
        let _ = write!(
            self.out,
            "workflow: {name}\nversion: \"1\"\neffective_from: 2020-01-01\n\
             title: {{ zh: 模拟流程, en: Simulated flow }}\nform: form.schema.json\nregistrar: form.registrar\n\
             subject: form.name\ncloses: done\n"
        );
        self.identity = self.lot.chance(0.6);
        if self.identity {
            self.line("identity: identity");
        }
        self.letters = self.lot.chance(0.5);
        self.letters();
        if self.lot.chance(0.4) {
            let party = *self.lot.pick(&PARTIES);
            let when = if self.lot.chance(0.7) { "when: 'case.doubts > 0', " } else { "" };
            let letter = if self.letters { ", letter: refusal" } else { "" };
            let days = self.lot.range(1, 5);
            let asks = if self.lot.chance(0.6) { ", correction: correction" } else { "" };
            let line = format!("intake: {{ party: {party}, {when}deemed_within: {days} working days{letter}{asks} }}");
            self.line(&line);
        }
        self.promise();
        if self.lot.chance(0.7) {
            let hours = self.lot.range(1, 4);
            let second = *self.lot.pick(&["1 working day", "2 days", "3 working days"]);
            let lapse = *self.lot.pick(&["", ", lapse_after: 2 working days", ", lapse_after: 36 hours"]);
            self.line(&format!("corrections: {{ remind_after: [{hours} working hours, {second}]{lapse} }}"));
        }
        self.rules();
        let reserves = self.lot.chance(0.5);
        self.listed = self.identity && self.lot.chance(0.5);
        if reserves || self.listed {
            self.line("registers:");
        }
        if reserves {
            self.registers();
        }
        if self.listed {
            self.line(&format!("  {LISTED}: {{ title: {{ zh: 名录, en: Register }}, key: form.people.head }}"));
        }
        self.line("steps:");
        if self.identity {
            self.identity();
        }
        for _ in 0..self.lot.range(1, 9) {
            self.step();
        }
    }

    fn letters(&mut self) {
        self.line("letters:");
        let all = LETTERS.into_iter().zip([", on: receipt", ", on: acceptance", "", ""]);
        // Without a correction's letter there is no correction.
        for (letter, on) in all.filter(|(letter, _)| self.letters || *letter == "correction").collect::<Vec<_>>() {
            self.line(&format!("  {letter}: {{ title: {{ zh: 文书, en: Letter }}, number: {letter}{on} }}"));
        }
    }

    fn promise(&mut self) {
        if self.lot.chance(0.2) {
            return;
        }
        self.line("promise:");
        if self.lot.chance(0.5) {
            self.line("  - { from: 2020-01-01, when: 'case.registrar == \"350100\"', within: 5 working hours }");
        } else if self.lot.chance(0.2) {
            // Without a note nobody knows what is promised.
            self.line("  - { from: 2020-01-01, when: 'form.note == \"x\"', within: 5 working hours }");
        }
        self.line("  - { from: 2020-01-01, within: 1 working day }");
    }

    fn rules(&mut self) {
        if self.lot.chance(0.5) {
            self.line("rules:");
            self.line(
                "  - { code: TOO_MANY, severity: error, broken: 'form.count == 9 && form.paper', at: form.count, \
                 zh: 份数过多。, en: Too many. }",
            );
            self.line(
                "  - { code: UNKNOWN_PERSON, severity: doubt, from: 2026-03-10, for_each: form.people.staff, \
                 broken: '!item.known', at: item.known, zh: 未经核实。, en: Nobody has checked. }",
            );
        }
        if self.lot.chance(0.3) {
            self.line("evidence:");
            self.line(
                "  - { at: form.proof, title: { zh: 证明, en: Proof }, why: { zh: 无法共享。, en: Nobody shares it. }, \
                 law: 条例 §16, when: 'form.count >= 0' }",
            );
        }
    }

    fn registers(&mut self) {
        for (at, (name, key, _)) in REGISTERS.into_iter().enumerate() {
            if !self.lot.chance(if at == 2 { 0.05 } else { 0.7 }) && (at > 0 || self.lot.chance(0.5)) {
                continue;
            }
            self.registers.push(at);
            let months = self.lot.range(1, 2);
            let unit = if months == 1 { "month" } else { "months" };
            let keeps = if self.lot.chance(0.3) { ", keeps: [done]" } else { "" };
            self.line(&format!(
                "  {name}: {{ title: {{ zh: 名录, en: Register }}, key: '{key}', holds: {months} {unit}{keeps} }}"
            ));
        }
        if self.registers.is_empty() {
            self.registers.push(1);
            self.line(
                "  heads: { title: { zh: 名录, en: Register }, key: form.people.head, holds: 1 month, keeps: [done] }",
            );
        }
    }

    fn kind(&mut self) -> Kind {
        match self.lot.below(24) {
            20..=22 => Kind::Prove,
            23 => Kind::Draw,
            5 if !self.startable.is_empty() => Kind::Start,
            0 => Kind::Wait,
            1..=3 if !self.registers.is_empty() => Kind::Reserve(*self.lot.pick(&self.registers)),
            4 if !self.startable.is_empty() => Kind::Start,
            _ => Kind::Office,
        }
    }

    fn step(&mut self) {
        let kind = self.kind();
        let index = self.steps.len();
        let name = if self.lot.chance(0.5) { format!("s{index}") } else { format!("step_{index}") };
        let mut step = Written {
            name,
            result: None,
            office: kind == Kind::Office,
            resultless: false,
            may_end: false,
            cancellable: self.lot.chance(0.3),
            awaited: BTreeSet::new(),
            perhaps: BTreeSet::new(),
            before: BTreeSet::new(),
        };
        step.resultless = step.cancellable;
        let _ = writeln!(self.out, "  {}:\n    title: {{ zh: 环节, en: Step }}", step.name);
        self.needs(&mut step);
        let single = matches!(kind, Kind::Reserve(_) | Kind::Prove | Kind::Draw);
        let grouped = !single && self.lot.chance(0.2);
        if grouped {
            self.line("    for_each: { over: form.people.staff, key: key }");
            step.resultless = true;
        }
        let requested = self.lot.chance(0.15);
        if requested {
            let guard = *self.lot.pick(&["form.wants.extra", "form.wants.later", "form.wants.later && form.count > 3"]);
            self.line(&format!("    requested: '{guard}'"));
            step.resultless = true;
        }
        if self.lot.chance(0.2) {
            let guard = self.guard(&step, grouped);
            self.line(&format!("    when: '{guard}'"));
            step.resultless = true;
        }
        match kind {
            Kind::Office => self.office(&mut step, grouped, requested),
            Kind::Wait => {
                let time = *self.lot.pick(&["2 working hours", "1 working day", "3 working days", "5 hours", "2 days"]);
                self.line(&format!("    wait: {time}"));
            }
            Kind::Reserve(register) => {
                let (register, _, at) = REGISTERS[register];
                let taken = "taken: { zh: 已被占用。, en: It is taken. }";
                self.line(&format!("    reserves: {{ register: {register}, at: {at}, {taken}, letter: correction }}"));
            }
            Kind::Start => self.start(&mut step, grouped),
            Kind::Prove => self.prove(&mut step),
            Kind::Draw => {
                let stratum = if self.lot.chance(0.7) { "stratum: form.class, " } else { "" };
                self.line(&format!("    draws: {{ pool: visits, {stratum}recuse: [form.people.head] }}"));
                step.result = Some(Result::Drawn);
            }
        }
        self.steps.push(step);
    }

    /// Checks who people are, one by one.
    fn identity(&mut self) {
        let mut step = Written {
            name: "identity".to_owned(),
            result: None,
            office: true,
            resultless: true,
            may_end: false,
            cancellable: false,
            awaited: BTreeSet::new(),
            perhaps: BTreeSet::new(),
            before: BTreeSet::new(),
        };
        self.line("  identity:\n    title: { zh: 实名认证, en: Identity }\n    needs: []");
        self.line("    for_each: { over: form.people.staff, key: key }");
        self.office(&mut step, true, false);
        self.steps.push(step);
    }

    /// A certificate, mostly one that can be promised where somebody can sign.
    fn prove(&mut self, step: &mut Written) {
        let evidence = *self.lot.pick(&DOCUMENTS);
        self.line("    proves:\n      law: 条例 §16\n      why: { zh: 无法共享。, en: Nobody shares it. }");
        self.line(&format!("      evidence: form.{evidence}\n      letter: correction"));
        if self.lot.chance(0.5) {
            let guard = self.guard(step, false);
            self.line(&format!("      shared: '{guard}'"));
        }
        if self.identity && self.lot.chance(0.8) {
            self.line("      commitment:\n        letter: correction");
            let listed = self.listed;
            let possible = GROUNDS.into_iter().filter(|(code, _)| listed || *code != "LISTED");
            let grounds: Vec<_> = possible.filter(|_| self.lot.chance(0.25)).collect();
            if !grounds.is_empty() {
                self.line("        unless:");
            }
            for (code, ground) in grounds {
                self.line(&format!(
                    "          - {{ code: {code}, {ground}, zh: 不适用。, en: Not here., law: 条例 §16 }}"
                ));
            }
        }
        step.result = Some(Result::Proved);
    }

    /// Draws what the step needs.
    fn needs(&mut self, step: &mut Written) {
        let index = self.steps.len();
        let mut taken: Vec<(usize, bool)> = Vec::new();
        for other in 0..index {
            if self.lot.chance(1.6 / (index as f64 + 1.0)) {
                let conditional = self.lot.chance(0.25);
                taken.push((other, conditional));
            }
        }
        let free: Vec<usize> = (0..index).filter(|at| !taken.iter().any(|(other, _)| other == at)).collect();
        let mut any: Vec<usize> = Vec::new();
        let mut cancels = false;
        if free.len() >= 2 && self.lot.chance(0.3) {
            cancels = self.lot.chance(0.6);
            any.extend(
                free.iter().filter(|at| !cancels || self.steps[**at].cancellable).filter(|_| self.lot.chance(0.6)),
            );
            if any.len() < 2 {
                any.clear();
            }
        }
        for &(other, conditional) in &taken {
            let written = &self.steps[other];
            step.before.insert(other);
            step.before.extend(&written.before);
            step.may_end |= written.may_end;
            if !conditional {
                step.awaited.insert(other);
                step.awaited.extend(&written.awaited);
                step.perhaps.extend(&written.perhaps);
            }
        }
        let all = any.iter().map(|other| self.steps[*other].awaited.clone());
        step.awaited.extend(all.reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default());
        for &other in &any {
            let written = &self.steps[other];
            step.before.insert(other);
            step.before.extend(&written.before);
            step.perhaps.insert(other);
            step.perhaps.extend(written.awaited.iter().chain(&written.perhaps));
        }
        step.perhaps.retain(|other| !step.awaited.contains(other));
        step.resultless |= !any.is_empty() || step.may_end;
        let mut needs = Vec::new();
        for (other, conditional) in taken {
            let name = self.steps[other].name.clone();
            let guard = conditional.then(|| self.guard(step, false));
            needs.push(guard.map_or(name.clone(), |guard| format!("{{ step: {name}, when: '{guard}' }}")));
        }
        self.line(&format!("    needs: [{}]", needs.join(", ")));
        if !any.is_empty() {
            let names: Vec<&str> = any.iter().map(|other| self.steps[*other].name.as_str()).collect();
            let names = names.join(", ");
            self.line(&match cancels {
                true => format!("    needs_any: {{ of: [{names}], cancels: others }}"),
                false => format!("    needs_any: [{names}]"),
            });
        }
    }

    fn start(&mut self, step: &mut Written, grouped: bool) {
        let waits = self.lot.chance(0.5);
        let Startable { name: workflow, refuses } = self.lot.pick(self.startable).clone();
        let form: Vec<String> = FILLED.into_iter().map(|field| format!("/{field}: form.{field}")).collect();
        let form = form.join(", ");
        let revokes = self.revokes(step, refuses);
        self.line(&format!(
            "    starts: {{ workflow: {workflow}, form: {{ {form}, /proof: \"text:{PROOF}\" }}, waits: {waits}{revokes} }}"
        ));
        if waits {
            step.result = Some(if grouped { Result::Grouped } else { Result::Started });
        }
    }

    /// What the end of a started case takes back: mostly something that was surely decided by then.
    fn revokes(&mut self, step: &Written, refuses: bool) -> String {
        let offices = |steps: &Vec<Written>, at: &usize| steps[*at].office;
        let before: Vec<usize> = step.before.iter().copied().filter(|at| offices(&self.steps, at)).collect();
        let any: Vec<usize> = (0..self.steps.len()).filter(|at| offices(&self.steps, at)).collect();
        let of = if before.is_empty() || self.lot.chance(0.1) { any } else { before };
        if of.is_empty() || self.lot.chance(0.3) {
            return String::new();
        }
        let name = &self.steps[*self.lot.pick(&of)].name;
        let after = if refuses { *self.lot.pick(&["refused", "refused, done", "done"]) } else { "done" };
        format!(", revokes: {{ after: [{after}], step: {name}, letter: correction }}")
    }

    fn office(&mut self, step: &mut Written, grouped: bool, requested: bool) {
        let party = *self.lot.pick(&PARTIES);
        self.line(&format!("    party: {party}"));
        let result = self.lot.chance(0.5);
        let counts = self.lot.chance(0.6);
        self.line(&format!("    counts: {counts}"));
        if self.lot.chance(0.4) {
            let hours = self.lot.range(1, 6);
            self.line(&format!("    within: {hours} working hours"));
        }
        let shares = self.shares(step, grouped);
        self.line(&format!("    shares: [{}]", shares.join(", ")));
        if self.lot.chance(0.5) {
            let retries = self.lot.range(0, 3);
            self.line(&format!("    retries: {retries}"));
        }
        if result {
            self.results = true;
            self.line("    result: result.schema.json");
        } else if self.lot.chance(0.3) {
            let guard = self.guard(step, grouped);
            self.line(&format!("    decide: [{{ when: '{guard}', outcome: approve }}]"));
        }
        if self.lot.chance(0.3) {
            self.on_overdue(!result);
        }
        if self.lot.chance(0.3) {
            self.undo_of(&step.name.clone(), result);
        }
        self.outcomes(step, requested);
        if result {
            step.result = Some(if grouped { Result::Grouped } else { Result::Plain });
        }
    }

    fn on_overdue(&mut self, ends: bool) {
        self.line("    on_overdue:");
        let hours = self.lot.range(1, 3);
        self.line(&format!("      - {{ after: {hours} working hours, do: remind }}"));
        if self.lot.chance(0.6) {
            let (hours, party) = (self.lot.range(4, 7), *self.lot.pick(&PARTIES));
            self.line(&format!("      - {{ after: {hours} working hours, escalate: {party} }}"));
        }
        if ends && self.lot.chance(0.5) {
            let days = self.lot.range(1, 3);
            self.line(&format!("      - {{ after: {days} working days, outcome: approve }}"));
        }
    }

    /// The step that undoes a result stands behind all others.
    fn undo_of(&mut self, step: &str, result: bool) {
        self.line(&format!("    undo: undo_{step}"));
        let shares = if result { format!("results.{step}.number, form.name") } else { "form.name".to_owned() };
        let party = *self.lot.pick(&PARTIES);
        let correct = if self.lot.chance(0.3) { ", correct: { asks: applicant, letter: correction }" } else { "" };
        let _ = write!(
            self.undo,
            "  undo_{step}:\n    title: {{ zh: 撤回, en: Undo }}\n    party: {party}\n    counts: false\n    \
             shares: [{shares}]\n    retries: 1\n    outcomes: {{ done: {{}}{correct} }}\n"
        );
    }

    fn outcomes(&mut self, step: &mut Written, requested: bool) {
        self.line("    outcomes:\n      approve: {}");
        let letters = self.letters;
        let letter =
            |named: &str, chosen: bool| if letters && chosen { format!(", letter: {named}") } else { String::new() };
        if self.lot.chance(0.2) {
            self.line("      waive: { title: { zh: 容缺通过, en: Waive } }");
        }
        if self.lot.chance(0.5) {
            self.line("      correct: { asks: applicant, letter: correction }");
        }
        let before: Vec<String> = step.before.iter().map(|other| self.steps[*other].name.clone()).collect();
        if !before.is_empty() && self.lot.chance(0.35) {
            let (back, at_most) = (self.lot.pick(&before).clone(), self.lot.range(1, 3));
            let title = "title: { zh: 退回, en: Send back }";
            self.line(&format!("      redo: {{ {title}, reopens: [{back}], at_most: {at_most} }}"));
        }
        if !before.is_empty() && self.lot.chance(0.35) {
            let mut back: Vec<&str> = before.iter().map(String::as_str).filter(|_| self.lot.chance(0.4)).collect();
            if back.is_empty() {
                back.push(&before[0]);
            }
            let (back, at_most) = (back.join(", "), self.lot.range(1, 2));
            let title = "title: { zh: 补正后重办, en: Correct and do again }";
            self.line(&format!(
                "      rework: {{ {title}, asks: applicant, letter: correction, reopens: [{back}], at_most: {at_most} }}"
            ));
        }
        if self.lot.chance(0.2) {
            let letter = letter("refusal", self.lot.chance(0.5));
            self.line(&format!("      decline: {{ ends: branch, adverse: true, law: 行政许可法 §38{letter} }}"));
            step.may_end = true;
        } else if self.lot.chance(0.1) {
            self.line("      leave: { title: { zh: 自愿放弃, en: Leave }, ends: branch }");
            step.may_end = true;
        }
        step.resultless |= step.may_end;
        if !requested && self.lot.chance(0.15) {
            let letter = letter("refusal", self.lot.chance(0.5));
            let law = "law: 市场主体登记管理条例 §20";
            self.line(&format!("      refuse: {{ adverse: true, closes: refused, {law}{letter} }}"));
        }
    }

    /// A guard that the step may have: it reads only what is sure to be there, but for the note, now and then.
    fn guard(&mut self, step: &Written, grouped: bool) -> String {
        let lot = &mut *self.lot;
        let known = step.awaited.iter().map(|other| (*other, false)).chain(step.perhaps.iter().map(|o| (*o, true)));
        let readable: Vec<(&Written, bool)> = known
            .map(|(other, perhaps)| (&self.steps[other], perhaps))
            .filter(|(other, _)| other.result.is_some())
            .collect();
        if !readable.is_empty() && lot.chance(0.4) {
            let (other, perhaps) = *lot.pick(&readable);
            let name = &other.name;
            let read = match other.result {
                Some(Result::Grouped) => return format!("has(results.{name})"),
                Some(Result::Started) => format!("results.{name}.outcome == \"done\""),
                Some(Result::Proved) => {
                    format!("results.{name}.way == \"{}\"", lot.pick(&["evidence", "shared", "commitment"]))
                }
                Some(Result::Drawn) => format!("results.{name}.drawn"),
                _ => format!("results.{name}.amount > {}", lot.range(0, 9)),
            };
            let asks = perhaps || other.resultless;
            return if asks { format!("has(results.{name}) && {read}") } else { read };
        }
        if grouped && lot.chance(0.6) {
            return match lot.below(30) {
                0 => "item.phone == \"11\"".to_owned(),
                1..=8 => "has(item.phone)".to_owned(),
                _ => "item.known".to_owned(),
            };
        }
        match lot.below(20) {
            0 if lot.chance(0.3) => "form.note == \"x\"".to_owned(),
            0..=3 => "has(form.note) && form.note == \"x\"".to_owned(),
            4..=8 => "form.paper".to_owned(),
            9..=11 => format!("case.registrar == \"{}\"", lot.pick(&DIVISIONS)),
            12..=13 => "case.doubts == 0".to_owned(),
            14 => "form.people.staff.size() > 1".to_owned(),
            15 => "case.date < plus_days(\"2026-03-02\", 20)".to_owned(),
            _ => format!("form.count > {}", lot.range(0, 9)),
        }
    }

    fn shares(&mut self, step: &Written, grouped: bool) -> Vec<String> {
        let lot = &mut *self.lot;
        let mut shares = Vec::new();
        for (share, _) in PLACES {
            match lot.below(20) {
                0..=4 => shares.push(share.to_owned()),
                5..=7 => shares.push(format!("{{ sees: {share} }}")),
                _ => {}
            }
        }
        if grouped {
            if lot.chance(0.2) {
                shares.push("item".to_owned());
            } else {
                let fields = FIELDS.into_iter().filter(|_| lot.chance(0.5));
                shares.extend(fields.map(|field| format!("item.{field}")).collect::<Vec<_>>());
            }
        }
        for other in step.before.iter().map(|other| &self.steps[*other]).filter(|other| other.result.is_some()) {
            match (other.result, lot.below(4)) {
                (Some(Result::Plain), 1) => shares.push(format!("results.{}.number", other.name)),
                (Some(Result::Started), 1) => shares.push(format!("results.{}.outcome", other.name)),
                (Some(Result::Proved), 1) => shares.push(format!("results.{}.way", other.name)),
                (Some(Result::Drawn), 1) => shares.push(format!("results.{}.drawn", other.name)),
                (_, 0) => shares.push(format!("results.{}", other.name)),
                _ => {}
            }
        }
        shares
    }
}
