//! Who calls: what a token stands for.

use kaiban_engine::Actor;
use serde::{Deserialize, Serialize};

/// What a token's bearer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An outlet of a bank.
    Terminal,
    /// A bank with all its outlets.
    Bank,
    /// An agency's programme.
    Agency,
    /// A person of an agency or of the registering bureau.
    Officer,
    /// Figures and masked cases of some divisions, or of the whole city.
    Manager,
    /// A natural person of one case, for half an hour, by the credential of the real-name step.
    Applicant,
    /// Journals and access records.
    Auditor,
    /// Tokens and roles.
    Security,
    /// The server itself.
    Admin,
}

impl Role {
    /// All of them, in the order of the documentation.
    pub const ALL: [Role; 9] = [
        Self::Terminal,
        Self::Bank,
        Self::Agency,
        Self::Officer,
        Self::Manager,
        Self::Applicant,
        Self::Auditor,
        Self::Security,
        Self::Admin,
    ];

    /// Name in rows and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Bank => "bank",
            Self::Agency => "agency",
            Self::Officer => "officer",
            Self::Manager => "manager",
            Self::Applicant => "applicant",
            Self::Auditor => "auditor",
            Self::Security => "security",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn named(name: &str) -> Option<Role> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether a token of this role speaks for one person, whom it names.
    pub fn is_personal(self) -> bool {
        match self {
            Self::Officer | Self::Manager | Self::Auditor | Self::Security | Self::Admin => true,
            Self::Terminal | Self::Bank | Self::Agency | Self::Applicant => false,
        }
    }

    /// Whether nobody who has it may have another one of these: who gives out rights, who runs the server and who looks
    /// at what both did are three people.
    pub fn is_exclusive(self) -> bool {
        matches!(self, Self::Auditor | Self::Security | Self::Admin)
    }
}

/// An authenticated caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Id of the token or credential; names the holder of leases and the actor in journals.
    pub token: String,
    /// What it is.
    pub role: Role,
    /// Bank (terminal, bank), party (agency, officer) or bureau; for an applicant the case.
    pub organisation: String,
    /// The outlet of a terminal.
    pub outlet: Option<String>,
    /// The offices of an agency, the office of an officer.
    pub offices: Vec<String>,
    /// Whom the token speaks for: an officer's id in the directory, a short id of somebody of the bureau, the key of the
    /// applicant's branch of the real-name step.
    pub person: Option<String>,
    /// The divisions of a manager; empty = the whole city.
    pub divisions: Vec<String>,
    /// The case of an applicant.
    pub case: Option<String>,
}

impl Principal {
    /// How the journal names this caller.
    pub fn actor(&self) -> Actor {
        match self.role {
            Role::Terminal | Role::Bank => {
                Actor::Terminal { organisation: self.organisation.clone(), outlet: self.outlet.clone() }
            }
            Role::Agency => Actor::Agency { holder: self.token.clone() },
            Role::Officer => Actor::Officer { officer: self.person.clone().unwrap_or_default() },
            Role::Applicant => Actor::Applicant { person: self.person.clone().unwrap_or_default() },
            Role::Manager | Role::Auditor | Role::Security | Role::Admin => Actor::Admin { holder: self.token.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_a_name_of_its_own() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
    }
}
