//! Personal data made unrecognisable for who only needs to know how cases go, and for applicants that of other people.
//!
//! The list is closed: only what the package's schema calls public (`x-public`) is shown. What is forgotten there, or not
//! described at all, is taken for somebody's.

use kaiban_definition::{Definition, Described, Public, Schema, branch_parts};
use kaiban_findings::{Finding, Text};
use serde_json::Value;

/// What stands for a masked value.
const MASK: &str = "***";

/// What of a form or a result is nobody's: of an object the fields that the schema describes, and of these the values
/// that it calls public.
pub(crate) fn document(schema: &Schema, document: &Value) -> Value {
    shown(Some(&schema.described()), document)
}

fn shown(place: Option<&Described<'_>>, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Object(object) => {
            // A name that the schema does not know may itself be somebody's.
            let described = object.iter().filter_map(|(name, value)| {
                let field = place?.field(name)?;
                Some((name.clone(), shown(Some(&field), value)))
            });
            Value::Object(described.collect())
        }
        Value::Array(values) => {
            let element = place.map(Described::element);
            Value::Array(values.iter().map(|value| shown(element.as_ref(), value)).collect())
        }
        Value::String(text) => match place.map_or(Public::No, Described::public) {
            Public::Yes => value.clone(),
            Public::BusinessName => Value::String(business_name(text)),
            Public::No => Value::String(MASK.to_owned()),
        },
        Value::Bool(_) | Value::Number(_) => match place.map_or(Public::No, Described::public) {
            Public::Yes => value.clone(),
            Public::BusinessName | Public::No => Value::String(MASK.to_owned()),
        },
    }
}

/// What a case is called: as its form shows it.
pub(crate) fn subject(def: &Definition, subject: &str) -> String {
    match def.form.described().at(&def.subject).map_or(Public::No, |place| place.public()) {
        Public::Yes => subject.to_owned(),
        Public::BusinessName => business_name(subject),
        Public::No => MASK.to_owned(),
    }
}

/// A company's name is public; the one of a shop may hold its owner's: 福州市鼓楼区王小明小吃店 → 福州市鼓楼区***店.
fn business_name(name: &str) -> String {
    const PUBLIC: [&str; 4] = ["公司", "合作社", "合作联社", "集团"];
    let characters: Vec<char> = name.chars().collect();
    if PUBLIC.iter().any(|end| name.trim_end_matches(['）', ')']).ends_with(end)) {
        return name.to_owned();
    }
    let [.., last] = characters.as_slice() else { return MASK.to_owned() };
    if characters.len() <= 4 {
        return MASK.to_owned();
    }
    let place = characters.iter().take(characters.len() - 2).rposition(|c| "省市区县".contains(*c));
    let place: String = characters[..place.map_or(0, |at| at + 1)].iter().collect();
    format!("{place}{MASK}{last}")
}

/// Findings that an office wrote: what and where, not the words.
pub(crate) fn findings(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().map(finding).collect()
}

/// One of them.
pub(crate) fn finding(finding: Finding) -> Finding {
    let hidden = Text::new("（内容已脱敏）", "(masked)");
    Finding { message: hidden, help: None, ..finding }
}

/// An applicant in front of his own case.
pub(crate) struct Applicant<'a> {
    /// The list of those whose identity is checked, as a pointer into the form, and the field of the key.
    list: Option<(&'a str, &'a str)>,
    /// The step of the checks.
    step: Option<&'a str>,
    /// Key of the applicant's own entry.
    key: &'a str,
}

impl<'a> Applicant<'a> {
    pub fn new(def: &'a Definition, key: &'a str) -> Self {
        let step = def.identity.as_deref();
        let each = step.and_then(|step| def.steps.get(step)?.for_each.as_ref());
        Self { list: each.map(|each| (each.over.as_str(), each.key.as_str())), step, key }
    }

    /// A form or a result as its applicant sees it: of lists the own entry whole, of other entries what is public, and all
    /// else as it is.
    pub fn document(&self, schema: &Schema, document: &Value) -> Value {
        self.shown(Some(&schema.described()), document, &mut String::new())
    }

    fn shown(&self, place: Option<&Described<'_>>, value: &Value, pointer: &mut String) -> Value {
        match value {
            Value::Object(object) => {
                let field = |(name, value): (&String, &Value)| {
                    let (length, field) = (pointer.len(), place.and_then(|place| place.field(name)));
                    pointer.push('/');
                    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                    let value = self.shown(field.as_ref(), value, pointer);
                    pointer.truncate(length);
                    (name.clone(), value)
                };
                Value::Object(object.iter().map(field).collect())
            }
            Value::Array(values) => {
                let element = place.map(Described::element);
                let entry = |value: &Value| match value {
                    Value::Object(_) | Value::Array(_) if !self.is_own(pointer, value) => {
                        shown(element.as_ref(), value)
                    }
                    _ => value.clone(),
                };
                Value::Array(values.iter().map(entry).collect())
            }
            _ => value.clone(),
        }
    }

