//! How large letters may be.

/// Bytes of one template or partial.
pub const TEMPLATE_BYTES_MAX: usize = 64 * 1024;
/// Letters and partials of one package, each counted once.
pub const LETTERS_MAX: usize = 64;
/// Blocks inside blocks, partials included.
pub const NESTING_MAX: usize = 16;
/// Parts that a letter has once its partials are put in: fields, blocks, partials.
pub const PARTS_MAX: usize = 4_096;
/// Bytes of one rendering, HTML or text.
pub const OUTPUT_BYTES_MAX: usize = 1024 * 1024;
/// Columns of a line of text: 40 Chinese characters, each two columns wide.
pub const TEXT_COLUMNS: usize = 80;
