//! Everything that is wrong or doubtful with a form, at once: its schema, the keys of its branches, the rules in force,
//! and the documents that belong to it.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kaiban_findings::{Finding, Place, Severity, Text};
use serde_json::Value;

use crate::guard::{CaseFacts, Guard, Scope};
use crate::model::{BRANCH_KEY_MAX, Definition, Evidence, FormRule};
use crate::schema::FINDINGS_MAX;
use crate::share::Share;

/// One element of a list, or the form as a whole.
#[derive(Clone)]
pub(crate) struct Element<'f> {
    /// Pointer at the element; none = the form as a whole.
    at: Option<String>,
    item: Option<&'f Value>,
}

impl Element<'_> {
    /// The pointer into the form at what a share names.
    pub fn pointer(&self, share: &Share) -> String {
        share.in_form(self.at.as_deref()).unwrap_or_default()
    }
}

/// What rules and evidence look at: each element of their list, or the form once.
pub(crate) fn elements<'f>(list: Option<&Share>, form: &'f Value) -> Vec<Element<'f>> {
    let Some(list) = list else { return vec![Element { at: None, item: None }] };
    let pointer = list.in_form(None).unwrap_or_default();
    let items = form.pointer(&pointer).and_then(Value::as_array).into_iter().flatten().enumerate();
    items.map(|(index, item)| Element { at: Some(format!("{pointer}/{index}")), item: Some(item) }).collect()
}

/// Digits in the key of a branch. Keys stand in the journal for ever, and every number of a person is longer.
const BRANCH_KEY_DIGITS_MAX: usize = 6;

impl Definition {
    /// All findings of a form handed in on that day (+08:00), in the order of the form's schema file; places are
    /// pointers into the form. No message quotes a value.
    ///
    /// Besides the codes of [`Schema::check`](crate::Schema::check) and those of the package's rules: `DUPLICATE_KEY`
    /// and `BRANCH_KEY_SHAPE` for the keys of branches, `EVIDENCE_MISSING` for documents, and the doubt
    /// `RULE_UNDECIDED` where a rule has no answer though the form fits its schema.
    pub fn check_form(&self, form: &Value, on: Date) -> Vec<Finding> {
        let mut findings = self.form.check(form);
        let fits = !findings.iter().any(Finding::is_error);
        self.check_keys(form, &mut findings);
        let date = on.to_string();
        let doubts = findings.iter().filter(|finding| finding.severity == Severity::Doubt).count();
        let case = self.facts(form, &date, doubts);
        let check = Check { form, case, fits };
        for rule in self.rules.iter().filter(|rule| rule.holds_on(on)) {
            check.rule(rule, &mut findings);
        }
        for evidence in &self.evidence {
            check.evidence(evidence, &mut findings);
        }
        // A rule about a list may stand at one place of the form for all elements.
        let mut seen = BTreeSet::new();
        findings.retain(|finding| seen.insert((finding.code.clone(), finding.place.to_string())));
        self.in_order(findings)
    }

    /// The facts that expressions about a form can see before there is a case.
    pub(crate) fn facts<'f>(&'f self, form: &'f Value, date: &'f str, doubts: usize) -> CaseFacts<'f> {
        let registrar = form.pointer(&self.registrar).and_then(Value::as_str).unwrap_or_default();
        CaseFacts { registrar, workflow: &self.workflow, doubts: u32::try_from(doubts).unwrap_or(u32::MAX), date }
    }

    /// Branches are named by their elements' keys: each once, and nothing that could not stand in a name.
    fn check_keys(&self, form: &Value, findings: &mut Vec<Finding>) {
        let lists: BTreeSet<(&str, &str)> = self
            .steps
            .values()
            .filter_map(|step| step.for_each.as_ref())
            .map(|for_each| (for_each.over.as_str(), for_each.key.as_str()))
            .collect();
        for (list, key) in lists {
            let mut seen = BTreeSet::new();
            let items = form.pointer(list).and_then(Value::as_array).into_iter().flatten().enumerate();
            for (index, name) in items.filter_map(|(index, item)| Some((index, item.get(key)?.as_str()?))) {
                let place = Place::Pointer(format!("{list}/{index}/{key}"));
                let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                let digits = name.chars().filter(char::is_ascii_digit).count();
                if name.is_empty()
                    || name.len() as u64 > BRANCH_KEY_MAX
                    || digits > BRANCH_KEY_DIGITS_MAX
                    || !name.chars().all(allowed)
                {
                    let zh = format!(
                        "只能用小写字母、数字和连字符，1 到 {BRANCH_KEY_MAX} 个字符，数字不超过 {BRANCH_KEY_DIGITS_MAX} 个；标识会永久记入日志，不得使用证件号码或者手机号码。"
                    );
                    let en = format!(
                        "Only a-z, 0-9 and hyphens can stand here, 1 to {BRANCH_KEY_MAX} of them and at most \
                         {BRANCH_KEY_DIGITS_MAX} digits: the journal keeps it for ever, so it is no number of a person."
                    );
                    findings.push(Finding::error("BRANCH_KEY_SHAPE", place, zh, en));
                } else if !seen.insert(name) {
                    findings.push(
                        Finding::error(
                            "DUPLICATE_KEY",
                            place,
                            "与前面一项的标识相同。",
                            "An earlier entry has the same key.",
                        )
                        .with_help("每一项的标识应各不相同。", "Give each entry a key of its own."),
                    );
                }
            }
        }
    }

    fn in_order(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        if findings.len() < 2 {
            return findings;
        }
        let ranks: BTreeMap<&str, usize> =
            (0..).zip(&self.field_order).map(|(rank, name)| (name.as_str(), rank)).collect();
        findings.sort_by(|a, b| match (&a.place, &b.place) {
            (Place::Pointer(a), Place::Pointer(b)) => by_place(a, b, &ranks),
            // What concerns the whole form comes first; that there is more comes last.
            (a_place, b_place) => {
                let last = |finding: &Finding| finding.code == "MORE_FINDINGS";
                let whole = |place: &Place| !matches!(place, Place::Whole);
                (last(a), whole(a_place)).cmp(&(last(b), whole(b_place)))
            }
        });
        if findings.len() > FINDINGS_MAX {
            findings.retain(|finding| finding.code != "MORE_FINDINGS");
            findings.truncate(FINDINGS_MAX - 1);
            findings.push(crate::schema::more_findings());
        }
        findings
    }
}

