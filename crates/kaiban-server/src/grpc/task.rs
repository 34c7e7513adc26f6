//! `kaiban.v1.TaskService`: the batch door. The stream is in `work.rs`.

use futures::future::join_all;
use kaiban_api::v1;
use kaiban_api::v1::task_service_server::TaskService;
use kaiban_app::{Receipt, Refusal};
use tonic::{Request, Response, Status, Streaming};

use super::{Api, open, work};
use crate::map::{case, delay, task};
use crate::outbound::{Outbound, outbound};
use crate::refuse::status;

#[tonic::async_trait]
impl TaskService for Api {
    async fn claim_tasks(
        &self,
        request: Request<v1::ClaimTasksRequest>,
    ) -> Result<Response<v1::ClaimTasksResponse>, Status> {
        let (who, message) = open(request)?;
        let claim = task::claim(message, &self.limits).map_err(status)?;
        let waits = claim.wait.is_some();
        let claimed = tokio::select! {
            biased;
            claimed = self.app.claim(&who, claim) => claimed.map_err(status)?,
            () = self.stopping.heard(), if waits => return Err(status(Refusal::stopping())),
            word = who.dismissed(), if waits => return Err(word),
        };
        let tasks = claimed.into_iter().map(task::present).collect::<Result<_, _>>().map_err(status)?;
        Ok(Response::new(v1::ClaimTasksResponse { tasks }))
    }

    async fn heartbeat_tasks(
        &self,
        request: Request<v1::HeartbeatTasksRequest>,
    ) -> Result<Response<v1::HeartbeatTasksResponse>, Status> {
        let (who, message) = open(request)?;
        task::batch("/heartbeats", message.heartbeats.len(), &self.limits).map_err(status)?;
        let replies = join_all(message.heartbeats.into_iter().map(|item| async {
            let named = task_id(item.task.as_ref());
            let answer: Result<Receipt, Refusal> = async {
                let heartbeat = task::heartbeat(item, &self.limits)?;
                self.app.heartbeat(&who, heartbeat).await
            }
            .await;
            task::reply(String::new(), named, answer)
        }));
        Ok(Response::new(v1::HeartbeatTasksResponse { replies: replies.await }))
    }

    async fn complete_tasks(
        &self,
        request: Request<v1::CompleteTasksRequest>,
    ) -> Result<Response<v1::CompleteTasksResponse>, Status> {
        let (who, message) = open(request)?;
        task::batch("/completions", message.completions.len(), &self.limits).map_err(status)?;
        let replies = join_all(message.completions.into_iter().map(|item| async {
            let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
            let answer: Result<Receipt, Refusal> = async {
                let completion = task::completion(item, &self.limits)?;
                self.app.complete(&who, completion).await
            }
            .await;
            task::reply(request_id, named, answer)
        }));
        Ok(Response::new(v1::CompleteTasksResponse { replies: replies.await }))
    }

    async fn defer_tasks(
        &self,
        request: Request<v1::DeferTasksRequest>,
    ) -> Result<Response<v1::DeferTasksResponse>, Status> {
        let (who, message) = open(request)?;
        task::batch("/deferrals", message.deferrals.len(), &self.limits).map_err(status)?;
        let replies = join_all(message.deferrals.into_iter().map(|item| async {
            let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
            let answer: Result<Receipt, Refusal> = async {
                let deferral = task::deferral(item, &self.limits)?;
                self.app.defer(&who, deferral).await
            }
            .await;
            task::reply(request_id, named, answer)
        }));
        Ok(Response::new(v1::DeferTasksResponse { replies: replies.await }))
    }

    async fn fail_tasks(
        &self,
        request: Request<v1::FailTasksRequest>,
    ) -> Result<Response<v1::FailTasksResponse>, Status> {
        let (who, message) = open(request)?;
        task::batch("/failures", message.failures.len(), &self.limits).map_err(status)?;
        let replies = join_all(message.failures.into_iter().map(|item| async {
            let (request_id, named) = (item.request_id.clone(), task_id(item.task.as_ref()));
            let answer: Result<Receipt, Refusal> = async {
                let failure = task::failure(item, &self.limits)?;
                self.app.fail(&who, failure).await
            }
            .await;
            task::reply(request_id, named, answer)
        }));
        Ok(Response::new(v1::FailTasksResponse { replies: replies.await }))
    }

    async fn get_task(&self, request: Request<v1::GetTaskRequest>) -> Result<Response<v1::GetTaskResponse>, Status> {
        let (who, message) = open(request)?;
        let address = task::get(message, &self.limits).map_err(status)?;
        let found = self.app.task(&who, &address).await.map_err(status)?;
        Ok(Response::new(v1::GetTaskResponse { task: Some(task::present(found).map_err(status)?) }))
    }

    async fn explain_delay(
        &self,
        request: Request<v1::ExplainDelayRequest>,
    ) -> Result<Response<v1::ExplainDelayResponse>, Status> {
        let (who, message) = open(request)?;
        let explain = delay::explain(message, &self.limits).map_err(status)?;
        let explained = self.app.explain_delay(&who, explain).await.map_err(status)?;
        Ok(Response::new(v1::ExplainDelayResponse { delay: Some(case::delay(explained)) }))
    }

    async fn list_delays(
        &self,
        request: Request<v1::ListDelaysRequest>,
    ) -> Result<Response<v1::ListDelaysResponse>, Status> {
        let (who, message) = open(request)?;
        let list = delay::list(message, &self.limits).map_err(status)?;
        let found = self.app.delays(&who, list).await.map_err(status)?;
        Ok(Response::new(delay::present(found)))
    }

    type WorkTasksStream = Outbound<v1::WorkTasksResponse>;

    async fn work_tasks(
        &self,
        request: Request<Streaming<v1::WorkTasksRequest>>,
    ) -> Result<Response<Self::WorkTasksStream>, Status> {
        let (who, messages) = open(request)?;
        let (outbox, stream) = outbound(self.limits.stream_queue_max, self.limits.slow_reader_max);
        let session = work::Session::new(self.clone(), who, messages);
        tokio::spawn(async move {
            let word = session.run(&outbox).await;
            outbox.end(word);
        });
        Ok(Response::new(stream))
    }
}

/// The id that an item names its task by; empty where it uses case and step.
pub(super) fn task_id(task: Option<&v1::TaskAddress>) -> String {
    task.map(|task| task.id.clone()).unwrap_or_default()
}
