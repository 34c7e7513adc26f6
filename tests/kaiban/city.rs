//! A server, a clock and everybody's clients, in the words of the domain.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kaiban_api::v1::case_service_client::CaseServiceClient;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::task_service_client::TaskServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    Case, CaseView, ClaimTasksRequest, CompleteTasksRequest, Error, Finding, GetCaseRequest, Severity,
    SubmitCaseRequest, SubmitCaseResponse, Task, TaskAddress, TaskCompletion, TaskReceipt, Text, UploadDocumentRequest,
    UploadHeader, WatchCasesRequest, task_reply,
};
use kaiban_api::{Channel, to_struct};
use kaiban_app::{App, Settings};
use kaiban_calendar::parse_instant;
use kaiban_definition::{Files, Workflows, load};
use kaiban_demo::Town;
use serde_json::{Value, json};
use tonic::Status;

use crate::database::Database;
use crate::forms::{PAPERS, wire, witness};
use crate::results;

/// Terminal of a bank.
pub type Terminal = CaseServiceClient<Channel>;

/// How long a test waits for what surely comes; only one that fails ever waits so long.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A Monday morning.
pub const MORNING: &str = "2026-03-02T09:00:00+08:00";

pub struct City {
    pub town: Town,
}

/// The packages of the repository.
pub fn packages() -> (Workflows, Files) {
    packages_and(&[])
}

/// The packages of the repository, and some of `tests/workflows`. They are read and checked once for all tests.
pub fn packages_and(too: &[&str]) -> (Workflows, Files) {
    static READ: Mutex<BTreeMap<String, (Workflows, Files)>> = Mutex::new(BTreeMap::new());
    let mut known = READ.lock().expect("no test failed while it read");
    let read_now = || {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Files::new();
        read(&tests.join("../workflows"), &tests.join("../workflows"), &mut files);
        for package in too {
            read(&tests.join("workflows"), &tests.join("workflows").join(package), &mut files);
        }
        let (workflows, findings) = load(&files);
        assert!(findings.is_empty(), "{findings:?}");
        (workflows, files)
    };
    known.entry(too.join(" ")).or_insert_with(read_now).clone()
}

/// The files of a folder, named from a root.
fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("workflows") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("a text"));
        }
    }
}

impl City {
    /// A server on the test's database, at [`MORNING`].
    pub async fn start(db: &Database) -> Self {
        Self::start_with(db, Settings::default()).await
    }

    /// The same with packages of `tests/workflows` besides those of the repository.
    pub async fn start_of(db: &Database, packages_too: &[&str]) -> Self {
        Self::start_as(db, packages_too, Settings::default()).await
    }

    /// The same with other bounds.
    pub async fn start_with(db: &Database, settings: Settings) -> Self {
        Self::start_as(db, &[], settings).await
    }

    /// With these packages and these bounds.
    pub async fn start_as(db: &Database, packages_too: &[&str], settings: Settings) -> Self {
        let (workflows, files) = packages_and(packages_too);
        let start_us = parse_instant(MORNING).expect("an instant");
        let town = Town::start_with(db.store.clone(), workflows, &files, start_us, settings).await;
        Self { town: town.expect("a server") }
    }

    /// The clock goes forward to an instant of +08:00, and what is due fires.
    pub async fn at(&self, instant: &str) {
        self.town.clock().advance_to(parse_instant(instant).expect("an instant"));
        self.town.app().fire_business_timers().await;
    }

    /// Letters are written, messages are sent or put off, and what follows from them is in the journals.
    pub async fn settles(&self) {
        self.town.app().effects_settled().await;
    }

    /// The usual terminal: outlet b01-001.
    pub async fn terminal(&self) -> Terminal {
        self.terminal_of("b01", "b01-001").await
    }

    /// A terminal whose bank has handed in the documents that the sample forms name.
    pub async fn terminal_of(&self, bank: &str, outlet: &str) -> Terminal {
        let line = self.town.terminal(bank, outlet).await.expect("a terminal");
        let mut documents = DocumentServiceClient::new(line.clone());
        for (name, content) in PAPERS {
            let header = Part::Header(UploadHeader { name: (*name).into(), ..UploadHeader::default() });
            let parts = [header, Part::Chunk((*content).into())].map(|part| UploadDocumentRequest { part: Some(part) });
            documents.upload_document(tokio_stream::iter(parts)).await.expect("a document");
        }
        CaseServiceClient::new(line)
    }

