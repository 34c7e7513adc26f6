//! The journal: one entry for each command, with all its events, chained by hash. Bytes are kept exactly as hashed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::{Actor, Event};

/// What the chain of every case starts from.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What one command did to one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Case number.
    pub case: String,
    /// Position in the case's journal, from 1.
    pub seq: i64,
    /// Business time, µs; never before the entry before.
    pub at_us: i64,
    /// Who acted.
    pub actor: Actor,
    /// Name of the command.
    pub command: String,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl Entry {
    /// The bytes that are hashed and stored.
    pub fn to_bytes(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Hash of an entry: SHA-256 over the hash before it, a line feed, and the entry's bytes; lower-case hex.
pub fn chain_hash(previous: &str, bytes: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(b"\n");
    hasher.update(bytes.as_bytes());
    hex(&hasher.finalize())
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}
