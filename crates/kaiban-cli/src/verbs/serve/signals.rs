//! Being asked to stop.

use crate::output::say;

/// Returns at the first Ctrl-C or SIGTERM from the call on, not from the first poll; the second one ends the process at
/// once.
pub fn asked_to_stop() -> impl Future<Output = ()> + Send {
    let mut signals = Signals::listen();
    async move {
        signals.next().await;
        say("stopping; once more to end at once");
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(1);
        });
    }
}

/// What a person or a supervisor ends a program with.
#[cfg(unix)]
struct Signals(Vec<tokio::signal::unix::Signal>);

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        // Where a signal cannot be listened for it ends the process by itself.
        Self(
            [SignalKind::interrupt(), SignalKind::terminate()]
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
        )
    }

    async fn next(&mut self) {
        let signals = self.0.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures::future::select_all(signals).await;
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
