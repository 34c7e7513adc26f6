//! What a step shows to its agency. An agency never gets more of a case than the shares of its step say
//! (个人信息保护法 §6: 最小范围).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::model::Step;

/// One thing that a step's agency gets: a place in the form, the whole form, or a place in an earlier step's result.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Share {
    /// `form.<name>…`; no name = the whole form.
    Form(Vec<String>),
    /// `results.<step>.<name>…`; no name = the whole result.
    Result {
        /// The step whose result is shared.
        step: String,
        /// Names from the root of the result downwards.
        path: Vec<String>,
    },
    /// `item.<name>…`: the element of the list that the branch stands for; no name = the whole element.
    Item(Vec<String>),
}

/// A text is not a share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is `form.<name>`, `item.<name>` or `results.<step>.<name>`")]
pub struct ShareSyntax;

impl FromStr for Share {
    type Err = ShareSyntax;

    fn from_str(text: &str) -> Result<Self, ShareSyntax> {
        let mut parts = text.split('.').map(str::to_owned);
        let root = parts.next().unwrap_or_default();
        let rest: Vec<String> = parts.collect();
        let named =
            |part: &String| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !rest.iter().all(named) {
            return Err(ShareSyntax);
        }
        match root.as_str() {
            "form" => Ok(Share::Form(rest)),
            "item" => Ok(Share::Item(rest)),
            "results" => match rest.split_first() {
                Some((step, path)) => Ok(Share::Result { step: step.clone(), path: path.to_vec() }),
                None => Err(ShareSyntax),
            },
            _ => Err(ShareSyntax),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path().join("."))
    }
}

impl Share {
    /// The names from `form` or `results` downwards.
    fn path(&self) -> Vec<&str> {
        match self {
            Share::Form(path) => std::iter::once("form").chain(path.iter().map(String::as_str)).collect(),
            Share::Item(path) => std::iter::once("item").chain(path.iter().map(String::as_str)).collect(),
            Share::Result { step, path } => {
                ["results", step.as_str()].into_iter().chain(path.iter().map(String::as_str)).collect()
            }
        }
    }

    /// RFC 6901 pointer into what [`Step::shared`] returns: `/form/name`, `/results/registration/uscc`.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for part in self.path() {
            pointer.push('/');
            if part.contains(['~', '/']) {
                pointer.push_str(&part.replace('~', "~0").replace('/', "~1"));
            } else {
                pointer.push_str(part);
            }
        }
        pointer
    }

    /// What it is in this material.
    pub fn find<'v>(&self, material: Material<'v>) -> Option<&'v Value> {
        let (root, path) = match self {
            Share::Form(path) => (material.form, path),
            Share::Result { step, path } => (material.results.get(step)?, path),
            Share::Item(path) => (material.item?.1, path),
        };
        path.iter().try_fold(root, |value, name| value.as_object()?.get(name))
    }
}

/// What shares are cut from.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The form, in the revision that the step was offered with.
    pub form: &'a Value,
    /// Results by step.
    pub results: &'a BTreeMap<String, Value>,
    /// For a branch: the pointer into the form at its element, and the element.
    pub item: Option<(&'a str, &'a Value)>,
}

/// What an agency gets of a case for one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared {
    /// `{"form": {…}, "results": {…}}` with nothing in it that is not shared.
    pub value: Value,
    /// Pointers of what was there to be shared, in the order of the package; the journal and the access log keep them.
    pub fields: Vec<String>,
}

impl Step {
    /// Pointers of what [`Step::shared`] would show, without showing it.
    pub fn shared_fields(&self, material: Material<'_>) -> Vec<String> {
        let mut fields = Vec::with_capacity(self.shares.len());
        for share in self.shares.iter().filter(|share| share.find(material).is_some()) {
            let pointer = share.pointer();
            if !fields.contains(&pointer) {
                fields.push(pointer);
            }
        }
        fields
    }

    /// Cuts out what the step shares. What the form or the results do not have is left out.
    pub fn shared(&self, material: Material<'_>) -> Shared {
        let mut found: Vec<(&Share, &Value)> =
            self.shares.iter().filter_map(|share| Some((share, share.find(material)?))).collect();
        let fields = self.shared_fields(material);
        // The wider share goes in last and replaces what lies below it.
        found.sort_by_key(|(share, _)| std::cmp::Reverse(share.path().len()));
        let mut root = Map::new();
        root.insert("form".into(), Value::Object(Map::new()));
        root.insert("results".into(), Value::Object(Map::new()));
        if material.item.is_some() {
            root.insert("item".into(), Value::Object(Map::new()));
        }
        for (share, value) in found {
            insert(&mut root, &share.path(), value);
        }
        Shared { value: Value::Object(root), fields }
    }

