//! The codes of all findings of this crate. They never change meaning.

/// An id is empty, too long, or has characters other than printable ASCII.
pub const BAD_ID: &str = "BAD_ID";
/// A text is empty, too long, or has control characters.
pub const BAD_TEXT: &str = "BAD_TEXT";
/// The record is of another method.
pub const BAD_METHOD: &str = "BAD_METHOD";
/// A share is no percentage.
pub const BAD_SHARE: &str = "BAD_SHARE";
/// No stratum has a share.
pub const NO_SHARES: &str = "NO_SHARES";
/// So many checkers cannot be drawn for one item.
pub const BAD_CHECKERS: &str = "BAD_CHECKERS";
/// The instants of an announcement do not follow each other.
pub const BAD_SCHEDULE: &str = "BAD_SCHEDULE";
/// The form of the public value has too few digits, or cannot be written.
pub const BAD_FORM: &str = "BAD_FORM";
/// A list has more entries than it may.
pub const TOO_MANY: &str = "TOO_MANY";
/// Something stands twice.
pub const DUPLICATE: &str = "DUPLICATE";
/// A list of a record is not in its order.
pub const NOT_SORTED: &str = "NOT_SORTED";
/// Fewer than two sources of randomness, or no party.
pub const TOO_FEW_SOURCES: &str = "TOO_FEW_SOURCES";
/// A party that withheld its number takes part again, and nothing keeps it from withholding again.
pub const PARTY_WITHHELD: &str = "PARTY_WITHHELD";
/// A draw follows itself.
pub const SAME_DRAW: &str = "SAME_DRAW";

/// The draw has ended.
pub const DRAW_OVER: &str = "DRAW_OVER";
/// Something is older than what it follows.
pub const TIME_BACKWARDS: &str = "TIME_BACKWARDS";
/// Somebody who is no party of the draw.
pub const UNKNOWN_PARTY: &str = "UNKNOWN_PARTY";

/// A commitment after its deadline.
pub const COMMITMENT_LATE: &str = "COMMITMENT_LATE";
/// A second commitment of a party.
pub const SECOND_COMMITMENT: &str = "SECOND_COMMITMENT";
/// A party has not committed.
pub const COMMITMENT_MISSING: &str = "COMMITMENT_MISSING";

/// A freeze before the period is over.
pub const FREEZE_EARLY: &str = "FREEZE_EARLY";
/// A freeze after the deadline of the reveals.
pub const FREEZE_LATE: &str = "FREEZE_LATE";
/// A second freeze.
pub const ALREADY_FROZEN: &str = "ALREADY_FROZEN";
/// Another roster than was announced.
pub const ROSTER_CHANGED: &str = "ROSTER_CHANGED";
/// Another pool than that of the void draw before.
pub const POOL_CHANGED: &str = "POOL_CHANGED";
/// An item of a stratum without a share.
pub const UNKNOWN_STRATUM: &str = "UNKNOWN_STRATUM";
/// An item that too few of the roster may check.
pub const TOO_FEW_CHECKERS: &str = "TOO_FEW_CHECKERS";
/// The pool is not frozen yet.
pub const NOT_FROZEN: &str = "NOT_FROZEN";

/// A reveal before the freeze.
pub const REVEAL_EARLY: &str = "REVEAL_EARLY";
/// A reveal after its deadline.
pub const REVEAL_LATE: &str = "REVEAL_LATE";
/// A second reveal of a party.
pub const SECOND_REVEAL: &str = "SECOND_REVEAL";
/// A number that does not fit its commitment.
pub const REVEAL_WRONG: &str = "REVEAL_WRONG";
/// A party has not revealed.
pub const REVEAL_MISSING: &str = "REVEAL_MISSING";

/// A public value where none was named.
pub const NO_VALUE_NAMED: &str = "NO_VALUE_NAMED";
/// A public value before it can be known.
pub const VALUE_EARLY: &str = "VALUE_EARLY";
/// A public value after its deadline.
pub const VALUE_LATE: &str = "VALUE_LATE";
/// A public value that is not written as announced.
pub const VALUE_FORM: &str = "VALUE_FORM";
/// A second public value.
pub const SECOND_VALUE: &str = "SECOND_VALUE";
/// The public value is missing.
pub const VALUE_MISSING: &str = "VALUE_MISSING";

/// No deadline has passed.
pub const NOT_DUE: &str = "NOT_DUE";
/// Void: a party never committed.
pub const NEVER_COMMITTED: &str = "NEVER_COMMITTED";
/// Void: the pool was never frozen.
pub const NEVER_FROZEN: &str = "NEVER_FROZEN";
/// Void: a party never revealed.
pub const NEVER_REVEALED: &str = "NEVER_REVEALED";
/// Void: the public value never came.
pub const NO_PUBLIC_VALUE: &str = "NO_PUBLIC_VALUE";

/// A text is not the JSON of a record.
pub const UNREADABLE: &str = "UNREADABLE";
/// A published hash is not that of what was published.
pub const HASH_DIFFERS: &str = "HASH_DIFFERS";
/// The seed does not follow from the numbers.
pub const SEED_DIFFERS: &str = "SEED_DIFFERS";
/// A count of a stratum does not follow from the pool and the shares.
pub const COUNT_DIFFERS: &str = "COUNT_DIFFERS";
/// An item should have been drawn, and is not listed.
pub const SHOULD_BE_DRAWN: &str = "SHOULD_BE_DRAWN";
/// An item is listed, and should not have been drawn.
pub const SHOULD_NOT_BE_DRAWN: &str = "SHOULD_NOT_BE_DRAWN";
/// What was drawn is listed in another order.
pub const ORDER_DIFFERS: &str = "ORDER_DIFFERS";
/// An item is listed with another stratum.
pub const STRATUM_DIFFERS: &str = "STRATUM_DIFFERS";
/// An item is listed with other checkers.
pub const CHECKERS_DIFFER: &str = "CHECKERS_DIFFER";
/// The draw is not void for this reason.
pub const VOID_DIFFERS: &str = "VOID_DIFFERS";
