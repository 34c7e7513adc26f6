//! `kaiban token issue`

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use kaiban_api::{timestamp, v1};
use kaiban_app::{Clock, SystemClock};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::offline;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::packages::Packages;
use crate::remote::Remote;
use crate::{json, lengths};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// An outlet of a bank: submits and follows its own cases.
    Terminal,
    /// A bank with all its outlets.
    Bank,
    /// An agency's programme: works on tasks of its offices.
    Agency,
    /// A person of an agency or the bureau: decides, resolves incidents, cancels.
    Officer,
    /// Figures and masked cases of some divisions, or of the whole city.
    Manager,
    /// Journals and access records.
    Auditor,
    /// Tokens and roles; the first token of a server is of this role.
    Security,
    /// The server itself.
    Admin,
}

#[derive(clap::Args)]
pub struct Args {
    /// What the bearer is.
    #[arg(long, value_enum)]
    role: Role,
    /// The bank or party of the directory; for manager, auditor, security and admin the bureau's own name.
    #[arg(long, default_value = "bureau", value_name = "ID")]
    organisation: String,
    /// For a terminal: the outlet.
    #[arg(long, default_value = "", value_name = "ID")]
    outlet: String,
    /// For an agency: an office; several may be given.
    #[arg(long = "office", value_name = "ID")]
    offices: Vec<String>,
    /// Whom it speaks for: for an officer the id in the directory, for manager, auditor, security and admin a short id.
    #[arg(long, default_value = "", value_name = "ID")]
    person: String,
    /// For a manager: a division; several may be given; none is the whole city.
    #[arg(long = "division", value_name = "CODE")]
    divisions: Vec<String>,
    /// What people call it.
    #[arg(long, default_value = "")]
    label: String,
    /// How long it is good, at most 400d; without it 90 days.
    #[arg(long, value_parser = lengths::parse, value_name = "LENGTH")]
    expires_in: Option<Duration>,
    /// PEM file with a client's certificate that stands for the secret; there is no secret then.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    packages: Packages,
    #[command(flatten)]
    remote: Remote,
}

pub async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let role = match args.role {
        Role::Terminal => v1::Role::Terminal,
        Role::Bank => v1::Role::Bank,
        Role::Agency => v1::Role::Agency,
        Role::Officer => v1::Role::Officer,
        Role::Manager => v1::Role::Manager,
        Role::Auditor => v1::Role::Auditor,
        Role::Security => v1::Role::Security,
        Role::Admin => v1::Role::Admin,
    };
    let from_now = |length: Duration| {
        let us = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
        timestamp(SystemClock.operating_us().saturating_add(us))
    };
    let request = v1::IssueTokenRequest {
        role: role.into(),
        organisation: args.organisation,
        outlet: args.outlet,
        offices: args.offices,
        person: args.person,
        divisions: args.divisions,
        label: args.label,
        expires_at: args.expires_in.map(from_now),
        certificate_sha256: args.certificate.as_deref().map(fingerprint).transpose()?.unwrap_or_default(),
    };
    let issued = if args.database.is_named() {
        offline::issue(&args.database, &args.packages, request).await?
    } else {
        args.remote.call(request).await?
    };
    let token = issued.token.clone().unwrap_or_default();
    say(&format!("token {}, until {}", token.id, lengths::instant(token.expires_at.as_ref())));
    if token.certificate_sha256.is_empty() {
        say("hint: the secret is shown only now; use it with `export KAIBAN_TOKEN=…`");
    } else {
        say("hint: it is known by its certificate; call with --client-cert FILE --client-key FILE and no token");
    }
    output.result(&json::of("IssueTokenResponse", &issued)?, || match issued.secret.as_str() {
        "" => token.certificate_sha256.clone(),
        secret => secret.to_owned(),
    })
}

/// SHA-256 of the first certificate of a PEM file.
fn fingerprint(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let pem = std::fs::read(path)
        .map_err(|error| Failure::local("FILE", format!("无法读取 {shown}。"), format!("{shown}: {error}")))?;
    let certificate = CertificateDer::from_pem_slice(&pem).map_err(|_| {
        let zh = format!("{shown} 中没有 PEM 格式的证书。");
        Failure::local("NO_CERTIFICATE", zh, format!("there is no PEM certificate in {shown}"))
            .with_hint("name the certificate that the client shows, not its key and not the authority's")
    })?;
    Ok(Sha256::digest(&certificate).iter().map(|byte| format!("{byte:02x}")).collect())
}
