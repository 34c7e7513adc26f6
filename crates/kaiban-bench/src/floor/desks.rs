//! Open streams, by office.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use kaiban_api::v1::WorkTasksResponse;
use kaiban_api::v1::work_tasks_response::Message;
use tokio::sync::mpsc;
use tonic::Status;

/// What goes to one agency. Without a bound: the load keeps a fixed number of cases in flight.
pub(super) type Answers = mpsc::UnboundedSender<Result<WorkTasksResponse, Status>>;

#[derive(Default)]
pub(super) struct Desks(Mutex<HashMap<String, Vec<Answers>>>);

impl Desks {
    pub fn open(&self, office: &str, answers: Answers) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(office.to_owned()).or_default().push(answers);
    }

    /// Sends to the streams of an office in turn; what nobody takes is dropped.
    pub fn send(&self, office: &str, message: Message) {
        let mut desks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(streams) = desks.get_mut(office) {
            streams.rotate_left(1);
            if let Some(answers) = streams.last() {
                say(answers, message);
            }
        }
    }
}

/// Sends to one stream; one that hung up misses it.
pub(super) fn say(answers: &Answers, message: Message) {
    let _ = answers.send(Ok(WorkTasksResponse { message: Some(message) }));
}
