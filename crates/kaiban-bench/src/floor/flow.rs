//! The six steps, as a table.

/// A step and who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub name: &'static str,
    pub party: &'static str,
}

const REGISTRATION: Step = Step { name: "registration", party: "market-regulation" };
const BRANCHES: [Step; 4] = [
    Step { name: "seal", party: "seal-carver" },
    Step { name: "invoice", party: "tax" },
    Step { name: "social_insurance", party: "social-insurance" },
    Step { name: "housing_fund", party: "housing-fund" },
];
const DELIVERY: Step = Step { name: "delivery", party: "delivery" };

/// Everybody who has a step.
pub(crate) const PARTIES: [&str; 6] =
    [REGISTRATION.party, BRANCHES[0].party, BRANCHES[1].party, BRANCHES[2].party, BRANCHES[3].party, DELIVERY.party];

/// How far a case has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    open: Vec<Step>,
}

impl Progress {
    /// The case begins; gives what opens.
    pub fn begin(&mut self) -> &[Step] {
        self.open = vec![REGISTRATION];
        &self.open
    }

    /// A step ends; gives what opens, or none when it was not open.
    pub fn end(&mut self, name: &str) -> Option<&[Step]> {
        let at = self.open.iter().position(|step| step.name == name)?;
        let ended = self.open.remove(at);
        if ended == REGISTRATION {
            self.open = BRANCHES.to_vec();
        } else if self.open.is_empty() && ended != DELIVERY {
            self.open = vec![DELIVERY];
        } else {
            return Some(&[]);
        }
        Some(&self.open)
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_that_of_the_package() {
        let names = |steps: Option<&[Step]>| steps.unwrap().iter().map(|step| step.name).collect::<Vec<_>>();
        let mut case = Progress::default();
        assert_eq!(names(Some(case.begin())), ["registration"]);
        assert_eq!(case.end("seal"), None);
        assert_eq!(names(case.end("registration")), ["seal", "invoice", "social_insurance", "housing_fund"]);
        for step in ["housing_fund", "seal", "invoice"] {
            assert_eq!(case.end(step), Some(&[][..]));
        }
        assert_eq!(names(case.end("social_insurance")), ["delivery"]);
        assert!(!case.is_over());
        assert_eq!(case.end("delivery"), Some(&[][..]));
        assert!(case.is_over());
    }
}
