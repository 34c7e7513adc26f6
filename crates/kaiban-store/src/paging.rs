//! Page tokens: where a list goes on. A token is bound to its query, so that one of another list is refused
//! instead of showing a page of nonsense.

use std::fmt::Write as _;

use crate::{CaseQuery, CaseSort, StoreError};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub rows: Vec<T>,
    /// The token of the next page; `None` when there is nothing more.
    pub next: Option<String>,
}

/// The last row of a page: its sort key and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub key: i64,
    pub id: String,
}

impl Place {
    /// `<check>-<key>-<id>`, the id in hexadecimal.
    pub fn token(&self, query: &CaseQuery) -> String {
        let mut token = format!("{:016x}-{}-", self.check(query), self.key);
        for byte in self.id.bytes() {
            let _ = write!(token, "{byte:02x}");
        }
        token
    }

    pub fn read(token: &str, query: &CaseQuery) -> Result<Place, StoreError> {
        Place::parse(token)
            .filter(|(check, place)| *check == place.check(query))
            .map(|(_, place)| place)
            .ok_or(StoreError::BadPageToken)
    }

    fn parse(token: &str) -> Option<(u64, Place)> {
        let (check, rest) = token.split_once('-')?;
        let (key, id) = rest.rsplit_once('-')?;
        let id: Vec<u8> = id
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect::<Option<_>>()?;
        let place = Place { key: key.parse().ok()?, id: String::from_utf8(id).ok()? };
        Some((u64::from_str_radix(check, 16).ok()?, place))
    }

    /// FNV-1a over the filters, the order and the place: against mistakes, not against forgery; a made-up token
    /// shows nothing that the query would not show.
    fn check(&self, query: &CaseQuery) -> u64 {
        let sort = match query.sort {
            CaseSort::ReceivedAsc => "received",
            CaseSort::ReceivedDesc => "received desc",
            CaseSort::PromiseDue => "promise",
        };
        let numbers = [query.received_from_us, query.received_to_us, Some(self.key)];
        let mut bytes = format!("{sort} {} {:?} {numbers:?}", query.open_only, query.state).into_bytes();
        bytes.extend(query.offices.join("\0").into_bytes());
        let texts = [&query.organisation, &query.outlet, &query.division, &query.workflow, &query.outcome];
        for text in texts {
            bytes.push(0);
            if let Some(text) = text {
                bytes.push(1);
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        bytes.push(0);
        bytes.extend_from_slice(self.id.as_bytes());
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