    /// An office's programme.
    pub async fn office(&self, party: &str, office: &str) -> Office {
        let line = self.town.office(party, office).await.expect("an office");
        Office { name: office.to_owned(), client: TaskServiceClient::new(line), app: self.town.app().clone() }
    }

    /// The programme of an office of the directory.
    pub async fn desk(&self, office: &str) -> Office {
        let party = self.party_of(office);
        self.office(&party, office).await
    }

    /// An officer of the directory: the office that he belongs to is his id without its number.
    pub async fn officer(&self, officer: &str) -> Channel {
        let office = officer.rsplit_once('-').expect("an officer's id").0;
        self.town.officer(&self.party_of(office), officer).await.expect("an officer")
    }

    fn party_of(&self, office: &str) -> String {
        self.town.app().library().directory.office_by_id(office).expect("an office of the directory").party.clone()
    }

    /// Business start: everybody's identity and the domicile of every case that waits for it are found in order, so that
    /// the registrar of the division has them.
    pub async fn prepares(&self, division: &str) {
        self.desk("identity-350100").await.does_all(&results::identity()).await;
        self.desk(&format!("domicile-data-{division}")).await.does_all(&results::domicile()).await;
    }

    /// Nothing in the database contradicts its journals.
    pub async fn verify(&self) {
        self.settles().await;
        let report = self.town.verify().await.expect("verify");
        assert!(report.clean, "{:?}", report.problems);
    }
}

/// Submits a form under a request id.
pub async fn submit(terminal: &mut Terminal, request_id: &str, form: &Value) -> Result<SubmitCaseResponse, Status> {
    let request =
        SubmitCaseRequest { request_id: request_id.to_owned(), workflow: "business-start".into(), form: wire(form) };
    terminal.submit_case(request).await.map(tonic::Response::into_inner)
}

/// Submits a form; gives the case number.
pub async fn submitted(terminal: &mut Terminal, request_id: &str, form: &Value) -> String {
    submit(terminal, request_id, form).await.expect("a case").case.expect("a case").id
}

/// Submits a form of the package `witness`; gives the case number.
pub async fn witnessed(terminal: &mut Terminal, request_id: &str, registrar: &str) -> String {
    let form = wire(&witness(registrar, None));
    let request = SubmitCaseRequest { request_id: request_id.to_owned(), workflow: "witness".into(), form };
    terminal.submit_case(request).await.expect("a case").into_inner().case.expect("a case").id
}

/// A case in full.
pub async fn look(terminal: &mut Terminal, id: &str) -> Case {
    let request = GetCaseRequest { id: id.to_owned(), view: CaseView::Full.into() };
    terminal.get_case(request).await.expect("the case").into_inner().case.expect("a case")
}

/// Watches a case until it is as it should be.
pub async fn awaits(terminal: &mut Terminal, id: &str, wanted: impl Fn(&Case) -> bool) -> Case {
    let request = WatchCasesRequest { id: id.to_owned(), view: CaseView::Full.into(), ..WatchCasesRequest::default() };
    let mut changes = terminal.watch_cases(request).await.expect("a watch").into_inner();
    loop {
        let case = changes.message().await.expect("a change").expect("a change").case.expect("a case");
        if wanted(&case) {
            return case;
        }
    }
}

/// The codes that were emitted for a step, in their order.
pub fn codes(step: &kaiban_api::v1::Step) -> Vec<i32> {
    step.codes.iter().map(|emitted| emitted.code).collect()
}

/// Something that an office asks to be corrected.
pub fn finding(code: &str, pointer: &str) -> Finding {
    Finding {
        code: code.into(),
        severity: Severity::Error.into(),
        pointer: pointer.into(),
        message: Some(Text {
            zh: "内容不清楚，请补充。".into(), en: "This is not clear: please add to it.".into()
        }),
        help: None,
    }
}

/// State of a step.
pub fn step<'c>(case: &'c Case, name: &str) -> &'c kaiban_api::v1::Step {
    case.steps.iter().find(|step| step.step == name).expect("a step of the package")
}

/// An office's programme.
pub struct Office {
    name: String,
    pub client: TaskServiceClient<Channel>,
    app: App,
}

/// What an office says at the end of a task.
#[derive(Clone)]
pub struct Ending {
    pub outcome: &'static str,
    pub result: Option<Value>,
    pub findings: Vec<kaiban_api::v1::Finding>,
    /// `staff-1` or `staff-2` of the office, or a whole id; empty = nobody is named.
    pub officer: &'static str,
    pub approver: &'static str,
    pub reason: &'static str,
}

