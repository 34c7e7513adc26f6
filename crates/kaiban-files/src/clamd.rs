//! ClamAV's daemon, over TCP or a Unix socket: the `INSTREAM` command of clamd(8).
//!
//! The content goes over the wire in chunks, each behind its length; a chunk of length 0 ends it. The answer is one line:
//! `stream: OK`, `stream: <name> FOUND`, or `… ERROR`.

use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scan::{Content, Scanner, Verdict};

/// Longest answer that is read.
const ANSWER_MAX: u64 = 1_024;

/// Longest name of something found that is passed on.
const NAME_MAX: usize = 100;

/// Where a clamd listens. Written `tcp://host:port` or `unix:///path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// Host and port.
    Tcp(String),
    /// Path of a socket; only on Unix.
    Unix(PathBuf),
}

impl FromStr for Clamd {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Tcp(address.to_owned())),
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(PathBuf::from(path))),
            _ => Err("clamd is named as tcp://host:port or unix:///path"),
        }
    }
}

/// Has files scanned by a clamd.
#[derive(Clone, Debug)]
pub struct ClamdScanner {
    /// Where it listens.
    pub clamd: Clamd,
    /// How long a file may take from connecting to the answer.
    pub patience: Duration,
}

#[async_trait]
impl Scanner for ClamdScanner {
    async fn scan(&self, content: Content) -> Verdict {
        match tokio::time::timeout(self.patience, self.ask(content)).await {
            Ok(Ok(answer)) => verdict(&answer),
            Ok(Err(error)) => Verdict::Unavailable(error.to_string()),
            Err(_) => Verdict::Unavailable(format!("no answer in {} s", self.patience.as_secs())),
        }
    }
}

impl ClamdScanner {
    async fn ask(&self, content: Content) -> io::Result<String> {
        match &self.clamd {
            Clamd::Tcp(address) => converse(TcpStream::connect(address).await?, content).await,
            #[cfg(unix)]
            Clamd::Unix(path) => converse(tokio::net::UnixStream::connect(path).await?, content).await,
            #[cfg(not(unix))]
            Clamd::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }
}

async fn converse(mut line: impl AsyncRead + AsyncWrite + Unpin, content: Content) -> io::Result<String> {
    let sent = send(&mut line, content).await;
    // A clamd that has had enough answers and hangs up: its answer says more than that it hung up.
    let mut answer = Vec::new();
    let read = line.take(ANSWER_MAX).read_to_end(&mut answer).await;
    if answer.is_empty() {
        sent?;
        read?;
    }
    Ok(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
}

async fn send(line: &mut (impl AsyncWrite + Unpin), mut content: Content) -> io::Result<()> {
    // `z`: commands and answers end with a zero byte.
    line.write_all(b"zINSTREAM\0").await?;
    while let Some(chunk) = content.try_next().await.map_err(io::Error::other)? {
        let length = u32::try_from(chunk.len()).map_err(io::Error::other)?;
        line.write_all(&length.to_be_bytes()).await?;
        line.write_all(&chunk).await?;
    }
    line.write_all(&0u32.to_be_bytes()).await?;
    line.flush().await
}

fn verdict(answer: &str) -> Verdict {
    let said = answer.strip_prefix("stream: ").unwrap_or(answer);
    match said.strip_suffix(" FOUND") {
        Some(name) => {
            Verdict::Infected(name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(NAME_MAX).collect())
        }
        None if said == "OK" => Verdict::Clean,
        None if said.is_empty() => Verdict::Unavailable("clamd hung up".to_owned()),
        None => Verdict::Unavailable(format!("clamd says: {}", said.chars().take(NAME_MAX).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_clamd_writes_them() {
        assert_eq!(verdict("stream: OK"), Verdict::Clean);
        assert_eq!(verdict("stream: Eicar-Signature FOUND"), Verdict::Infected("Eicar-Signature".into()));
        for answer in ["", "INSTREAM size limit exceeded. ERROR", "OKAY", "stream: OK FOUND?"] {
            assert!(matches!(verdict(answer), Verdict::Unavailable(_)), "{answer}");
        }
    }

    #[test]
    fn addresses_are_urls() {
        assert_eq!("tcp://127.0.0.1:3310".parse(), Ok(Clamd::Tcp("127.0.0.1:3310".into())));
        assert_eq!("unix:///run/clamd.ctl".parse(), Ok(Clamd::Unix("/run/clamd.ctl".into())));
        for text in ["", "127.0.0.1:3310", "tcp://host", "unix://run", "http://a:1"] {
            assert!(text.parse::<Clamd>().is_err(), "{text}");
        }
    }
}
