//! How a commitment is signed. What is signed is the SHA-256 of the text that was shown.
//!
//! Everybody types the own name, with a credential that only the person has who was identified for this case: with the
//! record of it that is a reliable electronic signature (电子签名法 §13). Where the identity step has registered a key,
//! its signature over the hash is asked for as well. The scheme is named, so that another one, such as SM2 (GB/T 32918),
//! is one more arm.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use kaiban_definition::{Definition, branch_name};
use kaiban_engine::{Case, Documents};
use serde_json::Value;

use crate::refusal::{Canonical, Refusal};

/// A signature that came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureGiven {
    /// The scheme's name: `ed25519`.
    pub scheme: String,
    /// Its bytes.
    pub value: Vec<u8>,
}

/// A way to sign with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    /// RFC 8032.
    Ed25519,
}

impl Scheme {
    fn named(name: &str) -> Result<Self, Refusal> {
        match name {
            "ed25519" => Ok(Self::Ed25519),
            _ => Err(Refusal::argument(
                "SIGNATURE_SCHEME_UNKNOWN",
                "不支持该签名算法，目前支持 ed25519。",
                "There is no such signature scheme here; `ed25519` is known.",
            )),
        }
    }

    fn verifies(self, key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519 => {
                let key = key.try_into().ok().and_then(|key: [u8; 32]| VerifyingKey::from_bytes(&key).ok());
                let signature = Signature::from_slice(signature).ok();
                // Strict: no second signature over the same text can be made from one that is known.
                key.zip(signature).is_some_and(|(key, signature)| key.verify_strict(message, &signature).is_ok())
            }
        }
    }
}

/// A key that the identity step has registered for a person.
struct Registered {
    scheme: String,
    key: Vec<u8>,
}

/// Looks for `signing_key: {scheme, public_key}` in what the identity step found out about the person.
fn registered(def: &Definition, case: &Case, person: &str, documents: &Documents) -> Option<Registered> {
    let step = branch_name(def.identity.as_deref()?, Some(person));
    let result = documents.get(case.steps.get(&step)?.result.as_ref()?)?;
    let key = result.get("signing_key")?;
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    // A key that cannot be read verifies nothing; that one was registered still counts.
    let bytes = text("public_key").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
    Some(Registered { scheme: text("scheme").unwrap_or_default().to_owned(), key: bytes })
}

/// The scheme that this person has to sign with besides typing the name; none = typing is enough.
pub(crate) fn scheme_of(def: &Definition, case: &Case, person: &str, documents: &Documents) -> Option<String> {
    registered(def, case, person, documents).map(|key| key.scheme)
}

/// Holds what came with a request against the key that is registered. Gives the scheme as the journal names it.
///
/// # Errors
/// `SIGNATURE_REQUIRED`, `SIGNATURE_SCHEME_UNKNOWN`, `SIGNATURE_INVALID`, `SIGNING_KEY_NOT_REGISTERED`.
pub(crate) fn check(
    def: &Definition,
    case: &Case,
    person: &str,
    documents: &Documents,
    text_sha256: &[u8; 32],
    given: Option<&SignatureGiven>,
) -> Result<&'static str, Refusal> {
    let scheme = given.map(|given| Scheme::named(&given.scheme)).transpose()?;
    match (registered(def, case, person, documents), given.zip(scheme)) {
        (None, None) => Ok("typed"),
        (Some(_), None) => Err(Refusal::new(
            Canonical::FailedPrecondition,
            "SIGNATURE_REQUIRED",
            "您在实名认证时登记了签名密钥，签署时须同时提交该密钥对正文摘要的签名。",
            "A signing key was registered with your identity: send its signature over the text's hash as well.",
        )),
        (None, Some(_)) => Err(Refusal::new(
            Canonical::FailedPrecondition,
            "SIGNING_KEY_NOT_REGISTERED",
            "实名认证时没有登记签名密钥，无法验证该签名；请仅键入姓名签署。",
            "No signing key was registered with your identity, so that the signature cannot be verified: type the name only.",
        )),
        (Some(key), Some((given, scheme))) => {
            if key.scheme != given.scheme || !scheme.verifies(&key.key, text_sha256, &given.value) {
                return Err(Refusal::new(
                    Canonical::FailedPrecondition,
                    "SIGNATURE_INVALID",
                    "签名与正文摘要或登记的密钥不符：签名须针对所展示正文的 SHA-256（32字节）。",
                    "The signature is not the registered key's over this text: sign the 32 bytes of its SHA-256.",
                ));
            }
            Ok(match scheme {
                Scheme::Ed25519 => "ed25519",
            })
        }
    }
}

/// A scheme as a letter names it.
pub(crate) fn in_words(scheme: &str) -> &'static str {
    match scheme {
        "ed25519" => "键入姓名，并以登记的密钥进行电子签名（Ed25519）",
        _ => "键入姓名（一次性实名凭证）",
    }
}

/// A signature's bytes as they are kept and printed: base64 (RFC 4648 §4).
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
