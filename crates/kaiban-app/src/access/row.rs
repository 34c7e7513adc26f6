//! What the rule looks at of a case or of one of its steps.

use kaiban_engine::Case;
use kaiban_store::CaseRow;

use super::table::Reach;
use crate::library::Library;
use crate::principal::Principal;

/// Facts about a row that decide who reaches it.
#[derive(Clone, Debug)]
pub(crate) struct RowFacts<'a> {
    pub case: &'a str,
    /// Who handed it in.
    pub organisation: &'a str,
    pub outlet: Option<&'a str>,
    pub division: &'a str,
    /// Offices that one of its steps was offered to; of a step, its office.
    pub offices: Vec<&'a str>,
    /// The office that leads the case: the one that registers in this division.
    pub bureau: Option<&'a str>,
}

impl<'a> RowFacts<'a> {
    /// A case as a whole.
    pub fn of(case: &'a Case, library: &'a Library) -> Self {
        let bureau = library.pinned(&case.digest).and_then(|def| library.registering_office(&def, &case.division));
        Self {
            case: &case.id,
            organisation: &case.organisation,
            outlet: case.outlet.as_deref(),
            division: &case.division,
            offices: case.runs().map(|run| run.office.as_str()).filter(|office| !office.is_empty()).collect(),
            bureau: bureau.map(|office| office.id.as_str()),
        }
    }

    /// A case that cannot be read, as far as its row tells; the bureau answers for it.
    pub fn stored(row: &'a CaseRow, library: &'a Library) -> Self {
        let bureau = library.pinned(&row.digest).and_then(|def| library.registering_office(&def, &row.division));
        Self {
            case: &row.id,
            organisation: &row.organisation,
            outlet: row.outlet.as_deref(),
            division: &row.division,
            offices: Vec::new(),
            bureau: bureau.map(|office| office.id.as_str()),
        }
    }

    /// One step of it; a step that was never offered is nobody's.
    pub fn step(case: &'a Case, step: &str, library: &'a Library) -> Self {
        let office = case.steps.get(step).map(|run| run.office.as_str()).filter(|office| !office.is_empty());
        Self { offices: office.into_iter().collect(), ..Self::of(case, library) }
    }
}

impl Reach {
    /// Whether it takes in the row for this caller.
    pub(crate) fn covers(self, who: &Principal, row: &RowFacts<'_>) -> bool {
        let own = |office: &str| who.offices.iter().any(|own| own == office);
        match self {
            Self::Anything | Self::All => true,
            Self::OwnOutlet => {
                who.organisation == row.organisation && who.outlet.is_some() && who.outlet.as_deref() == row.outlet
            }
            Self::OwnBank => who.organisation == row.organisation,
            Self::OwnOffice => row.offices.iter().any(|office| own(office)),
            Self::OwnBureau => row.bureau.is_some_and(own),
            Self::OwnDivision => {
                who.divisions.is_empty() || who.divisions.iter().any(|division| division == row.division)
            }
            Self::OwnCase => who.case.as_deref() == Some(row.case),
        }
    }
}
