//! Keeps the files that people hand in, each under the digest of its content, in a folder or an object store; it never
//! trusts what a file says about itself.
//!
//! A file is taken in through an [`Incoming`]: written under a passing name while it is hashed, then held against what
//! was declared, judged by its content ([`sniff`]), scanned, and only then given its final name, in one move. Whatever
//! ends before that leaves nothing behind that anybody could refer to.

mod clamd;
mod digest;
mod error;
mod incoming;
mod media;
mod name;
mod ofd;
mod scan;
mod sniff;
mod store;

pub use clamd::{Clamd, ClamdScanner};
pub use digest::{Digest, DigestSyntax};
pub use error::FilesError;
pub use incoming::{Declared, Incoming, Received};
pub use media::MediaType;
pub use name::is_name;
pub use scan::{Content, NoScanner, Scanner, Verdict};
pub use sniff::{HEAD_MAX, TAIL_MAX, sniff};
pub use store::{CHUNK_BYTES, Files, path_of};

#[cfg(test)]
#[path = "../tests/files/samples.rs"]
mod samples;
