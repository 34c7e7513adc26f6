//! What is known of the call under way, for the log: which request and which case. The mapping notes it as it reads the
//! message; who logs asks for it.
//!
//! A span that is always on would cost each call some microseconds for what only a failed one needs, so the span exists
//! at level debug, and the line of a failed call brings its own facts.
//!
//! INVARIANT: nothing of a form comes here. A request id is the caller's word: one that holds a row of digits as long as
//! a telephone number or a citizen number is noted by its digest.

use std::cell::RefCell;

use kaiban_app::short_digest;
use tracing::Span;

/// Digits in a row from which a number may be somebody's.
const DIGITS_OF_SOMEBODY: usize = 11;

tokio::task_local! {
    static CALL: RefCell<Facts>;
}

/// What the log says of a call besides its method.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Id of the token; never its secret.
    pub token: String,
    /// As the caller named the request.
    pub request_id: String,
    /// Case number.
    pub case: String,
}

/// Runs a call, of which notes are taken; gives them with its result.
pub(crate) async fn noted<T>(call: impl Future<Output = T>) -> (T, Facts) {
    CALL.scope(RefCell::default(), async {
        let result = call.await;
        (result, CALL.with(RefCell::take))
    })
    .await
}

/// What was noted so far; nothing outside of a call.
pub(crate) fn facts() -> Facts {
    CALL.try_with(|facts| facts.borrow().clone()).unwrap_or_default()
}

/// Whose call it is.
pub(crate) fn is_by(token: &str) {
    note(|facts| &mut facts.token, "token", || token.to_owned());
}

/// How the caller named the request; of several items the first.
pub(crate) fn asks(request_id: &str) {
    note(
        |facts| &mut facts.request_id,
        "request_id",
        || match holds_a_number(request_id) {
            true => format!("sha256:{}", short_digest(request_id)),
            false => request_id.to_owned(),
        },
    );
}

/// What the call is about: a case number, or an id that begins with one. What does not look like that is the caller's
/// mistake, and may be anything.
pub(crate) fn concerns(id: &str) {
    let case = id.split('/').next().unwrap_or_default();
    if is_case_number(case) {
        note(|facts| &mut facts.case, "case", || case.to_owned());
    }
}

fn note(field: impl Fn(&mut Facts) -> &mut String, name: &str, text: impl FnOnce() -> String) {
    // Outside of a call there is nothing to note.
    let _ = CALL.try_with(|facts| {
        let mut facts = facts.borrow_mut();
        let field = field(&mut facts);
        if field.is_empty() {
            *field = text();
            Span::current().record(name, field.as_str());
        }
    });
}

fn holds_a_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= DIGITS_OF_SOMEBODY)
}

/// `20260302-0123456789-X`: a day, ten characters, a check character.
fn is_case_number(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut fits = |length: usize, shape: fn(&u8) -> bool| {
        parts.next().is_some_and(|part| part.len() == length && part.as_bytes().iter().all(shape))
    };
    let fits = fits(8, u8::is_ascii_digit) && fits(10, u8::is_ascii_alphanumeric) && fits(1, u8::is_ascii_alphanumeric);
    fits && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_is_known_by_what_it_names_first() {
        let ((), facts) = noted(async {
            is_by("T1");
            asks("0191a2b3-7c4d-7e5f-8a9b-0c1d2e3f4a5b");
            asks("another");
            concerns("20260302-0123456789-X/registration");
        })
        .await;
        assert_eq!(
            (facts.token.as_str(), facts.request_id.as_str(), facts.case.as_str()),
            ("T1", "0191a2b3-7c4d-7e5f-8a9b-0c1d2e3f4a5b", "20260302-0123456789-X")
        );
    }

    #[tokio::test]
    async fn what_may_be_somebodys_is_not_noted() {
        let ((), facts) = noted(async {
            asks("submit-13860112233");
            concerns("350102199003078888");
            concerns("陈晓明");
        })
        .await;
        assert!(facts.request_id.starts_with("sha256:") && !facts.request_id.contains("138"), "{facts:?}");
        assert_eq!(facts.case, "");
    }

    #[test]
    fn outside_of_a_call_nothing_is_noted() {
        asks("r1");
        assert_eq!(facts().request_id, "");
    }
}
