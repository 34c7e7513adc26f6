//! The line between clients and one server: bytes go through as they come, until somebody cuts it, slows it down or lets it
//! fall silent. The server may come back on another port; the clients' address stays.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// Bytes that are carried at a time.
const CHUNK: usize = 16 * 1024;

/// What the line does to bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Weather {
    /// How long each chunk lies on the way.
    pub delay: Duration,
    /// Nothing gets through, and nobody is told.
    pub silent: bool,
}

/// A line to one server; it ends when this is dropped.
pub(crate) struct Proxy {
    /// `http://host:port` for clients.
    pub endpoint: String,
    shared: Arc<Shared>,
    accepting: AbortHandle,
}

struct Shared {
    server: Mutex<Option<SocketAddr>>,
    weather: watch::Sender<Weather>,
    /// Rises when everything that is connected is to be cut.
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// Opens the clients' end on a free loopback port.
    pub async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            server: Mutex::new(None),
            weather: watch::Sender::new(Weather::default()),
            cuts: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared))).abort_handle();
        Ok(Self { endpoint, shared, accepting })
    }

    /// Where the server is now; none = nowhere, and whoever connects is cut off at once.
    pub fn lead_to(&self, server: Option<SocketAddr>) {
        *self.shared.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// Changes what happens to bytes from now on.
    pub fn weather(&self, weather: Weather) {
        self.shared.weather.send_replace(weather);
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((client, _)) = accepted {
                    connections.spawn(connection(client, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(client: TcpStream, shared: Arc<Shared>) {
    let mut cuts = shared.cuts.subscribe();
    let server = *shared.server.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(server) = server else { return };
    let carried = async {
        let Ok(server) = TcpStream::connect(server).await else { return };
        let (Ok(()), Ok(())) = (client.set_nodelay(true), server.set_nodelay(true)) else { return };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let (up, down) = (shared.weather.subscribe(), shared.weather.subscribe());
        // One end closed is both: nobody is left with half a connection.
        tokio::select! {
            () = carry(from_client, to_server, up) => {}
            () = carry(from_server, to_client, down) => {}
        }
    };
    tokio::select! {
        () = carried => {}
        // The sender goes away with the proxy, which is a cut as well.
        _ = cuts.changed() => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut weather: watch::Receiver<Weather>) {
    let mut chunk = vec![0; CHUNK];
    loop {
        let Ok(length @ 1..) = from.read(&mut chunk).await else { return };
        let now = *weather.borrow_and_update();
        if !now.delay.is_zero() {
            tokio::time::sleep(now.delay).await;
        }
        if weather.wait_for(|weather| !weather.silent).await.is_err() {
            return;
        }
        if to.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn line() -> (Proxy, TcpStream, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::open().await.unwrap();
        proxy.lead_to(Some(server.local_addr().unwrap()));
        let client = TcpStream::connect(proxy.endpoint.trim_start_matches("http://")).await.unwrap();
        let (server, _) = server.accept().await.unwrap();
        (proxy, client, server)
    }

    #[tokio::test]
    async fn bytes_go_both_ways_until_the_line_is_cut() {
        let (proxy, mut client, mut server) = line().await;
        let mut four = [0; 4];
        client.write_all(b"ping").await.unwrap();
        server.read_exact(&mut four).await.unwrap();
        assert_eq!(&four, b"ping");
        server.write_all(b"pong").await.unwrap();
        client.read_exact(&mut four).await.unwrap();
        assert_eq!(&four, b"pong");
        proxy.cut();
        assert!(matches!(client.read(&mut four).await, Ok(0) | Err(_)));
        assert!(matches!(server.read(&mut four).await, Ok(0) | Err(_)));
    }

    #[tokio::test]
    async fn what_was_said_in_a_silence_arrives_after_it() {
        let (proxy, mut client, mut server) = line().await;
        proxy.weather(Weather { silent: true, ..Weather::default() });
        client.write_all(b"ping").await.unwrap();
        let mut four = [0; 4];
        tokio::select! {
            biased;
            _ = server.read_exact(&mut four) => panic!("it got through"),
            () = tokio::task::yield_now() => {}
        }
        proxy.weather(Weather::default());
        server.read_exact(&mut four).await.unwrap();
        assert_eq!(&four, b"ping");
    }

    #[tokio::test]
    async fn a_line_to_nowhere_is_cut_at_once() {
        let proxy = Proxy::open().await.unwrap();
        let mut client = TcpStream::connect(proxy.endpoint.trim_start_matches("http://")).await.unwrap();
        assert!(matches!(client.read(&mut [0; 4]).await, Ok(0) | Err(_)));
    }
}
