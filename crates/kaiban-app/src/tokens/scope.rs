//! What a token may be for: role and scope fit each other and the directory. All that does not is told at once, with
//! what the directory has in its place.
//!
//! A terminal is an outlet of a bank, a bank all of them; an agency is a party with some of its offices, an officer one
//! of their people; everybody else is a person of the bureau, whom a short id names.

use kaiban_definition::{Directory, Office};
use kaiban_findings::{Finding, Place};

use crate::principal::Role;
use crate::refusal::Refusal;
use crate::request::IssueToken;

/// Ids of the directory that one sentence lists.
const LISTED_MAX: usize = 20;

/// The request, with the office of an officer filled in from the directory.
///
/// # Errors
/// `TOKEN_SCOPE_INVALID` with all that does not fit.
pub(super) fn complete(directory: &Directory, mut request: IssueToken) -> Result<IssueToken, Refusal> {
    let mut faults = Faults::default();
    let named = request.organisation.clone();
    match request.role {
        Role::Terminal => {
            faults.bank(directory, &named);
            let outlet = request.outlet.as_ref().and_then(|id| directory.outlet(id));
            if outlet.is_none_or(|outlet| outlet.bank != named) {
                faults.add(
                    "/outlet",
                    "UNKNOWN_OUTLET",
                    "须为该银行在名录内的网点。",
                    "Name an outlet that the bank has in the directory.",
                );
            }
            faults.without(&request, &["/offices", "/divisions", "/person"]);
        }
        Role::Bank => {
            faults.bank(directory, &named);
            faults.without(&request, &["/outlet", "/offices", "/divisions", "/person"]);
        }
        Role::Agency => {
            let own: Vec<&Office> = directory.offices().filter(|office| office.party == named).collect();
            faults.party(&own);
            if !own.is_empty() {
                faults.offices(&own, &request.offices);
            }
            faults.without(&request, &["/outlet", "/divisions", "/person"]);
        }
        Role::Officer => {
            let own: Vec<&Office> = directory.offices().filter(|office| office.party == named).collect();
            faults.party(&own);
            let person = request.person.as_deref();
            let works = |office: &&&Office| office.officers.iter().any(|officer| Some(officer.id.as_str()) == person);
            match own.iter().find(works) {
                Some(office) if request.offices.is_empty() || request.offices == [office.id.clone()] => {
                    request.offices = vec![office.id.clone()];
                }
                Some(office) => faults.add(
                    "/offices",
                    "OTHER_OFFICE",
                    format!("该工作人员属于 {}，可不填。", office.id),
                    format!("The officer works at {}: name that office or none.", office.id),
                ),
                None if own.is_empty() => {}
                None => faults.add(
                    "/person",
                    "UNKNOWN_OFFICER",
                    "须为该机构在名录内的工作人员工号。",
                    "Name an officer whom the directory has in an office of this party, by id.",
                ),
            }
            faults.without(&request, &["/outlet", "/divisions"]);
        }
        Role::Manager => {
            faults.of_the_bureau(&request);
            for (index, division) in request.divisions.iter().enumerate() {
                if directory.division(division).is_none() {
                    faults.add(
                        &format!("/divisions/{index}"),
                        "UNKNOWN_DIVISION",
                        "名录内没有该区划。",
                        "The directory has no such division.",
                    );
                }
            }
            faults.without(&request, &["/outlet", "/offices"]);
        }
        Role::Auditor | Role::Security | Role::Admin => {
            faults.of_the_bureau(&request);
            faults.without(&request, &["/outlet", "/offices", "/divisions"]);
        }
        Role::Applicant => faults.add(
            "/role",
            "ROLE_NOT_ISSUED",
            "申请人凭证只由实名核验环节发放。",
            "An applicant's credential comes from the real-name step alone.",
        ),
    }
    faults.finish(request)
}

/// What does not fit, so far.
#[derive(Default)]
struct Faults(Vec<Finding>);

impl Faults {
    fn add(&mut self, field: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(Finding::error(code, Place::Pointer(field.to_owned()), zh, en));
    }

    fn bank(&mut self, directory: &Directory, named: &str) {
        if directory.bank(named).is_none() {
            self.add("/organisation", "UNKNOWN_BANK", "名录内没有该银行。", "The directory has no such bank.");
        }
    }

    fn party(&mut self, own: &[&Office]) {
        if own.is_empty() {
            self.add(
                "/organisation",
                "UNKNOWN_PARTY",
                "名录内没有该办理机构。",
                "The directory has no office of such a party.",
            );
        }
    }

    fn offices(&mut self, own: &[&Office], named: &[String]) {
        let mut ids: Vec<&str> = own.iter().take(LISTED_MAX).map(|office| office.id.as_str()).collect();
        if own.len() > LISTED_MAX {
            ids.push("…");
        }
        let has = (format!("该机构的办公点有：{}。", ids.join("、")), format!("The party has: {}.", ids.join(", ")));
        if named.is_empty() {
            self.add(
                "/offices",
                "REQUIRED",
                format!("须指明办公点。{}", has.0),
                format!("Name its offices. {}", has.1),
            );
        }
        for (index, _) in named.iter().enumerate().filter(|(_, id)| own.iter().all(|office| office.id != **id)) {
            let (zh, en) =
                (format!("该机构没有此办公点。{}", has.0), format!("The party has no such office. {}", has.1));
            self.add(&format!("/offices/{index}"), "UNKNOWN_OFFICE", zh, en);
        }
    }

    /// A person of the bureau.
    fn of_the_bureau(&mut self, request: &IssueToken) {
        let is_id = |name: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
        };
        let person = request.person.as_deref().unwrap_or_default();
        for (field, _) in [("/organisation", request.organisation.as_str()), ("/person", person)]
            .into_iter()
            .filter(|(_, name)| !is_id(name))
        {
            self.add(
                field,
                "WRONG_SHAPE",
                "须填写，1至64个字母、数字和 - _ . 。",
                "It is required: 1 to 64 letters, digits and - _ . .",
            );
        }
    }

    /// What does not go with the role.
    fn without(&mut self, request: &IssueToken, fields: &[&str]) {
        for field in fields {
            let given = match *field {
                "/outlet" => request.outlet.is_some(),
                "/offices" => !request.offices.is_empty(),
                "/divisions" => !request.divisions.is_empty(),
                _ => request.person.is_some(),
            };
            if given {
                self.add(field, "NOT_EXPECTED", "该角色不填此项。", "This role goes without it: leave it out.");
            }
        }
    }

    fn finish(self, request: IssueToken) -> Result<IssueToken, Refusal> {
        if self.0.is_empty() {
            return Ok(request);
        }
        let places: Vec<String> = self.0.iter().map(|finding| finding.place.to_string()).collect();
        let zh = format!("令牌的范围与角色或名录不符，请逐项更正：{}。", places.join("、"));
        let en = format!("The token's scope does not fit its role or the directory: correct {}.", places.join(", "));
        Err(Refusal { findings: self.0, ..Refusal::argument("TOKEN_SCOPE_INVALID", zh, en) })
    }
}
