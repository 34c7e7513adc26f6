//! What will happen to a form once it is handed in: which steps run and why, and which documents are asked for.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kaiban_findings::Text;
use serde_json::Value;

use crate::check::{answer, elements, is_given};
use crate::guard::{CaseFacts, Guard};
use crate::model::{Definition, Step};
use crate::share::Share;

/// Whether a step will run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// It runs.
    Yes,
    /// It does not.
    No,
    /// It depends on results of earlier steps.
    Later,
}

/// A step as it looks before the form is handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Name.
    pub step: String,
    /// Title.
    pub title: Text,
    /// Party of the directory; none where the system does it.
    pub party: Option<String>,
    /// Whether it will run.
    pub needed: Needed,
    /// Why, or why not.
    pub why: Text,
}

/// A document that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Where the form names it.
    pub pointer: String,
    /// What it is.
    pub title: Text,
    /// Why it is asked for.
    pub why: Text,
    /// Law article.
    pub law: Option<String>,
    /// The form names it already.
    pub given: bool,
}

impl Definition {
    /// Every usual step with whether it will run, in the order in which steps come. The form may be incomplete: what it
    /// does not yet say is [`Needed::Later`].
    pub fn preview(&self, form: &Value, registrar: &str, on: Date) -> Vec<Preview> {
        let date = on.to_string();
        let case = CaseFacts { registrar, ..self.facts(form, &date, 0) };
        let mut known: BTreeMap<&str, Needed> = BTreeMap::new();
        let steps = self.order.iter().filter_map(|name| self.steps.get(name)).filter(|step| step.is_regular());
        steps
            .map(|step| {
                let (needed, why) = outlook(step, form, case, &known);
                known.insert(&step.name, needed);
                let (party, title) = (step.party().map(str::to_owned), step.title.clone());
                Preview { step: step.name.clone(), title, party, needed, why }
            })
            .collect()
    }

    /// The documents that are asked for with this form, given or not. A condition that the form does not yet answer asks
    /// for nothing.
    pub fn asked(&self, form: &Value, on: Date) -> Vec<Asked> {
        let date = on.to_string();
        let case = self.facts(form, &date, 0);
        let mut asked = Vec::new();
        for evidence in &self.evidence {
            for element in elements(evidence.for_each.as_ref(), form) {
                let holds = |when| answer(when, form, case, &element) == Some(true);
                if evidence.when.as_ref().is_none_or(holds) {
                    let pointer = element.pointer(&evidence.at);
                    asked.push(Asked {
                        given: is_given(form, &pointer),
                        pointer,
                        title: evidence.title.clone(),
                        why: evidence.why.clone(),
                        law: evidence.law.clone(),
                    });
                }
            }
        }
        asked
    }
}

fn outlook(step: &Step, form: &Value, case: CaseFacts<'_>, known: &BTreeMap<&str, Needed>) -> (Needed, Text) {
    if let Some(requested) = &step.requested {
        match answer(requested, form, case, &elements(None, form)[0]) {
            Some(true) => {}
            Some(false) => {
                return (Needed::No, Text::new("未申请，可以以后再申请。", "Not asked for; it can be later."));
            }
            None => return undecided(requested),
        }
    }
    if let Some(any) = &step.needs_any
        && any.steps.iter().all(|other| known.get(other.as_str()) == Some(&Needed::No))
    {
        let why = Text::new("所等待的环节都不办理。", "None of the steps that it waits for runs.");
        return (Needed::No, why);
    }
    let list = step.for_each.as_ref().map(|for_each| parts(&for_each.over));
    let branches = elements(list.as_ref(), form);
    if branches.is_empty() {
        return (Needed::No, Text::new("名单为空，无需办理。", "The list has no element."));
    }
    let counted = |count: usize| match step.for_each {
        Some(_) => Text::new(format!("逐项办理，共 {count} 项。"), format!("Once for each element: {count} in all.")),
        None if step.requested.is_some() => Text::new("已申请办理。", "Asked for in the form."),
        None => Text::new("必经环节。", "Part of every application."),
    };
    let Some(when) = &step.when else {
        // Of several ways the first that completes counts, and nobody knows yet whether one does.
        return match step.needs_any {
            Some(_) => {
                let why =
                    Text::new("所列环节有一个办结即办理。", "Runs as soon as one of several steps has completed.");
                (Needed::Later, why)
            }
            None => (Needed::Yes, counted(branches.len())),
        };
    };
    if reads_results(when) {
        let why = Text::new("取决于前面环节的结果。", "Depends on the results of earlier steps.");
        return (Needed::Later, why);
    }
    let answers: Vec<Option<bool>> = branches.iter().map(|branch| answer(when, form, case, branch)).collect();
    let running = answers.iter().filter(|answer| **answer == Some(true)).count();
    let source = when.source();
    if running > 0 {
        let why = match step.for_each {
            Some(_) => counted(running),
            None => Text::new(format!("符合条件：{source}。"), format!("The condition holds: {source}.")),
        };
        (Needed::Yes, why)
    } else if answers.contains(&None) {
        undecided(when)
    } else {
        (Needed::No, Text::new(format!("不符合条件：{source}。"), format!("The condition does not hold: {source}.")))
    }
}

fn undecided(guard: &Guard) -> (Needed, Text) {
    let source = guard.source();
    let why = Text::new(format!("表单尚未填全，无法判断：{source}。"), format!("The form does not yet say: {source}."));
    (Needed::Later, why)
}

fn reads_results(guard: &Guard) -> bool {
    guard.reads().iter().any(|read| read.starts_with("results"))
}

/// The list as a share; its pointer has no escapes, because names of fields in packages need none.
fn parts(pointer: &str) -> Share {
    Share::Form(pointer.split('/').skip(1).map(str::to_owned).collect())
}
