//! Workflow packages: from the texts a person wrote to the [`Definition`] that the engine runs, with every problem found
//! on the way. It must never read a file, fetch a schema, look at a clock, or stop at the first problem.
//!
//! [`load`] takes the whole folder `workflows/`, [`load_package`] one package, for instance one that was kept with the
//! cases that run on it. Both answer with what is sound *and* all findings; [`render`] shows findings with the lines
//! they point at. Every code has a golden under `tests/goldens/`, which is the reference of the codes.
//!
//! ```
//! use kaiban_definition::{Files, load, render};
//!
//! let mut files = Files::new();
//! files.insert("six-step/workflow.yaml", "workflow: six-steps\n");
//! let (workflows, findings) = load(&files);
//! assert!(workflows.definition("six-step").is_none());
//! println!("{}", render(&findings, &files));
//! ```

mod check;
mod diagram;
mod digest;
mod directory;
mod files;
mod guard;
mod load;
mod migration;
mod model;
mod preview;
mod promise;
mod render;
mod schema;
mod share;
mod tree;

pub use diagram::{dot, mermaid};
pub use digest::digest;
pub use directory::{Bank, Directory, Division, DivisionKind, Office, Officer, Outlet, Party};
pub use files::Files;
pub use guard::{CaseFacts, CreditFacts, GUARD_LENGTH_MAX, Guard, GuardError, LIST_LENGTH_MAX, Scope, TextExpression};
pub use load::{Workflows, editor_schema, load, load_calendars, load_package, migration_schema};
pub use migration::{Added, Dropped, Migration, MigrationFile};
pub use model::{
    AnyOf, BRANCH_KEY_MAX, BRANCHES_MAX, Breaks, Certificate, Commitment, Corrections, Definition, Effect, Evidence,
    Exclusion, Filling, ForEach, FormRule, Gravity, Ground, INTAKE, Intake, NamedLetter, Need, Outcome, Overdue,
    OverdueAction, Promise, Register, Reopening, Revokes, Rule, Statutory, Step, Work, branch_name, branch_parts,
    kept_key,
};
pub use preview::{Asked, Needed, Preview};
pub use render::render;
pub use schema::{Described, FINDINGS_MAX, Public, Schema};
pub use share::{Material, Share, ShareSyntax, Shared};
