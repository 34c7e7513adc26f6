//! A server with somebody of every role, and cases that no other call has changed: one that is the caller's own in every
//! respect, and one of another bank in another district.

use kaiban_api::Channel;
use kaiban_api::v1::document_service_client::DocumentServiceClient;
use kaiban_api::v1::upload_document_request::Part;
use kaiban_api::v1::{
    CaseView, IssueTokenRequest, Role as Wire, SubmitCaseRequest, TaskAddress, TaskCompletion, UploadDocumentRequest,
    UploadHeader, WatchCasesRequest,
};
use kaiban_app::Role;
use kaiban_store::CredentialRow;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::lines::About;
use crate::city::{City, Office, Terminal};
use crate::database::Database;
use crate::forms::{wire, witness};
use crate::samples::pdf;

/// The columns of the table.
pub const ROLES: [Role; 9] = Role::ALL;

/// The package of the cases.
pub const WORKFLOW: &str = "witness";

pub struct Scene<'a> {
    db: &'a Database,
    city: City,
    lines: Vec<(Role, Channel)>,
    here: Side,
    there: Side,
    document: String,
    spare: String,
    /// Cases that may be used again: whether they are the callers' own, and what was done with them.
    pool: Vec<(bool, About, Made)>,
    count: u32,
}

/// A bank's outlet and the bureau of its district.
struct Side {
    terminal: Terminal,
    bureau: Office,
    office: &'static str,
    division: &'static str,
}

/// What one call is about.
#[derive(Clone)]
pub struct Cell {
    /// The caller.
    pub line: Channel,
    /// A request id that nobody has used.
    pub request: String,
    pub workflow: &'static str,
    pub form: Value,
    pub case: String,
    /// The task of the case's registration, in the hands of the bureau's programme under epoch 1.
    pub task: String,
    /// The bureau.
    pub office: &'static str,
    /// The officer who acts, where a programme has to name one.
    pub officer: String,
    pub document: String,
    pub content: String,
    pub letter: String,
    /// Id of a token that nobody uses.
    pub spare: String,
}

impl Cell {
    /// The same about what does not exist.
    pub fn absent(&self) -> Self {
        let case = "20260302-0000000000-0".to_owned();
        let task = self.task.replace(&self.case, &case);
        Self { case, task, office: "no-such-office", ..self.clone() }
    }
}

impl<'a> Scene<'a> {
    pub async fn start(db: &'a Database) -> Self {
        let city = City::start_of(db, &["witness"]).await;
        let side = async |bank: &str, outlet: &str, office: &'static str, division: &'static str| Side {
            terminal: city.terminal_of(bank, outlet).await,
            bureau: city.office("market-regulation", office).await,
            office,
            division,
        };
        let document = upload(&city, "b01", "b01-001").await;
        assert_eq!(document, upload(&city, "b02", "b02-003").await, "the same content");
        let here = side("b01", "b01-001", "market-regulation-350100", "350100").await;
        let there = side("b02", "b02-003", "market-regulation-350102", "350102").await;
        let manager = IssueTokenRequest {
            role: Wire::Manager.into(),
            organisation: "bureau".into(),
            person: "m".into(),
            divisions: vec!["350100".into()],
            ..IssueTokenRequest::default()
        };
        let bank = IssueTokenRequest { role: Wire::Bank.into(), organisation: "b01".into(), ..Default::default() };
        let spare = city.town.issue(bank.clone()).await.expect("a token").token.expect("a token").id;
        let town = &city.town;
        let issued = async |request: IssueTokenRequest| {
            town.line(&town.issue(request).await.expect("a token").secret).await.expect("a connection")
        };
        let lines = vec![
            (Role::Terminal, town.terminal("b01", "b01-001").await.expect("a terminal")),
            (Role::Bank, issued(bank).await),
            (Role::Agency, town.office("market-regulation", "market-regulation-350100").await.expect("an office")),
            (Role::Officer, town.officer("market-regulation", "market-regulation-350100-1").await.expect("an officer")),
            (Role::Manager, issued(manager).await),
            (Role::Auditor, town.bureau(Wire::Auditor).await.expect("an auditor")),
            (Role::Security, town.security()),
            (Role::Admin, town.bureau(Wire::Admin).await.expect("an admin")),
        ];
        Self { db, city, lines, here, there, document, spare, pool: Vec::new(), count: 0 }
    }

    /// A request id that nobody has used.
    pub fn fresh(&mut self) -> String {
        self.count += 1;
        format!("m{}", self.count)
    }

    /// New cases, and the caller.
    pub async fn cell(&mut self, role: Role, own: bool, about: About) -> Cell {
        let mine = self.made(true, about).await;
        let line = match self.lines.iter().find(|(known, _)| *known == role) {
            Some((_, line)) => line.clone(),
            None => self.applicant(&mine.number).await,
        };
        let case = if own {
            mine
        } else {
            self.pool.push((true, about, mine));
            self.made(false, about).await
        };
        let side = if own { &self.here } else { &self.there };
        let officer = if role == Role::Agency { format!("{}-1", side.office) } else { String::new() };
        Cell {
            line,
            workflow: WORKFLOW,
            form: witness(side.division, Some(&self.document)),
            case: case.number,
            task: case.task,
            office: side.office,
            officer,
            document: self.document.clone(),
            content: base64(&pdf(9)),
            letter: case.letter,
            spare: self.spare.clone(),
            request: self.fresh(),
        }
    }

