//! Accepted connections, counted: beyond the bound new ones wait in the kernel's queue. A connection that says nothing
//! gives its place back: whoever speaks HTTP/2 at least answers the server's pings.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, sleep_until};
use tokio_stream::Stream;
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};
use tracing::warn;

use crate::limits::Limits;

/// After how long a quiet connection is probed by TCP itself.
const TCP_KEEPALIVE: Duration = Duration::from_secs(60);

/// How long accepting rests when the system has no descriptor or memory for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The connections of a listener, as many at a time as the limits allow.
pub(crate) fn connections(
    listener: TcpListener,
    limits: &Limits,
) -> impl Stream<Item = io::Result<Connection>> + Send + use<> {
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let quiet_max = limits.quiet_max;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true)).with_keepalive(Some(TCP_KEEPALIVE));
    incoming.then(move |accepted| {
        let permits = Arc::clone(&permits);
        async move {
            let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
            match accepted {
                Ok(io) => Ok(Connection::new(io, quiet_max, permit)),
                Err(error) => {
                    let callers =
                        matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset);
                    if !callers {
                        warn!(%error, "a connection cannot be accepted");
                        sleep(ACCEPT_PAUSE).await;
                    }
                    Err(error)
                }
            }
        }
    })
}

/// A TCP connection that gives its place back when it is closed.
pub(crate) struct Connection {
    io: TcpStream,
    quiet_max: Duration,
    /// When something was last read.
    heard_at: Instant,
    /// Rings no later than `quiet_max` after `heard_at`; set anew when it rings, not at every read.
    bell: Pin<Box<Sleep>>,
    _permit: OwnedSemaphorePermit,
}

impl Connection {
    fn new(io: TcpStream, quiet_max: Duration, permit: OwnedSemaphorePermit) -> Self {
        let heard_at = Instant::now();
        let bell = Box::pin(sleep_until(heard_at + quiet_max));
        Self { io, quiet_max, heard_at, bell, _permit: permit }
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.io.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.io).poll_read(cx, buf);
        if read.is_ready() {
            self.heard_at = Instant::now();
            return read;
        }
        while self.bell.as_mut().poll(cx).is_ready() {
            let until = self.heard_at + self.quiet_max;
            if until <= Instant::now() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.bell.as_mut().reset(until);
        }
        Poll::Pending
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
