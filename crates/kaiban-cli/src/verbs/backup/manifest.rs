//! What a copy holds: written when everything else is on the disk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use kaiban_app::HeadView;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Name of the manifest in the folder.
pub const MANIFEST: &str = "manifest.json";

/// What stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// Version of the program that took the copy.
    pub kaiban: String,
    /// The newest migration of the database.
    pub schema: String,
    /// When the copy of the database was begun, RFC 3339, +08:00.
    pub taken_at: String,
    /// How many cases, archived ones among them.
    pub cases: u64,
    /// How many journal entries the database holds.
    pub entries: u64,
    /// The newest head over all journals.
    pub last_head: Option<Head>,
    /// Everything in the folder but this file.
    pub files: Vec<Entry>,
}

/// A head, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub number: i64,
    pub until_us: i64,
    pub head: String,
}

impl From<HeadView> for Head {
    fn from(view: HeadView) -> Self {
        Self { number: view.number, until_us: view.until_us, head: view.head }
    }
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// From the folder on, with `/`.
    pub path: String,
    pub bytes: u64,
    /// Lower-case hex.
    pub sha256: String,
}

impl Entry {
    /// A file as it is.
    pub fn of(folder: &Path, path: &str) -> io::Result<Self> {
        let mut file = File::open(folder.join(path))?;
        let (bytes, sha256) = digest(&mut file, &mut io::sink())?;
        Ok(Self { path: path.to_owned(), bytes, sha256 })
    }
}

/// Length and SHA-256 of what is read, which is written on.
pub fn digest(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, String)> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok((bytes, sha256));
        }
        hasher.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        bytes += read as u64;
    }
}
