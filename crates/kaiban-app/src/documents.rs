//! Forms, findings, results and reasons: filed under a salted digest, so that the journal can name them and they can be
//! erased one day without breaking it. Contents never change, so they may be kept in memory without a version.

use std::sync::Arc;

use kaiban_engine::Filed;
use kaiban_store::BlobRow;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ids;

/// A document that a job brings, before it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Brought {
    pub filed: Filed,
    pub kind: &'static str,
    pub salt: String,
    pub bytes: String,
}

impl Brought {
    pub fn new(kind: &'static str, content: Value) -> Self {
        let bytes = content.to_string();
        let salt = ids::salt();
        let digest = digest(&salt, &bytes);
        Self { filed: Filed { digest, content: Arc::new(content) }, kind, salt, bytes }
    }

    pub fn row(&self, case_id: &str, created_at_us: i64) -> BlobRow {
        BlobRow {
            digest: self.filed.digest.clone(),
            case_id: case_id.to_owned(),
            kind: self.kind.to_owned(),
            salt: self.salt.clone(),
            bytes: self.bytes.clone(),
            created_at_us,
        }
    }
}

/// Salted SHA-256 of a document, lower-case hex.
pub(crate) fn digest(salt: &str, bytes: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(salt.as_bytes());
    hasher.update(bytes.as_bytes());
    ids::hex(&hasher.finalize())
}

#[derive(Clone)]
struct ByLength;

impl Weighter<String, (Arc<Value>, u64)> for ByLength {
    fn weight(&self, _: &String, (_, bytes): &(Arc<Value>, u64)) -> u64 {
        // Parsed values take about eight times their text (measured), plus the key and the slot.
        bytes * 8 + 200
    }
}

/// Parsed documents that were read or written lately.
pub(crate) struct DocumentCache(Cache<String, (Arc<Value>, u64), ByLength>);

impl DocumentCache {
    pub fn new(bytes_max: u64) -> Self {
        let expected = usize::try_from(bytes_max / 4_096).unwrap_or(1_024);
        Self(Cache::with_weighter(expected, bytes_max, ByLength))
    }

    pub fn get(&self, digest: &str) -> Option<Arc<Value>> {
        self.0.get(digest).map(|(value, _)| value)
    }

    pub fn put(&self, digest: &str, value: Arc<Value>, bytes: usize) {
        self.0.insert(digest.to_owned(), (value, bytes as u64));
    }
}
