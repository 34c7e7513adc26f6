//! Signing, in the transaction: the text that was shown is the text as it stands, the name is the signatory's, a key that
//! was registered has signed; what is on record about the person is read with the batch, and all of it is filed.

use kaiban_calendar::local_date;
use kaiban_engine::Command;
use kaiban_store::CommitmentRow;
use serde_json::{Value, json};

use super::job::{SignVerb, Who};
use super::stage::Stage;
use crate::commitments::{asked, deciding_office, promisable, signatory};
use crate::credit::{Known, entry_of};
use crate::documents::Brought;
use crate::figures::rows;
use crate::principal::Principal;
use crate::refusal::{Canonical, Refusal};
use crate::signing;

/// The person who acts: only the applicant himself does.
pub(super) fn person(who: &Who) -> Result<(&Principal, &str), Refusal> {
    match who {
        Who::Caller(principal) => {
            let person = principal.person.as_deref().filter(|_| principal.case.is_some());
            person.map(|person| (principal, person)).ok_or_else(Refusal::role)
        }
        Who::System => Err(Refusal::role()),
    }
}

/// The command, and the documents that go with it.
pub(super) fn sign(
    stage: &Stage<'_>,
    who: &Who,
    case: &str,
    verb: &SignVerb,
) -> Result<(Command, [Brought; 3]), Refusal> {
    let (principal, person) = person(who)?;
    let working = stage.working(case)?;
    let (def, held) = (&working.def, &working.case);
    let (_, _, commitment) = promisable(def, &verb.step)?;
    let stale = || {
        Refusal::new(
            Canonical::FailedPrecondition,
            "LETTER_STALE",
            "所签正文与现行告知承诺书不一致（申请内容已变更，或签署的是其他文本），请重新查看后签署。",
            "This is not the text of the letter as it stands: the form has changed, or another text was signed. Look again.",
        )
    };
    let shown = verb.shown.as_ref().ok_or_else(stale)?;
    let form = held.form().filter(|form| *form == shown.form).and_then(|digest| stage.documents.get(digest));
    let form = form.filter(|_| shown.text_sha256() == verb.text_sha256).ok_or_else(stale)?;
    let signatory = entry_of(def, form, person).and_then(signatory).ok_or_else(Refusal::not_found)?;
    if verb.typed_name.trim() != signatory.name {
        return Err(Refusal::new(
            Canonical::FailedPrecondition,
            "SIGNATURE_NAME_MISMATCH",
            "键入的姓名与实名认证的姓名不一致，请签署本人姓名。",
            "The name that was typed is not the signatory's: sign with your own name as it was checked.",
        ));
    }
    let given = verb.signature.as_ref();
    let scheme = signing::check(def, held, person, &stage.documents, &shown.sha256, given)?;

    let office = deciding_office(stage.library, def, held, &verb.step);
    let at_us = stage.now_us.max(held.last_at_us);
    let known = stage.known(case, &verb.step, person);
    let letter = Brought::new(
        "commitment",
        json!({
            "letter": commitment.letter,
            "version": def.version,
            "digest": def.digest,
            "text_sha256": verb.text_sha256,
            "text": shown.rendered.text,
            "html": shown.rendered.html,
        }),
    );
    let standing = Brought::new(
        "standing",
        json!({
            "on": local_date(at_us).to_string(),
            "known": known.as_ref().map(Known::snapshot),
            "asked": asked(commitment),
        }),
    );
    let mut record = json!({
        "scheme": scheme,
        "name": verb.typed_name,
        "credential": principal.token,
        "outlet": held.outlet,
        "channel": "kaiban.v1.CommitmentService",
        "at_us": at_us,
        "text_sha256": verb.text_sha256,
        "office": office.map(|office| &office.title.zh),
    });
    if let Some(given) = given {
        record["value"] = Value::String(signing::encode(&given.value));
    }
    let signature = Brought::new("signature", record);
    let command = Command::Sign {
        step: verb.step.clone(),
        person: person.to_owned(),
        letter: letter.filed.clone(),
        text_sha256: verb.text_sha256.clone(),
        standing: standing.filed.clone(),
        signature: signature.filed.clone(),
        scheme: scheme.to_owned(),
    };
    Ok((command, [letter, standing, signature]))
}

impl Stage<'_> {
    /// Makes the rows of certificates follow the case.
    pub(super) fn reconcile_certificates(&mut self, id: &str, before: &[CommitmentRow]) {
        let Some(working) = self.cases.get(id) else { return };
        let after = rows::rows(&working.def, &working.case);
        for gone in before.iter().filter(|old| !after.iter().any(|new| new.id == old.id)) {
            self.changes.commitments.retain(|row| row.id != gone.id);
            self.changes.commitments_gone.push(gone.id.clone());
        }
        for row in after.into_iter().filter(|new| !before.contains(new)) {
            self.changes.commitments_gone.retain(|gone| *gone != row.id);
            self.changes.commitments.retain(|earlier| earlier.id != row.id);
            self.changes.commitments.push(row);
        }
    }
}
