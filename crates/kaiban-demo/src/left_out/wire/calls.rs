//! Tasks through calls.

use std::collections::HashMap;

use futures::future::join_all;
use kaiban_api::duration;
use kaiban_api::v1::task_service_server::TaskService;
use kaiban_api::v1::{
    ClaimTasksRequest, ClaimTasksResponse, CompleteTasksRequest, CompleteTasksResponse, DeferTasksRequest,
    DeferTasksResponse, ExplainDelayRequest, ExplainDelayResponse, FailTasksRequest, FailTasksResponse, GetTaskRequest,
    GetTaskResponse, HeartbeatTasksRequest, HeartbeatTasksResponse, ListDelaysRequest, ListDelaysResponse, TaskReply,
    WorkTasksRequest,
};
use tonic::{Request, Response, Status, Streaming};

use super::super::account::Verb;
use super::super::fate::Fate;
use super::{Wire, broken, busy, busy_item, short_us, stream};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TaskService for Wire {
    async fn claim_tasks(&self, request: Request<ClaimTasksRequest>) -> Answer<ClaimTasksResponse> {
        let (metadata, _, mut message) = request.into_parts();
        message.lease = Some(duration(short_us(message.lease.map(|lease| lease.seconds))));
        let request_id = message.request_id.clone();
        self.account().asks(&request_id);
        if self.fates().busy() {
            let mut account = self.account();
            account.hard(Fate::Busy);
            account.unheard(&request_id);
            return Err(busy());
        }
        let (mut client, request) = self.on(&metadata, message);
        let answer = client.claim_tasks(request).await?.into_inner();
        let lost = !answer.tasks.is_empty() && self.fates().loses_claim(&request_id);
        let mut account = self.account();
        if lost {
            account.hard(Fate::AnswerLost);
            account.unheard(&request_id);
            return Err(broken());
        }
        answer.tasks.iter().for_each(|task| account.hands(task));
        Ok(Response::new(answer))
    }

    async fn heartbeat_tasks(&self, request: Request<HeartbeatTasksRequest>) -> Answer<HeartbeatTasksResponse> {
        let (metadata, _, mut message) = request.into_parts();
        for heartbeat in &mut message.heartbeats {
            heartbeat.lease = Some(duration(short_us(heartbeat.lease.map(|lease| lease.seconds))));
        }
        let (mut client, request) = self.on(&metadata, message);
        client.heartbeat_tasks(request).await
    }

    async fn complete_tasks(&self, request: Request<CompleteTasksRequest>) -> Answer<CompleteTasksResponse> {
        let (metadata, _, message) = request.into_parts();
        let mut items = HashMap::new();
        for item in &message.completions {
            let task = self.task(item.task.as_ref());
            self.account().says(&item.request_id, &task, item.epoch);
            items.insert(item.request_id.clone(), (task, item.epoch));
        }
        let fates = join_all(message.completions.iter().map(|item| self.before(item))).await;
        let passed = fates.iter().zip(&message.completions).filter(|(fate, _)| **fate != Fate::Busy);
        let passed = CompleteTasksRequest { completions: passed.map(|(_, item)| item.clone()).collect() };
        let mut replies = Vec::new();
        let times = if fates.contains(&Fate::Doubled) { 2 } else { 1 };
        for _ in 0..if passed.completions.is_empty() { 0 } else { times } {
            let (mut client, request) = self.on(&metadata, passed.clone());
            replies = client.complete_tasks(request).await?.into_inner().replies;
            self.book(&items, &replies, Verb::Complete);
        }
        if fates.contains(&Fate::AnswerLost) {
            let mut account = self.account();
            message.completions.iter().for_each(|item| account.unheard(&item.request_id));
            return Err(broken());
        }
        let mut replies = replies.into_iter();
        let mut all: Vec<TaskReply> = Vec::with_capacity(fates.len());
        for (fate, item) in fates.iter().zip(&message.completions) {
            if *fate == Fate::Busy {
                self.account().unheard(&item.request_id);
                all.push(busy_item(&item.request_id, &items[&item.request_id].0));
            } else {
                all.extend(replies.next());
            }
        }
        Ok(Response::new(CompleteTasksResponse { replies: all }))
    }

    async fn defer_tasks(&self, request: Request<DeferTasksRequest>) -> Answer<DeferTasksResponse> {
        let (metadata, _, message) = request.into_parts();
        let item = |item: &kaiban_api::v1::TaskDeferral| {
            (item.request_id.clone(), (self.task(item.task.as_ref()), item.epoch))
        };
        let items: HashMap<_, _> = message.deferrals.iter().map(item).collect();
        let (mut client, request) = self.on(&metadata, message);
        let answer = client.defer_tasks(request).await?;
        self.book(&items, &answer.get_ref().replies, Verb::Defer);
        Ok(answer)
    }

    async fn fail_tasks(&self, request: Request<FailTasksRequest>) -> Answer<FailTasksResponse> {
        let (metadata, _, message) = request.into_parts();
        let item =
            |item: &kaiban_api::v1::TaskFailure| (item.request_id.clone(), (self.task(item.task.as_ref()), item.epoch));
        let items: HashMap<_, _> = message.failures.iter().map(item).collect();
        let (mut client, request) = self.on(&metadata, message);
        let answer = client.fail_tasks(request).await?;
        self.book(&items, &answer.get_ref().replies, Verb::Fail);
        Ok(answer)
    }

    async fn explain_delay(&self, request: Request<ExplainDelayRequest>) -> Answer<ExplainDelayResponse> {
        let (metadata, _, message) = request.into_parts();
        let (mut client, request) = self.on(&metadata, message);
        client.explain_delay(request).await
    }

    async fn list_delays(&self, request: Request<ListDelaysRequest>) -> Answer<ListDelaysResponse> {
        let (metadata, _, message) = request.into_parts();
        let (mut client, request) = self.on(&metadata, message);
        client.list_delays(request).await
    }

    async fn get_task(&self, request: Request<GetTaskRequest>) -> Answer<GetTaskResponse> {
        let (metadata, _, message) = request.into_parts();
        let (mut client, request) = self.on(&metadata, message);
        client.get_task(request).await
    }

    type WorkTasksStream = stream::Answers;

    async fn work_tasks(&self, request: Request<Streaming<WorkTasksRequest>>) -> Answer<Self::WorkTasksStream> {
        let (metadata, _, messages) = request.into_parts();
        stream::join(self.clone(), &metadata, messages).await.map(Response::new)
    }
}
