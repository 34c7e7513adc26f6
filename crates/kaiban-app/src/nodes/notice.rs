//! What a node says, and how it fits into PostgreSQL's notices.

use std::collections::BTreeSet;

use kaiban_store::NOTICE_BYTES_MAX;
use serde::{Deserialize, Serialize};

use super::Names;

/// Bytes of a notice besides its lists: the node, two numbers, the names of the fields.
const FRAME_BYTES: usize = 256;

/// Names of one kind that are told; with more it is told that everything may have changed.
const NAMES_MAX: usize = 20_000;

/// One notice.
#[derive(Serialize, Deserialize)]
pub(super) struct Notice {
    pub node: String,
    /// From 1, one more with each.
    pub number: u64,
    /// Commits that the node has told nobody of.
    pub untold: u64,
    #[serde(flatten)]
    pub words: Words,
}

/// What there is to say.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Words {
    /// Cases that changed.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub cases: Names,
    /// Queues in which tasks were left, by office and step.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub queues: BTreeSet<(String, String)>,
    /// Tokens that were revoked.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub tokens: Names,
    /// Offices and tokens of tasks that a stream which ended had in hand.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub released: BTreeSet<(String, String)>,
    /// Calendars were published, or all open cases stand on them.
    #[serde(skip_serializing_if = "is_false")]
    pub calendars: bool,
    /// Packages may have been stored: by a node that is new. Nobody says so.
    #[serde(skip)]
    pub packages: bool,
    /// A commit of this node may have been one. Nobody says so.
    #[serde(skip)]
    pub doubt: bool,
    /// Anything may have changed.
    #[serde(skip_serializing_if = "is_false")]
    pub everything: bool,
    /// The node goes, and with it its streams.
    #[serde(skip_serializing_if = "is_false")]
    pub farewell: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Words {
    /// In pieces that fit; at least one.
    pub(super) fn split(mut self) -> Vec<Words> {
        if self.cases.len().max(self.queues.len()).max(self.released.len()) > NAMES_MAX {
            self.cases.clear();
            self.queues.clear();
            self.released.clear();
            self.everything = true;
        }
        let Words { cases, queues, tokens, released, calendars, everything, farewell, .. } = self;
        let mut pieces = Pieces { done: Vec::new(), last: Words::default(), bytes: FRAME_BYTES };
        for name in tokens {
            pieces.room(name.len()).tokens.insert(name);
        }
        for pair in released {
            pieces.room(pair.0.len() + pair.1.len()).released.insert(pair);
        }
        for pair in queues {
            pieces.room(pair.0.len() + pair.1.len()).queues.insert(pair);
        }
        for name in cases {
            pieces.room(name.len()).cases.insert(name);
        }
        let Pieces { mut done, last, .. } = pieces;
        done.push(Words { calendars, everything, farewell, ..last });
        done
    }
}

struct Pieces {
    done: Vec<Words>,
    last: Words,
    bytes: usize,
}

impl Pieces {
    /// The piece that has room for names of so many bytes. Names are of letters, figures and signs that JSON leaves as they
    /// are.
    fn room(&mut self, bytes: usize) -> &mut Words {
        let bytes = bytes + "[\"\",\"\"],".len();
        if self.bytes + bytes > NOTICE_BYTES_MAX {
            self.done.push(std::mem::take(&mut self.last));
            self.bytes = FRAME_BYTES;
        }
        self.bytes += bytes;
        &mut self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: Words) -> String {
        let notice = Notice { node: "7K3QX9M2".into(), number: u64::MAX, untold: u64::MAX, words };
        serde_json::to_string(&notice).unwrap()
    }

    #[test]
    fn whatever_there_is_to_say_fits() {
        let mut words = Words { farewell: true, ..Words::default() };
        words.cases.extend((0..5_000).map(|n| format!("20260302-7K3Q{n:06}-C")));
        words.queues.extend((0..300).map(|n| (format!("tax-{n:06}"), "invoices".to_owned())));
        words.tokens.insert("T1".into());
        let pieces = words.split();
        assert!(pieces.len() > 10);
        assert_eq!(pieces.iter().map(|words| words.cases.len()).sum::<usize>(), 5_000);
        assert_eq!(pieces.iter().filter(|words| words.farewell).count(), 1);
        for text in pieces.into_iter().map(text) {
            assert!(text.len() <= NOTICE_BYTES_MAX, "{}", text.len());
        }
    }

    #[test]
    fn too_much_is_everything() {
        let mut words = Words::default();
        words.cases.extend((0..=NAMES_MAX).map(|n| format!("c{n}")));
        let pieces = words.split();
        assert!(pieces.len() == 1 && pieces[0].everything && pieces[0].cases.is_empty());
    }

    #[test]
    fn who_says_nothing_says_that_it_is_there() {
        let pieces = Words::default().split();
        assert_eq!(pieces.len(), 1);
        let said = text(Words::default());
        assert_eq!(said, r#"{"node":"7K3QX9M2","number":18446744073709551615,"untold":18446744073709551615}"#);
        assert!(serde_json::from_str::<Notice>(&said).is_ok());
    }
}
