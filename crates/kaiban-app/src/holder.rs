//! Who holds a task, as its row says: a token, and for what came through a stream, which one. A stream is named by the
//! process that serves it and its number there, so that whoever opens another one with the same token is given again what
//! the broken one had in hand, on whatever server.

use std::fmt::{self, Display};

/// A holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub token: String,
    pub through: Through,
}

/// Through what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// A call.
    Claim,
    /// A stream that may be open.
    Stream { node: String, session: u64 },
    /// A stream that is known to have ended.
    Ended,
}

impl Holder {
    /// Between the token and the stream; no token has it.
    const MARK: char = '@';

    /// As a row has it.
    pub fn read(text: &str) -> Self {
        let Some((token, stream)) = text.split_once(Self::MARK) else {
            return Self { token: text.to_owned(), through: Through::Claim };
        };
        let named = stream.split_once('.').and_then(|(node, session)| Some((node, session.parse().ok()?)));
        let through = match named {
            Some((node, session)) => Through::Stream { node: node.to_owned(), session },
            None => Through::Ended,
        };
        Self { token: token.to_owned(), through }
    }

    /// What all rows of a token begin with that came through streams.
    pub fn streams_of(token: &str) -> String {
        format!("{token}{}", Self::MARK)
    }
}

impl Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (token, mark) = (&self.token, Self::MARK);
        match &self.through {
            Through::Claim => write!(f, "{token}"),
            Through::Stream { node, session } => write!(f, "{token}{mark}{node}.{session}"),
            Through::Ended => write!(f, "{token}{mark}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_read_as_it_was_written() {
        let stream = Through::Stream { node: "7K3Q".into(), session: 12 };
        for (text, through) in [("T1", Through::Claim), ("T1@", Through::Ended), ("T1@7K3Q.12", stream)] {
            let holder = Holder { token: "T1".into(), through };
            assert_eq!((Holder::read(text), holder.to_string().as_str()), (holder.clone(), text));
        }
    }
}
