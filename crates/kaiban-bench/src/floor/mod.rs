//! The floor: the same messages and the same rows, and nothing else.
//!
//! A bare server decodes `SubmitCase` and `WorkTasks`, puts what comes in a queue, and a writer takes what has gathered,
//! writes the rows that the product writes, commits, answers, and sends the tasks that follow. The flow is fixed. There is
//! no definition, no decision, no read, no check, no token, no journal chain and no repetition of replies: what all of
//! that costs is the distance between the product and this.

mod desks;
mod flow;
mod grpc;
mod rows;
mod writer;

use kaiban_api::v1::admin_service_server::AdminServiceServer;
use kaiban_api::v1::case_service_server::CaseServiceServer;
use kaiban_api::v1::task_service_server::TaskServiceServer;
use kaiban_definition::Directory;
use kaiban_store::Store;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

pub(crate) use flow::PARTIES;

use crate::failure::BenchError;
use grpc::Floor;
use writer::Writers;

/// Calls and streams on one connection at a time, as in the product.
const STREAMS_MAX: u32 = 1_024;

/// Serves the floor until `shutdown` is ready.
///
/// # Errors
/// The store refuses what is written, or the port cannot be used.
pub async fn serve(
    store: Store,
    directory: &Directory,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), BenchError> {
    let backend = format!("{:?}", store.backend()).to_lowercase();
    let (writers, writing) = Writers::start(store, directory);
    let floor = Floor::new(writers, backend);
    let serving = Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .add_service(CaseServiceServer::new(floor.clone()))
        .add_service(TaskServiceServer::new(floor.clone()))
        .add_service(AdminServiceServer::new(floor))
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), shutdown);
    tokio::select! {
        served = serving => served.map_err(|error| BenchError::Process(error.to_string())),
        failed = writing => failed,
    }
}
