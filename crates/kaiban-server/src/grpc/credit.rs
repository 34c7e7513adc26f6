//! `kaiban.v1.CreditService`.

use kaiban_api::v1;
use kaiban_api::v1::credit_service_server::CreditService;
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::map::credit;
use crate::refuse::status;

#[tonic::async_trait]
impl CreditService for Api {
    async fn record_credit(
        &self,
        request: Request<v1::RecordCreditRequest>,
    ) -> Result<Response<v1::RecordCreditResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = credit::record(message, &self.limits).map_err(status)?;
        let view = self.app.record_credit(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::RecordCreditResponse { credit: Some(credit::present(view)) }))
    }

    async fn record_correction(
        &self,
        request: Request<v1::RecordCorrectionRequest>,
    ) -> Result<Response<v1::RecordCorrectionResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = credit::correction(message, &self.limits).map_err(status)?;
        let view = self.app.record_credit(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::RecordCorrectionResponse { credit: Some(credit::present(view)) }))
    }

    async fn apply_for_repair(
        &self,
        request: Request<v1::ApplyForRepairRequest>,
    ) -> Result<Response<v1::ApplyForRepairResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = credit::apply(message, &self.limits).map_err(status)?;
        let view = self.app.record_credit(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::ApplyForRepairResponse { credit: Some(credit::present(view)) }))
    }

    async fn decide_repair(
        &self,
        request: Request<v1::DecideRepairRequest>,
    ) -> Result<Response<v1::DecideRepairResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = credit::decide(message, &self.limits).map_err(status)?;
        let view = self.app.record_credit(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::DecideRepairResponse { credit: Some(credit::present(view)) }))
    }

    async fn withdraw_record(
        &self,
        request: Request<v1::WithdrawRecordRequest>,
    ) -> Result<Response<v1::WithdrawRecordResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = credit::withdraw(message, &self.limits).map_err(status)?;
        let view = self.app.record_credit(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::WithdrawRecordResponse { credit: Some(credit::present(view)) }))
    }

    async fn get_credit(
        &self,
        request: Request<v1::GetCreditRequest>,
    ) -> Result<Response<v1::GetCreditResponse>, Status> {
        let (who, message) = open(request)?;
        let (of, on) = credit::get(message, &self.limits).map_err(status)?;
        let view = self.app.credit(&who, &of, on).await.map_err(status)?;
        Ok(Response::new(v1::GetCreditResponse { credit: Some(credit::present(view)) }))
    }
}
