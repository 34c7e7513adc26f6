//! One case in a file of the archive: a gzip member of JSON lines, so that `zcat` shows whole files.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use kaiban_store::{BlobRow, EntryRow};
use serde::{Deserialize, Serialize};

/// All of a case that is not in the database any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub case: String,
    pub snapshot: String,
    pub entries: Vec<EntryRow>,
    pub documents: Vec<BlobRow>,
}

/// A line. Texts are kept as they were hashed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Case { case: String, snapshot: String },
    Entry { seq: i64, at_us: i64, bytes: String, hash: String },
    Document { digest: String, kind: String, salt: String, bytes: String, created_at_us: i64 },
}

/// Bytes of a case's lines at most: more than any case has, and no more than a damaged file may cost.
const BYTES_MAX: u64 = 1 << 30;

impl Member {
    /// As it stands in a file.
    pub fn pack(&self) -> std::io::Result<Vec<u8>> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let case = Line::Case { case: self.case.clone(), snapshot: self.snapshot.clone() };
        let entries = self.entries.iter().cloned().map(|entry| {
            let EntryRow { seq, at_us, bytes, hash, .. } = entry;
            Line::Entry { seq, at_us, bytes, hash }
        });
        let documents = self.documents.iter().cloned().map(|blob| {
            let BlobRow { digest, kind, salt, bytes, created_at_us, .. } = blob;
            Line::Document { digest, kind, salt, bytes, created_at_us }
        });
        for line in std::iter::once(case).chain(entries).chain(documents) {
            serde_json::to_writer(&mut packed, &line)?;
            packed.write_all(b"\n")?;
        }
        packed.finish()
    }

    /// Reads it again.
    pub fn unpack(packed: &[u8]) -> std::io::Result<Self> {
        let damaged = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
        let mut text = String::new();
        GzDecoder::new(packed).take(BYTES_MAX).read_to_string(&mut text)?;
        let mut lines = text.lines();
        let first = lines.next().map(serde_json::from_str).transpose()?;
        let Some(Line::Case { case, snapshot }) = first else { return Err(damaged("no case stands first")) };
        let (mut entries, mut documents) = (Vec::new(), Vec::new());
        for line in lines {
            let case_id = case.clone();
            match serde_json::from_str(line)? {
                Line::Case { .. } => return Err(damaged("a second case")),
                Line::Entry { seq, at_us, bytes, hash } => {
                    entries.push(EntryRow { case_id, seq, at_us, bytes, hash });
                }
                Line::Document { digest, kind, salt, bytes, created_at_us } => {
                    documents.push(BlobRow { digest, case_id, kind, salt, bytes, created_at_us });
                }
            }
        }
        Ok(Self { case, snapshot, entries, documents })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_comes_back_as_it_was() {
        let case_id = "20260302-0000000000-0".to_owned();
        let member = Member {
            case: case_id.clone(),
            snapshot: r#"{"id":"20260302-0000000000-0"}"#.into(),
            entries: vec![EntryRow {
                case_id: case_id.clone(),
                seq: 1,
                at_us: 7,
                bytes: "{\"a\": \"\\n\u{2028}\"}".into(),
                hash: "h".into(),
            }],
            documents: vec![BlobRow {
                digest: "d".into(),
                case_id,
                kind: "form".into(),
                salt: "s".into(),
                bytes: r#"{"name":"样例"}"#.into(),
                created_at_us: 7,
            }],
        };
        let packed = member.pack().unwrap();
        assert_eq!(Member::unpack(&packed).unwrap(), member);
        assert!(Member::unpack(&packed[..packed.len() - 9]).is_err(), "a part of it is no case");
        assert!(Member::unpack(b"").is_err());
    }
}
