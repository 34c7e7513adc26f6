//! Looking for malware. Nothing is taken that was not looked at, unless whoever runs the server says so.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::error::FilesError;

/// A file's content, in chunks.
pub type Content = BoxStream<'static, Result<Bytes, FilesError>>;

/// What a scanner says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// Something was found; its name, as the scanner calls it.
    Infected(String),
    /// There is no verdict; why.
    Unavailable(String),
}

/// Looks into files before they are taken.
#[async_trait]
pub trait Scanner: Send + Sync + std::fmt::Debug {
    /// Reads a file and says what it found. Must end by itself: nobody waits with a deadline of his own.
    async fn scan(&self, content: Content) -> Verdict;
}

/// Looks at nothing and finds nothing: for servers whose files are scanned elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    async fn scan(&self, _: Content) -> Verdict {
        Verdict::Clean
    }
}