    /// A case that no call has changed: one that was given back, or a new one.
    async fn made(&mut self, here: bool, about: About) -> Made {
        if let Some(at) = self.pool.iter().position(|(side, kind, _)| (*side, *kind) == (here, about)) {
            return self.pool.swap_remove(at).2;
        }
        let request = self.fresh();
        let side = if here { &mut self.here } else { &mut self.there };
        let made = side.case(&self.city, &request, &self.document, about).await;
        // Letters are written beside, and are in the journal: what changes afterwards is a call's doing.
        self.city.settles().await;
        made
    }

    /// The case of a call that has changed nothing serves again.
    pub fn give_back(&mut self, cell: Cell, own: bool, about: About) {
        let Cell { case: number, task, letter, .. } = cell;
        self.pool.push((own, about, Made { number, task, letter }));
    }

    /// Where the journal of the cell's case stands.
    pub async fn revision(&self, cell: &Cell) -> i64 {
        self.db.store.case(&cell.case).await.expect("a read").map_or(0, |row| row.seq)
    }

    /// A connection with a credential for the case.
    async fn applicant(&mut self, case: &str) -> Channel {
        let secret = format!("kba_{}", self.fresh());
        let hash = Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let (issued_at_us, expires_at_us) = (0, i64::MAX);
        let case_id = case.to_owned();
        let row = CredentialRow { hash, case_id, person: "p1".into(), issued_at_us, expires_at_us, used_at_us: None };
        self.db.store.put_credential(&row).await.expect("a credential");
        self.city.town.line(&secret).await.expect("a connection")
    }
}

/// What a side has made.
struct Made {
    number: String,
    /// Of the registration.
    task: String,
    /// Number of the receipt, where it was waited for.
    letter: String,
}

impl Side {
    /// A new case whose tasks are in the hands of the bureau's programme.
    async fn case(&mut self, city: &City, request_id: &str, document: &str, about: About) -> Made {
        let form = wire(&witness(self.division, Some(document)));
        let submit = SubmitCaseRequest { request_id: request_id.to_owned(), workflow: WORKFLOW.into(), form };
        let number = self.terminal.submit_case(submit).await.expect("a case").into_inner().case.expect("a case").id;
        // A case that a letter is being written about is passed over by claims.
        city.settles().await;
        let tasks = self.bureau.claims().await;
        let task = tasks.iter().find(|task| task.case_id == number && task.step == "registration").expect("a task");
        for identity in tasks.iter().filter(|task| task.step.starts_with("identity") && about == About::Identified) {
            let completion = TaskCompletion {
                request_id: format!("{request_id}-{}", identity.step),
                task: Some(TaskAddress { id: identity.id.clone(), ..TaskAddress::default() }),
                epoch: identity.epoch,
                outcome: "approve".into(),
                officer: format!("{}-1", self.office),
                ..TaskCompletion::default()
            };
            self.bureau.says(completion).await.expect("identified");
        }
        let letter = if about == About::Lettered { self.receipt(&number).await } else { String::new() };
        Made { task: task.id.clone(), number, letter }
    }

    /// Number of the case's receipt, once it is written.
    async fn receipt(&mut self, case: &str) -> String {
        let view = CaseView::Steps.into();
        let watch = WatchCasesRequest { id: case.to_owned(), view, ..WatchCasesRequest::default() };
        let mut changes = self.terminal.watch_cases(watch).await.expect("a watch").into_inner();
        loop {
            let case = changes.message().await.expect("a change").expect("a change").case.expect("a case");
            if let Some(letter) = case.letters.into_iter().next() {
                return letter.number;
            }
        }
    }
}

/// Hands a lease in; gives its digest.
async fn upload(city: &City, bank: &str, outlet: &str) -> String {
    let mut client = DocumentServiceClient::new(city.town.terminal(bank, outlet).await.expect("a terminal"));
    let header = Part::Header(UploadHeader { name: "lease.pdf".into(), ..UploadHeader::default() });
    let parts = [header, Part::Chunk(pdf(9).into())].map(|part| UploadDocumentRequest { part: Some(part) });
    let answer = client.upload_document(tokio_stream::iter(parts)).await.expect("a document");
    answer.into_inner().document.expect("a document").digest
}

/// RFC 4648 §4, as bytes stand in the JSON of a message.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let group = [three[0], three.get(1).copied().unwrap_or(0), three.get(2).copied().unwrap_or(0)];
        let bits = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for digit in 0..4 {
            let pad = digit > three.len();
            let value = (bits >> (18 - 6 * digit) & 63) as usize;
            text.push(if pad { '=' } else { DIGITS[value] as char });
        }
    }
    text
}
