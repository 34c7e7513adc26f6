use std::fmt;

/// Why no code can be composed from the given parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComposeError {
    /// GB 32100 has no such department, or the department has no such category.
    Category,
    /// The division is not six digits in a province of GB/T 2260.
    Division,
    /// The body is not eight characters from the 31 of GB 32100.
    Body,
    /// The birth date has no four-digit year.
    BirthDate,
    /// The sequence has more than three digits.
    Sequence,
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ComposeError::Category => "no such department and category in GB 32100",
            ComposeError::Division => "the division is not six digits in a province of GB/T 2260",
            ComposeError::Body => "the body is not eight characters of GB 32100",
            ComposeError::BirthDate => "the birth date has no four-digit year",
            ComposeError::Sequence => "the sequence has more than three digits",
        })
    }
}

impl std::error::Error for ComposeError {}
