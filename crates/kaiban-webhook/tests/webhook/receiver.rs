//! A small HTTP/1.1 server that answers by a script and remembers what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// What the server does with a request.
pub enum Answer {
    /// These bytes, then waits for the next request.
    Bytes(Vec<u8>),
    /// A beginning, and then the same over and over until the other side has gone.
    Forever(Vec<u8>, Vec<u8>),
    /// Closes the connection.
    HangUp,
    /// Keeps the connection and says nothing.
    Silence,
}

/// A status with more lines for its head and a body.
pub fn status(status: u16, head: &str, body: &str) -> Answer {
    Answer::Bytes(format!("HTTP/1.1 {status} X\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        let (_, value) = found.next().unwrap_or_else(|| panic!("no header {name} in {:?}", self.headers));
        assert!(found.next().is_none(), "{name} twice");
        value
    }
}

#[derive(Default)]
struct State {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
    connections: Mutex<usize>,
    gone: Notify,
}

pub struct Receiver {
    pub address: std::net::SocketAddr,
    state: Arc<State>,
}

impl Receiver {
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Receiver {
        Receiver::listen(answers, None).await
    }

    /// Speaks TLS, when an acceptor is given.
    pub async fn listen(answers: impl IntoIterator<Item = Answer>, tls: Option<TlsAcceptor>) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(State { answers: Mutex::new(answers.into_iter().collect()), ..State::default() });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *shared.connections.lock().expect("lock") += 1;
                let (state, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &state).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, &state).await;
                            }
                        }
                    }
                    state.gone.notify_one();
                });
            }
        });
        Receiver { address, state }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hooks/kaiban?tenant=7", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.state.requests.lock().expect("lock").clone()
    }

    pub fn connections(&self) -> usize {
        *self.state.connections.lock().expect("lock")
    }

    /// Waits until the other side of a connection has gone.
    pub async fn gone(&self) {
        self.state.gone.notified().await;
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, state: &State) {
    let mut bytes = Vec::new();
    while let Some(request) = read(&mut stream, &mut bytes).await {
        state.requests.lock().expect("lock").push(request);
        let answer = state.answers.lock().expect("lock").pop_front();
        match answer.expect("an answer for each request") {
            Answer::Bytes(bytes) => stream.write_all(&bytes).await.expect("write"),
            Answer::Forever(first, rest) => {
                stream.write_all(&first).await.expect("write");
                while stream.write_all(&rest).await.is_ok() {}
            }
            Answer::HangUp => return,
            // Ends when the other side gives up.
            Answer::Silence => drop(stream.read(&mut [0]).await),
        }
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, bytes: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        match bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(at) => break at,
            None => more(stream, bytes).await?,
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).expect("a head in UTF-8");
    let mut lines = head.split("\r\n");
    let line = lines.next().expect("a request line").to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').expect("a header"))
        .map(|(key, value)| (key.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(key, _)| key == "content-length").expect("a length").1.parse::<usize>();
    let end = head_end + 4 + length.expect("a number");
    while bytes.len() < end {
        more(stream, bytes).await?;
    }
    let body = bytes[head_end + 4..end].to_vec();
    bytes.drain(..end);
    Some(Request { line, headers, body })
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, bytes: &mut Vec<u8>) -> Option<()> {
    match stream.read_buf(bytes).await {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(()),
    }
}
