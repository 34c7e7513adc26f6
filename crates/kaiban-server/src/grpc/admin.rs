//! `kaiban.v1.AdminService`.

use std::sync::Arc;

use kaiban_api::v1::admin_service_server::AdminService;
use kaiban_api::{timestamp, v1};
use kaiban_app::{Backend, PublicationStream, Refusal, Verb};
use tonic::{Request, Response, Status};

use super::{Api, open};
use crate::caller::Caller;
use crate::map::{calendar, register, token};
use crate::outbound::{Outbound, Outbox, outbound};
use crate::refuse::status;
use crate::stopping::Stopping;

#[tonic::async_trait]
impl AdminService for Api {
    async fn issue_token(
        &self,
        request: Request<v1::IssueTokenRequest>,
    ) -> Result<Response<v1::IssueTokenResponse>, Status> {
        let (who, message) = open(request)?;
        let issue = token::issue(message, &self.limits).map_err(status)?;
        let (issued, secret) = self.app.issue_token(&who, issue).await.map_err(status)?;
        Ok(Response::new(v1::IssueTokenResponse { token: Some(token::present(issued)), secret }))
    }

    async fn list_tokens(
        &self,
        request: Request<v1::ListTokensRequest>,
    ) -> Result<Response<v1::ListTokensResponse>, Status> {
        let (who, message) = open(request)?;
        let (page_size, page_token) = token::list(message, &self.limits).map_err(status)?;
        let (tokens, next_page_token) = self.app.tokens(&who, page_size, &page_token).await.map_err(status)?;
        let tokens = tokens.into_iter().map(token::present).collect();
        Ok(Response::new(v1::ListTokensResponse { tokens, next_page_token }))
    }

    async fn revoke_token(
        &self,
        request: Request<v1::RevokeTokenRequest>,
    ) -> Result<Response<v1::RevokeTokenResponse>, Status> {
        let (who, message) = open(request)?;
        let id = token::revoke(message, &self.limits).map_err(status)?;
        let revoked = self.app.revoke_token(&who, &id).await.map_err(status)?;
        Ok(Response::new(v1::RevokeTokenResponse { token: Some(token::present(revoked)) }))
    }

    async fn issue_applicant_credential(
        &self,
        request: Request<v1::IssueApplicantCredentialRequest>,
    ) -> Result<Response<v1::IssueApplicantCredentialResponse>, Status> {
        let (who, message) = open(request)?;
        let (case, person) = token::credential(message, &self.limits).map_err(status)?;
        let (secret, expires_at_us) = self.app.issue_credential(&who, &case, &person).await.map_err(status)?;
        let expires_at = Some(timestamp(expires_at_us));
        Ok(Response::new(v1::IssueApplicantCredentialResponse { secret, expires_at }))
    }

    type PublishCalendarStream = Outbound<v1::PublishCalendarResponse>;

    async fn publish_calendar(
        &self,
        request: Request<v1::PublishCalendarRequest>,
    ) -> Result<Response<Self::PublishCalendarStream>, Status> {
        let (who, message) = open(request)?;
        let wanted = calendar::publish(message, &self.limits).map_err(status)?;
        let publication = self.app.publish_calendar(&who, wanted).await.map_err(status)?;
        let (outbox, stream) = outbound(self.limits.stream_queue_max, self.limits.slow_reader_max);
        let stopping = self.stopping.clone();
        tokio::spawn(async move {
            let word = follow(who, publication, stopping, &outbox).await;
            outbox.end(word);
        });
        Ok(Response::new(stream))
    }

    async fn put_register_entry(
        &self,
        request: Request<v1::PutRegisterEntryRequest>,
    ) -> Result<Response<v1::PutRegisterEntryResponse>, Status> {
        let (who, message) = open(request)?;
        let put = register::put(message, &self.limits).map_err(status)?;
        let entry = self.app.put_register_entry(&who, put).await.map_err(status)?;
        Ok(Response::new(v1::PutRegisterEntryResponse { entry: Some(register::present(entry)) }))
    }

    async fn remove_register_entry(
        &self,
        request: Request<v1::RemoveRegisterEntryRequest>,
    ) -> Result<Response<v1::RemoveRegisterEntryResponse>, Status> {
        let (who, message) = open(request)?;
        let remove = register::remove(message, &self.limits).map_err(status)?;
        let entry = self.app.remove_register_entry(&who, remove).await.map_err(status)?;
        Ok(Response::new(v1::RemoveRegisterEntryResponse { entry: Some(register::present(entry)) }))
    }

    async fn list_register(
        &self,
        request: Request<v1::ListRegisterRequest>,
    ) -> Result<Response<v1::ListRegisterResponse>, Status> {
        let (who, message) = open(request)?;
        let list = register::list(message, &self.limits).map_err(status)?;
        let (entries, next_page_token) = self.app.register_entries(&who, list).await.map_err(status)?;
        let entries = entries.into_iter().map(register::present).collect();
        Ok(Response::new(v1::ListRegisterResponse { entries, next_page_token }))
    }

    async fn get_server(
        &self,
        request: Request<v1::GetServerRequest>,
    ) -> Result<Response<v1::GetServerResponse>, Status> {
        let (who, _) = open(request)?;
        who.may(Verb::ReadServer).map_err(status)?;
        let (publication, calendars) = self.app.calendars_in_force();
        Ok(Response::new(v1::GetServerResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            backend: match self.app.backend() {
                Backend::Sqlite => "sqlite".into(),
                Backend::Postgres => "postgres".into(),
            },
            business_time: Some(timestamp(self.app.business_now_us())),
            simulated: self.app.is_simulated(),
            commits: i64::try_from(self.app.commits()).unwrap_or(i64::MAX),
            calendars: calendars.into_iter().map(calendar::version).collect(),
            publication,
        }))
    }
}

/// Sends how far a publication is until its end, or until one side has enough. It goes on in any case.
async fn follow(
    who: Arc<Caller>,
    mut publication: PublicationStream,
    stopping: Stopping,
    outbox: &Outbox<v1::PublishCalendarResponse>,
) -> Result<(), Status> {
    let mut dismissed = std::pin::pin!(who.dismissed());
    loop {
        tokio::select! {
            next = publication.next() => match next.map_err(status)? {
                Some(view) => outbox.send(calendar::present(&view)).await?,
                None => return Ok(()),
            },
            () = stopping.heard() => return Err(status(Refusal::stopping())),
            word = &mut dismissed => return Err(word),
            () = outbox.abandoned() => return Ok(()),
        }
    }
}
