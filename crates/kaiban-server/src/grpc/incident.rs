//! `kaiban.v1.IncidentService`.

use kaiban_api::v1;
use kaiban_api::v1::incident_service_server::IncidentService;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::incident::Resolved;
use crate::map::{case, incident};
use crate::refuse::status;

#[tonic::async_trait]
impl IncidentService for Api {
    async fn list_incidents(
        &self,
        request: Request<v1::ListIncidentsRequest>,
    ) -> Result<Response<v1::ListIncidentsResponse>, Status> {
        let (who, message) = open(request)?;
        let ((case, kind), page_size, token) = incident::list(message, &self.limits).map_err(status)?;
        let (incidents, next) = self.app.incidents(&who, (&case, kind), page_size, &token).await.map_err(status)?;
        let incidents = incidents.into_iter().map(incident::present).collect();
        Ok(Response::new(v1::ListIncidentsResponse { incidents, next_page_token: next }))
    }

    async fn resolve_incident(
        &self,
        request: Request<v1::ResolveIncidentRequest>,
    ) -> Result<Response<v1::ResolveIncidentResponse>, Status> {
        let (who, message) = open(request)?;
        let Resolved { request_id, incident, officer, by_hand } =
            incident::resolve(message, &self.limits).map_err(status)?;
        let resolved = match by_hand {
            true => self.app.settle_incident(&who, &incident, officer).await,
            false => self.app.resolve_incident(&who, &request_id, &incident, officer).await,
        };
        let resolved = resolved.map_err(status)?;
        Ok(Response::new(v1::ResolveIncidentResponse { case: Some(case::present(resolved).map_err(status)?) }))
    }
}
