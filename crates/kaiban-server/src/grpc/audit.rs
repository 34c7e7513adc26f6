//! `kaiban.v1.AuditService`.

use kaiban_api::v1;
use kaiban_api::v1::audit_service_server::AuditService;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::audit;
use crate::refuse::status;

#[tonic::async_trait]
impl AuditService for Api {
    async fn list_access_records(
        &self,
        request: Request<v1::ListAccessRecordsRequest>,
    ) -> Result<Response<v1::ListAccessRecordsResponse>, Status> {
        let (who, message) = open(request)?;
        let (of, size, token) = audit::records(message, &self.limits).map_err(status)?;
        let (records, next_page_token) = self.app.access_records(&who, of, size, &token).await.map_err(status)?;
        let records = records.into_iter().map(audit::record).collect();
        Ok(Response::new(v1::ListAccessRecordsResponse { records, next_page_token }))
    }

    async fn list_journal(
        &self,
        request: Request<v1::ListJournalRequest>,
    ) -> Result<Response<v1::ListJournalResponse>, Status> {
        let (who, message) = open(request)?;
        let (case, size, token) = audit::journal(message, &self.limits).map_err(status)?;
        let (entries, next_page_token) = self.app.journal(&who, &case, size, &token).await.map_err(status)?;
        let entries = entries.into_iter().map(audit::entry).collect();
        Ok(Response::new(v1::ListJournalResponse { entries, next_page_token }))
    }

    async fn list_heads(
        &self,
        request: Request<v1::ListHeadsRequest>,
    ) -> Result<Response<v1::ListHeadsResponse>, Status> {
        let (who, message) = open(request)?;
        let (size, token) = audit::heads(message, &self.limits).map_err(status)?;
        let (heads, next_page_token) = self.app.heads(&who, size, &token).await.map_err(status)?;
        let heads = heads.into_iter().map(audit::head).collect();
        Ok(Response::new(v1::ListHeadsResponse { heads, next_page_token }))
    }
}
