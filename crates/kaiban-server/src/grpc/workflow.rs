//! `kaiban.v1.WorkflowService`.

use std::sync::Arc;

use kaiban_api::v1;
use kaiban_api::v1::workflow_service_server::WorkflowService;
use kaiban_app::{MigrationRun, Refusal};
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::caller::Caller;
use crate::map::workflow;
use crate::outbound::{Outbound, Outbox, outbound};
use crate::refuse::status;
use crate::stopping::Stopping;

#[tonic::async_trait]
impl WorkflowService for Api {
    async fn list_workflows(
        &self,
        request: Request<v1::ListWorkflowsRequest>,
    ) -> Result<Response<v1::ListWorkflowsResponse>, Status> {
        open(request)?;
        let definitions = self.app.workflows();
        let workflows = definitions.iter().map(|definition| workflow::brief(definition)).collect();
        Ok(Response::new(v1::ListWorkflowsResponse { workflows }))
    }

    async fn get_workflow(
        &self,
        request: Request<v1::GetWorkflowRequest>,
    ) -> Result<Response<v1::GetWorkflowResponse>, Status> {
        let (_, message) = open(request)?;
        let (name, digest) = workflow::get(message, &self.limits).map_err(status)?;
        let definition = self.app.workflow(&name, digest.as_deref()).ok_or_else(|| status(Refusal::not_found()))?;
        let workflow = workflow::full(&definition).map_err(status)?;
        Ok(Response::new(v1::GetWorkflowResponse { workflow: Some(workflow) }))
    }

    type MigrateCasesStream = Outbound<v1::MigrateCasesResponse>;

    async fn migrate_cases(
        &self,
        request: Request<v1::MigrateCasesRequest>,
    ) -> Result<Response<Self::MigrateCasesStream>, Status> {
        let (who, message) = open(request)?;
        let wanted = workflow::migrate(message, &self.limits).map_err(status)?;
        let run = self.app.migrate_cases(&who, wanted).map_err(status)?;
        let (outbox, stream) = outbound(self.limits.stream_queue_max, self.limits.slow_reader_max);
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            let word = migrate(who, run, stopping, &outbox).await;
            outbox.end(word);
        });
        Ok(Response::new(stream))
    }
}

/// Moves cases page by page until all have been looked at, or until one side has enough: what is moved stays moved.
async fn migrate(
    who: Arc<Caller>,
    mut run: MigrationRun,
    stopping: Stopping,
    outbox: &Outbox<v1::MigrateCasesResponse>,
) -> Result<(), Status> {
    let (from, to) = run.versions();
    let (from_digest, to_digest) = (from.digest.clone(), to.digest.clone());
    let mut dismissed = std::pin::pin!(who.dismissed());
    loop {
        let page = tokio::select! {
            page = run.next() => page.map_err(status)?,
            () = stopping.heard() => return Err(status(Refusal::stopping())),
            word = &mut dismissed => return Err(word),
            () = outbox.abandoned() => return Ok(()),
        };
        let Some(page) = page else { return Ok(()) };
        let cases = page.into_iter().map(workflow::migrated).collect();
        let (from_digest, to_digest) = (from_digest.clone(), to_digest.clone());
        outbox.send(v1::MigrateCasesResponse { cases, from_digest, to_digest }).await?;
    }
}
