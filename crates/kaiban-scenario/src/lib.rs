//! Reads scenarios, Markdown with steps and the journal that they should leave, and plays them through any driver; it
//! never decides what is right, the file does.
//!
//! A scenario lies in its package, under `scenarios/`: a title, prose, and three kinds of fenced blocks. ```` ```steps ````
//! says who does what when; ```` ```journal ```` what happened because of it; ```` ```case ```` how a case stands then.
//! [`parse`] reads one and answers what could be read *and* everything that is wrong with it; [`check`] holds it against
//! its package; [`play`] plays it through a [`Driver`] and holds what happened against what was written; [`rewrite`]
//! puts what happened into the file. [`EngineDriver`] is the engine with nothing around it; whoever has a store plays
//! the same files on it and must get the same journal, to the letter.
//!
//! ```
//! let text = "# A case\n\n```steps\n2026-11-23 09:00  terminal submits company.json\n```\n\n```journal\n```\n";
//! let (scenario, findings) = kaiban_scenario::parse("six-step/scenarios/a.md", text);
//! assert!(findings.is_empty());
//! assert_eq!((scenario.title.as_str(), scenario.blocks.len()), ("A case", 2));
//! ```

mod change;
mod check;
mod coverage;
mod credit;
mod diff;
mod driver;
mod engine;
mod markdown;
mod parse;
mod play;
mod render;
mod scenario;
mod shelf;
mod update;

pub use change::{ChangeError, apply};
pub use check::check;
pub use coverage::{Coverage, Transition, transitions};
pub use diff::diff;
pub use driver::{Deed, Driver, Refused};
pub use engine::{EngineDriver, sent};
pub use parse::parse;
pub use play::{Mismatch, Played, play};
pub use scenario::{Act, Block, Blot, Change, Expected, Given, Named, Said, Scenario, Shown, When};
pub use shelf::{Shelf, scenarios};
pub use update::rewrite;
