//! Which documents an event names: whoever looks at a journal finds them all here.

use crate::event::Event;

impl Event {
    /// Digests of all documents that the event names, in no order.
    pub fn documents(&self) -> Vec<&str> {
        let mut named: Vec<&str> = self.reason().into_iter().collect();
        match self {
            Self::Received { form, doubts, .. } => named.extend([form].into_iter().chain(doubts).map(String::as_str)),
            Self::Resubmitted { form, doubts, .. } => {
                named.extend([form].into_iter().chain(doubts).map(String::as_str));
            }
            Self::StepRequested { form, .. } => named.extend(form.as_deref()),
            Self::CorrectionAsked { findings, .. } => named.push(findings),
            Self::StepCompleted { result, .. } => named.extend(result.as_deref()),
            Self::LetterIssued { html, text, .. } => named.extend([html.as_str(), text]),
            Self::CommitmentSigned { signed, .. } => {
                named.extend([&signed.letter, &signed.standing, &signed.signature].map(String::as_str));
            }
            _ => {}
        }
        named
    }
}
