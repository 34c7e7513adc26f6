//! A server that is killed in the middle of work has lost nothing that it acknowledged.

use std::sync::Arc;

use kaiban_api::v1::{
    ClaimTasksRequest, CompleteTasksRequest, SubmitCaseRequest, TaskAddress, TaskCompletion, task_reply,
};
use kaiban_api::{duration, to_struct};
use kaiban_store::Backend;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::acknowledged::{Acknowledged, People, Tokens, only_broken_off};
use crate::database;
use crate::server::{Place, Server};

/// How often the server is killed.
const ROUNDS: u64 = 3;

/// Terminals that submit at the same time.
const COUNTERS: usize = 6;

/// Steps and their offices; the others of the flow stay open.
const OFFICES: [(&str, &str, &str); 3] = [
    ("registration", "market-regulation", "market-regulation-350100"),
    ("seal", "seal-carver", "seal-carver-centre"),
    ("invoice", "tax", "tax-350100"),
];

#[test]
fn nothing_acknowledged_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("tokio");
    runtime.block_on(rounds(&Place::Folder(folder.path().to_owned())));
}

#[test]
fn nothing_acknowledged_is_lost_on_postgres() {
    database::run(Backend::Postgres, async |database| rounds(&Place::Url(database.url.clone())).await);
}

async fn rounds(place: &Place) {
    let tokens = Arc::new(tokens(place));
    let mut all = Vec::new();
    for round in 0..=ROUNDS {
        let server = Server::start(place);
        check(&server, &tokens, &all).await;
        let (sender, mut acknowledged) = unbounded_channel();
        let mut people = work(round, &server, &tokens, sender).await;
        for _ in 0..acknowledgements(round) {
            all.push(acknowledged.recv().await.expect("somebody still works"));
        }
        if round < ROUNDS {
            server.kill();
        } else {
            // The last one is asked to end, and still answers everything that it took.
            let said = server.stop();
            assert_eq!(said.code, Some(0), "{said}");
        }
        // What was on its way when it ended counts as well.
        while let Some(more) = acknowledged.recv().await {
            all.push(more);
        }
        while let Some(ended) = people.join_next().await {
            ended.expect("nobody saw anything wrong");
        }
        let report = place.verify();
        assert_eq!(report["clean"], true, "{report}");
    }
    let server = Server::start(place);
    check(&server, &tokens, &all).await;
    assert_eq!(server.stop().code, Some(0));
}

/// After how many acknowledged calls a round ends: drawn by splitmix64, the same in every run.
fn acknowledgements(round: u64) -> u64 {
    let mut z = (round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    40 + (z ^ (z >> 31)) % 100
}

fn tokens(place: &Place) -> Tokens {
    let office = |(step, party, office): (&'static str, &str, &str)| {
        (step, place.token(&["--role", "agency", "--organisation", party, "--office", office]))
    };
    Tokens {
        terminal: place.token(&["--role", "terminal", "--organisation", "b01", "--outlet", "b01-001"]),
        offices: OFFICES.into_iter().map(office).collect(),
    }
}

/// Everything acknowledged so far is answered again as it was.
async fn check(server: &Server, tokens: &Tokens, all: &[Acknowledged]) {
    let mut people = People::connect(&server.endpoint, tokens).await;
    for one in all {
        one.again(&mut people).await;
    }
}

/// Sets everybody to work until the server is gone; each reply is told at once.
async fn work(round: u64, server: &Server, tokens: &Tokens, told: UnboundedSender<Acknowledged>) -> JoinSet<()> {
    let people = People::connect(&server.endpoint, tokens).await;
    let mut working = JoinSet::new();
    for counter in 0..COUNTERS {
        working.spawn(submit(people.terminal.clone(), format!("{round}-{counter}"), told.clone()));
    }
    for (office, (step, _)) in tokens.offices.iter().enumerate() {
        working.spawn(complete(office, step, people.offices[office].clone(), format!("{round}-{step}"), told.clone()));
    }
    working
}

async fn submit(
    mut terminal: kaiban_api::v1::case_service_client::CaseServiceClient<kaiban_api::Channel>,
    name: String,
    told: UnboundedSender<Acknowledged>,
) {
    let form: Value = serde_json::from_str(include_str!("../forms/six-step.json")).expect("a form");
    for number in 0.. {
        let request = SubmitCaseRequest {
            request_id: format!("{name}-{number}"),
            workflow: "six-step".into(),
            form: Some(to_struct(&form).expect("a form")),
        };
        match terminal.submit_case(request.clone()).await {
            Ok(reply) => {
                let reply = reply.into_inner();
                assert!(reply.created, "a new request makes a new case");
                let _ = told.send(Acknowledged::Submission(Box::new((request, reply))));
            }
            Err(status) => return only_broken_off(&status),
        }
    }
}

async fn complete(
    office: usize,
    step: &str,
    mut client: kaiban_api::v1::task_service_client::TaskServiceClient<kaiban_api::Channel>,
    name: String,
    told: UnboundedSender<Acknowledged>,
) {
    let result = (step == "registration").then(|| to_struct(&json!({"uscc": "91350100MA2XN0014K"})).expect("a result"));
    for number in 0.. {
        let request = ClaimTasksRequest {
            request_id: format!("{name}-{number}"),
            max: 8,
            lease: Some(duration(10_000_000)),
            wait: Some(duration(60_000_000)),
            ..ClaimTasksRequest::default()
        };
        let tasks = match client.claim_tasks(request).await {
            Ok(reply) => reply.into_inner().tasks,
            Err(status) => return only_broken_off(&status),
        };
        let completion = |task: kaiban_api::v1::Task| TaskCompletion {
            request_id: format!("{name}-{}-{}", task.id, task.epoch),
            task: Some(TaskAddress { case_id: task.case_id, step: task.step, id: String::new() }),
            epoch: task.epoch,
            outcome: "approve".into(),
            result: result.clone(),
            officer: format!("{}-1", task.office),
            ..TaskCompletion::default()
        };
        let completions: Vec<TaskCompletion> = tasks.into_iter().map(completion).collect();
        if completions.is_empty() {
            continue;
        }
        let replies = match client.complete_tasks(CompleteTasksRequest { completions: completions.clone() }).await {
            Ok(reply) => reply.into_inner().replies,
            Err(status) => return only_broken_off(&status),
        };
        for (item, reply) in completions.into_iter().zip(replies) {
            match &reply.answer {
                Some(task_reply::Answer::Receipt(_)) => {
                    let _ = told.send(Acknowledged::Completion(office, Box::new((item, reply))));
                }
                // Asked to end, it takes nothing new.
                Some(task_reply::Answer::Error(error)) => assert_eq!(error.reason, "STOPPING"),
                None => panic!("an item without an answer"),
            }
        }
    }
}
