//! The tables as sea-orm sees them, and the way from a row that was read to the plain struct. Private to the
//! store.

pub mod blob;
pub mod case;
pub mod case_office;
pub mod entry;
pub mod package;
pub mod request;
pub mod task;
pub mod timer;
pub mod token;
