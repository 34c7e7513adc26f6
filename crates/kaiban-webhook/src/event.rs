//! An event on its way out: CloudEvents 1.0, <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::{Offset, offset};
use serde::Serialize;
use serde_json::Value;

use crate::DeliveryError;

/// What every event's type begins with.
const TYPE_PREFIX: &str = "cn.kaiban.";
/// How long an id may be, in bytes; it travels in a header.
const ID_BYTES_MAX: usize = 256;
/// China has one time, without summer time.
const CHINA: Offset = offset(8);

/// Something that happened in a case.
#[derive(Clone, PartialEq)]
pub struct CloudEvent {
    /// The event's id: 1 to 256 printable ASCII characters, without spaces and full stops. The same for every
    /// attempt, and never used for another event of the same source.
    pub id: String,
    /// Who says so, a URI reference, such as `/kaiban/350100`.
    pub source: String,
    /// What happened; the event's type is `cn.kaiban.` and this.
    pub event: String,
    /// The number of the case.
    pub subject: String,
    /// When it happened.
    pub at_us: i64,
    /// What the receiver needs to know of it.
    pub data: Value,
}

/// Leaves out the data: it is personal, and what is printed for debugging ends up in a log.
impl fmt::Debug for CloudEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudEvent")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("event", &self.event)
            .field("subject", &self.subject)
            .field("at_us", &self.at_us)
            .finish_non_exhaustive()
    }
}

/// The structured JSON form.
#[derive(Serialize)]
struct Envelope<'a> {
    specversion: &'static str,
    id: &'a str,
    source: &'a str,
    #[serde(rename = "type")]
    kind: String,
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: &'a Value,
}

impl CloudEvent {
    /// The body of the request, the same for each attempt.
    pub(crate) fn body(&self) -> Result<String, DeliveryError> {
        // A full stop would leave open where the id ends in what is signed.
        let plain = |b: u8| b.is_ascii_graphic() && b != b'.';
        if self.id.is_empty() || self.id.len() > ID_BYTES_MAX || !self.id.bytes().all(plain) {
            return Err(DeliveryError::Unsendable("its id"));
        }
        if self.source.is_empty() || self.event.is_empty() || self.subject.is_empty() {
            return Err(DeliveryError::Unsendable("an empty attribute"));
        }
        let at = Timestamp::from_microsecond(self.at_us).map_err(|_| DeliveryError::Unsendable("its time"))?;
        let envelope = Envelope {
            specversion: "1.0",
            id: &self.id,
            source: &self.source,
            kind: format!("{TYPE_PREFIX}{}", self.event),
            subject: &self.subject,
            time: at.display_with_offset(CHINA).to_string(),
            datacontenttype: "application/json",
            data: &self.data,
        };
        serde_json::to_string(&envelope).map_err(|_| DeliveryError::Unsendable("its data"))
    }
}
