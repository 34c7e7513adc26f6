//! Whose credit.

use kaiban_api::v1;
use kaiban_api::v1::credit_subject::Of;

/// Whose credit; an applicant names nobody: it is the own one.
#[derive(clap::Args)]
#[group(multiple = false)]
pub struct Subject {
    /// A person's citizen number.
    #[arg(long, value_name = "NUMBER")]
    person: Option<String>,
    /// An organisation's unified social credit code.
    #[arg(long, value_name = "CODE")]
    uscc: Option<String>,
    /// A person of a case: its number, a slash, and the person's key in the form.
    #[arg(long, value_name = "CASE/KEY", value_parser = signatory)]
    signatory: Option<(String, String)>,
}

fn signatory(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('/').map(|(case, key)| (case.to_owned(), key.to_owned()));
    parts.ok_or_else(|| "a case number, a slash, and the person's key".to_owned())
}

impl Subject {
    /// For the wire.
    pub fn of(self) -> Option<v1::CreditSubject> {
        let person = self.person.map(Of::CitizenNumber);
        let of = person
            .or(self.uscc.map(Of::Uscc))
            .or(self.signatory.map(|(case_id, person_key)| Of::CasePerson(v1::CasePerson { case_id, person_key })));
        of.map(|of| v1::CreditSubject { of: Some(of) })
    }
}
