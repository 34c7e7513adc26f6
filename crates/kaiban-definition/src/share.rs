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
}

/// A text is not a share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a share is `form.<name>` or `results.<step>.<name>`")]
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

    fn find<'v>(&self, form: &'v Value, results: &'v BTreeMap<String, Value>) -> Option<&'v Value> {
        let (root, path) = match self {
            Share::Form(path) => (form, path),
            Share::Result { step, path } => (results.get(step)?, path),
        };
        path.iter().try_fold(root, |value, name| value.as_object()?.get(name))
    }
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
    pub fn shared_fields(&self, form: &Value, results: &BTreeMap<String, Value>) -> Vec<String> {
        let mut fields = Vec::with_capacity(self.shares.len());
        for share in self.shares.iter().filter(|share| share.find(form, results).is_some()) {
            let pointer = share.pointer();
            if !fields.contains(&pointer) {
                fields.push(pointer);
            }
        }
        fields
    }

    /// Cuts out what the step shares. What the form or the results do not have is left out.
    pub fn shared(&self, form: &Value, results: &BTreeMap<String, Value>) -> Shared {
        let mut found: Vec<(&Share, &Value)> =
            self.shares.iter().filter_map(|share| Some((share, share.find(form, results)?))).collect();
        let fields = self.shared_fields(form, results);
        // The wider share goes in last and replaces what lies below it.
        found.sort_by_key(|(share, _)| std::cmp::Reverse(share.path().len()));
        let mut root = Map::new();
        root.insert("form".into(), Value::Object(Map::new()));
        root.insert("results".into(), Value::Object(Map::new()));
        for (share, value) in found {
            insert(&mut root, &share.path(), value);
        }
        Shared { value: Value::Object(root), fields }
    }

    /// Whether this pointer into the form is, or lies below, something that the step shares; a correction may name no
    /// other pointer.
    pub fn shares_pointer(&self, form_pointer: &str) -> bool {
        self.shares.iter().any(|share| match share {
            Share::Form(_) => {
                let pointer = share.pointer();
                let shared = pointer.strip_prefix("/form").unwrap_or_default();
                form_pointer.strip_prefix(shared).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Share::Result { .. } => false,
        })
    }
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
            party: "seal-carver".into(),
            needs: Vec::new(),
            when: None,
            counts: true,
            within: None,
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
        let shared = step.shared(&form, &results);
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
            let shared = step(&shares).shared(&form, &BTreeMap::new());
            assert_eq!(shared.value, json!({"form": {"people": {"a": 1, "b": 2}}, "results": {}}));
        }
        let all = step(&["form"]).shared(&form, &BTreeMap::new());
        assert_eq!(all.value["form"], form);
        assert_eq!(all.fields, ["/form"]);
    }

    #[test]
    fn pointers_below_a_share_are_shared_and_namesakes_are_not() {
        let step = step(&["form.people", "results.registration"]);
        assert!(step.shares_pointer("/people"));
        assert!(step.shares_pointer("/people/0/name"));
        assert!(!step.shares_pointer("/people_count"));
        assert!(!step.shares_pointer(""));
        assert!(!step.shares_pointer("/registration"));
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
