//! `kaiban token issue`

use std::time::Duration;

use clap::ValueEnum;
use kaiban_api::{timestamp, v1};
use kaiban_app::{Clock, SystemClock};

use super::offline;
use crate::database::Database;
use crate::failure::Failure;
use crate::output::{Output, say};
use crate::packages::Packages;
use crate::remote::Remote;
use crate::{json, lengths};

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    /// A bank, or one of its outlets: submits and follows its own cases.
    Terminal,
    /// An agency's programme: works on tasks of its offices.
    Agency,
    /// Tokens, incidents, cancelling.
    Admin,
}

#[derive(clap::Args)]
pub struct Args {
    /// What the bearer is.
    #[arg(long, value_enum)]
    role: Role,
    /// The bank or party of the directory; for admin the bureau's own name.
    #[arg(long, default_value = "bureau", value_name = "ID")]
    organisation: String,
    /// For a terminal: the outlet; without it the whole bank.
    #[arg(long, default_value = "", value_name = "ID")]
    outlet: String,
    /// For an agency: an office; several may be given.
    #[arg(long = "office", value_name = "ID")]
    offices: Vec<String>,
    /// What people call it.
    #[arg(long, default_value = "")]
    label: String,
    /// How long it is good, at most 400d; without it 90 days.
    #[arg(long, value_parser = lengths::parse, value_name = "LENGTH")]
    expires_in: Option<Duration>,
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
        Role::Agency => v1::Role::Agency,
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
        label: args.label,
        expires_at: args.expires_in.map(from_now),
    };
    let issued = if args.database.is_named() {
        offline::issue(&args.database, &args.packages, request).await?
    } else {
        args.remote.admin().await?.issue_token(request).await?.into_inner()
    };
    let token = issued.token.clone().unwrap_or_default();
    say(&format!("token {}, until {}", token.id, lengths::instant(token.expires_at.as_ref())));
    say("hint: the secret is shown only now; use it with `export KAIBAN_TOKEN=…`");
    output.result(&json::of("IssueTokenResponse", &issued)?, || issued.secret.clone())
}
