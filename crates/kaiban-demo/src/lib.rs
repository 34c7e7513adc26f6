//! Plays days of the city against a real server: every outlet and every agency is a gRPC client with its own token. It
//! looks at the server from outside only; what it reports comes from the server's answers.
//!
//! Business time is simulated. The [`conductor`](play) moves it: at each instant everybody who has something to do does
//! it, everybody says that nothing is left, and time jumps to the next thing that is due. So a day of office hours takes
//! seconds, and the working times are real.

mod bureau;
mod checks;
mod conductor;
mod desk;
mod failure;
mod left_out;
mod notary;
mod report;
mod terminals;
mod town;

pub use conductor::{Plan, Progress, Waiting, play, play_without};
pub use failure::DemoError;
pub use left_out::{Foreign, Hard, Invitation, LeftOut};
pub use report::{Commitments, Report, Revoked, StepFigures, TimeToOpen, Verified};
pub use town::Town;
