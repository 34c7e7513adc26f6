//! Draws that anybody can check: which of many items are checked on the spot, and by whom. It never chooses anything itself: all
//! randomness is handed in by the parties of a draw, and all instants by the caller.
//!
//! | item | what |
//! |---|---|
//! | [`Draw`] | the record of a draw, published as JSON; each method is one step and returns the new record or the reasons why not |
//! | [`verify`] | re-runs a record from itself alone |
//! | [`compare`] | whether a record is the one that was published |
//! | [`read`] | a record from its JSON |
//! | [`sample`], [`checkers_of`] | the sampler, which needs nothing but a seed |
//!
//! Announced → committed → frozen → revealed → held, or void: [`Draw::announce`], [`Draw::commit`], [`Draw::freeze`], [`Draw::reveal`],
//! [`Draw::publish`], [`Draw::hold`], [`Draw::lapse`]. What follows is for everybody, and is all that the crate does.
//!
//! ---
#![doc = include_str!("../SAMPLER.md")]

mod announce;
mod announcement;
mod canonical;
pub mod codes;
mod commit;
mod findings;
mod freeze;
mod hex;
mod hold;
mod ids;
mod lapse;
mod publish;
mod record;
mod reveal;
mod sampler;
mod verify;

pub use announcement::{Announcement, Follows, Period, PublicValue, Shares};
pub use commit::commitment;
pub use freeze::roster_sha256;
pub use hex::{Hex32, HexSyntax};
pub use record::{Cause, Checker, Commitment, Count, Decision, Draw, Drawn, End, Frozen, Held, Item, Published};
pub use record::{Reveal, State, Void};
pub use sampler::{checkers_of, sample};
pub use verify::{compare, read, verify};

/// The method's name, the first part of everything that is hashed. Whatever changes a byte of a record gets another name.
pub const METHOD: &str = "kaiban-draw/1";

/// Most items of a pool.
pub const ITEMS_MAX: usize = 100_000;
/// Most checkers of a roster.
pub const CHECKERS_MAX: usize = 10_000;
/// Most parties of a draw.
pub const PARTIES_MAX: usize = 16;
/// Most strata of a draw.
pub const STRATA_MAX: usize = 64;
/// Most names that one item recuses.
pub const RECUSED_MAX: usize = 64;
/// Most checkers of one item.
pub const CHECKERS_PER_ITEM_MAX: u8 = 9;
/// Longest id, in bytes.
pub const ID_BYTES_MAX: usize = 128;
/// Longest text (what a public value is, and its form), in characters.
pub const TEXT_MAX: usize = 200;
/// Fewest digits of a public value. With fewer, a party could choose among numbers until one favours an item noticeably.
pub const PUBLIC_DIGITS_MIN: usize = 6;
