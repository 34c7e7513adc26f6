//! `kaiban.v1.CaseService`.

use kaiban_api::v1;
use kaiban_api::v1::case_service_server::CaseService;
use prost::Message;
use tonic::{Request, Response, Status};

use super::{Api, open, watch};
use crate::map::{case, explain, step};
use crate::refuse::status;

#[tonic::async_trait]
impl CaseService for Api {
    async fn check_form(
        &self,
        request: Request<v1::CheckFormRequest>,
    ) -> Result<Response<v1::CheckFormResponse>, Status> {
        let (who, message) = open(request)?;
        let (workflow, form) = case::check(message, &self.limits).map_err(status)?;
        let check = self.app.check_form(&who, &workflow, &form).await.map_err(status)?;
        Ok(Response::new(case::checked(check).map_err(status)?))
    }

    async fn submit_case(
        &self,
        request: Request<v1::SubmitCaseRequest>,
    ) -> Result<Response<v1::SubmitCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let submit = case::submit(message, &self.limits).map_err(status)?;
        let submitted = self.app.submit(&who, submit).await.map_err(status)?;
        Ok(Response::new(case::submitted(submitted).map_err(status)?))
    }

    async fn get_case(&self, request: Request<v1::GetCaseRequest>) -> Result<Response<v1::GetCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let (id, detail) = case::get(message, &self.limits).map_err(status)?;
        let found = self.app.case(&who, &id, detail).await.map_err(status)?;
        Ok(Response::new(v1::GetCaseResponse { case: Some(case::present(found).map_err(status)?) }))
    }

    async fn explain_case(
        &self,
        request: Request<v1::ExplainCaseRequest>,
    ) -> Result<Response<v1::ExplainCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let id = explain::read(message, &self.limits).map_err(status)?;
        let told = self.app.explain(&who, &id).await.map_err(status)?;
        Ok(Response::new(explain::present(told)))
    }

    async fn list_cases(
        &self,
        request: Request<v1::ListCasesRequest>,
    ) -> Result<Response<v1::ListCasesResponse>, Status> {
        let (who, message) = open(request)?;
        let mut list = case::list(message, &self.limits).map_err(status)?;
        loop {
            let (cases, next_page_token) = self.app.cases(&who, list.clone()).await.map_err(status)?;
            let cases = cases.into_iter().map(case::present).collect::<Result<_, _>>().map_err(status)?;
            let answer = v1::ListCasesResponse { cases, next_page_token };
            // A page of whole forms may be larger than an answer: then it is a shorter page.
            if answer.encoded_len() <= self.limits.response_max_bytes || list.page_size <= 1 {
                return Ok(Response::new(answer));
            }
            list.page_size /= 2;
        }
    }

    type WatchCasesStream = watch::Watched;

    async fn watch_cases(
        &self,
        request: Request<v1::WatchCasesRequest>,
    ) -> Result<Response<Self::WatchCasesStream>, Status> {
        let (who, message) = open(request)?;
        let watch = case::watch(message, &self.limits).map_err(status)?;
        Ok(Response::new(watch::watch(self.clone(), who, watch)))
    }

    async fn resubmit_case(
        &self,
        request: Request<v1::ResubmitCaseRequest>,
    ) -> Result<Response<v1::ResubmitCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let resubmit = case::resubmit(message, &self.limits).map_err(status)?;
        let changed = self.app.resubmit(&who, resubmit).await.map_err(status)?;
        Ok(Response::new(v1::ResubmitCaseResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn withdraw_case(
        &self,
        request: Request<v1::WithdrawCaseRequest>,
    ) -> Result<Response<v1::WithdrawCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let end = case::withdraw(message, &self.limits).map_err(status)?;
        let ended = self.app.withdraw(&who, end).await.map_err(status)?;
        Ok(Response::new(v1::WithdrawCaseResponse { case: Some(case::present(ended).map_err(status)?) }))
    }

    async fn cancel_case(
        &self,
        request: Request<v1::CancelCaseRequest>,
    ) -> Result<Response<v1::CancelCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let end = case::cancel(message, &self.limits).map_err(status)?;
        let ended = self.app.cancel(&who, end).await.map_err(status)?;
        Ok(Response::new(v1::CancelCaseResponse { case: Some(case::present(ended).map_err(status)?) }))
    }

    async fn request_step(
        &self,
        request: Request<v1::RequestStepRequest>,
    ) -> Result<Response<v1::RequestStepResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::request(message, &self.limits).map_err(status)?;
        let changed = self.app.request_step(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::RequestStepResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn withdraw_step(
        &self,
        request: Request<v1::WithdrawStepRequest>,
    ) -> Result<Response<v1::WithdrawStepResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::withdraw(message, &self.limits).map_err(status)?;
        let changed = self.app.withdraw_step(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::WithdrawStepResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn pause_step(
        &self,
        request: Request<v1::PauseStepRequest>,
    ) -> Result<Response<v1::PauseStepResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::pause(message, &self.limits).map_err(status)?;
        let changed = self.app.pause_step(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::PauseStepResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn resume_step(
        &self,
        request: Request<v1::ResumeStepRequest>,
    ) -> Result<Response<v1::ResumeStepResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::resume(message, &self.limits).map_err(status)?;
        let changed = self.app.resume_step(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::ResumeStepResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn extend_statutory(
        &self,
        request: Request<v1::ExtendStatutoryRequest>,
    ) -> Result<Response<v1::ExtendStatutoryResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::extend(message, &self.limits).map_err(status)?;
        let changed = self.app.extend(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::ExtendStatutoryResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn give_up_case(
        &self,
        request: Request<v1::GiveUpCaseRequest>,
    ) -> Result<Response<v1::GiveUpCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::give_up(message, &self.limits).map_err(status)?;
        let changed = self.app.give_up(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::GiveUpCaseResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn rate_case(&self, request: Request<v1::RateCaseRequest>) -> Result<Response<v1::RateCaseResponse>, Status> {
        let (who, message) = open(request)?;
        let wanted = step::rate(message, &self.limits).map_err(status)?;
        let changed = self.app.rate(&who, wanted).await.map_err(status)?;
        Ok(Response::new(v1::RateCaseResponse { case: Some(case::present(changed).map_err(status)?) }))
    }

    async fn get_letter(
        &self,
        request: Request<v1::GetLetterRequest>,
    ) -> Result<Response<v1::GetLetterResponse>, Status> {
        let (who, message) = open(request)?;
        let (case, number) = step::letter(message, &self.limits).map_err(status)?;
        let letter = self.app.letter(&who, &case, &number).await.map_err(status)?;
        Ok(Response::new(case::letter_text(letter)))
    }
}
