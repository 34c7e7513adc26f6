//! The contract of `proto/kaiban/v1` in Rust, for servers and clients alike; it never decides what a message means.
//!
//! Besides the generated [`v1`]: JSON values as `google.protobuf.Struct` and back ([`to_struct`], [`from_struct`]),
//! instants and lengths of time in µs ([`timestamp`], [`micros`], [`duration`]), a channel with a token
//! ([`connect`]), and which request goes to which method ([`Call`]).

mod call;
mod connect;
mod json;
mod time;

pub use call::{Call, unary};
pub use connect::{Bearer, Channel, ClientIdentity, ConnectError, Tls, connect, connect_lazy};
pub use json::{DEPTH_MAX, StructError, from_struct, to_struct};
pub use time::{duration, duration_from_us, micros, std_duration, timestamp};

/// Messages, clients and servers of package `kaiban.v1`; the comments of the `.proto` files are the reference.
#[allow(missing_docs, clippy::all)]
pub mod v1 {
    tonic::include_proto!("kaiban.v1");
}

/// The descriptors of `kaiban.v1` and all it imports, as an encoded `FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/kaiban.v1.binpb"));

/// Largest request that a server takes unless it is set up otherwise, bytes.
pub const REQUEST_MAX_BYTES: usize = kaiban_limits::REQUEST_MAX_BYTES as usize;

/// Largest answer that a server gives and clients should take, bytes.
pub const RESPONSE_MAX_BYTES: usize = kaiban_limits::RESPONSE_MAX_BYTES as usize;
