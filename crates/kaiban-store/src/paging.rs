//! Page tokens: where a list goes on. A token is bound to its list, so that one of another list is refused
//! instead of showing a page of nonsense.

use std::fmt::Write as _;

use crate::StoreError;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub rows: Vec<T>,
    /// The token of the next page; `None` when there is nothing more.
    pub next: Option<String>,
}

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PageRequest {
    /// How many rows it has at most; 0 counts as 1.
    pub size: u32,
    /// Where to go on: the `next` of the page before, of the same list.
    pub token: Option<String>,
}

impl PageRequest {
    /// The last row of the page before, if this is not the first one.
    pub(crate) fn place(&self, list: &[&str]) -> Result<Option<Place>, StoreError> {
        let identity = list.join("\0");
        self.token.as_deref().map(|token| Place::read(token, identity.as_bytes())).transpose()
    }

    /// How many rows to read: one more than the page has, to know whether there is another.
    pub(crate) fn fetched(&self) -> i64 {
        i64::from(self.size.max(1)) + 1
    }

    /// The page, from what was read.
    pub(crate) fn cut<T>(&self, mut rows: Vec<T>, list: &[&str], place: impl Fn(&T) -> Place) -> Page<T> {
        let size = self.size.max(1) as usize;
        let more = rows.len() > size;
        rows.truncate(size);
        let identity = list.join("\0");
        let next = rows.last().filter(|_| more).map(|row| place(row).token(identity.as_bytes()));
        Page { rows, next }
    }
}

/// The last row of a page: its sort key and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub key: i64,
    pub id: String,
}

impl Place {
    /// `<check>-<key>-<id>`, the id in hexadecimal. `list` tells the list from all others.
    pub fn token(&self, list: &[u8]) -> String {
        let mut token = format!("{:016x}-{}-", self.check(list), self.key);
        for byte in self.id.bytes() {
            let _ = write!(token, "{byte:02x}");
        }
        token
    }

    pub fn read(token: &str, list: &[u8]) -> Result<Place, StoreError> {
        Place::parse(token)
            .filter(|(check, place)| *check == place.check(list))
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

    /// FNV-1a over the list and the place: against mistakes, not against forgery; a made-up token shows nothing
    /// that the list would not show.
    fn check(&self, list: &[u8]) -> u64 {
        let key = self.key.to_be_bytes();
        let bytes = list.iter().chain(&key).chain(self.id.as_bytes());
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
