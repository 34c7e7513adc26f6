//! Requests: which were answered, and how, so that a repeated one gets the original reply.

/// A mutation that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Organisation, method and request id in one text.
    pub key: String,
    /// Digest of what was asked; the same key with other content is refused.
    pub content: String,
    /// The case it was about, if one.
    pub case_id: Option<String>,
    /// What the reply can be rebuilt from.
    pub reply: String,
    /// When it was answered.
    pub at_us: i64,
}
