//! Why a file is not taken or not given.

use crate::media::MediaType;

/// What went wrong. No text has anything of a file's content or name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// This server keeps no files.
    #[error("no place for files is set up")]
    NotKept,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is larger than files may be.
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge {
        /// The bound.
        max_bytes: u64,
    },
    /// More or fewer bytes came than were declared.
    #[error("{declared_bytes} bytes were declared and {bytes} came")]
    SizeMismatch {
        /// As declared.
        declared_bytes: u64,
        /// As received.
        bytes: u64,
    },
    /// The content is not the one that was declared.
    #[error("the content has another digest than was declared")]
    DigestMismatch,
    /// The content is of no kind that is taken.
    #[error("the content is no PDF, JPEG, PNG or OFD")]
    TypeNotAllowed,
    /// The name or the declared type says something else than the content.
    #[error("name or declared type do not fit the content, which is {content}")]
    NameLies {
        /// What it is.
        content: MediaType,
    },
    /// The scanner found something.
    #[error("the scanner found {0}")]
    Infected(String),
    /// The scanner does not answer; nothing is taken unscanned.
    #[error("the scanner is not available: {0}")]
    ScannerUnavailable(String),
    /// There is no such file.
    #[error("there is no such file")]
    NotThere,
    /// What is stored is not what was taken in.
    #[error("the stored content has another digest than its name")]
    Corrupt,
    /// The folder or the object store does not work.
    #[error("the file store failed: {0}")]
    Storage(String),
}

impl From<object_store::Error> for FilesError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::NotThere,
            error => Self::Storage(error.to_string()),
        }
    }
}

impl From<std::io::Error> for FilesError {
    fn from(error: std::io::Error) -> Self {
        Self::Storage(error.to_string())
    }
}
