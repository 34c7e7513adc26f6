//! The messages: of the contract, those that the load sends. The others answer UNIMPLEMENTED.

use std::pin::Pin;
use std::sync::Arc;

use kaiban_api::v1::admin_service_server::AdminService;
use kaiban_api::v1::case_service_server::CaseService;
use kaiban_api::v1::task_service_server::TaskService;
use kaiban_api::v1::work_tasks_request::Message as Heard;
use kaiban_api::v1::work_tasks_response::Message as Answer;
use kaiban_api::{from_struct, v1};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::desks::{Answers, say};
use super::rows::Running;
use super::writer::{Job, Writers};

/// The bare server.
#[derive(Clone)]
pub(super) struct Floor {
    writers: Writers,
    backend: Arc<str>,
}

impl Floor {
    pub fn new(writers: Writers, backend: String) -> Self {
        Self { writers, backend: backend.into() }
    }

    /// Deals with what an agency says until it hangs up.
    async fn hear(self, mut messages: Streaming<v1::WorkTasksRequest>, answers: Answers) {
        while let Ok(Some(message)) = messages.message().await {
            match message.message {
                Some(Heard::Open(open)) => {
                    self.writers.desks.open(&open.office, answers.clone());
                    say(&answers, Answer::Opened(v1::WorkOpened { office: open.office }));
                }
                Some(Heard::Sync(sync)) => say(&answers, Answer::Synced(v1::WorkSynced { nonce: sync.nonce })),
                Some(Heard::Complete(completion)) => {
                    let task = completion.task.as_ref().map(|task| task.id.as_str()).unwrap_or_default();
                    let case = task.split('/').next().unwrap_or_default().to_owned();
                    let (completion, answers) = (Box::new(completion), answers.clone());
                    self.writers.queue(case, Job::Complete { completion, answers }).await;
                }
                _ => {
                    let _ = answers.send(Err(left_out()));
                }
            }
        }
    }
}

fn left_out() -> Status {
    Status::unimplemented("the floor knows only what the load needs")
}

/// A method that the load does not call, written as `async_trait` would, which does not see into this macro.
macro_rules! left_out {
    ($($method:ident: $request:ty => $response:ty;)*) => {$(
        fn $method<'life0, 'async_trait>(
            &'life0 self,
            _: Request<$request>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<$response>, Status>> + Send + 'async_trait>>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(async { Err(left_out()) })
        }
    )*};
}

#[tonic::async_trait]
impl CaseService for Floor {
    async fn submit_case(
        &self,
        request: Request<v1::SubmitCaseRequest>,
    ) -> Result<Response<v1::SubmitCaseResponse>, Status> {
        let (answer, answered) = oneshot::channel();
        let v1::SubmitCaseRequest { request_id, workflow, form } = request.into_inner();
        let form =
            from_struct(form.unwrap_or_default()).map_err(|error| Status::invalid_argument(error.to_string()))?;
        let case = self.writers.case_number();
        let running = Box::new(Running::received(&case, workflow, form));
        self.writers.queue(case, Job::Submit { running, request_id, answer }).await;
        answered.await.map(Response::new).map_err(|_| Status::unavailable("the writer has failed"))
    }

    type WatchCasesStream = UnboundedReceiverStream<Result<v1::WatchCasesResponse, Status>>;

    left_out! {
        check_form: v1::CheckFormRequest => v1::CheckFormResponse;
        get_case: v1::GetCaseRequest => v1::GetCaseResponse;
        list_cases: v1::ListCasesRequest => v1::ListCasesResponse;
        watch_cases: v1::WatchCasesRequest => Self::WatchCasesStream;
        resubmit_case: v1::ResubmitCaseRequest => v1::ResubmitCaseResponse;
        withdraw_case: v1::WithdrawCaseRequest => v1::WithdrawCaseResponse;
        cancel_case: v1::CancelCaseRequest => v1::CancelCaseResponse;
        request_step: v1::RequestStepRequest => v1::RequestStepResponse;
        withdraw_step: v1::WithdrawStepRequest => v1::WithdrawStepResponse;
        pause_step: v1::PauseStepRequest => v1::PauseStepResponse;
        resume_step: v1::ResumeStepRequest => v1::ResumeStepResponse;
        give_up_case: v1::GiveUpCaseRequest => v1::GiveUpCaseResponse;
        rate_case: v1::RateCaseRequest => v1::RateCaseResponse;
        get_letter: v1::GetLetterRequest => v1::GetLetterResponse;
        extend_statutory: v1::ExtendStatutoryRequest => v1::ExtendStatutoryResponse;
        explain_case: v1::ExplainCaseRequest => v1::ExplainCaseResponse;
    }
}

#[tonic::async_trait]
impl TaskService for Floor {
    type WorkTasksStream = UnboundedReceiverStream<Result<v1::WorkTasksResponse, Status>>;

    async fn work_tasks(
        &self,
        request: Request<Streaming<v1::WorkTasksRequest>>,
    ) -> Result<Response<Self::WorkTasksStream>, Status> {
        let (answers, outgoing) = mpsc::unbounded_channel();
        tokio::spawn(self.clone().hear(request.into_inner(), answers));
        Ok(Response::new(UnboundedReceiverStream::new(outgoing)))
    }

    left_out! {
        claim_tasks: v1::ClaimTasksRequest => v1::ClaimTasksResponse;
        heartbeat_tasks: v1::HeartbeatTasksRequest => v1::HeartbeatTasksResponse;
        complete_tasks: v1::CompleteTasksRequest => v1::CompleteTasksResponse;
        defer_tasks: v1::DeferTasksRequest => v1::DeferTasksResponse;
        fail_tasks: v1::FailTasksRequest => v1::FailTasksResponse;
        get_task: v1::GetTaskRequest => v1::GetTaskResponse;
        explain_delay: v1::ExplainDelayRequest => v1::ExplainDelayResponse;
        list_delays: v1::ListDelaysRequest => v1::ListDelaysResponse;
    }
}

#[tonic::async_trait]
impl AdminService for Floor {
    /// Nobody asks for tokens here.
    async fn issue_token(&self, _: Request<v1::IssueTokenRequest>) -> Result<Response<v1::IssueTokenResponse>, Status> {
        Ok(Response::new(v1::IssueTokenResponse { token: None, secret: "none".to_owned() }))
    }

    async fn get_server(&self, _: Request<v1::GetServerRequest>) -> Result<Response<v1::GetServerResponse>, Status> {
        Ok(Response::new(v1::GetServerResponse {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            backend: self.backend.to_string(),
            commits: self.writers.commits(),
            ..v1::GetServerResponse::default()
        }))
    }

    type PublishCalendarStream = UnboundedReceiverStream<Result<v1::PublishCalendarResponse, Status>>;

    left_out! {
        publish_calendar: v1::PublishCalendarRequest => Self::PublishCalendarStream;
        list_tokens: v1::ListTokensRequest => v1::ListTokensResponse;
        revoke_token: v1::RevokeTokenRequest => v1::RevokeTokenResponse;
        put_register_entry: v1::PutRegisterEntryRequest => v1::PutRegisterEntryResponse;
        remove_register_entry: v1::RemoveRegisterEntryRequest => v1::RemoveRegisterEntryResponse;
        list_register: v1::ListRegisterRequest => v1::ListRegisterResponse;
        issue_applicant_credential: v1::IssueApplicantCredentialRequest => v1::IssueApplicantCredentialResponse;
    }
}
