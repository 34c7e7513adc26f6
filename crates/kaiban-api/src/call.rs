//! The calls of the contract as a trait of their requests, generated from the descriptors.

use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

use crate::Channel;

/// A request with one answer: which method it goes to, and whether it may be sent again.
pub trait Call: prost::Message + Clone + Default + 'static {
    /// What the method answers.
    type Answer: prost::Message + Default + 'static;

    /// The method: `/kaiban.v1.CaseService/GetCase`.
    const PATH: &'static str;

    /// Whether the same may be sent again when it is not known whether it was done. True of what only reads, of what
    /// carries a `request_id`, itself or in its items, and of what comes to the same when it is done twice; false of what
    /// makes a secret.
    const REPEATABLE: bool;

    /// The `request_id`, where the message has one of its own.
    fn request_id(&mut self) -> Option<&mut String>;
}

include!(concat!(env!("OUT_DIR"), "/calls.rs"));

/// Makes a call, once.
///
/// # Errors
/// What the server says, or UNAVAILABLE where it cannot be reached.
pub async fn unary<Q: Call>(channel: Channel, request: Request<Q>) -> Result<Response<Q::Answer>, Status> {
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
    grpc.unary(request, PathAndQuery::from_static(Q::PATH), ProstCodec::default()).await
}
