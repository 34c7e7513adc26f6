//! Signing as Standard Webhooks describes,
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// What a secret begins with, so that one that leaked is recognized.
const PREFIX: &str = "whsec_";
/// Bytes that a key must have at least, and may have at most.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The key that the receiver knows as well. Neither printed nor logged.
#[derive(Clone)]
pub struct Secret {
    // Keyed once; a signature starts from a copy.
    hmac: Hmac<Sha256>,
}

/// Why a text is not a secret. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a webhook secret: it is whsec_ and the Base64 of 24 to 64 random bytes")]
pub struct BadSecret;

impl FromStr for Secret {
    type Err = BadSecret;

    fn from_str(text: &str) -> Result<Self, BadSecret> {
        let key = text.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok()).ok_or(BadSecret)?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(BadSecret);
        }
        Ok(Secret { hmac: Hmac::new_from_slice(&key).map_err(|_| BadSecret)? })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// The `webhook-signature` of a body that is sent under `id` at `timestamp`, Unix seconds.
    pub(crate) fn sign(&self, id: &str, timestamp: &str, body: &str) -> String {
        let mut hmac = self.hmac.clone();
        for part in [id, ".", timestamp, ".", body] {
            hmac.update(part.as_bytes());
        }
        format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_vector_of_standard_webhooks_is_met() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("a secret");
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret: Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().expect("a secret");
        assert_eq!(format!("{secret:?}"), "Secret(..)");
    }

    #[test]
    fn short_long_and_broken_secrets_are_refused_without_repeating_them() {
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        assert!(of(24).parse::<Secret>().is_ok() && of(64).parse::<Secret>().is_ok());
        for text in [of(23), of(65), of(32)[6..].to_owned(), "whsec_".into(), "whsec_~~~~".into(), String::new()] {
            let error = text.parse::<Secret>().expect_err("refused");
            assert_eq!(error.to_string(), "not a webhook secret: it is whsec_ and the Base64 of 24 to 64 random bytes");
        }
    }
}
