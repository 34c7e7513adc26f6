//! `kaiban.v1.WorkflowService`.

use kaiban_api::v1;
use kaiban_api::v1::workflow_service_server::WorkflowService;
use kaiban_app::Refusal;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::workflow;
use crate::refuse::status;

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
}
