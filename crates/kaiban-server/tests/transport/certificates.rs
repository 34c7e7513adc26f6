//! Mutual TLS: a client's certificate stands for a token, is revoked like one, and does not make up for a bad one.

use kaiban_api::v1::admin_service_client::AdminServiceClient;
use kaiban_api::v1::workflow_service_client::WorkflowServiceClient;
use kaiban_api::{Bearer, Channel, ClientIdentity, ConnectError, Tls, v1};
use kaiban_app::Limits;
use kaiban_server::{ClientAuth, ServerSettings, TlsIdentity};
use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha2::{Digest, Sha256};
use tonic::{Code, Status};

use crate::office::{OFFICE, Office, reason};

/// Who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
struct Signed(Certificate, KeyPair);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn signs(&self, name: &str) -> Signed {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        Signed(certificate, key)
    }

    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }
}

impl Signed {
    fn identity(&self) -> ClientIdentity {
        ClientIdentity { certificate_pem: self.0.pem().into_bytes(), key_pem: self.1.serialize_pem().into_bytes() }
    }

    fn sha256(&self) -> String {
        Sha256::digest(self.0.der()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A server with certificates, and the authority that has signed them.
struct House {
    office: Office,
    authority: Authority,
}

impl House {
    async fn open(optional: bool) -> Self {
        let authority = Authority::new();
        let Signed(certificate, key) = authority.signs("localhost");
        let tls = TlsIdentity {
            certificate_pem: certificate.pem().into_bytes(),
            key_pem: key.serialize_pem().into_bytes(),
            clients: Some(ClientAuth { authorities_pem: authority.pem(), optional }),
        };
        let office = Office::open_as(Limits::default(), ServerSettings { tls: Some(tls) }).await;
        Self { office, authority }
    }

    async fn connect(&self, token: Bearer, client: Option<&Signed>) -> Result<Channel, ConnectError> {
        let tls = Tls {
            authorities_pem: self.authority.pem(),
            server_name: Some("localhost".into()),
            identity: client.map(Signed::identity),
        };
        kaiban_api::connect(&self.office.endpoint, token, Some(&tls)).await
    }

    /// What a call is answered; that there is no connection at all looks like a lost one.
    async fn asked(&self, token: Bearer, client: Option<&Signed>) -> Result<(), Status> {
        let channel = self.connect(token, client).await.map_err(|error| Status::unavailable(error.to_string()))?;
        let mut workflows = WorkflowServiceClient::new(channel);
        workflows.list_workflows(v1::ListWorkflowsRequest {}).await.map(|_| ())
    }

    /// Somebody who may give out tokens.
    async fn security(&self, client: &Signed) -> AdminServiceClient<Channel> {
        let bearer = Bearer::new(&self.office.security).unwrap();
        AdminServiceClient::new(self.connect(bearer, Some(client)).await.unwrap())
    }
}

fn agency(certificate: &Signed) -> v1::IssueTokenRequest {
    v1::IssueTokenRequest {
        role: v1::Role::Agency.into(),
        organisation: "market-regulation".into(),
        offices: vec![OFFICE.into()],
        certificate_sha256: certificate.sha256(),
        ..Default::default()
    }
}

/// There was no connection for the call: nothing of the answer is the server's.
fn turned_away(answer: Result<(), Status>) {
    let status = answer.unwrap_err();
    assert!(status.details().is_empty() && status.code() != Code::Unauthenticated, "{status:?}");
}

fn refused(answer: Result<(), Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    (status.code(), reason(&status))
}

#[tokio::test]
async fn a_certificate_stands_for_its_token_until_that_is_revoked() {
    let house = House::open(false).await;
    let (desk, stranger) = (house.authority.signs("desk"), house.authority.signs("stranger"));
    assert_eq!(
        refused(house.asked(Bearer::none(), Some(&desk)).await),
        (Code::Unauthenticated, "TOKEN_INVALID".into())
    );

    let mut security = house.security(&stranger).await;
    let issued = security.issue_token(agency(&desk)).await.unwrap().into_inner();
    let token = issued.token.unwrap();
    assert_eq!((issued.secret.as_str(), token.certificate_sha256), ("", desk.sha256()));

    house.asked(Bearer::none(), Some(&desk)).await.unwrap();
    assert_eq!(
        refused(house.asked(Bearer::none(), Some(&stranger)).await),
        (Code::Unauthenticated, "TOKEN_INVALID".into())
    );
    // What is brought counts, not what could have been.
    let wrong = Bearer::new("kb_00000000000000000000000000000000").unwrap();
    assert_eq!(refused(house.asked(wrong, Some(&desk)).await), (Code::Unauthenticated, "TOKEN_INVALID".into()));

    let again = security.issue_token(agency(&desk)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again)), (Code::AlreadyExists, "CERTIFICATE_IN_USE".into()));

    // What is open ends as well.
    let channel = house.connect(Bearer::none(), Some(&desk)).await.unwrap();
    let mut tasks = v1::task_service_client::TaskServiceClient::new(channel);
    let request = v1::ClaimTasksRequest {
        request_id: "c1".into(),
        wait: Some(kaiban_api::duration(60_000_000)),
        ..Default::default()
    };
    let poll = tokio::spawn(async move { tasks.claim_tasks(request).await });
    security.revoke_token(v1::RevokeTokenRequest { id: token.id }).await.unwrap();
    assert_eq!(
        refused(house.asked(Bearer::none(), Some(&desk)).await),
        (Code::Unauthenticated, "TOKEN_REVOKED".into())
    );
    assert_eq!(poll.await.unwrap().unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn who_shows_no_good_certificate_is_turned_away_by_tls() {
    let house = House::open(false).await;
    let bearer = || Bearer::new(&house.office.admin).unwrap();
    let foreign = Authority::new().signs("desk");
    for client in [None, Some(&foreign)] {
        turned_away(house.asked(bearer(), client).await);
    }
    house.asked(bearer(), Some(&house.authority.signs("anybody"))).await.unwrap();
}

#[tokio::test]
async fn where_certificates_are_optional_a_token_is_enough() {
    let house = House::open(true).await;
    house.asked(Bearer::new(&house.office.admin).unwrap(), None).await.unwrap();
    assert_eq!(refused(house.asked(Bearer::none(), None).await), (Code::Unauthenticated, "TOKEN_INVALID".into()));
    let foreign = Authority::new().signs("desk");
    turned_away(house.asked(Bearer::new(&house.office.admin).unwrap(), Some(&foreign)).await);
}

#[tokio::test]
async fn a_fingerprint_has_one_shape() {
    let house = House::open(true).await;
    let mut security = house.security(&house.authority.signs("desk")).await;
    for sha256 in ["AB".repeat(32), "ab:".repeat(21), "zz".repeat(32)] {
        let request = v1::IssueTokenRequest { certificate_sha256: sha256, ..agency(&house.authority.signs("x")) };
        let status = security.issue_token(request).await.unwrap_err();
        assert_eq!((status.code(), reason(&status)), (Code::InvalidArgument, "REQUEST_INVALID".into()));
    }
}
