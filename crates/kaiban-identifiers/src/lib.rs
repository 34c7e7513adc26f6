//! Tells whether an identifier of Chinese business registration is well formed, and what is wrong with it: every problem at
//! once. It never asks a registry whether a number or a name exists, never repairs a value silently, and never quotes one
//! in a message: a citizen number is personal data.
//!
//! | module | what | by |
//! |---|---|---|
//! | [`uscc`] | unified social credit codes | GB 32100-2015, GB 11714-1997, Fujian's pilot of 2015 |
//! | [`citizen_id`] | citizen numbers and residence permits | GB 11643-1999 |
//! | [`division`] | administrative divisions, those of Fuzhou with names | GB/T 2260 |
//! | [`company_name`] | names of businesses: composition, bans, comparison | 企业名称登记管理规定, 工商企注字〔2017〕133号 |
//! | [`industry`] | sections, divisions, groups and classes of industry | GB/T 4754-2017 |
//! | [`capital`] | capital and contributions, by the law of their day | 公司法, 市场主体登记管理条例 §13 |
//! | [`contact`], [`bank`], [`seal`] | telephones and postcodes, branch and account numbers, seals | shapes in use |
//!
//! ```
//! let checked = kaiban_identifiers::uscc::check("91350100M000100Y44");
//! assert!(!checked.valid());
//! assert_eq!(checked.problems[0].code, kaiban_identifiers::codes::BAD_CHECK);
//! ```

pub mod bank;
pub mod capital;
mod checked;
pub mod citizen_id;
mod class;
pub mod codes;
pub mod company_name;
mod compose;
pub mod contact;
pub mod division;
mod entity_kind;
mod findings;
mod identifier;
pub mod industry;
mod normalize;
mod organisation_code;
pub mod seal;
pub mod uscc;

pub use checked::Checked;
pub use class::Class;
pub use compose::ComposeError;
pub use entity_kind::EntityKind;
pub use identifier::{Circumstances, Identifier};