fn by_place(a: &str, b: &str, ranks: &BTreeMap<&str, usize>) -> Ordering {
    let keys = |pointer: &str| {
        let (mut pattern, mut keys) = (String::new(), Vec::new());
        for segment in pointer.split('/').skip(1) {
            let index = segment.parse::<usize>().ok();
            pattern.push('/');
            pattern.push_str(if index.is_some() { "*" } else { segment });
            keys.push(index.or_else(|| ranks.get(pattern.as_str()).copied()).unwrap_or(usize::MAX));
        }
        keys
    };
    keys(a).cmp(&keys(b)).then_with(|| a.cmp(b))
}

impl FormRule {
    /// Whether the rule is law for a form handed in on that day (+08:00).
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

struct Check<'f> {
    form: &'f Value,
    case: CaseFacts<'f>,
    /// Whether the form fits its schema; if not, a guard without an answer is no news.
    fits: bool,
}

impl Check<'_> {
    fn rule(&self, rule: &FormRule, findings: &mut Vec<Finding>) {
        for element in elements(rule.for_each.as_ref(), self.form) {
            let place = Place::Pointer(element.pointer(&rule.at));
            match self.answer(&rule.broken, &element) {
                Some(false) => {}
                Some(true) => findings.push(Finding {
                    code: Cow::Owned(rule.code.clone()),
                    severity: if rule.is_error { Severity::Error } else { Severity::Doubt },
                    place,
                    message: rule.message.clone(),
                    help: help(rule.help.as_ref(), rule.law.as_deref()),
                }),
                None => self.undecided(place, rule.law.as_deref(), findings),
            }
        }
    }

    fn evidence(&self, evidence: &Evidence, findings: &mut Vec<Finding>) {
        for element in elements(evidence.for_each.as_ref(), self.form) {
            let pointer = element.pointer(&evidence.at);
            let asked = match &evidence.when {
                None => Some(true),
                Some(when) => self.answer(when, &element),
            };
            match asked {
                Some(true) if !is_given(self.form, &pointer) => {
                    // What the schema asks for in general is told once, with the reason.
                    findings.retain(|finding| {
                        finding.code != "REQUIRED" || finding.place != Place::Pointer(pointer.clone())
                    });
                    let Text { zh, en } = &evidence.title;
                    let finding = Finding::error(
                        "EVIDENCE_MISSING",
                        Place::Pointer(pointer),
                        format!("缺少材料：{zh}。"),
                        format!("A document is missing: {en}."),
                    );
                    findings.push(Finding { help: help(Some(&evidence.why), evidence.law.as_deref()), ..finding });
                }
                Some(_) => {}
                None => self.undecided(Place::Pointer(pointer), evidence.law.as_deref(), findings),
            }
        }
    }

    fn answer(&self, guard: &Guard, element: &Element<'_>) -> Option<bool> {
        answer(guard, self.form, self.case, element)
    }

    /// A rule without an answer never blocks: whoever looks at the application decides.
    fn undecided(&self, place: Place, law: Option<&str>, findings: &mut Vec<Finding>) {
        if self.fits {
            let finding = Finding::doubt(
                "RULE_UNDECIDED",
                place,
                "此处无法自动核对，将由工作人员核对。",
                "This could not be checked by itself; an officer will look at it.",
            );
            findings.push(Finding { help: help(None, law), ..finding });
        }
    }
}

/// What a guard about a form says; none = it has no answer.
pub(crate) fn answer(guard: &Guard, form: &Value, case: CaseFacts<'_>, element: &Element<'_>) -> Option<bool> {
    guard.eval(&Scope { form, case, results: &BTreeMap::new(), item: element.item, credit: None }).ok()
}

/// Whether a document is named there.
pub(crate) fn is_given(form: &Value, pointer: &str) -> bool {
    match form.pointer(pointer) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(_) => true,
    }
}

/// What to do, with the law that asks for it.
fn help(text: Option<&Text>, law: Option<&str>) -> Option<Text> {
    match (text, law) {
        (Some(text), Some(law)) => {
            let zh = text.zh.trim_end_matches('。');
            let en = text.en.trim_end_matches('.');
            Some(Text::new(format!("{zh}（{law}）。"), format!("{en} ({law}).")))
        }
        (Some(text), None) => Some(text.clone()),
        (None, Some(law)) => Some(Text::new(format!("依据：{law}。"), format!("By {law}."))),
        (None, None) => None,
    }
}