    /// Whether this pointer into the form is, or lies below, something that the step shares; a correction may name no
    /// other pointer. `item_at` is the pointer at the branch's element.
    pub fn shares_pointer(&self, form_pointer: &str, item_at: Option<&str>) -> bool {
        self.shares.iter().any(|share| share.covers(form_pointer, item_at))
    }

    /// Whether the step decided on this place of the form: it is shared with it, and not only to be seen. The place
    /// above a share counts, because changing it changes the share.
    pub fn decides_on(&self, form_pointer: &str, item_at: Option<&str>) -> bool {
        let touches = |share: &&Share| {
            share
                .in_form(item_at)
                .is_some_and(|shared| lies_in(form_pointer, &shared) || lies_in(&shared, form_pointer))
        };
        let seen = self.sees.iter().any(|share| share.covers(form_pointer, item_at));
        !seen && self.shares.iter().filter(|share| !self.sees.contains(share)).any(|share| touches(&share))
    }
}

impl Share {
    /// The pointer into the form; none for a result, or for an element outside of a branch.
    pub fn in_form(&self, item_at: Option<&str>) -> Option<String> {
        let pointer = self.pointer();
        match self {
            Share::Form(_) => pointer.strip_prefix("/form").map(str::to_owned),
            Share::Item(_) => Some(format!("{}{}", item_at?, pointer.strip_prefix("/item")?)),
            Share::Result { .. } => None,
        }
    }

    fn covers(&self, form_pointer: &str, item_at: Option<&str>) -> bool {
        self.in_form(item_at).is_some_and(|shared| lies_in(form_pointer, &shared))
    }
}

fn lies_in(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn insert(map: &mut Map<String, Value>, path: &[&str], value: &Value) {
    match path {
        [] => {}
        [name] => {
            map.insert((*name).to_owned(), value.clone());
        }
        [name, rest @ ..] => {
            let below = map.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(below) = below {
                insert(below, rest, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;
    use kaiban_findings::Text;
    use serde_json::json;

    fn step(shares: &[&str]) -> Step {
        Step {
            name: "seal".into(),
            title: Text::new("印章刻制", "Seals"),
            work: crate::model::Work::Office { party: "seal-carver".into() },
            needs_any: None,
            for_each: None,
            requested: None,
            decide: Vec::new(),
            sees: Vec::new(),
            on_overdue: Vec::new(),
            undo: None,
            undoes: None,
            needs: Vec::new(),
            when: None,
            counts: true,
            drawn_by: None,
            by_two: false,
            recuse: Vec::new(),
            within: None,
            statutory: None,
            shares: shares.iter().map(|share| share.parse().unwrap()).collect(),
            result: None,
            outcomes: BTreeMap::<String, Outcome>::new(),
            retries_max: 5,
        }
    }

    #[test]
    fn an_agency_gets_its_shares_and_nothing_else() {
        let form = json!({"name": "n", "people": {"head": {"phone": "p", "id": "i"}}, "secret": 1});
        let results = BTreeMap::from([("registration".to_owned(), json!({"uscc": "u", "number": "x"}))]);
        let step =
            step(&["form.people.head.phone", "form.name", "results.registration.uscc", "form.absent", "results.tax"]);
        let shared = step.shared(Material { form: &form, results: &results, item: None });
        assert_eq!(
            shared.value,
            json!({"form": {"name": "n", "people": {"head": {"phone": "p"}}}, "results": {"registration": {"uscc": "u"}}})
        );
        assert_eq!(shared.fields, ["/form/people/head/phone", "/form/name", "/results/registration/uscc"]);
    }

    #[test]
    fn a_wider_share_wins_in_any_order() {
        let form = json!({"people": {"a": 1, "b": 2}});
        for shares in [["form.people.a", "form.people"], ["form.people", "form.people.a"]] {
            let shared = step(&shares).shared(Material { form: &form, results: &BTreeMap::new(), item: None });
            assert_eq!(shared.value, json!({"form": {"people": {"a": 1, "b": 2}}, "results": {}}));
        }
        let all = step(&["form"]).shared(Material { form: &form, results: &BTreeMap::new(), item: None });
        assert_eq!(all.value["form"], form);
        assert_eq!(all.fields, ["/form"]);
    }

    #[test]
    fn pointers_below_a_share_are_shared_and_namesakes_are_not() {
        let step = step(&["form.people", "results.registration"]);
        assert!(step.shares_pointer("/people", None));
        assert!(step.shares_pointer("/people/0/name", None));
        assert!(!step.shares_pointer("/people_count", None));
        assert!(!step.shares_pointer("", None));
        assert!(!step.shares_pointer("/registration", None));
    }

    #[test]
    fn only_paths_are_shares() {
        for text in ["", "results", "case.registrar", "form.", "form.a[0]", "form. a"] {
            assert_eq!(text.parse::<Share>(), Err(ShareSyntax), "{text}");
        }
        assert_eq!(
            "results.social-insurance.number".parse::<Share>().unwrap().to_string(),
            "results.social-insurance.number"
        );
    }
}
