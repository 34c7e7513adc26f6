//! `serve --check-config`: everything that can be known before serving, and nothing that changes anything.
//!
//! It reads configuration, certificates and packages, prepares TLS and the web hook, and looks whether the database can be
//! reached and has the schema of this program. It does not listen, migrate, call the web hook or the scanner, or look
//! whether stored packages and calendars go with the new ones: that is known when the server starts.

use std::net::SocketAddr;

use kaiban_app::{Clock, ENDING_DAYS, SystemClock, said_of_ending};
use kaiban_definition::Workflows;
use kaiban_server::ServerSettings;
use serde_json::json;

use super::Args;
use crate::failure::Failure;
use crate::output::{Output, say};

/// What was read so far.
pub struct Checked<'a> {
    pub args: &'a Args,
    pub listen: SocketAddr,
    pub server: &'a ServerSettings,
    pub workflows: &'a Workflows,
}

/// Checks the rest, and tells.
pub async fn run(checked: Checked<'_>, output: Output) -> Result<(), Failure> {
    let Checked { args, listen, server, workflows } = checked;
    server.check().map_err(|error| {
        Failure::local("TLS", "TLS 证书或私钥无法使用。", error.to_string())
            .with_hint("certificate, key and authorities must be PEM, and the key must be the certificate's")
    })?;
    if let Some(folder) = args.folder_of_files()
        && folder.exists()
        && !folder.is_dir()
    {
        let shown = folder.display();
        return Err(Failure::local("FILE", format!("{shown} 不是目录。"), format!("{shown} is not a folder")));
    }
    let database = args.database.state().await?;
    let packages: Vec<_> = workflows.definitions.iter().map(|found| found.workflow.clone()).collect();
    let ending = workflows.calendars.ending_within(ENDING_DAYS, SystemClock.operating_us());
    for text in ending.iter().map(said_of_ending) {
        say(&format!("warning: {}\n  {}", text.en, text.zh));
    }
    let ending: Vec<_> =
        ending.iter().map(|ending| json!({"calendar": ending.calendar, "until": ending.last.to_string()})).collect();
    let tls = server.tls.as_ref();
    let report = json!({
        "listen": listen.to_string(),
        "tls": tls.is_some(),
        "client_certificates": match tls.and_then(|tls| tls.clients.as_ref()) {
            None => "none",
            Some(clients) if clients.optional => "optional",
            Some(_) => "required",
        },
        "webhook": args.hook.webhook_url.is_some(),
        "database": database.name(),
        "workflows": packages,
        "calendars_ending": ending,
    });
    output.result(&report, || {
        format!("the configuration is sound; database: {}; packages: {}", database.told(), packages.join(", "))
    })
}
