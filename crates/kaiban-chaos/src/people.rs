//! A token for everybody, issued on the database before the first server starts.

use std::sync::Arc;

use anyhow::{Result, bail};
use kaiban_app::{IssueToken, Role, issue_token_offline};
use kaiban_definition::{Directory, Office};
use kaiban_store::{Options, Store};

use crate::book::Book;
use crate::check::Door;
use crate::crowd::{DIVISIONS, Town};

/// What the bureau's own people belong to.
const BUREAU: &str = "bureau";

/// The secrets of everybody.
pub(crate) struct People {
    /// Of terminals at different outlets.
    pub terminals: Vec<String>,
    /// Of the offices that cases come to.
    pub offices: Vec<(Office, String)>,
    pub manager: String,
    pub auditor: String,
}

impl People {
    /// Makes the schema, and everybody's token.
    pub async fn register(url: &str, town: &Town, terminals: usize) -> Result<Self> {
        let store = Store::open(url, Options::default()).await?;
        let issuer = Issuer { store: &store, directory: &town.directory };
        let mut people = Self {
            terminals: Vec::new(),
            offices: Vec::new(),
            manager: issuer.secret(IssueToken::new(Role::Manager, BUREAU).of_person("chaos-manager")).await?,
            auditor: issuer.secret(IssueToken::new(Role::Auditor, BUREAU).of_person("chaos-auditor")).await?,
        };
        for outlet in town.directory.outlets().take(terminals) {
            let mut request = IssueToken::new(Role::Terminal, outlet.bank.clone());
            request.outlet = Some(outlet.id.clone());
            people.terminals.push(issuer.secret(request).await?);
        }
        let parties: Vec<&str> = town.directory.parties().map(|party| party.id.as_str()).collect();
        for party in parties {
            for division in DIVISIONS {
                let Some(office) = town.directory.office(party, division) else { continue };
                if people.offices.iter().any(|(known, _)| known.id == office.id) {
                    continue;
                }
                let mut request = IssueToken::new(Role::Agency, party);
                request.offices = vec![office.id.clone()];
                let secret = issuer.secret(request).await?;
                people.offices.push((office.clone(), secret));
            }
        }
        store.close().await?;
        Ok(people)
    }

    /// What everybody sees of these servers.
    pub fn door(&self, endpoints: Arc<[String]>, book: &Arc<Book>) -> Door {
        Door {
            endpoints,
            manager: self.manager.clone(),
            auditor: self.auditor.clone(),
            terminals: self.terminals.clone(),
            offices: self.offices.iter().map(|(office, secret)| (office.id.clone(), secret.clone())).collect(),
            book: Arc::clone(book),
        }
    }
}

struct Issuer<'a> {
    store: &'a Store,
    directory: &'a Directory,
}

impl Issuer<'_> {
    async fn secret(&self, request: IssueToken) -> Result<String> {
        match issue_token_offline(self.store, self.directory, request.called("chaos")).await {
            Ok((_, secret)) => Ok(secret),
            Err(refusal) => bail!("no token: {}", refusal.message.en),
        }
    }
}