impl Ending {
    pub fn new(outcome: &'static str) -> Self {
        Self { outcome, result: None, findings: Vec::new(), officer: "staff-1", approver: "", reason: "" }
    }

    pub fn with(mut self, result: Value) -> Self {
        self.result = Some(result);
        self
    }
}

/// A licence, as registration grants it.
pub fn licence() -> Ending {
    Ending::new("approve").with(json!({
        "uscc": "91350100MA2XN0014K",
        "licence_number": "350100200012345",
        "issued_on": "2026-03-02",
        "legal_representative": "林晓舟",
    }))
}

/// A refusal of registration.
pub fn refusal() -> Ending {
    Ending {
        approver: "staff-2", reason: "名称与在先登记企业相同，不予登记。", ..Ending::new("refuse")
    }
}

impl Office {
    /// Takes everything that is ready. On PostgreSQL a claim passes over a case that somebody is writing to, and a letter
    /// that is being issued is such a writer: it comes first.
    pub async fn claims(&mut self) -> Vec<Task> {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        self.app.effects_settled().await;
        let mut tasks = Vec::new();
        // A claim passes over what another batch holds; one that finds nothing has found that there is nothing.
        loop {
            let request = ClaimTasksRequest {
                request_id: format!("{}-{}", self.name, CALLS.fetch_add(1, Ordering::Relaxed)),
                office: self.name.clone(),
                max: 100,
                ..ClaimTasksRequest::default()
            };
            let more = self.client.claim_tasks(request).await.expect("a claim").into_inner().tasks;
            if more.is_empty() {
                return tasks;
            }
            tasks.extend(more);
        }
    }

    /// Waits for the next task and takes it.
    pub async fn awaits_one(&mut self, request_id: &str) -> Task {
        let request = ClaimTasksRequest {
            request_id: request_id.to_owned(),
            office: self.name.clone(),
            wait: Some(prost_types::Duration { seconds: 60, nanos: 0 }),
            ..ClaimTasksRequest::default()
        };
        let mut tasks = self.client.claim_tasks(request).await.expect("a claim").into_inner().tasks;
        assert_eq!(tasks.len(), 1, "{} gets one task", self.name);
        tasks.remove(0)
    }

    /// Takes the one task that is ready.
    pub async fn claims_one(&mut self) -> Task {
        let mut tasks = self.claims().await;
        assert_eq!(tasks.len(), 1, "{} has one task", self.name);
        tasks.remove(0)
    }

    /// Ends a task under its epoch.
    pub async fn ends(&mut self, task: &Task, ending: Ending) -> Result<TaskReceipt, Error> {
        let request_id = format!("{}-{}", task.id, task.epoch);
        self.ends_as(&request_id, task, ending).await
    }

    /// Ends a task under a request id.
    pub async fn ends_as(&mut self, request_id: &str, task: &Task, ending: Ending) -> Result<TaskReceipt, Error> {
        let completion = TaskCompletion {
            request_id: request_id.to_owned(),
            task: Some(TaskAddress { id: task.id.clone(), ..TaskAddress::default() }),
            epoch: task.epoch,
            outcome: ending.outcome.into(),
            result: ending.result.as_ref().map(|result| to_struct(result).expect("a result")),
            findings: ending.findings,
            officer: ending.officer.replace("staff", &self.name),
            approver: ending.approver.replace("staff", &self.name),
            reason: ending.reason.into(),
        };
        self.says(completion).await
    }

    pub async fn says(&mut self, completion: TaskCompletion) -> Result<TaskReceipt, Error> {
        let request = CompleteTasksRequest { completions: vec![completion] };
        let mut replies = self.client.complete_tasks(request).await.expect("an answer").into_inner().replies;
        assert_eq!(replies.len(), 1);
        match replies.remove(0).answer.expect("an answer") {
            task_reply::Answer::Receipt(receipt) => Ok(receipt),
            task_reply::Answer::Error(error) => Err(error),
        }
    }

    /// Takes the one task that is ready and ends it.
    pub async fn does(&mut self, ending: Ending) -> TaskReceipt {
        let task = self.claims_one().await;
        self.ends(&task, ending).await.expect("done")
    }

    /// Takes everything that is ready and ends all of it alike.
    pub async fn does_all(&mut self, ending: &Ending) {
        for task in self.claims().await {
            self.ends(&task, ending.clone()).await.expect("done");
        }
    }
}
