//! Puts kaiban on a gRPC port: reads messages, asks the app, writes answers. It never decides anything about a case.
//!
//! A call goes through [`layers`] (panics, deadline, token), a thin handler in `grpc/`, and the mapping of its resource
//! in `map/`, which reads every field of a message before the app sees any of it. [`serve`] is the only door.

mod answer;
mod call;
mod caller;
mod connection;
mod grpc;
mod layers;
mod limits;
mod map;
mod outbound;
mod refuse;
mod room;
mod serve;
mod stopping;

pub use map::workflow::{brief as brief_workflow, full as full_workflow};
pub use serve::{ClientAuth, ServeError, ServerSettings, TlsIdentity, serve};
