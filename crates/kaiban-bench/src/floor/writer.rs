//! The writers: one transaction for what has gathered while the last one went to the disk.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use kaiban_api::v1::work_tasks_response::Message as Answer;
use kaiban_api::v1::{Error, SubmitCaseResponse, TaskCompletion, TaskReply, task_reply};
use kaiban_app::{Clock, SystemClock};
use kaiban_definition::Directory;
use kaiban_store::{Backend, Changes, Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::desks::{Answers, Desks, say};
use super::rows::{Running, scramble};
use crate::failure::BenchError;

/// Jobs in one transaction, and jobs that wait, as in the product.
const BATCH_MAX: usize = 512;
const QUEUE_MAX: usize = 4_096;

/// Writers on PostgreSQL, as in the product; SQLite has one.
const POSTGRES_WRITERS: usize = 2;

/// A message that changes something.
pub(super) enum Job {
    Submit { running: Box<Running>, request_id: String, answer: oneshot::Sender<SubmitCaseResponse> },
    Complete { completion: Box<TaskCompletion>, answers: Answers },
}

/// The door to the writers.
#[derive(Clone)]
pub(super) struct Writers {
    queues: Arc<Vec<mpsc::Sender<(String, Job)>>>,
    pub desks: Arc<Desks>,
    commits: Arc<AtomicI64>,
    cases: Arc<AtomicUsize>,
    /// Where the numbers begin: microseconds, of which a case takes many.
    run: u64,
}

impl Writers {
    /// Starts them; the future is ready when one fails.
    pub fn start(store: Store, directory: &Directory) -> (Self, impl Future<Output = Result<(), BenchError>>) {
        let writers = match store.backend() {
            Backend::Sqlite => 1,
            Backend::Postgres => POSTGRES_WRITERS,
        };
        let (desks, commits) = (Arc::new(Desks::default()), Arc::new(AtomicI64::new(0)));
        let directory = Arc::new(directory.clone());
        let (mut queues, mut writing) = (Vec::new(), JoinSet::new());
        for _ in 0..writers {
            let (queue, jobs) = mpsc::channel(QUEUE_MAX);
            queues.push(queue);
            let writer = Writer {
                store: store.clone(),
                directory: Arc::clone(&directory),
                desks: Arc::clone(&desks),
                commits: Arc::clone(&commits),
                cases: HashMap::new(),
            };
            writing.spawn(writer.run(jobs));
        }
        let run = SystemClock.operating_us().unsigned_abs();
        let failed = async move {
            match writing.join_next().await {
                Some(Ok(Err(error))) => Err(BenchError::Database(error.to_string())),
                _ => Err(BenchError::Ended("a writer".into())),
            }
        };
        (Self { queues: Arc::new(queues), desks, commits, cases: Arc::default(), run }, failed)
    }

    /// Transactions committed.
    pub fn commits(&self) -> i64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// A number for a new case; like the product's it rises with time, and is in no order within moments.
    pub fn case_number(&self) -> String {
        let number = self.run + self.cases.fetch_add(1, Ordering::Relaxed) as u64;
        format!("{:011x}-{:010x}", number >> 7, scramble(number) >> 24)
    }

    /// Queues a job about a case; all of a case go to one writer.
    pub async fn queue(&self, case: String, job: Job) {
        let lane = case.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        // Fails only when the writer failed, and then the server ends.
        let _ = self.queues[lane % self.queues.len()].send((case, job)).await;
    }
}

struct Writer {
    store: Store,
    directory: Arc<Directory>,
    desks: Arc<Desks>,
    commits: Arc<AtomicI64>,
    cases: HashMap<String, Running>,
}

/// What is told once the commit is on the disk.
enum Told {
    Case(oneshot::Sender<SubmitCaseResponse>, Box<SubmitCaseResponse>),
    Reply(Answers, TaskReply),
    Task(String, Box<kaiban_api::v1::Task>),
}

impl Writer {
    async fn run(mut self, mut jobs: mpsc::Receiver<(String, Job)>) -> Result<(), StoreError> {
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
            let transaction = self.store.begin().await?;
            let (changes, told) = self.stage(batch.drain(..));
            transaction.save(&changes).await?;
            self.commits.fetch_add(1, Ordering::Relaxed);
            for told in told {
                self.tell(told);
            }
        }
        Ok(())
    }

    fn stage(&mut self, jobs: impl Iterator<Item = (String, Job)>) -> (Changes, Vec<Told>) {
        let (mut changes, mut told) = (Changes::default(), Vec::new());
        let mut touched = Vec::new();
        let now_us = SystemClock.operating_us();
        for (case, job) in jobs {
            match job {
                Job::Submit { mut running, request_id, answer } => {
                    let response = running.begin(&request_id, now_us, &mut changes);
                    told.push(Told::Case(answer, Box::new(response)));
                    self.open(&mut running, now_us, &mut changes, &mut told);
                    self.cases.insert(case.clone(), *running);
                    touched.push(case);
                }
                Job::Complete { completion, answers } => {
                    let Some(mut running) = self.cases.remove(&case) else {
                        told.push(Told::Reply(answers, refused(&completion)));
                        continue;
                    };
                    if let Some(reply) = running.complete(&completion, now_us, &mut changes) {
                        told.push(Told::Reply(answers, reply));
                        self.open(&mut running, now_us, &mut changes, &mut told);
                        touched.push(case.clone());
                    } else {
                        told.push(Told::Reply(answers, refused(&completion)));
                    }
                    self.cases.insert(case, running);
                }
            }
        }
        touched.sort_unstable();
        touched.dedup();
        for case in touched {
            if let Some(running) = self.cases.get_mut(&case) {
                running.write(now_us, &mut changes);
                if running.is_over() {
                    self.cases.remove(&case);
                }
            }
        }
        (changes, told)
    }

    /// Offers what has opened, in the transaction that opens it.
    fn open(&self, running: &mut Running, now_us: i64, changes: &mut Changes, told: &mut Vec<Told>) {
        for step in running.take_opened() {
            if let Some(office) = self.directory.office(step.party, &running.division) {
                told.push(Told::Task(office.id.clone(), Box::new(running.offer(step, &office.id, now_us, changes))));
            }
        }
    }

    fn tell(&self, told: Told) {
        match told {
            Told::Case(answer, response) => drop(answer.send(*response)),
            Told::Reply(answers, reply) => say(&answers, Answer::Reply(reply)),
            Told::Task(office, task) => self.desks.send(&office, Answer::Task(*task)),
        }
    }
}

fn refused(completion: &TaskCompletion) -> TaskReply {
    let error = Error { code: tonic::Code::Aborted as i32, reason: "STALE_EPOCH".into(), ..Error::default() };
    TaskReply {
        request_id: completion.request_id.clone(),
        task: completion.task.clone().unwrap_or_default().id,
        answer: Some(task_reply::Answer::Error(error)),
    }
}
