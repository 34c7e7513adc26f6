//! What a status may hold. Every other bound is in the app's table.

pub(crate) use kaiban_app::Limits;

/// Bytes of a status' details. Base64 makes them a third longer, and many clients take no more than 8 KiB of trailers.
pub(crate) const DETAILS_MAX_BYTES: usize = 4 * 1024;

/// Characters of a status' message.
pub(crate) const STATUS_MESSAGE_MAX: usize = 400;
