//! `kaiban.v1.CommitmentService`.

use kaiban_api::v1;
use kaiban_api::v1::commitment_service_server::CommitmentService;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::{case, certificate, figures};
use crate::refuse::status;

#[tonic::async_trait]
impl CommitmentService for Api {
    async fn list_certificates(
        &self,
        request: Request<v1::ListCertificatesRequest>,
    ) -> Result<Response<v1::ListCertificatesResponse>, Status> {
        let (who, message) = open(request)?;
        let id = certificate::list(message, &self.limits).map_err(status)?;
        let views = self.app.certificates(&who, &id).await.map_err(status)?;
        let certificates = views.into_iter().map(certificate::present).collect();
        Ok(Response::new(v1::ListCertificatesResponse { certificates }))
    }

    async fn preview_commitment(
        &self,
        request: Request<v1::PreviewCommitmentRequest>,
    ) -> Result<Response<v1::PreviewCommitmentResponse>, Status> {
        let (who, message) = open(request)?;
        let (id, step, person) = certificate::preview(message, &self.limits).map_err(status)?;
        let preview = self.app.preview_commitment(&who, &id, &step, &person).await.map_err(status)?;
        Ok(Response::new(certificate::previewed(preview)))
    }

    async fn sign_commitment(
        &self,
        request: Request<v1::SignCommitmentRequest>,
    ) -> Result<Response<v1::SignCommitmentResponse>, Status> {
        let (who, message) = open(request)?;
        let sign = certificate::sign(message, &self.limits).map_err(status)?;
        let changed = self.app.sign_commitment(&who, sign).await.map_err(status)?;
        Ok(Response::new(v1::SignCommitmentResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn decline_commitment(
        &self,
        request: Request<v1::DeclineCommitmentRequest>,
    ) -> Result<Response<v1::DeclineCommitmentResponse>, Status> {
        let (who, message) = open(request)?;
        let said = certificate::decline(message, &self.limits).map_err(status)?;
        let changed = self.app.decline_commitment(&who, said).await.map_err(status)?;
        Ok(Response::new(v1::DeclineCommitmentResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn withdraw_commitment(
        &self,
        request: Request<v1::WithdrawCommitmentRequest>,
    ) -> Result<Response<v1::WithdrawCommitmentResponse>, Status> {
        let (who, message) = open(request)?;
        let said = certificate::withdraw(message, &self.limits).map_err(status)?;
        let changed = self.app.withdraw_commitment(&who, said).await.map_err(status)?;
        Ok(Response::new(v1::WithdrawCommitmentResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn get_commitment_figures(
        &self,
        request: Request<v1::GetCommitmentFiguresRequest>,
    ) -> Result<Response<v1::GetCommitmentFiguresResponse>, Status> {
        let (who, message) = open(request)?;
        let of = figures::read(message, &self.limits).map_err(status)?;
        let figures = self.app.commitment_figures(&who, of).await.map_err(status)?;
        let certificates = figures.into_iter().map(figures::present).collect();
        Ok(Response::new(v1::GetCommitmentFiguresResponse { certificates }))
    }
}
