//! Who calls: what a token stands for.

use kaiban_engine::Actor;
use serde::{Deserialize, Serialize};

/// What a token's bearer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An outlet of a bank.
    Terminal,
    /// An agency's programme.
    Agency,
    /// Tokens, incidents, cancelling.
    Admin,
}

impl Role {
    /// Name in rows and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Agency => "agency",
            Self::Admin => "admin",
        }
    }
}

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Id of the token; names the holder of leases and the actor in journals.
    pub token: String,
    /// What it is.
    pub role: Role,
    /// Bank (terminal), party (agency) or bureau (admin).
    pub organisation: String,
    /// The outlet of a terminal.
    pub outlet: Option<String>,
    /// The offices of an agency.
    pub offices: Vec<String>,
}

impl Principal {
    /// How the journal names this caller.
    pub fn actor(&self) -> Actor {
        match self.role {
            Role::Terminal => Actor::Terminal { organisation: self.organisation.clone(), outlet: self.outlet.clone() },
            Role::Agency => Actor::Agency { holder: self.token.clone() },
            Role::Admin => Actor::Admin { holder: self.token.clone() },
        }
    }
}
