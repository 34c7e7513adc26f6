//! The tables as sea-orm sees them, and the way from a row that was read to the plain struct. Private to the
//! store.

pub mod access_record;
pub mod blob;
pub mod case;
pub mod case_file;
pub mod case_office;
pub mod case_person;
pub mod commitment;
pub mod commitment_refusal;
pub mod credential;
pub mod credit_entry;
pub mod delay;
pub mod draw;
pub mod draw_item;
pub mod entry;
pub mod file;
pub mod file_grant;
pub mod outbox;
pub mod package;
pub mod publication;
pub mod register;
pub mod request;
pub mod task;
pub mod timer;
pub mod token;