    fn is_own(&self, list: &str, entry: &Value) -> bool {
        self.list.is_some_and(|(own, field)| own == list && entry.get(field).and_then(Value::as_str) == Some(self.key))
    }

    /// Whether a place of the form lies in an entry of somebody else, or is not there to tell.
    pub fn is_elsewhere(&self, form: &Value, pointer: &str) -> bool {
        let (mut at, mut path) = (form, String::new());
        for name in pointer.split('/').skip(1) {
            let part = name.replace("~1", "/").replace("~0", "~");
            let next = match at {
                Value::Object(object) => object.get(&part),
                Value::Array(values) => part.parse::<usize>().ok().and_then(|index| values.get(index)),
                _ => None,
            };
            match (at, next) {
                (Value::Array(_), Some(entry)) if entry.is_object() && !self.is_own(&path, entry) => return true,
                (_, Some(next)) => at = next,
                // A field that is missing stands in what was walked so far, an entry that is missing stands nowhere.
                (Value::Array(_), None) => return true,
                (_, None) => return false,
            }
            path.push('/');
            path.push_str(name);
        }
        false
    }

    /// Whether a key is the applicant's own.
    pub fn is_key(&self, key: &str) -> bool {
        self.key == key
    }

    /// Whether a branch is the check of somebody else.
    pub fn is_others(&self, branch: &str) -> bool {
        let (step, key) = branch_parts(branch);
        Some(step) == self.step && key.is_some_and(|key| key != self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Schema {
        let person = json!({"type": "object", "properties": {
            "key": {"type": "string"},
            "name": {"type": "string"},
            "roles": {"type": "array", "items": {"type": "string", "x-public": true}},
        }});
        let source = json!({"type": "object", "properties": {
            "kind": {"type": "string", "x-public": true},
            "name": {"type": "string", "x-public": "business-name"},
            "capital_fen": {"type": "integer", "x-public": true},
            "wage_fen": {"type": "integer"},
            "contact": {"type": "object", "properties": {"phone": {"type": "string", "format": "mobile"}}},
            "people": {"type": "array", "items": person},
        }});
        Schema::compile(source).expect("a schema")
    }

    fn form() -> Value {
        json!({
            "kind": "limited-company",
            "name": "福州市鼓楼区王小明小吃店",
            "capital_fen": 100,
            "wage_fen": 5,
            "王小明": "a name that nobody described",
            "contact": {"phone": "13900000000"},
            "people": [{"key": "p1", "name": "陈样例", "roles": ["director"]}, {"key": "p2", "name": "李样例", "roles": []}],
        })
    }

    #[test]
    fn only_what_is_called_public_stays() {
        let masked = json!({
            "kind": "limited-company",
            "name": "福州市鼓楼区***店",
            "capital_fen": 100,
            "wage_fen": "***",
            "contact": {"phone": "***"},
            "people": [{"key": "***", "name": "***", "roles": ["director"]}, {"key": "***", "name": "***", "roles": []}],
        });
        assert_eq!(document(&schema(), &form()), masked);
        assert_eq!(document(&Schema::compile(json!({"type": "object"})).expect("a schema"), &form()), json!({}));
    }

    #[test]
    fn an_applicant_sees_the_application_and_of_people_himself() {
        let own = Applicant { list: Some(("/people", "key")), step: Some("identity"), key: "p1" };
        let mut expected = form();
        expected["people"][1] = json!({"key": "***", "name": "***", "roles": []});
        assert_eq!(own.document(&schema(), &form()), expected);
        let nobody = Applicant { list: None, step: None, key: "p1" };
        expected["people"][0] = json!({"key": "***", "name": "***", "roles": ["director"]});
        assert_eq!(nobody.document(&schema(), &form()), expected);
        for (pointer, elsewhere) in
            [("/contact/phone", false), ("/people/0/name", false), ("/people/1/name", true), ("/people/2", true)]
        {
            assert_eq!(own.is_elsewhere(&form(), pointer), elsewhere, "{pointer}");
        }
        assert!(own.is_others("identity[p2]") && !own.is_others("identity[p1]") && !own.is_others("identity"));
    }

    #[test]
    fn a_shop_may_bear_its_owners_name() {
        assert_eq!(business_name("福州青榕样例贸易有限公司"), "福州青榕样例贸易有限公司");
        assert_eq!(business_name("福州市鼓楼区王小明小吃店"), "福州市鼓楼区***店");
        assert_eq!(business_name("王小明事务所"), "***所");
        assert_eq!((business_name("王小明").as_str(), business_name("").as_str()), ("***", "***"));
    }
}
