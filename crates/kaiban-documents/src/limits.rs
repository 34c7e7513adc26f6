//! How large letters may be.

pub use kaiban_limits::package::{
    LETTER_BYTES_MAX as OUTPUT_BYTES_MAX, LETTER_NESTING_MAX as NESTING_MAX, LETTER_PARTS_MAX as PARTS_MAX,
    LETTERS_MAX, TEMPLATE_BYTES_MAX,
};

/// Columns of a line of text: 40 Chinese characters, each two columns wide.
pub const TEXT_COLUMNS: usize = 80;
