//! What a server has acknowledged, and whether it still says the same.

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::{CompleteTasksRequest, SubmitCaseRequest, SubmitCaseResponse, TaskCompletion, TaskReply};
use kaiban_api::{Bearer, Channel, connect};

/// The tokens of everybody in the test.
pub struct Tokens {
    pub terminal: String,
    /// Step and token of its office.
    pub offices: Vec<(&'static str, String)>,
}

/// A reply that somebody got.
pub enum Acknowledged {
    Submission(Box<(SubmitCaseRequest, SubmitCaseResponse)>),
    /// With the place of its office among the tokens.
    Completion(usize, Box<(TaskCompletion, TaskReply)>),
}

impl Acknowledged {
    /// Sends the same again; the answer must be the same.
    pub async fn again(&self, people: &mut People) {
        match self {
            Self::Submission(one) => {
                let (request, first) = one.as_ref();
                let again =
                    people.terminal.submit_case(request.clone()).await.expect("it was acknowledged").into_inner();
                assert_eq!(again, SubmitCaseResponse { created: false, ..first.clone() });
            }
            Self::Completion(office, one) => {
                let (item, first) = one.as_ref();
                let request = CompleteTasksRequest { completions: vec![item.clone()] };
                let again = people.offices[*office].complete_tasks(request).await.expect("it was acknowledged");
                assert_eq!(again.into_inner().replies, std::slice::from_ref(first));
            }
        }
    }
}

/// Clients of one server.
pub struct People {
    pub terminal: CaseServiceClient<Channel>,
    pub offices: Vec<TaskServiceClient<Channel>>,
}

impl People {
    pub async fn connect(endpoint: &str, tokens: &Tokens) -> Self {
        let line = async |token: &str| {
            connect(endpoint, Bearer::new(token).expect("a token"), None).await.expect("a connection")
        };
        let mut offices = Vec::new();
        for (_, token) in &tokens.offices {
            offices.push(TaskServiceClient::new(line(token).await));
        }
        Self { terminal: CaseServiceClient::new(line(&tokens.terminal).await), offices }
    }
}
