//! The wire and the app's own words, by resource: reading requests (every field is checked, all problems are reported at
//! once) and presenting answers.

pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod case;
pub(crate) mod certificate;
pub(crate) mod clock;
pub(crate) mod credit;
pub(crate) mod delay;
pub(crate) mod document;
pub(crate) mod draw;
pub(crate) mod explain;
pub(crate) mod fields;
pub(crate) mod figures;
pub(crate) mod finding;
pub(crate) mod incident;
pub(crate) mod register;
pub(crate) mod step;
pub(crate) mod task;
pub(crate) mod token;
pub(crate) mod workflow;

use kaiban_app::{Canonical, Refusal};
use serde_json::Value;

/// A JSON object in an answer.
///
/// # Errors
/// INTERNAL when it cannot be said on the wire; what came over the wire always can.
pub(crate) fn object(value: &Value) -> Result<prost_types::Struct, Refusal> {
    kaiban_api::to_struct(value).map_err(|error| {
        // Where in the document is left out: names in a form may be anything.
        tracing::error!(code = error.code, "a document cannot be presented");
        Refusal::new(
            Canonical::Internal,
            "DOCUMENT_UNPRESENTABLE",
            "资料无法返回，请联系管理员。",
            "A document cannot be put into an answer: tell the administrator.",
        )
    })
}
