//! A server on a throw-away SQLite file, with tokens for a terminal, an agency and the bureau.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kaiban_api::{Bearer, Channel, v1};
use kaiban_app::{App, IssueToken, Limits, Role, Settings, SystemClock, issue_token_offline};
use kaiban_definition::{Files, load};
use kaiban_server::{ServeError, ServerSettings, serve};
use kaiban_store::{Options, Store};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic_types::StatusExt;

/// The office whose queue the agency's token is for.
pub const OFFICE: &str = "market-regulation-350102";

pub struct Office {
    pub endpoint: String,
    pub terminal: String,
    pub agency: String,
    pub admin: String,
    pub security: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
    folder: tempfile::TempDir,
}

impl Office {
    pub async fn open() -> Office {
        Office::open_with(Limits::default()).await
    }

    pub async fn open_with(limits: Limits) -> Office {
        Office::open_as(limits, ServerSettings::default()).await
    }

    /// A server that is set up otherwise.
    pub async fn open_as(limits: Limits, server: ServerSettings) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("kaiban.db").display());
        let store = Store::open(&url, Options::default()).await.unwrap();
        let mut files = Files::new();
        let workflows = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
        read(&workflows, &workflows, &mut files);
        let (workflows, _) = load(&files);
        let mut secrets = Vec::new();
        for request in [
            IssueToken { outlet: Some("b01-002".to_owned()), ..IssueToken::new(Role::Terminal, "b01") },
            IssueToken { offices: vec![OFFICE.to_owned()], ..IssueToken::new(Role::Agency, "market-regulation") },
            IssueToken::new(Role::Admin, "bureau").of_person("admin"),
            IssueToken::new(Role::Security, "bureau").of_person("security"),
        ] {
            secrets.push(issue_token_offline(&store, &workflows.directory, request).await.unwrap().1);
        }
        let [terminal, agency, admin, security] = secrets.try_into().unwrap();
        let settings = Settings { limits, ..Settings::default() };
        let app = App::start(store, workflows, &files, Arc::new(SystemClock), settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if server.tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(app, listener, server, async {
            let _ = stopped.await;
        }));
        Office { endpoint, terminal, agency, admin, security, stop, served, folder }
    }

    /// The database, as another process would open it.
    pub async fn store(&self) -> Store {
        let url = format!("sqlite://{}", self.folder.path().join("kaiban.db").display());
        Store::open(&url, Options::default()).await.unwrap()
    }

    pub async fn channel(&self, token: &str) -> Channel {
        kaiban_api::connect(&self.endpoint, Bearer::new(token).unwrap(), None).await.unwrap()
    }

    pub async fn anybody(&self) -> Channel {
        kaiban_api::connect(&self.endpoint, Bearer::none(), None).await.unwrap()
    }

    /// Tells the server to stop, and gives what waits for its end.
    pub fn stop(self) -> JoinHandle<Result<(), ServeError>> {
        self.stop.send(()).unwrap();
        self.served
    }
}

fn read(root: &Path, folder: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// A form that the six-step package takes, at the registrar of [`OFFICE`].
pub fn form() -> prost_types::Struct {
    let person = json!({"name": "张样例", "citizen_id": "11010519491231002X", "phone": "13800000000"});
    let form = json!({
        "registrar": "350102",
        "kind": "limited-company",
        "name": "福州青榕样例贸易有限公司",
        "business_scope": ["日用百货销售"],
        "capital_fen": 100_000_000,
        "domicile": {"division": "350102", "address": "鼓楼区样例路1号101室", "use": "rented"},
        "legal_representative": person,
        "investors": [
            {"kind": "person", "name": "张样例", "citizen_id": "11010519491231002X", "amount_fen": 100_000_000}
        ],
        "contact": {"name": "李样例", "phone": "13900000000"},
        "seals": {"count": 3},
        "invoices": {"paper": false, "kinds": ["vat-ordinary"], "monthly": 25},
        "social_insurance": {"employees": 2},
        "housing_fund": {"ratio": 8, "bank": "样例银行"},
        "delivery": {"way": "counter"},
    });
    kaiban_api::to_struct(&form).unwrap()
}

pub fn submission(request_id: &str) -> v1::SubmitCaseRequest {
    v1::SubmitCaseRequest { request_id: request_id.into(), workflow: "six-step".into(), form: Some(form()) }
}

/// The reason of a status, which every status of the server has.
pub fn reason(status: &tonic::Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("a status without a reason: {status:?}"));
    assert_eq!(info.domain, "kaiban");
    assert!(details.localized_message().is_some_and(|text| text.locale == "zh-CN" && !text.message.is_empty()));
    info.reason.clone()
}
