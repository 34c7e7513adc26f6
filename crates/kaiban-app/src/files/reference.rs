//! Places of forms and results that refer to documents, and whether they may.

use std::collections::BTreeSet;

use kaiban_files::Digest;
use kaiban_findings::{Finding, Place};
use kaiban_store::CaseFileRow;
use serde_json::Value;

use crate::app::{App, Inner};
use crate::principal::Principal;
use crate::refusal::Refusal;

/// Every text of a value that refers to a document, with its JSON pointer (RFC 6901), in the value's order. What only
/// looks similar is a text like others.
pub fn references(value: &Value) -> Vec<(String, Digest)> {
    let mut found = Vec::new();
    collect(value, &mut String::new(), &mut found);
    found
}

fn collect(value: &Value, pointer: &mut String, found: &mut Vec<(String, Digest)>) {
    let length = pointer.len();
    match value {
        Value::String(text) => {
            if let Ok(digest) = text.parse() {
                found.push((pointer.clone(), digest));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                collect(item, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => {
            for (name, item) in map {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                collect(item, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The rows by which a case refers to the documents of a form (`step` empty) or of a step's result. To be written with
/// the change that brings the value.
pub fn attached(case_id: &str, step: &str, value: &Value) -> Vec<CaseFileRow> {
    let row = |(pointer, digest): (String, Digest)| CaseFileRow {
        case_id: case_id.to_owned(),
        digest: digest.hex(),
        pointer,
        step: step.to_owned(),
    };
    references(value).into_iter().map(row).collect()
}

/// What is known of the documents that a value refers to.
#[derive(Default)]
struct Known {
    /// Fully received, and either handed in by the caller's organisation or in a place of the case that the caller sees.
    usable: BTreeSet<Digest>,
    /// All that the case refers to already, seen by the caller or not.
    attached: BTreeSet<Digest>,
}

impl App {
    /// What is wrong with the references of a form or a result: `DOCUMENT_MISSING` at each place that names a document
    /// which was not fully received or is not the caller's to refer to, `TOO_MANY_DOCUMENTS` at the first one that the
    /// case cannot take any more. `case`: the one that it is for; none for a new one. Files are never taken back, so the
    /// answer holds until the value is written.
    ///
    /// # Errors
    /// The store cannot be read. A case that the caller does not see counts as having no documents.
    pub async fn check_references(
        &self,
        who: &Principal,
        case: Option<&str>,
        value: &Value,
    ) -> Result<Vec<Finding>, Refusal> {
        self.inner.check_references(who, case, value).await
    }
}

impl Inner {
    /// See [`App::check_references`]. Reads nothing where there is no reference.
    pub(crate) async fn check_references(
        &self,
        who: &Principal,
        case: Option<&str>,
        value: &Value,
    ) -> Result<Vec<Finding>, Refusal> {
        let references = references(value);
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let keys: BTreeSet<String> = references.iter().map(|(_, digest)| digest.hex()).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let digests = |keys: Vec<String>| keys.into_iter().filter_map(|key| Digest::from_hex(&key).ok());
        let received = self.store.files(&keys).await?.into_iter().map(|row| row.digest).collect();
        let received: BTreeSet<Digest> = digests(received).collect();
        let own = self.store.file_grants(&keys, &who.organisation).await?.into_iter().map(|row| row.digest).collect();
        let mut known = Known { usable: digests(own).collect(), ..Known::default() };
        if let Some(case) = case {
            if let Ok(seen) = self.seen(who, case).await {
                known.usable.extend(seen.digests());
            }
            let rows = self.store.case_files(case).await?.into_iter().map(|row| row.digest).collect();
            known.attached = digests(rows).collect();
        }
        known.usable.retain(|digest| received.contains(digest));
        Ok(judge(&references, known, self.settings.limits.case_files_max))
    }
}

fn judge(references: &[(String, Digest)], mut known: Known, max: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut full = false;
    for (pointer, digest) in references {
        let place = || Place::Pointer(pointer.clone());
        if !known.usable.contains(digest) {
            let finding = Finding::error(
                "DOCUMENT_MISSING",
                place(),
                "引用的文件不存在或尚未完整上传。",
                "The document that this names is not there, or was not fully uploaded.",
            );
            findings.push(finding.with_help(
                "请先用 UploadDocument 上传，再填写返回的 digest。",
                "Upload it with UploadDocument first and name the digest that it answers.",
            ));
        }
        if known.attached.insert(*digest) && known.attached.len() > max && !full {
            full = true;
            findings.push(Finding::error(
                "TOO_MANY_DOCUMENTS",
                place(),
                format!("一个办件最多引用{max}个文件。"),
                format!("A case refers to at most {max} documents."),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(number: u8) -> Digest {
        Digest::from([number; 32])
    }

    fn text(number: u8) -> String {
        digest(number).to_string()
    }

    fn codes(value: &Value, known: Known, max: usize) -> Vec<String> {
        let findings = judge(&references(value), known, max);
        findings.iter().map(|finding| format!("{} {}", finding.place, finding.code)).collect()
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let value = json!({
            "lease": text(1),
            "people": [{"photo": text(2)}, {"photo": null}],
            "a/b~c": {"d": [[text(1)]]},
        });
        let mut found = references(&value);
        found.sort();
        let expected = [("/a~1b~0c/d/0/0", 1), ("/lease", 1), ("/people/0/photo", 2)];
        assert_eq!(found, expected.map(|(pointer, number)| (pointer.to_owned(), digest(number))));
        for (pointer, digest) in &found {
            assert_eq!(value.pointer(pointer).unwrap(), &digest.to_string());
        }
    }

    #[test]
    fn what_only_looks_similar_is_a_text() {
        let (upper, long, spaced) = (text(0xab).to_uppercase(), format!("{}0", text(1)), format!(" {}", text(1)));
        let name = json!({ text(1): true });
        for value in [json!(upper), json!(long), json!(spaced), json!("sha256:"), name, json!(1), json!(null)] {
            assert_eq!(references(&value), [], "{value}");
        }
        assert_eq!(references(&json!(text(1))), [(String::new(), digest(1))]);
    }

    #[test]
    fn rows_say_where_a_case_refers_to_a_file() {
        let rows = attached("c1", "registration", &json!({"licence": text(1)}));
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.case_id.as_str(), row.step.as_str(), row.pointer.as_str()), ("c1", "registration", "/licence"));
        assert_eq!(format!("sha256:{}", row.digest), text(1));
    }

    #[test]
    fn every_place_that_names_what_is_not_there_is_told() {
        let known = || Known { usable: [digest(1)].into(), ..Known::default() };
        let value = json!({"a": text(1), "b": text(2), "c": [text(2), text(3)]});
        let missing = ["/b DOCUMENT_MISSING", "/c/0 DOCUMENT_MISSING", "/c/1 DOCUMENT_MISSING"];
        assert_eq!(codes(&value, known(), 100), missing);
        assert!(codes(&json!({"a": text(1)}), known(), 100).is_empty());
        // That the case has it is not enough: the caller must see where.
        let hidden = Known { attached: [digest(2)].into(), ..Known::default() };
        assert_eq!(codes(&json!({"b": text(2)}), hidden, 100), ["/b DOCUMENT_MISSING"]);
    }

    #[test]
    fn a_case_takes_so_many_documents_and_no_more() {
        let known = |attached: &[u8]| Known {
            usable: (0..9).map(digest).collect(),
            attached: attached.iter().map(|number| digest(*number)).collect(),
        };
        let value = json!([text(1), text(2), text(1), text(3), text(4)]);
        assert!(codes(&value, known(&[]), 4).is_empty(), "the same one counts once");
        assert_eq!(codes(&value, known(&[]), 2), ["/3 TOO_MANY_DOCUMENTS"], "told once");
        assert_eq!(codes(&value, known(&[1, 2, 8]), 4), ["/4 TOO_MANY_DOCUMENTS"], "earlier ones count");
        assert!(codes(&value, known(&[1, 2, 3, 4]), 4).is_empty());
    }
}
